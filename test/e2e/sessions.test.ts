/** Sessions and shared groups as an engineer meets them: what waits, who takes what, and ending it. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ServedBench } from '../support/serve.ts'
import { benchPage } from '../support/bench-page.ts'
import { describeWith } from '../support/tools.ts'
import { publishPacket, WireClient } from '../support/wire.ts'

describeWith(['chromium'], 'sessions in a browser', () => {
  const opened = benchPage(['--no-controller'])
  let bench: ServedBench
  let page: Page
  const clients: WireClient[] = []

  const client = async (clientId: string, expiry = 0): Promise<WireClient> => {
    const one = await WireClient.open(bench.mqttPort)
    clients.push(one)
    const properties = expiry > 0 ? [{ name: 'sessionExpiryInterval', value: expiry } as const] : []
    await one.hello({ clientId, properties })
    return one
  }

  beforeAll(() => ({ bench, page } = opened()))
  afterAll(() => {
    for (const one of clients) one.destroy()
  })

  const list = (name: string) => page.getByRole('grid', { name })
  const row = (name: string, text: string) => list(name).getByRole('row').filter({ hasText: text })

  test('before there is one, the view says what it will show', async () => {
    await page.keyboard.press('g')
    await page.keyboard.press('e')
    await page.getByText(/^Each client that connects has a session here/).waitFor()
  })

  test('a session that outlives its connection shows what waits; its queue is dropped after asking', async () => {
    const away = await client('cpe-away', 3600)
    await away.subscribe('lab/#', 1)
    away.send({ type: 'DISCONNECT', reasonCode: 0, properties: [] })
    await away.closed
    const sender = await client('sender')
    for (let id = 1; id <= 3; id++) {
      sender.send(publishPacket('lab/x', 'hello', { qos: 1, packetId: id }))
      await sender.next('PUBACK')
    }
    await row('Sessions', 'cpe-away').click()
    const detail = page.getByRole('region', { name: 'Session', exact: true }).first()
    await detail.getByText('lab/#').waitFor()
    await detail.getByText(/^3 messages, /).waitFor()
    await detail.getByRole('button', { name: 'Drop the queue' }).click()
    await detail.getByRole('button', { name: 'Drop 3 messages? They cannot come back' }).click()
    await page.getByText('Dropped 3 messages that waited for cpe-away.').waitFor()
    await detail.getByText('nothing', { exact: true }).waitFor()
  })

  test('a session is expired after asking', async () => {
    const detail = page.getByRole('region', { name: 'Session', exact: true }).first()
    await detail.getByRole('button', { name: 'Expire now' }).click()
    await detail.getByRole('button', { name: 'Forget subscriptions, queue and will?' }).click()
    await expect.poll(() => row('Sessions', 'cpe-away').count()).toBe(0)
    await page.getByText('1 session', { exact: true }).waitFor()
  })

  test('shared groups show who takes how many', async () => {
    const members = [await client('worker-1'), await client('worker-2')]
    for (const member of members) await member.subscribe('$share/pool/jobs/+', 1)
    const sender = await client('boss')
    for (let id = 1; id <= 6; id++) {
      sender.send(publishPacket('jobs/a', String(id), { qos: 1, packetId: id }))
      await sender.next('PUBACK')
    }
    await page.getByRole('tab', { name: 'Shared groups' }).click()
    await row('Shared groups', 'jobs/+').click()
    await row('Shared groups', 'jobs/+').getByText('even').waitFor()
    const detail = page.getByRole('region', { name: 'Shared group $share/pool/jobs/+' })
    await detail.getByText('6 messages under way · even').waitFor()
    const worker = detail.getByRole('row').filter({ hasText: 'worker-1' })
    await worker.getByText('50 %').waitFor()
    for (let i = 0; i < 3; i++) {
      const { packetId = 0 } = await (members[0] as WireClient).next('PUBLISH')
      members[0]?.send({ type: 'PUBACK', packetId, reasonCode: 0, properties: [] })
    }
    await detail.getByText('3 messages under way · even').waitFor()
  })

  test('from a member to its session', async () => {
    await page.getByRole('button', { name: 'worker-2' }).click()
    await page
      .getByRole('region', { name: 'Session', exact: true })
      .first()
      .getByText('$share/pool/jobs/+')
      .waitFor()
    await page.getByRole('button', { name: 'Disconnect' }).click()
    await page.getByRole('button', { name: 'End the connection and session?' }).click()
    await expect.poll(() => row('Sessions', 'worker-2').count()).toBe(0)
  })
})
