/** A fault on purpose as an engineer meets it: made in a form, seen everywhere, marked at its packets. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ServedBench } from '../support/serve.ts'
import { benchPage } from '../support/bench-page.ts'
import { describeWith } from '../support/tools.ts'
import { publishPacket, WireClient } from '../support/wire.ts'

describeWith(['chromium'], 'faults in a browser', () => {
  const opened = benchPage(['--no-controller'])
  let bench: ServedBench
  let page: Page
  let device: WireClient

  beforeAll(async () => {
    ;({ bench, page } = opened())
    device = await WireClient.open(bench.mqttPort)
    await device.hello({ clientId: 'cpe-1' })
  })
  afterAll(() => {
    device?.destroy()
  })

  const form = () => page.getByRole('form', { name: 'Fault' })
  const row = (name: string) => page.getByRole('row').filter({ hasText: name })

  test('before there is one, the view says what a fault is', async () => {
    await page.keyboard.press('g')
    await page.keyboard.press('u')
    await page.getByText(/^A fault refuses, delays, drops, repeats or cuts packets on purpose/).waitFor()
  })

  test('one is made from a preset, and a wrong filter cannot be added', async () => {
    await page.getByLabel('Add a fault').first().selectOption('Refuse PUBLISH: Quota exceeded')
    await form().getByPlaceholder('every client').fill('cpe-1')
    await form().getByLabel('Filter of the fault').fill('mqtt.msgtype == ')
    await expect.poll(() => form().getByRole('button', { name: 'Add and switch on' }).isDisabled()).toBe(true)
    await form().getByLabel('Filter of the fault').fill('mqtt.topic == "lab/x"')
    await form().getByLabel('Ends after packets').fill('2')
    await form().getByRole('button', { name: 'Add and switch on' }).click()
    await row('Refuse PUBLISH').getByText('after 2 more').waitFor()
    await page.getByRole('banner').getByRole('button', { name: '1 fault on' }).waitFor()
  })

  test('it meets the packets that it names, is counted, and ends by itself', async () => {
    device.send(publishPacket('lab/y', '1', { qos: 1, packetId: 1 }))
    expect((await device.next('PUBACK')).reasonCode).toBe(0x10)
    device.send(publishPacket('lab/x', '1', { qos: 1, packetId: 2 }))
    expect((await device.next('PUBACK')).reasonCode).toBe(0x97)
    await row('Refuse PUBLISH').getByText('after 1 more').waitFor()
    device.send(publishPacket('lab/x', '2', { qos: 1, packetId: 3 }))
    expect((await device.next('PUBACK')).reasonCode).toBe(0x97)
    await row('Refuse PUBLISH').getByText('off', { exact: true }).waitFor()
    await page.getByRole('button', { name: '1 fault on' }).waitFor({ state: 'hidden' })
  })

  test('its packets are marked, and shown from here', async () => {
    await row('Refuse PUBLISH').getByRole('button', { name: '2', exact: true }).click()
    await page.getByText('fault contains "Refuse PUBLISH: Quota exceeded"').first().waitFor()
    const packets = page.getByRole('grid', { name: 'Packets' })
    await expect.poll(() => packets.getByRole('row').count()).toBe(3)
    await packets
      .getByText(/by the fault “Refuse PUBLISH: Quota exceeded”/)
      .first()
      .waitFor()
  })

  test('it is changed, switched and removed', async () => {
    await page.keyboard.press('Escape')
    await page.getByRole('navigation').getByRole('button', { name: 'Faults' }).click()
    await row('Refuse PUBLISH')
      .getByRole('button', { name: 'Refuse PUBLISH: Quota exceeded', exact: true })
      .click()
    await form().getByLabel('What the bench does to it').selectOption('Delay it, and what is behind it')
    await form().getByLabel('Milliseconds').fill('30')
    await form().getByLabel('Ends after packets').fill('')
    await form().getByRole('button', { name: 'Save' }).click()
    await row('Delay by 30 ms').getByRole('switch').click()
    await row('Delay by 30 ms').getByText('when switched off').waitFor()
    await page.getByRole('button', { name: 'Switch all off' }).click()
    await row('Delay by 30 ms').getByText('off', { exact: true }).waitFor()
    await row('Delay by 30 ms')
      .getByRole('button', { name: /^Remove/ })
      .click()
    await page.getByText(/^A fault refuses/).waitFor()
  })
})
