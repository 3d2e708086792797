/** Who gets a message, how often, and with what: MQTT 5.0, 3.3.4 and 4.3. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import mqtt from 'mqtt'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ConnectPacket } from '../../../shared/mqtt/packets.ts'
import { testBroker, type TestBroker } from '../../support/broker.ts'
import { describeWith, requireTool } from '../../support/tools.ts'
import { publishPacket, type WireClient } from '../../support/wire.ts'

let bench: TestBroker
beforeEach(async () => {
  bench = await testBroker()
})
afterEach(() => bench.close())

async function come(clientId: string, wishes: Partial<ConnectPacket> = {}): Promise<WireClient> {
  const client = await bench.connect()
  expect((await client.hello({ clientId, ...wishes })).reasonCode).toBe(0)
  return client
}

describe('overlapping subscriptions', () => {
  test('[MQTT-3.3.4-2] [MQTT-3.3.4-3] one copy at the highest QoS, with every Subscription Identifier', async () => {
    const [reader, writer] = [await come('reader'), await come('writer')]
    await reader.subscribe('a/+', 1, { identifier: 7 })
    await reader.subscribe('a/#', 2, { identifier: 9 })
    await reader.subscribe('a/b', 0)
    await writer.publish('a/b', 'x', 2)
    const { qos, properties } = await reader.next('PUBLISH')
    expect([qos, properties]).toEqual([
      2,
      [
        { name: 'subscriptionIdentifier', value: 9 },
        { name: 'subscriptionIdentifier', value: 7 },
      ],
    ])
    await reader.ping()
    expect(reader.untaken).toEqual([])
  })

  test('[MQTT-3.8.4-8] the QoS is the lower one of message and subscription', async () => {
    const [reader, writer] = [await come('reader'), await come('writer')]
    await reader.subscribe('low', 1)
    await reader.subscribe('high', 2)
    await writer.publish('low', 'x', 2)
    await writer.publish('high', 'x', 1)
    const got = [await reader.next('PUBLISH'), await reader.next('PUBLISH')]
    expect(got.map(({ topic, qos }) => [topic, qos])).toEqual([
      ['low', 1],
      ['high', 1],
    ])
  })

  test('[MQTT-3.8.4-3] a subscription made again takes the place of the one before', async () => {
    const [reader, writer] = [await come('reader'), await come('writer')]
    await reader.subscribe('t', 2, { identifier: 1 })
    await reader.subscribe('t', 0, { identifier: 2 })
    await writer.publish('t', 'x', 2)
    const { qos, properties } = await reader.next('PUBLISH')
    expect([qos, properties]).toEqual([0, [{ name: 'subscriptionIdentifier', value: 2 }]])
  })
})

test('[MQTT-3.8.3-3] No Local: no message of its own, but those of others', async () => {
  const [self, other] = [await come('self'), await come('other')]
  await self.subscribe('t', 0, { noLocal: true })
  await self.publish('t', 'mine')
  await other.publish('t', 'theirs')
  expect(await self.receive()).toBe('theirs')
})

test('[MQTT-3.3.1-12] [MQTT-3.3.1-13] Retain As Published', async () => {
  const [as, plain, writer] = [await come('as'), await come('plain'), await come('writer')]
  await as.subscribe('t', 0, { retainAsPublished: true })
  await plain.subscribe('t')
  writer.send(publishPacket('t', 'x', { retain: true }), publishPacket('t', 'y'))
  expect([(await as.next('PUBLISH')).retain, (await as.next('PUBLISH')).retain]).toEqual([true, false])
  expect((await plain.next('PUBLISH')).retain).toBe(false)
})

test('[MQTT-4.7.2-1] a wildcard at the first level matches no topic that begins with $', async () => {
  const [wild, exact, writer] = [await come('wild'), await come('exact'), await come('writer')]
  await wild.subscribe('#', 1)
  await wild.subscribe('+/b', 1)
  await exact.subscribe('$a/#', 1)
  await writer.publish('$a/b', 'x')
  expect(await exact.receive()).toBe('x')
  await wild.ping()
})

test('PUBACK and PUBREC say 0x10 when nobody subscribed (3.4.2.1, 3.5.2.1), MQTT 3.1.1 has no such word', async () => {
  const [writer, old] = [await come('writer'), await come('old', { level: 4 })]
  expect([await writer.publish('t', 'x', 1), await writer.publish('t', 'x', 2)]).toEqual([0x10, 0x10])
  expect(await old.publish('t', 'x', 2)).toBe(0)
  await old.subscribe('t')
  expect(await writer.publish('t', 'x', 1)).toBe(0)
})

describe('QoS 2', () => {
  test('[MQTT-4.3.3-10] the same packet ID before PUBREL is the same message, over a new connection too', async () => {
    const reader = await come('reader')
    await reader.subscribe('t', 2)
    const lasting = { clean: false, properties: [{ name: 'sessionExpiryInterval', value: 60 } as const] }
    const first = await come('writer', lasting)
    const packet = publishPacket('t', 'once', { qos: 2, packetId: 5 })
    first.send(packet, { ...packet, dup: true })
    await first.next('PUBREC')
    await first.next('PUBREC')
    first.destroy()
    const second = await come('writer', lasting)
    second.send({ ...packet, dup: true })
    await second.next('PUBREC')
    const release = { type: 'PUBREL', packetId: 5, reasonCode: 0, properties: [] } as const
    second.send(release, release)
    expect((await second.next('PUBCOMP')).reasonCode).toBe(0)
    // [MQTT-3.7.2-1] nothing is known of it any more.
    expect((await second.next('PUBCOMP')).reasonCode).toBe(0x92)
    expect(await reader.receive()).toBe('once')
    second.send(publishPacket('t', 'again', { qos: 2, packetId: 5 }))
    expect(await reader.receive()).toBe('again')
  })

  test('a packet ID of a session that ended hides no new message', async () => {
    const reader = await come('reader')
    await reader.subscribe('t', 2)
    for (const text of ['one', 'two']) {
      const writer = await come('writer')
      writer.send(publishPacket('t', text, { qos: 2, packetId: 5 }))
      await writer.next('PUBREC')
      expect(await reader.receive()).toBe(text)
      writer.destroy()
      await expect.poll(() => bench.ended.length).toBe(text === 'one' ? 1 : 2)
    }
  })

  test('[MQTT-4.3.3-4] an error in PUBREC ends the exchange; PUBREC of an unknown packet ID is told so', async () => {
    const [reader, writer] = [await come('reader'), await come('writer')]
    await reader.subscribe('t', 2)
    await writer.publish('t', 'no', 2)
    const { packetId = 0 } = await reader.next('PUBLISH')
    reader.send({ type: 'PUBREC', packetId, reasonCode: 0x80, properties: [] })
    await reader.ping()
    expect(bench.broker.overview.session('reader')?.inflightOut).toBe(0)
    reader.send({ type: 'PUBREC', packetId: 99, reasonCode: 0, properties: [] })
    expect(await reader.next('PUBREL')).toMatchObject({ packetId: 99, reasonCode: 0x92 })
  })
})

test('[MQTT-3.1.2-24] [MQTT-3.1.2-25] a message above the Maximum Packet Size is left out, the next one comes', async () => {
  const small = { properties: [{ name: 'maximumPacketSize', value: 100 } as const] }
  const [reader, writer] = [await come('reader', small), await come('writer')]
  await reader.subscribe('t', 1)
  await writer.publish('t', 'x'.repeat(100))
  await writer.publish('t', 'fits')
  expect(await reader.receive()).toBe('fits')
  await reader.ping()
  expect(bench.broker.overview.session('reader')).toMatchObject({ dropped: 1, inflightOut: 0 })
})

test('[MQTT-3.1.2-24] nor does a topic alias make one too long', async () => {
  const wishes = [
    { name: 'maximumPacketSize', value: 40 } as const,
    { name: 'topicAliasMaximum', value: 5 } as const,
  ]
  const [reader, writer] = [await come('reader', { properties: wishes }), await come('writer')]
  await reader.subscribe('t', 0)
  // Fixed header 2, topic 3, property length 1: 40 in all, and 43 with an alias.
  writer.send(publishPacket('t', 'x'.repeat(34)), publishPacket('t', 'x'))
  expect((await reader.next('PUBLISH')).properties).toEqual([])
  expect((await reader.next('PUBLISH')).properties).toEqual([{ name: 'topicAlias', value: 1 }])
})

test('[MQTT-3.3.2-6] what is left of the Message Expiry Interval goes with the message, and none without life', async () => {
  const lasting = { clean: false, properties: [{ name: 'sessionExpiryInterval', value: 60 } as const] }
  const [first, writer] = [await come('reader', lasting), await come('writer')]
  await first.subscribe('t', 1)
  first.destroy()
  await expect.poll(() => bench.ended.length).toBe(1)
  const expiring = (value: number) => ({ properties: [{ name: 'messageExpiryInterval', value } as const] })
  await writer.publish('t', 'short', 1, expiring(1))
  await writer.publish('t', 'long', 1, expiring(100))
  await new Promise((resolve) => setTimeout(resolve, 1100))
  const second = await come('reader', lasting)
  const { payload, properties } = await second.next('PUBLISH')
  expect([Buffer.from(payload).toString(), properties]).toEqual(['long', expiring(99).properties])
})

describe('retained messages', () => {
  const retained = { retain: true } as const

  test('[MQTT-3.3.1-9] to [MQTT-3.3.1-11] Retain Handling 0, 1 and 2', async () => {
    const [writer, reader] = [await come('writer'), await come('reader')]
    await writer.publish('t', 'kept', 1, retained)
    await reader.subscribe('t', 0, { retainHandling: 2 })
    await reader.subscribe('t', 0, { retainHandling: 1 })
    await reader.subscribe('u', 0, { retainHandling: 1 })
    await reader.ping()
    expect((await reader.subscribe('t', 0, { retainHandling: 0 })).reasonCodes).toEqual([0])
    expect(await reader.next('PUBLISH')).toMatchObject({ retain: true, qos: 0 })
    reader.send({ type: 'UNSUBSCRIBE', packetId: 4, filters: ['t'], properties: [] })
    await reader.next('UNSUBACK')
    await reader.subscribe('t', 1, { retainHandling: 1 })
    expect(await reader.receive()).toBe('kept')
  })

  test('[MQTT-3.3.1-6] an empty one takes the former away, and is itself not kept', async () => {
    const [writer, reader] = [await come('writer'), await come('reader')]
    await writer.publish('t', 'kept', 1, retained)
    await writer.publish('t', '', 1, retained)
    await reader.subscribe('#', 1)
    await reader.ping()
    expect(bench.broker.overview.retained(0, 10).total).toBe(0)
  })

  test('a slow reader gets all of many, in time, and no older value after a newer one', async () => {
    const [writer, reader] = [await come('writer'), await come('reader')]
    const payload = 'x'.repeat(4000)
    for (let i = 0; i < 1000; i++) writer.send(publishPacket(`r/${i}`, payload, retained))
    await writer.ping()
    reader.socket.pause()
    reader.send({
      type: 'SUBSCRIBE',
      packetId: 1,
      subscriptions: [{ filter: 'r/#', qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 }],
      properties: [],
    })
    await expect.poll(() => bench.granted).toEqual(['r/#'])
    await writer.publish('r/999', 'newer')
    reader.socket.resume()
    await expect.poll(() => reader.received.filter(({ type }) => type === 'PUBLISH').length).toBe(1001)
    const texts = reader.received.flatMap((packet) =>
      packet.type === 'PUBLISH' && packet.topic === 'r/999' ? [Buffer.from(packet.payload).toString()] : [],
    )
    expect(texts).toEqual([payload, 'newer'])
  })

  test('are listed, taken away and put back by a person', async () => {
    const writer = await come('writer')
    await writer.publish('a', '1', 1, retained)
    await writer.publish('b', '2', 2, retained)
    const { overview } = bench.broker
    expect(overview.retained(1, 5)).toMatchObject({
      total: 2,
      rows: [{ topic: 'b', qos: 2, publisher: 'writer' }],
    })
    const taken = overview.clearRetained('a')
    expect(overview.retained(0, 5).total).toBe(1)
    expect(taken && overview.restoreRetained(taken)).toBe(true)
    expect(taken && overview.restoreRetained(taken)).toBe(false)
    const reader = await come('reader')
    await reader.subscribe('a')
    expect(await reader.receive()).toBe('1')
  })
})

test('MQTT.js and MQTT 3.1.1 share messages of every QoS', async () => {
  const options = { reconnectPeriod: 0, port: bench.port } as const
  const five = await mqtt.connectAsync('mqtt://127.0.0.1', { ...options, protocolVersion: 5 })
  const four = await mqtt.connectAsync('mqtt://127.0.0.1', { ...options, protocolVersion: 4 })
  const got: string[] = []
  for (const client of [five, four]) {
    await client.subscribeAsync('t', { qos: 2 })
    client.on('message', (_topic, payload, { qos }) => got.push(`${payload.toString()}@${qos}`))
  }
  for (const qos of [0, 1, 2] as const) await five.publishAsync('t', `five${qos}`, { qos })
  for (const qos of [0, 1, 2] as const) await four.publishAsync('t', `four${qos}`, { qos })
  const each = ['five0@0', 'five1@1', 'five2@2', 'four0@0', 'four1@1', 'four2@2']
  await expect.poll(() => [...got].sort()).toEqual([...each, ...each].sort())
  await five.endAsync()
  await four.endAsync()
})

describeWith(['mosquitto-clients'], 'Mosquitto clients', () => {
  test('exchange a thousand messages of QoS 2', async () => {
    const run = promisify(execFile)
    const at = ['-h', '127.0.0.1', '-p', String(bench.port), '-V', '5', '-t', 't']
    const reading = run(requireTool('mosquitto_sub'), [...at, '-q', '2', '-C', '1000', '-W', '20'])
    await expect.poll(() => bench.granted).toEqual(['t'])
    const lines = Array.from({ length: 1000 }, (_, i) => `line ${i}`).join('\n')
    const writing = run(requireTool('mosquitto_pub'), [...at, '-q', '2', '-l'])
    writing.child.stdin?.end(`${lines}\n`)
    await writing
    expect((await reading).stdout.trim()).toBe(lines)
  })
})
