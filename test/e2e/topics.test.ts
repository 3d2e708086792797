/** Topics as an engineer meets them: what a device publishes, by topic. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ServedBench } from '../support/serve.ts'
import { benchPage } from '../support/bench-page.ts'
import { describeWith } from '../support/tools.ts'
import { publishPacket, WireClient } from '../support/wire.ts'

describeWith(['chromium'], 'topics in a browser', () => {
  const opened = benchPage(['--no-controller'])
  let bench: ServedBench
  let page: Page
  let device: WireClient

  beforeAll(async () => {
    ;({ bench, page } = opened())
    device = await WireClient.open(bench.mqttPort)
    await device.hello({ clientId: 'sensor' })
  })
  afterAll(() => {
    device?.destroy()
  })

  const tree = () => page.getByRole('treegrid', { name: 'Topics' })
  const line = (name: string) =>
    tree()
      .getByRole('row')
      .filter({ has: page.getByText(name, { exact: true }) })
  const messages = () => page.getByRole('grid', { name: /^Messages of the topic/ })

  test('before there is one, the view says what it will show', async () => {
    await page.keyboard.press('g')
    await page.keyboard.press('o')
    await page.getByText(/Each topic gets its place here/).waitFor()
  })

  test('topics come into the tree as they are published to', async () => {
    for (let i = 1; i <= 10; i++)
      device.send(publishPacket('lab/room/climate', JSON.stringify({ temperature: 20 + i, unit: 'C' })))
    device.send(publishPacket('lab/door', 'open', { retain: true }))
    await line('lab').getByText('11', { exact: true }).waitFor()
    await line('door').getByText('retained', { exact: true }).waitFor()
    await line('climate').waitFor()
  })

  test('branches open and close by key', async () => {
    await line('lab').click()
    await page.keyboard.press('ArrowLeft')
    await expect.poll(() => line('lab').getAttribute('aria-expanded')).toBe('false')
    await line('lab').getByText('1 retained').waitFor()
    await page.keyboard.press('*')
    await line('climate').waitFor()
    await line('door').getByText('retained', { exact: true }).waitFor()
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await expect.poll(() => line('climate').getAttribute('aria-selected')).toBe('true')
    await page.keyboard.press('ArrowLeft')
    await expect.poll(() => line('room').getAttribute('aria-selected')).toBe('true')
  })

  test('a topic shows its messages, field by field, and follows the newest or holds one', async () => {
    await line('climate').click()
    await expect.poll(() => messages().getByRole('row').count()).toBe(11)
    const fields = page.getByRole('treegrid', { name: 'Fields of the message' })
    await fields.getByText('30', { exact: true }).first().waitFor()
    device.send(publishPacket('lab/room/climate', '{"temperature":99}'))
    await fields.getByText('99', { exact: true }).first().waitFor()
    await messages().getByText('"temperature":25').click()
    await fields.getByText('25', { exact: true }).first().waitFor()
    device.send(publishPacket('lab/room/climate', '{"temperature":77}'))
    await messages().getByText('"temperature":77').waitFor()
    expect(await fields.getByText('25', { exact: true }).count()).toBeGreaterThan(0)
    await page.getByRole('button', { name: 'follow the newest' }).click()
    await fields.getByText('77', { exact: true }).first().waitFor()
  })

  test('numbers in it are drawn', async () => {
    await page.getByRole('tab', { name: 'Chart' }).click()
    await page.getByRole('img', { name: '/temperature: 77 now' }).waitFor()
    await page.getByText('12 of the 12 messages have it.').waitFor()
    await page.getByRole('tab', { name: 'Messages' }).click()
  })

  test('standing still, the tree shows what was', async () => {
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByText(/^stands still at packet/).waitFor()
    const recorded = page.getByTitle(/^\d+ packets$/).first()
    const before = await recorded.textContent()
    device.send(publishPacket('late', 'x'))
    await expect.poll(() => recorded.textContent()).not.toBe(before)
    expect(await line('late').count()).toBe(0)
    await page.getByRole('button', { name: 'Go on' }).click()
    await line('late').waitFor()
  })

  test('a search finds words and topic filters', async () => {
    const search = page.getByLabel('Search topics')
    await search.fill('lab/+')
    await line('door').waitFor()
    await expect.poll(() => line('late').count()).toBe(0)
    await search.fill('nowhere')
    await page.getByText('No topic is as searched for.').waitFor()
    await page.getByRole('button', { name: 'Show all topics' }).click()
    await line('late').waitFor()
    await page.getByLabel('Retained').check()
    await expect.poll(() => line('late').count()).toBe(0)
    await line('door').waitFor()
    await page.getByLabel('Retained').uncheck()
  })

  test('the retained message is shown whole, though something else was published since', async () => {
    const properties = [{ name: 'contentType', value: 'application/json' } as const]
    const kept = JSON.stringify({ kept: 'x'.repeat(300), end: true })
    device.send(
      publishPacket('lab/kept', kept, { retain: true, properties }),
      publishPacket('lab/kept', 'only in passing'),
    )
    await line('kept').getByText('only in passing').waitFor()
    await line('kept').click()
    await page.getByRole('tab', { name: 'Retained message' }).click()
    const shown = page.getByRole('region', { name: 'Topic lab/kept' })
    await shown.getByText(/QoS 0 · 3\d\d bytes · from sensor/).waitFor()
    await shown.getByText('application/json').waitFor()
    await shown.getByText('"end"').waitFor()
    await page.getByRole('button', { name: 'Clear the retained message' }).click()
    await page.getByRole('tab', { name: 'Retained message' }).waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: 'Leave it cleared' }).click()
  })

  test('retained messages are cleared below a branch, and put back', async () => {
    for (let i = 1; i <= 3; i++) device.send(publishPacket(`lab/lamp/${i}`, 'on', { retain: true }))
    const lamp = line('lamp')
    await lamp.getByText('3', { exact: true }).first().waitFor()
    await lamp.click()
    await page.getByRole('button', { name: 'Clear 3 retained messages from here on' }).click()
    await page.getByText('Cleared 3 retained messages of lab/lamp and below').waitFor()
    await page.getByRole('button', { name: /^Clear \d+ retained/ }).waitFor({ state: 'hidden' })
    const reader = await WireClient.open(bench.mqttPort)
    await reader.hello({ clientId: 'reader' })
    await reader.subscribe('lab/#')
    // Only that of the door is left.
    expect(await reader.next('PUBLISH')).toMatchObject({ topic: 'lab/door', retain: true })
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText('Put back 3 retained messages.').waitFor()
    await page.getByRole('button', { name: 'Clear 3 retained messages from here on' }).waitFor()
    await reader.subscribe('lab/lamp/+')
    const back = [await reader.next('PUBLISH'), await reader.next('PUBLISH'), await reader.next('PUBLISH')]
    expect(back.map(({ topic }) => topic).toSorted()).toEqual(['lab/lamp/1', 'lab/lamp/2', 'lab/lamp/3'])
    reader.destroy()
  })

  test('from a topic to a message for it', async () => {
    await line('door').click()
    await page.getByRole('button', { name: 'Publish to it' }).click()
    await expect.poll(() => page.locator('#publish-topic').inputValue()).toBe('lab/door')
    await page.keyboard.press('Escape')
    await page.getByRole('navigation').getByRole('button', { name: 'Topics' }).click()
  })

  test('from a topic to its packets', async () => {
    await line('door').click()
    await page.getByRole('button', { name: 'Show its packets' }).click()
    await page.getByText('mqtt.topic == "lab/door"').first().waitFor()
    const packets = page.getByRole('grid', { name: 'Packets' })
    // Its header, what was published, and what the reader got.
    await expect.poll(() => packets.getByRole('row').count()).toBe(3)
  })
})
