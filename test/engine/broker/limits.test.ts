import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import fc from 'fast-check'
import mqtt from 'mqtt'
import { afterEach, describe, expect, test } from 'vitest'
import { Access, type Denial } from '../../../electron/engine/access/access.ts'
import { ConnectRate } from '../../../electron/engine/broker/connect-rate.ts'
import type { Limits } from '../../../electron/engine/broker/context.ts'
import { Message } from '../../../electron/engine/broker/message.ts'
import { forgetful } from '../../../electron/engine/broker/sessions/log.ts'
import { Delivery, MessageQueue, QueueBudget } from '../../../electron/engine/broker/sessions/queue.ts'
import { RetainedStore } from '../../../electron/engine/broker/sessions/retained-store.ts'
import type { PacketOf } from '../../../shared/mqtt/packets.ts'
import { getProperty } from '../../../shared/mqtt/properties.ts'
import { testBroker, type TestBroker } from '../../support/broker.ts'
import { describeWith, requireTool } from '../../support/tools.ts'
import { connectPacket, publishPacket, type WireClient } from '../../support/wire.ts'

let bench: TestBroker
const denials: Denial[] = []

async function open(limits: Partial<Limits>): Promise<void> {
  denials.length = 0
  const access = new Access({
    open: true,
    passwords: { check: () => 'ok' },
    list: { version: 1, rules: [] },
    onDenied: (denial) => denials.push(denial),
  })
  bench = await testBroker({ limits, access })
}
afterEach(() => bench?.close())

async function helloOf(clientId: string): Promise<{ client: WireClient; connack: PacketOf<'CONNACK'> }> {
  const client = await bench.connect()
  return { client, connack: await client.hello({ clientId }) }
}
const publishQos1 = (packetId: number, qos: 1 | 2 = 1) => publishPacket('t', 'x', { qos, packetId })

test('properties count as what they take, where messages are kept and where they wait', () => {
  const properties = [{ name: 'userProperty', value: ['k', 'v'.repeat(60_000)] } as const]
  const facts = {
    topic: 't',
    payload: Buffer.from('x'),
    qos: 1,
    retain: true,
    publisher: 'p',
    at: 0,
  } as const
  const message = new Message({ ...facts, properties })
  expect(new RetainedStore({ messages: 9, bytes: 50_000 }, forgetful).keep(message)).toBe(false)
  const queue = new MessageQueue({ messages: 9, bytes: 100_000 }, new QueueBudget(1_000_000))
  const [first, second] = [message, message].map(
    (one) => new Delivery(one, { qos: 1, retain: false, identifiers: [] }),
  ) as [Delivery, Delivery]
  expect(queue.push(first)).toEqual([])
  expect(queue.push(second)).toEqual([first])
})

describe('connections', () => {
  test('above the number of all are told 0x97 and stand among the refusals', async () => {
    await open({ connections: 2 })
    const { client: first } = await helloOf('a')
    await helloOf('b')
    const { connack, client } = await helloOf('c')
    expect(connack.reasonCode).toBe(0x97)
    expect(getProperty(connack.properties, 'reasonString')).toContain('broker.maxConnections')
    await client.closed
    expect(denials).toMatchObject([
      { action: 'connect', reasonCode: 0x97, cause: 'limit', who: { clientId: 'c' } },
    ])
    first.destroy()
    await expect.poll(() => bench.broker.sessions.size).toBe(1)
    expect((await helloOf('c')).connack.reasonCode).toBe(0)
  })

  test('MQTT 3.1.1 is told “server unavailable”', async () => {
    await open({ connections: 0 })
    const client = await bench.connect()
    expect((await client.hello({ clientId: 'old', level: 4 })).reasonCode).toBe(3)
  })

  test('too many that say nothing are not even heard', async () => {
    await open({ connections: 0 })
    const clients = await Promise.all(Array.from({ length: 150 }, () => bench.connect()))
    await expect.poll(() => bench.broker.sessions.size).toBe(100)
    await expect.poll(() => clients.some(({ isClosed }) => isClosed)).toBe(true)
  })

  test('that come too fast from one address are told 0x9F', async () => {
    await open({ connectsPerSecond: 2 })
    const codes: number[] = []
    for (let i = 0; i < 6; i++) codes.push((await helloOf(`c${i}`)).connack.reasonCode)
    expect(codes.slice(0, 4)).toEqual([0, 0, 0, 0])
    expect(codes).toContain(0x9f)
    expect(denials[0]).toMatchObject({ reasonCode: 0x9f, cause: 'limit', who: { address: '127.0.0.1' } })
    expect(denials[0]?.text).toContain('broker.connectsPerSecond')
  })
})

