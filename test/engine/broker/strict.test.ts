import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { getProperty } from '../../../shared/mqtt/properties.ts'
import type { ProtocolLevel } from '../../../shared/mqtt/packets.ts'
import { testBroker, type TestBroker } from '../../support/broker.ts'
import { connectPacket, publishPacket } from '../../support/wire.ts'

let bench: TestBroker
beforeEach(async () => {
  bench = await testBroker()
})
afterEach(() => bench.close())

const reasonString = (packet: { readonly properties: Parameters<typeof getProperty>[0] }) =>
  getProperty(packet.properties, 'reasonString')

describe('before CONNECT', () => {
  test.each([
    ['a PINGREQ', 'c000', 'the first packet of a connection must be CONNECT'],
    ['a TLS ClientHello', '16030100 51010000 4d0303', 'TLS ClientHello'],
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\n').toString('hex'), 'HTTP request'],
    ['nonsense', 'ff'.repeat(40), ''],
  ])('%s ends the connection without an answer, and its row says why', async (_, hex, text) => {
    const client = await bench.connect()
    client.bytes(hex)
    await client.closed
    expect(client.received).toEqual([])
    expect(bench.recorder.notes[0]).toMatchObject({ kind: 'refused' })
    expect(bench.recorder.notes[0]?.text).toContain(text)
    expect(bench.refused).toHaveLength(1)
  })

  test('a connection opened and closed without a byte is a probe, not an error', async () => {
    const client = await bench.connect()
    client.socket.end()
    await client.closed
    await expect
      .poll(() => [...bench.recorder.closes.values()])
      .toEqual([{ by: 'network', reason: 'closed without a byte', probe: true }])
    expect(bench.recorder.frames).toEqual([])
  })

  test('a connection that stays silent is closed in time', async () => {
    const other = await testBroker({ connectTimeoutMs: 300 })
    const client = await other.connect()
    await client.closed
    await expect.poll(() => other.ended).toEqual(['no CONNECT within 0.3 s'])
    await other.close()
  })
})

describe('CONNECT', () => {
  const name = '00044d515454'
  test.each([
    [
      'MQTT 5 with a Session Expiry Interval twice',
      `10 17 ${name} 05 02 0000 0a 11 00000001 11 00000001 0000`,
      0x82,
    ],
    ['MQTT 5 with a reserved flag', `10 0d ${name} 05 03 0000 00 0000`, 0x81],
    ['protocol level 6', `10 0d ${name} 06 02 0000 00 0000`, 0x84],
    ['an Authentication Method', `10 13 ${name} 05 02 0000 06 15 0003 616263 0000`, 0x8c],
  ])('%s is refused with a reason code', async (_, hex, reasonCode) => {
    const client = await bench.connect()
    client.bytes(hex)
    const answer = await client.next('CONNACK')
    expect(answer.reasonCode).toBe(reasonCode)
    expect(reasonString(answer)).not.toBe('')
    await client.closed
  })

  test('protocol level 2 is answered in 3.1.1: return code 1', async () => {
    const client = await bench.connect()
    client.level = 4
    client.bytes(`10 0c ${name} 02 02 0000 0000`)
    expect((await client.next('CONNACK')).reasonCode).toBe(1)
    await client.closed
  })

  test('3.1.1 without a client ID and Clean Session 0 gets return code 2', async () => {
    const client = await bench.connect()
    expect((await client.hello({ level: 4, clean: false, clientId: '' })).reasonCode).toBe(2)
    await client.closed
  })

  test('an empty client ID is assigned and told, and serves as endpoint ID', async () => {
    const client = await bench.connect()
    const answer = await client.hello({ clientId: '' })
    const assigned = getProperty(answer.properties, 'assignedClientIdentifier')
    expect(assigned).toMatch(/^oktobench-[0-9a-f]{16}$/)
    expect(bench.accepted[0]?.endpoint).toEqual({ endpointId: assigned, source: 'client-id' })
  })

  test('a second CONNECT is a protocol error', async () => {
    const client = await bench.connect()
    await client.hello({ clientId: 'a' })
    client.send(connectPacket({ clientId: 'a' }))
    expect((await client.next('DISCONNECT')).reasonCode).toBe(0x82)
    await client.closed
  })

  test.each([3, 4, 5] as const)('level %i connects, publishes and leaves', async (level: ProtocolLevel) => {
    const client = await bench.connect()
    expect((await client.hello({ level, clientId: 'x' })).reasonCode).toBe(0)
    await client.subscribe('t', 1)
    client.send(publishPacket('t', 'hi', { qos: 1, packetId: 9 }))
    const types = [await client.next('PUBLISH'), await client.next('PUBACK')].map(({ type }) => type)
    expect(types).toEqual(['PUBLISH', 'PUBACK'])
    client.send({ type: 'DISCONNECT', reasonCode: 0, properties: [] })
    await client.closed
    await expect.poll(() => bench.ended).toEqual(['DISCONNECT'])
  })
})

