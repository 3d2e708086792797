/** Transactions as an engineer meets them: a capture of a real agent, its requests and how long they took. */
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSimulated } from '../support/simulated.ts'
import { benchPage } from '../support/bench-page.ts'
import { describeWith } from '../support/tools.ts'

const capture = fileURLToPath(new URL('../fixtures/captures/obuspa-dialogue.pcapng', import.meta.url))

describeWith(['chromium'], 'transactions in a browser', () => {
  const opened = benchPage()
  let page: Page

  beforeAll(() => ({ page } = opened()))

  const list = () => page.getByRole('grid', { name: 'Transactions' })
  const row = (text: string) => list().getByRole('row').filter({ hasText: text }).first()

  test('before there is one, the view says what it will show', async () => {
    await page.keyboard.press('g')
    await page.keyboard.press('r')
    await page.getByText(/Each USP request .* gets a row here, with its answer/).waitFor()
  })

  test('those of an imported capture are listed, with what the device said', async () => {
    await page.getByRole('navigation').getByRole('button', { name: 'Captures' }).click()
    await page.getByRole('button', { name: 'Import…' }).first().click()
    await page.locator('input[type=file]').first().setInputFiles(capture)
    await page.getByRole('dialog').getByRole('button', { name: 'Import' }).click()
    await page.getByRole('tab', { name: /obuspa-dialogue/ }).waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('r')
    await page.getByText('92 transactions').waitFor()
    await page.getByLabel('Filter transactions').fill('SelfTest')
    await page.getByText('2 of 92').waitFor()
    await row('Operate').getByText('answered').waitFor()
  })

  test('request and answer stand side by side, and what belongs to them is gone to', async () => {
    await row('Operate').click()
    await page
      .getByRole('treegrid', { name: 'Fields of the request' })
      .getByText('OPERATE', { exact: true })
      .waitFor()
    await page
      .getByRole('treegrid', { name: 'Fields of the answer' })
      .getByText('OPERATE_RESP', { exact: true })
      .waitFor()
    const detail = page.getByRole('region', { name: /^Transaction \d/ })
    await detail.getByRole('button', { name: /^transaction \d/ }).click()
    await detail.getByText('OperationComplete Device.SelfTestDiagnostics()').first().waitFor()
    await detail.getByText('None is due: the request has send_resp false.').waitFor()
    await detail.getByText('ends the Operate of').waitFor()
  })

  test('keys move in the list, into the detail and back', async () => {
    await page.getByLabel('Filter transactions').fill('')
    await page.getByLabel('Outcome').selectOption('error')
    await page.getByText(/^\d+ of 92$/).waitFor()
    await list().focus()
    await page.keyboard.press('Home')
    const first = await list().locator('[aria-selected=true]').first().textContent()
    await page.keyboard.press('j')
    await expect.poll(() => list().locator('[aria-selected=true]').first().textContent()).not.toBe(first)
    await page.keyboard.press('Enter')
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('transaction-detail')
    await page.keyboard.press('Escape')
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('transactions-list')
  })

  test('its packets are shown in the ladder; a packet leads to its transaction', async () => {
    await page.getByRole('button', { name: 'Show in the ladder' }).click()
    const rungs = page.getByRole('grid', { name: 'Ladder of the packets' }).getByRole('row')
    // A request and its answer, each in and out, below the heads.
    await expect.poll(() => rungs.count()).toBe(5)
    await rungs.nth(1).click()
    await page.keyboard.press('x')
    await page.getByRole('region', { name: /^Transaction \d/ }).waitFor()
  })

  test('statistics count by device and type, and lead to the transactions', async () => {
    await page.getByRole('tab', { name: 'Statistics' }).click()
    const grid = page.getByRole('grid', { name: 'Statistics by device and type' })
    await grid.getByRole('row').filter({ hasText: 'All devices' }).getByText('92').waitFor()
    await grid.getByRole('row').filter({ hasText: 'GetInstances' }).first().click()
    await page.getByRole('heading', { name: 'Latency of GetInstances, os::00256D-REAL01' }).waitFor()
    await page.getByRole('button', { name: 'Show these transactions' }).click()
    await expect.poll(() => page.getByLabel('Type').inputValue()).toBe('GetInstances')
    await page.getByText(/^\d+ of 92$/).waitFor()
    await expect.poll(() => list().getByRole('row').filter({ hasText: 'Operate' }).count()).toBe(0)
  })
})

describeWith(['chromium'], 'transactions as they happen', () => {
  const device = 'os::02005E-LIVE1'
  const asked = 'Device.DeviceInfo.HardwareVersion'
  const opened = benchPage(['--no-discover'])
  let agent: Awaited<ReturnType<typeof startSimulated>> | undefined
  let page: Page

  beforeAll(async () => {
    const { bench, page: own } = opened()
    page = own
    agent = await startSimulated({ port: bench.mqttPort, endpointId: device })
  })
  afterAll(() => agent?.stop())

  const rows = () =>
    page.getByRole('grid', { name: 'Transactions' }).getByRole('row').filter({ hasText: asked })
  const path = () => page.getByRole('combobox', { name: 'param_paths[0]', exact: true })
  const goTo = (name: string) =>
    page
      .getByRole('navigation')
      .getByRole('button', { name: new RegExp(`^${name}`) })
      .click()
  const send = async () => {
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await page
      .getByRole('treegrid', { name: 'Fields of the answer' })
      .getByText('HardwareVersion: ', { exact: true })
      .waitFor()
  }

  test('a request that is sent has its row, with its answer and how long that took', async () => {
    await goTo('Messages')
    await page.getByRole('button', { name: 'Choose devices' }).click()
    await page.getByRole('checkbox', { name: new RegExp(device) }).check()
    await page.keyboard.press('Escape')
    await path().fill(asked)
    await page.keyboard.press('Escape')
    await send()
    await goTo('Transactions')
    await rows().getByText('answered').waitFor()
    await rows()
      .getByText(/^\d.* (ms|s)$/)
      .waitFor()
    expect(await rows().count()).toBe(1)
  })

  test('sent again, it is the same request to the same device, and a transaction of its own', async () => {
    await goTo('Messages')
    await page.getByLabel('Kind of message').selectOption('Delete')
    await page.getByRole('button', { name: `To ${device}` }).click()
    await page.getByRole('checkbox', { name: new RegExp(device) }).uncheck()
    await page.keyboard.press('Escape')
    await goTo('Transactions')
    await rows().click()
    await page.getByRole('button', { name: 'Send again' }).click()
    expect(await path().inputValue()).toBe(asked)
    await page.getByRole('button', { name: `To ${device}` }).waitFor()
    await send()
    await goTo('Transactions')
    await expect.poll(() => rows().filter({ hasText: 'answered' }).count()).toBe(2)
  })

  test('the packet of a request offers it too, that of its answer does not', async () => {
    await rows().first().click()
    const detail = page.getByRole('region', { name: /^Transaction \d/ })
    await detail.getByRole('region', { name: 'Request' }).getByRole('button').first().click()
    await page.getByRole('region', { name: /^Packet \d/ }).waitFor()
    await page.getByRole('button', { name: 'Send again' }).waitFor()
    await page.keyboard.press(']')
    await page
      .getByRole('grid')
      .locator('[aria-selected=true]')
      .getByText(/GET_RESP/)
      .waitFor()
    await expect.poll(() => page.getByRole('button', { name: 'Send again' }).count()).toBe(0)
    await page.keyboard.press('[')
    await page.getByRole('button', { name: 'Send again' }).waitFor()
    await page.keyboard.press('Shift+s')
    expect(await path().inputValue()).toBe(asked)
  })
})