describe('the rate of connections', () => {
  test('lets pass in any time what comes in, and two seconds’ worth', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 200 }), (gaps) => {
        const rate = new ConnectRate(5)
        let now = 0
        let passed = 0
        for (const gap of gaps) {
          now += gap
          if (rate.take('a', now) === 'ok') passed += 1
        }
        expect(passed).toBeLessThanOrEqual(10 + (now / 1000) * 5)
      }),
    )
  })

  test('is kept for each address, for a bounded number of them', () => {
    const rate = new ConnectRate(1)
    for (let i = 0; i < 20_000; i++) expect(rate.take(`address ${i}`, i)).toBe('ok')
    expect(rate.size).toBe(10_000)
    const taken = Array.from({ length: 5 }, () => rate.take('one', 0))
    expect(taken).toEqual(['ok', 'ok', 'refused', 'flood', 'flood'])
    expect(rate.take('one', 10_000)).toBe('ok')
  })
})

describe('messages under way', () => {
  test('are announced as Receive Maximum; more of them end the connection with 0x93', async () => {
    await open({ inflight: 3 })
    const { client, connack } = await helloOf('many')
    expect(getProperty(connack.properties, 'receiveMaximum')).toBe(3)
    // QoS 2 without PUBREL stays under way; one sent again counts once.
    for (const id of [1, 2, 2, 3]) client.send(publishQos1(id, 2))
    for (let i = 0; i < 4; i++) await client.next('PUBREC')
    client.send(publishQos1(4, 2))
    expect((await client.next('DISCONNECT')).reasonCode).toBe(0x93)
    expect(denials).toMatchObject([
      { action: 'publish', topic: 't', reasonCode: 0x93, cause: 'limit', who: { clientId: 'many' } },
    ])
    expect(denials[0]?.text).toContain('broker.inflight')
  })

  test('that are answered make room', async () => {
    await open({ inflight: 2 })
    const { client } = await helloOf('steady')
    for (let id = 1; id <= 20; id++) {
      client.send(publishQos1(id, id % 2 ? 1 : 2))
      if (id % 2) await client.next('PUBACK')
      else {
        await client.next('PUBREC')
        client.send({ type: 'PUBREL', packetId: id, reasonCode: 0, properties: [] })
        await client.next('PUBCOMP')
      }
    }
  })

  test.each([
    ['its own Receive Maximum', 65_535, 2],
    ['the setting', 2, 65_535],
  ])('to a client are no more than %s; the others wait, in order', async (_, inflight, receiveMaximum) => {
    await open({ inflight })
    const reader = await bench.connect()
    await reader.hello({
      clientId: 'reader',
      properties: [{ name: 'receiveMaximum', value: receiveMaximum }],
    })
    await reader.subscribe('t', 1)
    const { client: writer } = await helloOf('writer')
    for (let id = 1; id <= 6; id++) {
      writer.send(publishPacket('t', String(id), { qos: 1, packetId: id }))
      await writer.next('PUBACK')
    }
    const texts: string[] = []
    for (let i = 0; i < 6; i++) {
      const { payload, packetId = 0 } = await reader.next('PUBLISH')
      texts.push(Buffer.from(payload).toString())
      const underWay = reader.received.filter(({ type }) => type === 'PUBLISH').length - i
      expect(underWay).toBeLessThanOrEqual(2)
      reader.send({ type: 'PUBACK', packetId, reasonCode: 0, properties: [] })
    }
    expect(texts).toEqual(['1', '2', '3', '4', '5', '6'])
  })
})