describe('after CONNECT', () => {
  test.each([
    ['a Response Topic that is cut short', '30 0a 0001 74 06 08 0009 616263', 0x81],
    ['a Content Type twice', '30 0e 0001 74 08 03 0001 61 03 0001 61 78 79', 0x82],
    ['a wildcard in the topic', '30 05 0003 612f2b', 0x90],
    ['a NUL in the topic', '30 06 0003 610062 00', 0x81],
    ['a topic that is no UTF-8', '30 06 0003 61ff62 00', 0x81],
    ['packet ID 0', '32 07 0001 74 0000 00 61', 0x82],
    ['a property that does not belong', '30 08 0001 74 03 13 00 01 61', 0x82],
    ['a Subscription Identifier in PUBLISH', '30 06 0001 74 02 0b 05', 0x82],
    ['a PINGRESP', 'd000', 0x82],
    ['AUTH out of the blue', 'f000', 0x82],
    ['a Topic Alias above the maximum', '30 09 0001 74 03 23 00 0b 61 61', 0x94],
    ['an unknown Topic Alias', '30 07 0000 03 23 0005 61', 0x82],
    ['a remaining length of five bytes', '30 ff ff ff ff 01', 0x81],
    ['a packet too large', '30 80 80 80 01', 0x95],
  ])('%s is answered with its reason code, and others live on', async (_, hex, reasonCode) => {
    const [bad, other] = [await bench.connect(), await bench.connect()]
    await bad.hello({ clientId: 'bad' })
    await other.hello({ clientId: 'other' })
    await other.subscribe('#')
    bad.bytes(hex)
    const goodbye = await bad.next('DISCONNECT')
    expect(goodbye.reasonCode).toBe(reasonCode)
    expect(reasonString(goodbye)).toBeTruthy()
    await bad.closed
    const note = bench.recorder.notes.at(-1)
    expect(note).toMatchObject({ kind: 'refused', reasonCode })
    await other.ping()
    expect(other.received.filter(({ type }) => type === 'PUBLISH')).toEqual([])
  })

  test('bad filters are refused one by one, good ones granted in order', async () => {
    const client = await bench.connect()
    await client.hello({ clientId: 'a' })
    const filters = ['b/#/c', '7', 'a/+/x', '+a', '1', '$share/+/t']
    client.send({
      type: 'SUBSCRIBE',
      packetId: 5,
      subscriptions: filters.map((filter, i) => ({
        filter,
        qos: (i % 3) as 0 | 1 | 2,
        noLocal: false,
        retainAsPublished: false,
        retainHandling: 0,
      })),
      properties: [],
    })
    const answer = await client.next('SUBACK')
    expect(answer.reasonCodes).toEqual([0x8f, 1, 2, 0x8f, 1, 0x8f])
    expect(reasonString(answer)).toContain('b/#/c')
    expect([...(bench.accepted[0]?.subscriptions.values() ?? [])]).toMatchObject([
      { filter: '7', qos: 1 },
      { filter: 'a/+/x', qos: 2 },
      { filter: '1', qos: 1 },
    ])
    client.send({ type: 'UNSUBSCRIBE', packetId: 6, filters: ['1', '#/x', 'never'], properties: [] })
    expect((await client.next('UNSUBACK')).reasonCodes).toEqual([0, 0x8f, 0x11])
  })

  test('3.1.1: a bad filter gets 0x80', async () => {
    const client = await bench.connect()
    await client.hello({ level: 4, clientId: 'a' })
    expect((await client.subscribe('a/#/b')).reasonCodes).toEqual([0x80])
    expect((await client.subscribe('$share//b')).reasonCodes).toEqual([0x80])
    await client.ping()
  })

  test('a topic of 101 levels or below $SYS is refused, the connection stays', async () => {
    const client = await bench.connect()
    await client.hello({ clientId: 'a' })
    client.send(publishPacket('a/'.repeat(100), '', { qos: 1, packetId: 3 }))
    expect(await client.next('PUBACK')).toMatchObject({ packetId: 3, reasonCode: 0x90 })
    client.send(publishPacket('$SYS/x', '', { qos: 2, packetId: 4 }))
    expect(await client.next('PUBREC')).toMatchObject({ packetId: 4, reasonCode: 0x87 })
    client.send(publishPacket('$SYS/x'))
    await client.ping()
    expect(bench.recorder.notes.map(({ kind }) => kind)).toEqual(['dropped', 'dropped', 'dropped'])
  })

  test('silence beyond one and a half keep-alives ends with 0x8D', async () => {
    const client = await bench.connect()
    await client.hello({ clientId: 'a', keepAlive: 1 })
    const goodbye = await client.next('DISCONNECT')
    expect(goodbye.reasonCode).toBe(0x8d)
    await client.closed
  })

  test('packets sent before CONNACK are worked on after it', async () => {
    const client = await bench.connect()
    const subscription = {
      filter: 't',
      qos: 0,
      noLocal: false,
      retainAsPublished: false,
      retainHandling: 0,
    } as const
    client.send(
      connectPacket({ clientId: 'early' }),
      { type: 'SUBSCRIBE', packetId: 1, subscriptions: [subscription], properties: [] },
      ...Array.from({ length: 200 }, (_, i) => publishPacket('t', String(i))),
      { type: 'PINGREQ' },
    )
    await client.next('CONNACK')
    await expect.poll(() => client.received.filter(({ type }) => type === 'PUBLISH').length).toBe(200)
  })
})

