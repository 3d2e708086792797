/** A bench that asks for passwords, in a browser: a device knocks, is admitted, and is told no where it may not. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPage, startBrowser } from '../support/browser.ts'
import { startServe, type ServedBench } from '../support/serve.ts'
import { describeWith, requireTool } from '../support/tools.ts'

const run = promisify(execFile)
const id = 'os::00256D-KNOCK'

describeWith(['chromium', 'mosquitto-clients'], 'access in a browser', () => {
  let bench: ServedBench
  let browser: Browser
  let page: Page
  let errors: string[]

  beforeAll(async () => {
    bench = await startServe(['--no-open-bench'])
    browser = await startBrowser()
    ;[page, errors] = await openPage(browser, bench.url)
  })
  afterAll(async () => {
    await browser?.close()
    await bench?.stop()
  })

  /** Exit code of a publish with the password that the device has. */
  async function publish(topic: string): Promise<number> {
    const words =
      `-V 5 -h 127.0.0.1 -p ${bench.mqttPort} -i ${id} -u ${id} -P device-7f3 -q 1 -m x -d -t`.split(' ')
    const { stdout } = await run(requireTool('mosquitto_pub'), [...words, topic]).catch(
      (error: { stdout: string }) => error,
    )
    return Number(/PUBACK \(Mid: \d+, RC:(\d+)\)/.exec(stdout)?.[1] ?? -1)
  }
  const go = (view: string) =>
    page
      .getByRole('navigation')
      .getByRole('button', { name: new RegExp(`^${view}`) })
      .click()

  test('a device that knocks is admitted with the password it has', async () => {
    await page.getByText('Attach a device').waitFor()
    expect(await publish('t')).toBe(-1)
    await page.getByText(`the user ${id} is not known`).first().waitFor()
    await page
      .getByRole('button', { name: /^Admit/ })
      .first()
      .click()
    await expect.poll(() => publish(`oktopus/usp/v1/controller/${id}`)).toBe(0)
    expect(await page.content()).not.toContain('device-7f3')
  })

  test('what it may not do is a denial with the rule, in the list and in its packet', async () => {
    expect(await publish('oktopus/usp/v1/controller/os::other')).toBe(0x87)
    await go('Access')
    await page.getByRole('tab', { name: /^Denials/ }).click()
    await page.getByText('oktopus/usp/v1/controller/os::other').first().waitFor()
    await go('Packets')
    await page.getByRole('grid').first().getByRole('row').filter({ hasText: 'os::other' }).first().click()
    await page
      .getByText(/dropped/i)
      .first()
      .waitFor()
    expect(errors).toEqual([])
  })

  test('a rule is tried on the recording before it bites, then bites, then is taken back', async () => {
    const own = `oktopus/usp/v1/controller/${id}`
    expect(await publish(own)).toBe(0)
    await go('Access')
    await page.getByRole('tab', { name: /^Rules/ }).click()
    const list = page.locator('#access-rules')
    await list.getByRole('row').filter({ hasText: 'A device answers the controller' }).first().click()
    await page.getByRole('switch', { name: 'Rule in use' }).click()
    await page.getByText('1 edit not saved').waitFor()

    await page.getByRole('tab', { name: 'Dry run' }).click()
    await page.getByRole('button', { name: 'Try the draft' }).click()
    await page.getByText(/this list denies \d+ that the rules in force allow/).waitFor()
    const changed = page.locator('#access-dry-run').getByRole('row').filter({ hasText: own })
    await changed.first().click()
    // Nothing is in force yet.
    expect(await publish(own)).toBe(0)
    await page.getByRole('button', { name: /^Go to packet/ }).click()
    await page.getByRole('treegrid').getByText(own).first().waitFor()
    await page.getByRole('button', { name: 'Ask access' }).click()
    await page.getByRole('status').getByText('Denied.').waitFor()
    await page.getByText('the draft', { exact: true }).waitFor()

    await page.getByRole('tab', { name: /^Rules/ }).click()
    await page.keyboard.press('Control+s')
    await page.getByRole('button', { name: 'Put in force' }).click()
    await page.getByText('Version 1 is in force.').waitFor()
    expect(await publish(own)).toBe(0x87)

    await page.getByRole('switch', { name: 'Rule in use' }).click()
    await page.getByText('1 edit not saved').waitFor()
    await page.getByRole('button', { name: 'Undo', exact: true }).click()
    await expect.poll(() => page.getByText('edit not saved').count()).toBe(0)
    await page.getByRole('button', { name: 'Redo', exact: true }).click()
    await page.keyboard.press('Control+s')
    await page.getByRole('button', { name: 'Put in force' }).click()
    await page.getByText('Version 2 is in force.').waitFor()
    expect(await publish(own)).toBe(0)
  })

  test('rules proposed from the recording go into the draft', async () => {
    await page.getByRole('tab', { name: 'Propose' }).click()
    await page.getByRole('button', { name: 'Propose rules' }).click()
    await page.getByText('They would deny nothing of it.').waitFor()
    const proposed = page.locator('#access-proposal').getByRole('row')
    await proposed.filter({ hasText: 'oktopus/usp/v1/controller/${endpoint}' }).waitFor()
    await page.getByRole('button', { name: 'after its rules' }).click()
    await page.getByText(/edits? not saved/).waitFor()
    expect(errors).toEqual([])
  })
})
