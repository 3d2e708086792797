/** A bench served to other machines, in a browser: TLS, a password, and nothing without it. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writePassword } from '../../electron/serve/password.ts'
import { startBrowser } from '../support/browser.ts'
import { startServe, type ServedBench } from '../support/serve.ts'
import { describeWith } from '../support/tools.ts'

describeWith(['chromium'], 'a bench with a password in a browser', () => {
  let bench: ServedBench
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    bench = await startServe(['--host', '*'], [], (workspace) => writePassword(workspace, 'a long password'))
    browser = await startBrowser()
    // The authority of the lab is not among those of this browser.
    page = await browser.newPage({ ignoreHTTPSErrors: true })
    page.setDefaultTimeout(8000)
    await page.goto(`https://localhost:${new URL(bench.url).port}/`)
  })
  afterAll(async () => {
    await browser?.close()
    await bench?.stop()
  })

  test('asks for the password, says when it is wrong, and opens', async () => {
    expect(bench.url).toMatch(/^https:/)
    const field = page.getByLabel('Password of this bench')
    await field.fill('a wrong password')
    await field.press('Enter')
    await page.getByText('The password is wrong.').waitFor()
    expect(await page.getByText('Attach a device').count()).toBe(0)
    await field.fill('a long password')
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByText('Attach a device').waitFor()
    await page.reload()
    await page.getByText('Attach a device').waitFor()
  })
})
