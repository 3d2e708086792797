/** Messages as an engineer sends them: a served bench, a browser, and simulated agents. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openPage, startBrowser } from '../support/browser.ts'
import { startServe, type ServedBench } from '../support/serve.ts'
import { describeWith } from '../support/tools.ts'

const cli = fileURLToPath(new URL('../../out/main/cli.js', import.meta.url))
const one = 'os::02005E-SIM1'

describeWith(['chromium'], 'messages in a browser', () => {
  let bench: ServedBench
  let agents: ChildProcess
  let browser: Browser
  let page: Page
  let errors: string[]

  beforeAll(async () => {
    bench = await startServe()
    const broker = `mqtt://127.0.0.1:${bench.mqttPort}`
    const command = [cli, 'simulate', '--broker', broker, '--count', '2', '--no-probe']
    agents = spawn(process.execPath, command, { stdio: 'ignore' })
    browser = await startBrowser()
    ;[page, errors] = await openPage(browser, bench.url, 1280, 900)
    await page
      .getByRole('navigation')
      .getByRole('button', { name: /^Devices/ })
      .click()
    await page.getByRole('grid').getByText('SIM2').waitFor({ timeout: 20_000 })
    await page
      .getByRole('navigation')
      .getByRole('button', { name: /^Messages/ })
      .click()
  }, 60_000)
  afterEach(() => expect(errors).toEqual([]))
  afterAll(async () => {
    await browser?.close()
    agents?.kill()
    if (agents?.exitCode === null && agents.signalCode === null) await once(agents, 'exit')
    await bench?.stop()
  })

  const form = () => page.getByRole('group', { name: 'Form' })
  const field = (place: string) => form().getByRole('combobox', { name: place, exact: true })
  const text = () => page.locator('.code-editor').first().locator('.cm-content')
  const send = async (): Promise<void> => {
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await page.getByRole('button', { name: 'Send', exact: true }).waitFor()
  }
  const kind = (name: string) => page.getByLabel('Kind of message').selectOption(name)
  const answer = () => page.getByRole('treegrid', { name: 'Fields of the answer' })

  test('the data model of the device is read on demand, and completes paths', async () => {
    await page.getByRole('button', { name: 'Choose devices' }).click()
    await page.getByRole('checkbox', { name: new RegExp(one) }).check()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Read it' }).click()
    await page.getByText(/Paths by the data model of/).waitFor({ timeout: 20_000 })
    await field('param_paths[0]').fill('Device.DeviceInfo.Man')
    await page.getByRole('option', { name: /^Manufacturer / }).click()
    expect(await field('param_paths[0]').inputValue()).toBe('Device.DeviceInfo.Manufacturer')
    // The text follows the form.
    await expect.poll(() => text().innerText()).toContain('Device.DeviceInfo.Manufacturer')
  })

  test('Get: the answer as a tree, as text, and the packet it came in', async () => {
    await send()
    await answer().getByText('Manufacturer: ', { exact: true }).waitFor()
    await page.getByRole('tab', { name: 'JSON', exact: true }).click()
    await expect.poll(() => page.locator('.answer .cm-content').innerText()).toContain('GET_RESP')
    await page.getByRole('button', { name: /^Answer \d/ }).click()
    await page
      .getByRole('grid')
      .locator('[aria-selected=true]')
      .getByText(/GetResp|GET_RESP/)
      .waitFor()
    await page
      .getByRole('navigation')
      .getByRole('button', { name: /^Messages/ })
      .click()
  })

  test('Set by text: the form follows, and Get shows what changed', async () => {
    const get = { get: { param_paths: ['Device.LocalAgent.Controller.1.'] } }
    const put = async (value: unknown): Promise<void> => {
      await text().click()
      await page.keyboard.press('Control+a')
      await page.keyboard.insertText(JSON.stringify(value))
    }
    await put(get)
    await send()
    await answer()
      .getByText(/resolved_path/)
      .first()
      .waitFor()
    const param = { param: 'PeriodicNotifInterval', value: '4321', required: true }
    const set = { obj_path: 'Device.LocalAgent.Controller.1.', param_settings: [param] }
    await put({ set: { update_objs: [set] } })
    await expect.poll(() => field('update_objs[0].param_settings[0].value').inputValue()).toBe('4321')
    await send()
    await answer().getByText('PeriodicNotifInterval: ', { exact: true }).waitFor()
    await put(get)
    await send()
    await page.getByRole('tab', { name: /^Compare \(\d/ }).click()
    await page
      .getByRole('table', { name: /Differences/ })
      .getByText('PeriodicNotifInterval')
      .waitFor()
    await page
      .getByRole('table', { name: /Differences/ })
      .getByText('4321')
      .waitFor()
  })

  test('what is wrong is said before it is sent, and by the device in words', async () => {
    await kind('Get')
    await field('param_paths[0]').fill('Device.DeviceInfo.Manufactura')
    await page.keyboard.press('Escape')
    await page
      .getByText(/Did you mean Manufacturer/)
      .first()
      .waitFor()
    await send()
    await page.getByText('7026 Invalid path').first().waitFor()
    await page.getByText(/not in the model of this device/).waitFor()
    await text().click()
    await page.keyboard.press('Control+a')
    await page.keyboard.insertText('{"get": {"param_paths": [')
    await page.getByText(/This is no JSON/).waitFor()
    expect(await page.getByRole('button', { name: 'Send', exact: true }).isDisabled()).toBe(true)
  })

  test('to several devices, saved with a variable, found again', async () => {
    await kind('Get')
    await field('param_paths[0]').fill('Device.${object}.')
    await page.keyboard.press('Escape')
    await page.getByRole('group', { name: 'Variables' }).getByRole('textbox').fill('DeviceInfo')
    await page.getByRole('button', { name: new RegExp(`^To ${one}`) }).click()
    await page.getByRole('button', { name: 'All 2 online' }).click()
    await page.keyboard.press('Escape')
    await send()
    await page.getByText('2 of 2 devices: 2 done, 0 in part, 0 failed').waitFor()
    await page.keyboard.press('Control+s')
    await page.getByRole('dialog').getByRole('textbox').first().fill('lab/device info')
    await page.getByRole('button', { name: 'Save', exact: true }).last().click()
    await page.getByRole('complementary').getByText('device info').waitFor()
    await kind('Delete')
    await page.getByRole('complementary').getByText('device info').click()
    expect(await field('param_paths[0]').inputValue()).toBe('Device.${object}.')
    await page.getByRole('tab', { name: /^Sent/ }).click()
    await page.getByRole('complementary').getByRole('button', { name: /^Set/ }).first().waitFor()
  })

  test('a raw Record is decoded while it is typed, and published as it is', async () => {
    await kind('Raw Record')
    await page.getByLabel('Record in hexadecimal').fill('0a 03 31 2e 33 12 01')
    await page
      .getByText(/Malformed protobuf/)
      .first()
      .waitFor()
    await page.getByRole('button', { name: 'Publish 7 bytes' }).click()
    await page.getByText(/Published to/).waitFor()
    await page.getByRole('button', { name: 'Fill in the message as a Record' }).click()
    await page
      .getByRole('treegrid')
      .getByText(/param_paths/)
      .first()
      .waitFor()
  })
})