describe('the longest strings there are', () => {
  const longest = 'x'.repeat(65_535)

  test('a bad filter of that length is refused with a Reason String that fits', async () => {
    const client = await bench.connect()
    await client.hello({ clientId: 'a' })
    const answer = await client.subscribe(`#${longest.slice(1)}`)
    expect(answer.reasonCodes).toEqual([0x8f])
    expect(reasonString(answer)).toMatch(/…$/)
  })

  test('a client that takes only short packets gets no Reason String', async () => {
    const client = await bench.connect()
    await client.hello({ clientId: 'a', properties: [{ name: 'maximumPacketSize', value: 100 }] })
    expect((await client.subscribe('a#')).properties).toEqual([])
  })

  test('as client ID it is refused, as user property it passes', async () => {
    const [long, client] = [await bench.connect(), await bench.connect()]
    expect((await long.hello({ clientId: longest })).reasonCode).toBe(0x85)
    await client.hello({ clientId: 'a' })
    await client.subscribe('t')
    const value = [longest.slice(20), longest] as [string, string]
    client.send(publishPacket('t', '', { properties: [{ name: 'userProperty', value }] }))
    expect((await client.next('PUBLISH')).properties).toEqual([{ name: 'userProperty', value }])
  })
})

describe('names that are members of every object', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']
  test.each(names)('%s as client ID, filter, topic and user property', async (name) => {
    const client = await bench.connect()
    await client.hello({ clientId: name, properties: [{ name: 'userProperty', value: [name, 'x'] }] })
    expect((await client.subscribe(name, 2)).reasonCodes).toEqual([2])
    const properties = [{ name: 'userProperty', value: [name, 'y'] } as const]
    client.send(publishPacket(name, 'hi', { qos: 1, packetId: 1, properties }))
    const message = await client.next('PUBLISH')
    await client.next('PUBACK')
    expect(message).toMatchObject({ topic: name, qos: 1, properties })
    client.send({ type: 'PUBACK', packetId: message.packetId ?? 0, reasonCode: 0, properties: [] })
    client.send({ type: 'UNSUBSCRIBE', packetId: 6, filters: [name], properties: [] })
    expect((await client.next('UNSUBACK')).reasonCodes).toEqual([0])
    await client.ping()
    expect(bench.accepted[0]?.clientId).toBe(name)
  })
})
