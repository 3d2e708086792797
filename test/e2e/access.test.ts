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
})