describe('subscriptions of a client', () => {
  const subscribe = async (client: WireClient, ...filters: string[]): Promise<readonly number[]> => {
    const subscriptions = filters.map(
      (filter) => ({ filter, qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 }) as const,
    )
    client.send({ type: 'SUBSCRIBE', packetId: 9, subscriptions, properties: [] })
    return (await client.next('SUBACK')).reasonCodes
  }

  test('beyond the limit get 0x97, one that it has is granted again', async () => {
    await open({ subscriptions: 2 })
    const { client } = await helloOf('greedy')
    expect(await subscribe(client, 'a', 'b', 'c')).toEqual([0, 0, 0x97])
    expect(await subscribe(client, 'd')).toEqual([0x97])
    expect(await subscribe(client, 'b')).toEqual([0])
    expect(denials).toMatchObject([
      { action: 'subscribe', topic: 'c', reasonCode: 0x97 },
      { action: 'subscribe', topic: 'd', reasonCode: 0x97 },
    ])
    client.send({ type: 'UNSUBSCRIBE', packetId: 3, filters: ['a'], properties: [] })
    await client.next('UNSUBACK')
    expect(await subscribe(client, 'd')).toEqual([0])
  })

  test('count on when the session is resumed, and anew when it is not', async () => {
    await open({ subscriptions: 2 })
    const properties = [{ name: 'sessionExpiryInterval', value: 100 } as const]
    const come = async (clean: boolean): Promise<WireClient> => {
      const client = await bench.connect()
      await client.hello({ clientId: 'same', clean, properties })
      return client
    }
    expect(await subscribe(await come(true), 'a', 'b')).toEqual([0, 0])
    expect(await subscribe(await come(false), 'c')).toEqual([0x97])
    expect(await subscribe(await come(true), 'c', 'd', 'e')).toEqual([0, 0, 0x97])
  })
})

describe('retained messages', () => {
  test('beyond the number are refused; an empty one makes room', async () => {
    await open({ retained: { messages: 1, bytes: 1000 } })
    const { client } = await helloOf('keeper')
    const keep = async (topic: string, payload: string): Promise<number> => {
      client.send(publishPacket(topic, payload, { qos: 1, packetId: 1, retain: true }))
      return (await client.next('PUBACK')).reasonCode
    }
    expect(await keep('a', 'x')).not.toBe(0x97)
    expect(await keep('a', 'y')).not.toBe(0x97)
    expect(await keep('b', 'x')).toBe(0x97)
    expect(denials).toMatchObject([{ action: 'publish', topic: 'b', reasonCode: 0x97, cause: 'limit' }])
    await keep('a', '')
    expect(await keep('b', 'x'.repeat(1000))).toBe(0x97)
    expect(await keep('b', 'x')).not.toBe(0x97)
  })

  test('a will finds no room: it is sent, and not kept', async () => {
    await open({ retained: { messages: 0, bytes: 1000 } })
    const { client: watcher } = await helloOf('watcher')
    await watcher.subscribe('will')
    const mortal = await bench.connect()
    const will = {
      topic: 'will',
      payload: Buffer.from('gone'),
      qos: 0,
      retain: true,
      properties: [],
    } as const
    mortal.send(connectPacket({ clientId: 'mortal', will }))
    await mortal.next('CONNACK')
    mortal.destroy()
    expect(Buffer.from((await watcher.next('PUBLISH')).payload).toString()).toBe('gone')
    const { client: late } = await helloOf('late')
    await late.subscribe('will')
    await late.ping()
    expect(late.received.filter(({ type }) => type === 'PUBLISH')).toEqual([])
  })

  test('that expired are no longer counted', () => {
    const store = new RetainedStore({ messages: 1, bytes: 100 }, forgetful)
    const properties = [{ name: 'messageExpiryInterval', value: 1 } as const]
    const { topic, payload, qos, retain } = publishPacket('a', 'x', { retain: true })
    store.keep(new Message({ topic, payload, qos, retain, properties, publisher: 'p', at: 0 }))
    const next = publishPacket('b', 'x')
    expect(store.refusal(next, 999)).toContain('broker.maxRetained')
    expect(store.refusal(next, 1000)).toBeUndefined()
    expect(store.bytes).toBe(0)
  })
})

test('MQTT.js is told the reason of a refusal', async () => {
  await open({ connections: 0 })
  const options = { protocolVersion: 5, reconnectPeriod: 0 } as const
  const failure = await mqtt.connectAsync(`mqtt://127.0.0.1:${bench.port}`, options).then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(failure).toMatchObject({ code: 0x97 })
})

describeWith(['mosquitto-clients'], 'Mosquitto clients within the limits', () => {
  test('get more messages than may be under way', async () => {
    await open({ inflight: 1 })
    const run = promisify(execFile)
    const at = ['-h', '127.0.0.1', '-p', String(bench.port), '-V', '5', '-t', 't']
    const reading = run(requireTool('mosquitto_sub'), [...at, '-q', '2', '-C', '30', '-W', '20'])
    await expect.poll(() => bench.granted).toEqual(['t'])
    const lines = Array.from({ length: 30 }, (_, i) => `line ${i}`).join('\n')
    const writing = run(requireTool('mosquitto_pub'), [...at, '-q', '2', '-l'])
    writing.child.stdin?.end(`${lines}\n`)
    await writing
    expect((await reading).stdout.trim()).toBe(lines)
  })
})
