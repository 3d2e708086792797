/** The data model of a simulated agent in a browser: read, set, undone, kept and compared. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Link } from '../../electron/engine/simulator/link.ts'
import { openPage, startBrowser } from '../support/browser.ts'
import { startServe, type ServedBench } from '../support/serve.ts'
import { startSimulated } from '../support/simulated.ts'
import { describeWith } from '../support/tools.ts'

const endpointId = 'os::02005E-MODEL01'
const code = 'Device.DeviceInfo.ProvisioningCode'

describeWith(['chromium'], 'the data model in a browser', () => {
  let bench: ServedBench
  let agent: Link
  let browser: Browser
  let page: Page
  let errors: string[]

  beforeAll(async () => {
    bench = await startServe()
    agent = await startSimulated({ port: bench.mqttPort, endpointId })
    browser = await startBrowser()
    ;[page, errors] = await openPage(browser, bench.url)
    await page.getByText('Attach a device').waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('v')
    await page.getByRole('list', { name: 'Devices' }).getByRole('button', { name: endpointId }).click()
  })
  afterAll(async () => {
    await browser?.close()
    await agent?.stop()
    await bench?.stop()
  })

  const line = (path: string) => page.locator(`[data-path="${path}"]`)
  const value = (path: string) => line(path).locator('.model-value')
  /** As the agent itself has it. */
  const held = (path: string): string | undefined => {
    const cut = path.lastIndexOf('.') + 1
    const { model } = agent.agent
    const place = model.below(model.root).find((one) => one.path === path.slice(0, cut))
    return place && model.text(place, path.slice(cut))
  }

  test('is read, and opens by keys', async () => {
    await page.getByRole('button', { name: 'Read its data model' }).click()
    await line('Device.').click()
    await line('Device.DeviceInfo.').click()
    await page.keyboard.press('ArrowRight')
    await expect.poll(() => value('Device.DeviceInfo.Manufacturer').innerText()).toBe('Oktobench')
  })

  test('a value is set in place, shown beside the old one, and set back', async () => {
    await line(code).click()
    await page.keyboard.press('Enter')
    await page.keyboard.type('lab-7')
    await page.keyboard.press('Enter')
    await expect.poll(() => value(code).innerText()).toMatch(/lab-7\s+was empty/)
    expect(held(code)).toBe('lab-7')
    await page.keyboard.press('Control+z')
    await expect.poll(() => value(code).innerText()).toBe('empty')
    expect(held(code)).toBe('')
  })

  test('what the device refuses stands at the parameter, with code and name', async () => {
    await page.getByLabel('Search the data model').fill('landmark brokerport')
    await page.getByText(/Nothing among .* has: landmark brokerport/).waitFor()
    await page.getByRole('button', { name: 'Read all values' }).first().click()
    await page.getByLabel('Search the data model').fill('client brokerport')
    const port = 'Device.MQTT.Client.1.BrokerPort'
    await line(port).dblclick()
    await page.keyboard.type('seven')
    await page.keyboard.press('Enter')
    await expect.poll(() => value(port).innerText()).toContain('7011 Invalid type')
    await page.getByLabel('Search the data model').fill('')
  })

  test('a command tells its end and what it gave', async () => {
    await line('Device.SelfTestDiagnostics()').click()
    await page.getByRole('button', { name: 'Operate SelfTestDiagnostics()' }).click()
    await page.getByText('Results = PASS').waitFor()
  })

  test('a snapshot is taken and compared with what the device holds then', async () => {
    await page.getByRole('tab', { name: 'Snapshots and differences' }).click()
    await page.getByLabel('Name of the snapshot', { exact: true }).fill('before')
    await page.getByRole('button', { name: 'Take a snapshot' }).click()
    await page.locator('.model-table input[value="before"]').waitFor()
    await page.getByRole('tab', { name: 'Tree' }).click()
    await line(code).click()
    await page.keyboard.press('Enter')
    await page.keyboard.type('lab-8')
    await page.keyboard.press('Enter')
    await expect.poll(() => value(code).innerText()).toContain('lab-8')
    await page.getByRole('tab', { name: 'Snapshots and differences' }).click()
    await page.getByRole('button', { name: 'Compare', exact: true }).click()
    const rows = page.getByRole('grid', { name: 'Differences' }).locator('.difference-line.is-changed')
    await expect.poll(() => rows.allInnerTexts()).toHaveLength(1)
    expect((await rows.first().innerText()).split('\n').map((cell) => cell.trim())).toEqual(
      expect.arrayContaining([expect.stringContaining(code), 'empty', 'lab-8']),
    )
  })

  test('nothing went wrong in the page', () => expect(errors).toEqual([]))
})
