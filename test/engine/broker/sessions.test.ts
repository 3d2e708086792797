/** Sessions that outlive their connection, and wills: MQTT 5.0, 3.1.2.4, 3.1.2.11.2, 3.1.3.2 and 4.1. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ConnectPacket, PacketOf, Property } from '../../../shared/mqtt/packets.ts'
import { testBroker, type TestBroker } from '../../support/broker.ts'
import type { WireClient } from '../../support/wire.ts'

let bench: TestBroker
beforeEach(async () => {
  bench = await testBroker()
})
afterEach(() => bench.close())

interface Arrival {
  readonly client: WireClient
  readonly connack: PacketOf<'CONNACK'>
}
async function arrive(clientId: string, wishes: Partial<ConnectPacket> = {}): Promise<Arrival> {
  const client = await bench.connect()
  return { client, connack: await client.hello({ clientId, ...wishes }) }
}
const come = async (clientId: string, wishes?: Partial<ConnectPacket>): Promise<WireClient> =>
  (await arrive(clientId, wishes)).client

const expiry = (value: number): Property<'sessionExpiryInterval'> => ({
  name: 'sessionExpiryInterval',
  value,
})
const lasting = (seconds = 60) => ({ clean: false, properties: [expiry(seconds)] }) as const

async function gone(client: WireClient): Promise<void> {
  const before = bench.ended.length
  client.destroy()
  await expect.poll(() => bench.ended.length).toBe(before + 1)
}
const row = (clientId: string) => bench.broker.overview.session(clientId)

describe('a session', () => {
  test('[MQTT-3.1.2-4] to [MQTT-3.1.2-6]: Clean Start discards, otherwise it is resumed and said so', async () => {
    const first = await arrive('c', lasting())
    expect(first.connack.sessionPresent).toBe(false)
    await first.client.subscribe('t', 1)
    await gone(first.client)
    const second = await arrive('c', lasting())
    expect(second.connack.sessionPresent).toBe(true)
    const writer = await come('writer')
    await writer.publish('t', 'still subscribed')
    expect(await second.client.receive()).toBe('still subscribed')
    await gone(second.client)
    const third = await arrive('c', { clean: true })
    expect(third.connack.sessionPresent).toBe(false)
    expect(await writer.publish('t', 'x')).toBe(0x10)
  })

  test('without a subscription is a session too', async () => {
    await gone(await come('c', lasting()))
    expect((await arrive('c', lasting())).connack.sessionPresent).toBe(true)
  })

  test('with Session Expiry 0 ends with its connection', async () => {
    const client = await come('c')
    await client.subscribe('t', 1)
    await gone(client)
    expect(row('c')).toBeUndefined()
    expect((await arrive('c', { clean: false })).connack.sessionPresent).toBe(false)
  })

  test('resumed with Session Expiry 0 gives its queue first', async () => {
    const client = await come('c', lasting())
    await client.subscribe('t', 1)
    await gone(client)
    await (await come('writer')).publish('t', 'waited')
    const { client: again, connack } = await arrive('c', { clean: false })
    expect(connack.sessionPresent).toBe(true)
    expect(await again.receive()).toBe('waited')
  })

  test('[MQTT-3.1.2-23] ends when its interval has passed, and not before', async () => {
    await gone(await come('short', lasting(1)))
    await gone(await come('long', lasting(60)))
    await gone(await come('ever', lasting(0xffff_ffff)))
    expect(row('long')).toMatchObject({ connected: false, expiry: 60, expiresIn: 60 })
    expect(row('ever')).toMatchObject({ expiry: 0xffff_ffff, expiresIn: undefined })
    await expect.poll(() => row('short'), { timeout: 3000 }).toBeUndefined()
    expect([row('long')?.clientId, row('ever')?.clientId]).toEqual(['long', 'ever'])
  })

  test('takes the interval of DISCONNECT (3.14.2.2.2)', async () => {
    const client = await come('c', lasting(60))
    client.send({ type: 'DISCONNECT', reasonCode: 0, properties: [expiry(0)] })
    await client.closed
    await expect.poll(() => row('c')).toBeUndefined()
  })

  test('of MQTT 3.1.1 with Clean Session 0 is kept, subscriptions and messages', async () => {
    const old = { level: 4, clean: false } as const
    const client = await come('old', old)
    await client.subscribe('t', 2)
    await gone(client)
    const writer = await come('writer')
    for (const text of ['1', '2']) await writer.publish('t', text, 2)
    const { client: again, connack } = await arrive('old', old)
    expect(connack.sessionPresent).toBe(true)
    expect([await again.receive(), await again.receive()]).toEqual(['1', '2'])
  })
})

describe('messages that wait', () => {
  test('[MQTT-4.4.0-1] [MQTT-4.6.0-1] what was not acknowledged comes again, in order, with DUP and its packet ID', async () => {
    const client = await come('c', lasting())
    await client.subscribe('t', 2)
    const writer = await come('writer')
    await writer.publish('t', '1', 1)
    await writer.publish('t', '2', 2)
    await writer.publish('t', '3', 2)
    const [one, two, three] = [
      await client.next('PUBLISH'),
      await client.next('PUBLISH'),
      await client.next('PUBLISH'),
    ]
    client.send({ type: 'PUBREC', packetId: three.packetId ?? 0, reasonCode: 0, properties: [] })
    await client.next('PUBREL')
    await gone(client)
    await writer.publish('t', '4', 1)
    const again = await come('c', lasting())
    // The one that was received comes as PUBREL [MQTT-4.3.3-6].
    expect((await again.next('PUBREL')).packetId).toBe(three.packetId)
    expect(await again.next('PUBLISH')).toMatchObject({ dup: true, packetId: one.packetId })
    expect(await again.next('PUBLISH')).toMatchObject({ dup: true, packetId: two.packetId })
    const fresh = await again.next('PUBLISH')
    expect([fresh.dup, Buffer.from(fresh.payload).toString()]).toEqual([false, '4'])
  })

  test('[MQTT-3.3.4-9] are sent again only as the Receive Maximum lets', async () => {
    const client = await come('c', lasting())
    await client.subscribe('t', 1)
    const writer = await come('writer')
    for (let i = 0; i < 10; i++) await writer.publish('t', String(i))
    for (let i = 0; i < 10; i++) await client.next('PUBLISH')
    await gone(client)
    const properties = [expiry(60), { name: 'receiveMaximum', value: 2 } as const]
    const again = await come('c', { clean: false, properties })
    await again.ping().catch(() => undefined)
    expect(again.received.filter(({ type }) => type === 'PUBLISH')).toHaveLength(2)
  })

  test('are bounded: the oldest goes, and it is said once', async () => {
    await bench.close()
    bench = await testBroker({
      limits: { sessions: { messages: 3, bytes: 1 << 20, allBytes: 1 << 20, away: 10 } },
    })
    const client = await come('c', lasting())
    await client.subscribe('t', 1)
    await gone(client)
    const writer = await come('writer')
    for (let i = 0; i < 6; i++) await writer.publish('t', String(i))
    expect(row('c')).toMatchObject({ queued: 3, dropped: 3 })
    expect(bench.overrun.map(({ clientId }) => clientId)).toEqual(['c'])
    const again = await come('c', lasting())
    expect([await again.receive(), await again.receive(), await again.receive()]).toEqual(['3', '4', '5'])
  })

  test('are bounded in bytes, of one client and of all', async () => {
    await bench.close()
    bench = await testBroker({
      limits: { sessions: { messages: 1000, bytes: 4000, allBytes: 6000, away: 10 } },
    })
    for (const name of ['a', 'b']) {
      const client = await come(name, lasting())
      await client.subscribe('t', 1)
      await gone(client)
    }
    const writer = await come('writer')
    for (let i = 0; i < 10; i++) await writer.publish('t', 'x'.repeat(800))
    const [a, b] = [row('a'), row('b')]
    expect(a?.queuedBytes).toBeLessThanOrEqual(4000)
    expect((a?.queuedBytes ?? 0) + (b?.queuedBytes ?? 0)).toBeLessThanOrEqual(6000)
    expect([a?.queued, b?.queued].every((count) => (count ?? 0) > 0)).toBe(true)
  })

  test('drain in no more than a moment, however many they are', async () => {
    const client = await come('c', lasting())
    await client.subscribe('t', 1)
    await gone(client)
    const writer = await come('writer')
    for (let i = 0; i < 9000; i += 500) {
      await Promise.all(Array.from({ length: 1 }, () => writer.ping()))
      for (let id = 1; id <= 500; id++) {
        writer.send({
          type: 'PUBLISH',
          dup: false,
          qos: 1,
          retain: false,
          topic: 't',
          packetId: id,
          properties: [],
          payload: Buffer.from(String(i + id)),
        })
      }
      for (let id = 1; id <= 500; id++) await writer.next('PUBACK')
    }
    expect(row('c')?.queued).toBe(9000)
    const again = await come('c', lasting())
    const started = performance.now()
    for (let i = 1; i <= 9000; i++) expect(await again.receive()).toBe(String(i))
    expect(performance.now() - started).toBeLessThan(5000)
  })

  test('of one are dropped by a person, a session is ended by one', async () => {
    const client = await come('c', lasting())
    await client.subscribe('t', 1)
    await gone(client)
    const writer = await come('writer')
    await writer.publish('t', 'x')
    const { overview } = bench.broker
    expect(overview.dropQueue('c')).toBe(1)
    const again = await come('c', lasting())
    expect(overview.end('c')).toBe(true)
    expect((await again.next('DISCONNECT')).reasonCode).toBe(0x98)
    await expect.poll(() => row('c')?.connected).toBe(false)
    expect([overview.expire('c'), overview.expire('c'), overview.end('c')]).toEqual([true, false, false])
    expect(await writer.publish('t', 'x')).toBe(0x10)
  })
})

test('sessions of clients that are away are bounded: the one away for longest goes', async () => {
  await bench.close()
  bench = await testBroker({
    limits: { sessions: { messages: 10, bytes: 1 << 20, allBytes: 1 << 20, away: 2 } },
  })
  for (const name of ['a', 'b', 'c']) await gone(await come(name, lasting()))
  expect(bench.broker.overview.sessions(0, 10).rows.map(({ clientId }) => clientId)).toEqual(['b', 'c'])
})

describe('a will', () => {
  const will = (delay: number, more: readonly Property[] = []) =>
    ({
      topic: 'gone',
      payload: Buffer.from('bye'),
      qos: 1,
      retain: false,
      properties: [{ name: 'willDelayInterval', value: delay } as const, ...more],
    }) as const
  let watcher: WireClient
  beforeEach(async () => {
    watcher = await come('watcher')
    await watcher.subscribe('gone', 1)
  })
  const nothingCame = async (): Promise<void> => {
    await watcher.ping()
    expect(watcher.untaken).toEqual([])
  }

  test('[MQTT-3.1.2-8] waits for its delay', async () => {
    await gone(await come('c', { ...lasting(), will: will(1) }))
    expect(row('c')?.will).toMatchObject({ topic: 'gone', delay: 1, dueIn: 1 })
    await nothingCame()
    expect(await watcher.receive()).toBe('bye')
    expect(row('c')?.will).toBeUndefined()
  })

  test('[MQTT-3.1.3-9] is not sent when the client is back in time', async () => {
    await gone(await come('c', { ...lasting(), will: will(1) }))
    await come('c', lasting())
    await new Promise((resolve) => setTimeout(resolve, 1700))
    await nothingCame()
  })

  test('[MQTT-3.1.3-9] is sent at the end of the session, if that comes first', async () => {
    await gone(await come('c', { will: will(60) }))
    expect(await watcher.receive()).toBe('bye')
    await gone(await come('d', { ...lasting(), will: will(60) }))
    await come('d', { clean: true })
    expect(await watcher.receive()).toBe('bye')
    await gone(await come('e', { ...lasting(), will: will(60) }))
    bench.broker.overview.expire('e')
    expect(await watcher.receive()).toBe('bye')
  })

  test('keeps its properties; its Message Expiry Interval begins when it is sent', async () => {
    const more = [
      { name: 'messageExpiryInterval', value: 5 },
      { name: 'userProperty', value: ['b', '1'] },
      { name: 'userProperty', value: ['a', '2'] },
    ] as const
    await gone(await come('c', { ...lasting(), will: will(1, more) }))
    expect((await watcher.next('PUBLISH')).properties).toEqual(more)
  })

  test('goes out on takeover, and on DISCONNECT with 0x04', async () => {
    await come('c', { will: will(0) })
    const second = await come('c', { will: will(0) })
    expect(await watcher.receive()).toBe('bye')
    second.send({ type: 'DISCONNECT', reasonCode: 4, properties: [] })
    expect(await watcher.receive()).toBe('bye')
    await nothingCame()
  })
})
