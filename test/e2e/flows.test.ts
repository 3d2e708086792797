/** Flows as an engineer makes and runs them: a served bench, a browser, and simulated agents. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openPage, startBrowser } from '../support/browser.ts'
import { startServe, type ServedBench } from '../support/serve.ts'
import { describeWith } from '../support/tools.ts'

const cli = fileURLToPath(new URL('../../out/main/cli.js', import.meta.url))
const device = 'os::02005E-SIM1'
/** A picture. */
const onePixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

describeWith(['chromium'], 'flows in a browser', () => {
  let bench: ServedBench
  let agents: ChildProcess
  let browser: Browser
  let page: Page
  let errors: string[]

  beforeAll(async () => {
    bench = await startServe()
    const broker = `mqtt://127.0.0.1:${bench.mqttPort}`
    agents = spawn(process.execPath, [cli, 'simulate', '--broker', broker, '--count', '2', '--no-probe'], {
      stdio: 'ignore',
    })
    browser = await startBrowser()
    ;[page, errors] = await openPage(browser, bench.url)
    await go('Devices')
    await page.getByRole('grid').getByText('SIM2').waitFor({ timeout: 20_000 })
    // Known by its answer to the last question at arrival.
    await page.getByRole('grid').getByText('Simulated Router').first().waitFor({ timeout: 20_000 })
  }, 60_000)
  afterEach(() => expect(errors).toEqual([]))
  afterAll(async () => {
    await browser?.close()
    agents?.kill()
    if (agents?.exitCode === null && agents.signalCode === null) await once(agents, 'exit')
    await bench?.stop()
  })

  const go = (name: string) =>
    page
      .getByRole('navigation')
      .getByRole('button', { name: new RegExp(`^${name}`) })
      .click()
  const text = () => page.getByRole('textbox', { name: 'Flow as YAML' })
  const steps = () => page.getByRole('treegrid', { name: 'Steps' })
  const result = () => page.getByRole('region', { name: 'Result' })
  const saved = (path: string) => readFile(join(bench.workspace, 'flows', path), 'utf8')
  const button = (name: string) => page.getByRole('button', { name, exact: true })
  /** Pasted: what is typed over coloured text would be styled by the browser, which the page refuses. */
  const put = async (value: string, into = text()): Promise<void> => {
    await into.click()
    await page.keyboard.press('Control+a')
    await into.evaluate((element, pasted) => {
      const clipboardData = new DataTransfer()
      clipboardData.setData('text/plain', pasted)
      element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
    }, value)
  }
  const ended = (word: string) =>
    result().locator('header').getByText(word, { exact: true }).first().waitFor()

  test('packets become a flow: what is left out, and what is expected otherwise, is reviewed', async () => {
    await go('Packets')
    await page.getByLabel('Filter packets').fill(`device == "${device}" and usp.type in {GET, GET_RESP}`)
    await page.keyboard.press('Enter')
    await page.getByRole('status').getByText(/ of /).waitFor()
    await page.keyboard.press('Shift+R')
    const sheet = page.getByRole('dialog', { name: 'Make a flow of packets' })
    const packets = sheet.getByRole('grid', { name: 'Packets' })
    await packets.getByText('get_resp Device.DeviceInfo.Manufacturer').waitFor()
    expect(await sheet.getByLabel('Device under test').inputValue()).toBe(device)
    // By keyboard: the third packet, a request, is left out.
    await packets.focus()
    for (const key of ['Home', 'j', 'j', 'i']) await page.keyboard.press(key)
    await expect
      .poll(() =>
        packets.getByRole('row').nth(3).getByRole('button', { name: 'ignore' }).getAttribute('aria-pressed'),
      )
      .toBe('true')
    await sheet.getByLabel('Name', { exact: true }).fill('As recorded')
    await sheet.getByRole('tab', { name: 'Text' }).click()
    await sheet.getByText(/name: As recorded/).waitFor()
    await button('Make the flow').click()
    await expect.poll(() => text().innerText()).toContain('name: As recorded')
    await page.keyboard.press('Control+s')
    await page.getByRole('dialog').getByLabel('Name').fill('lab/as recorded')
    await page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click()
    await expect.poll(() => saved('lab/as recorded.yaml').catch(String)).toContain('Manufacturer: Oktobench')
  })

  test('it passes; an expectation that is edited fails, shows the difference, and passes when mended', async () => {
    await button('Choose devices').click()
    await page.getByRole('checkbox', { name: new RegExp(device) }).check()
    await page.keyboard.press('Escape')
    await button('Run').click()
    await ended('passed')
    const whole = await saved('lab/as recorded.yaml')
    await put(whole.replace('Manufacturer: Oktobench', 'Manufacturer: Somebody'))
    await page.keyboard.press('Control+Enter')
    await ended('failed')
    await steps()
      .getByRole('row', { name: /failed/ })
      .first()
      .click()
    const difference = page.getByRole('table', { name: 'Expected against seen' })
    await difference.getByText('Somebody').waitFor()
    await difference.getByText('Oktobench').waitFor()
    // Its packets are in the capture.
    await page
      .getByRole('group', { name: /^Step / })
      .getByRole('button', { name: /^\d+$/ })
      .last()
      .click()
    await page
      .getByRole('grid')
      .locator('[aria-selected=true]')
      .getByText(/GetResp|GET_RESP/)
      .waitFor()
    await go('Flows')
    await put(whole)
    await page.keyboard.press('Control+Enter')
    await ended('passed')
    // All packets of the device in that time, from where they are exported.
    await page.getByRole('button', { name: 'Evidence' }).click()
    await page.getByRole('menuitem', { name: 'Packets of the run as a file…' }).click()
    await page
      .getByRole('dialog')
      .getByText(/Packets that match: device == .* and frame.time >= /)
      .waitFor()
    await page.keyboard.press('Escape')
    await page
      .getByRole('status')
      .getByText(/^[1-9]\d* of \d+/)
      .waitFor()
    await go('Flows')
    await page.getByRole('tab', { name: 'Results (3)' }).click()
    await page
      .getByRole('grid', { name: 'Results' })
      .getByRole('row', { name: /^failed/ })
      .click()
    await ended('failed')
    await page.getByRole('tab', { name: /^Flows/ }).click()
  })

  test('what is wrong is told in place, keys and paths are completed, and keys explained', async () => {
    await put('flow: 1\nname: Typed\nsteps:\n  - sned: { get: Device. }\n')
    await page
      .getByText(/4:5 A step has no sned\. Did you mean send\?/)
      .first()
      .waitFor()
    expect(await button('Run').isDisabled()).toBe(true)
    await put('flow: 1\nname: Typed\nsteps:\n  - ')
    await page.keyboard.type('wai')
    await page.getByRole('option', { name: /^wait/ }).click()
    await expect.poll(() => text().innerText()).toContain('- wait: ')
    await page.getByRole('option', { name: /^online/ }).click()
    await expect.poll(() => text().innerText()).toContain('- wait: online')
    // The line may be drawn anew under the pointer: it is moved until something is said.
    let x = 0
    const explained = async (): Promise<boolean> => {
      x = (x + 3) % 20
      await text()
        .getByText('wait')
        .hover({ position: { x: x + 3, y: 8 } })
      return page.getByText('until the device is there, or gone').isVisible()
    }
    await expect.poll(explained, { interval: 500, timeout: 8000 }).toBe(true)
    await button('Run').click()
    await ended('passed')
  })

  test('a run is led by keys: a breakpoint, a step mended while it holds, a question answered', async () => {
    await put(
      'flow: 1\nname: Led\nsteps:\n  - set: { n: 1 }\n  - check: n == 2\n  - ask: Is the LED green?\n  - set: { done: true }\n',
    )
    await button('Options').click()
    await page.getByLabel('behind a step that fails').check()
    await text().click()
    await page.keyboard.press('Control+Home')
    for (let line = 1; line < 4; line++) await page.keyboard.press('ArrowDown')
    await page.keyboard.press('F9')
    await page.keyboard.press('Control+Enter')
    await result().getByText('Holds before steps.0').waitFor()
    await page.keyboard.press('F10')
    await result().getByText('Holds before steps.1').waitFor()
    await page.keyboard.press('F8')
    await result().getByText('Holds behind steps.1, which failed').waitFor()
    await steps().getByText('check n == 2').click()
    await button('Edit, and do it again').click()
    await put('check: n == 1', page.getByRole('textbox', { name: 'Step to be done again' }))
    await button('Do it so').click()
    await steps().getByText('attempt 2').waitFor()
    await page.keyboard.press('F8')
    await page.getByRole('group', { name: 'Question of the run' }).getByText('Is the LED green?').waitFor()
    await button('Done').click()
    await ended('passed')
    await page.keyboard.press('Control+s')
    await expect.poll(() => saved('lab/as recorded.yaml')).toContain('name: Led')
  })

  test('files are kept with the result: what the flow attaches, and what is given when it asks', async () => {
    await put(
      'flow: 1\nname: Kept\nsteps:\n  - attach: seen.txt\n    content: Seen by ${device}\n  - ask: Take a photo of the lamps\n    file: lamps.png\n',
    )
    await page.keyboard.press('Control+Enter')
    const question = page.getByRole('group', { name: 'Question of the run' })
    await question.getByText('Take a photo of the lamps').waitFor()
    const lamps = { name: 'IMG_1.png', mimeType: 'image/png', buffer: Buffer.from(onePixel, 'base64') }
    await question.getByLabel(/^File to keep/).setInputFiles(lamps)
    await button('Done').click()
    await ended('passed')
    const kept = result().getByRole('list', { name: 'Attachments' })
    await steps().getByText('Take a photo').click()
    const picture = kept.getByRole('img')
    await picture.waitFor()
    expect(await picture.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(1)
    await steps().getByText('attach seen.txt').click()
    await kept.getByText('seen.txt').waitFor()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      kept.getByRole('button', { name: 'Save' }).click(),
    ])
    expect(await readFile(await download.path(), 'utf8')).toBe(`Seen by ${device}`)
    await page.keyboard.press('Control+s')
  })

  test('changes outlive a reload, and a file that somebody else wrote is not written over', async () => {
    const file = join(bench.workspace, 'flows', 'lab', 'as recorded.yaml')
    await put('flow: 1\nname: Mine\nsteps:\n  - sleep: 1ms\n')
    await page.getByText('changed', { exact: true }).first().waitFor()
    await expect
      .poll(() => page.evaluate(() => localStorage.getItem('oktobench.flow-drafts.1')))
      .toContain('Mine')
    await writeFile(file, 'flow: 1\nname: Theirs\nsteps:\n  - sleep: 2ms\n')
    await page.reload()
    await page.getByRole('grid', { name: 'Flows' }).getByText('as recorded').click()
    await expect.poll(() => text().innerText()).toContain('name: Mine')
    await page.getByText(/was changed by somebody else/).waitFor()
    await page.keyboard.press('Control+s')
    await page.getByText(/changed by somebody else since/).waitFor()
    await button('Take theirs').click()
    await expect.poll(() => text().innerText()).toContain('name: Theirs')
    expect(await readFile(file, 'utf8')).toContain('Theirs')
  })
})
