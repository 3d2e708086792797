/** The client as a play-book: what it is told, and what it answers. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Effect } from '../../../shared/client/effects.ts'
import type { Outgoing } from '../../../shared/client/publish-draft.ts'
import { ClientSession } from '../../../shared/client/session.ts'
import { decodePacket } from '../../../shared/mqtt/decode.ts'
import { encodePacket } from '../../../shared/mqtt/encode.ts'
import type {
  ConnackPacket,
  ConnectPacket,
  Packet,
  Properties,
  ProtocolLevel,
} from '../../../shared/mqtt/packets.ts'

const connect = (more: Partial<ConnectPacket> = {}): ConnectPacket => ({
  type: 'CONNECT',
  level: 5,
  clean: true,
  keepAlive: 0,
  clientId: 'c',
  properties: [],
  ...more,
})
const connack = (properties: Properties = [], more: Partial<ConnackPacket> = {}): ConnackPacket => ({
  type: 'CONNACK',
  sessionPresent: false,
  reasonCode: 0,
  properties,
  ...more,
})
const message = (qos: 0 | 1 | 2, more: Partial<Outgoing> = {}): Outgoing => ({
  topic: 't',
  payload: new Uint8Array(),
  qos,
  retain: false,
  properties: [],
  ...more,
})
const ack = (type: 'PUBACK' | 'PUBREC' | 'PUBREL' | 'PUBCOMP', packetId: number, reasonCode = 0): Packet => ({
  type,
  packetId,
  reasonCode,
  properties: [],
})
const publish = (qos: 0 | 1 | 2, packetId: number, more: object = {}): Packet => ({
  type: 'PUBLISH',
  dup: false,
  retain: false,
  topic: 't',
  payload: new Uint8Array(),
  properties: [],
  qos,
  ...(qos > 0 && { packetId }),
  ...more,
})

/** A session with what it wrote and told. */
function play() {
  const written: Packet[] = []
  const effects: Effect[] = []
  let level: ProtocolLevel = 5
  const session = new ClientSession({
    write: (bytes) => void written.push(decodePacket(bytes, level)),
    effect: (effect) => void effects.push(effect),
  })
  let now = 0
  return {
    session,
    effects,
    /** Packets written since this was asked last. */
    said: () => written.splice(0),
    last: (kind: Effect['kind']) => effects.findLast((effect) => effect.kind === kind),
    open(packet = connect(), answer?: ConnackPacket) {
      level = packet.level
      session.open(packet, now)
      if (answer) session.receive(encodePacket(answer, level), now)
      written.length = 0
    },
    hear: (...packets: Packet[]) =>
      packets.forEach((packet) => session.receive(encodePacket(packet, level), now)),
    bytes: (hex: string) => session.receive(Buffer.from(hex.replaceAll(' ', ''), 'hex'), now),
    publish: (one: Outgoing) => session.publish(one, now),
    later(ms: number) {
      now += ms
      session.wake(now)
    },
  }
}

describe('publishing', () => {
  test('QoS 1 ends with its PUBACK, QoS 2 after PUBREC and PUBCOMP', () => {
    const p = play()
    p.open(connect(), connack())
    const one = p.publish(message(1))
    const two = p.publish(message(2))
    expect(p.said()).toMatchObject([{ packetId: 1 }, { packetId: 2 }])
    p.hear(ack('PUBREC', 2), ack('PUBACK', 1, 0x10))
    expect(p.said()).toEqual([ack('PUBREL', 2)])
    expect(p.last('finished')).toMatchObject({ exchange: one, end: { packet: { reasonCode: 0x10 } } })
    p.hear(ack('PUBCOMP', 2))
    expect(p.last('finished')).toMatchObject({ exchange: two, end: { packet: { type: 'PUBCOMP' } } })
    expect(p.session.unfinished).toBe(0)
  })

  test('a PUBREC that refuses ends it without PUBREL [MQTT-4.3.3-4]', () => {
    const p = play()
    p.open(connect(), connack())
    p.publish(message(2))
    p.said()
    p.hear(ack('PUBREC', 1, 0x87))
    expect(p.said()).toEqual([])
    expect(p.session.unfinished).toBe(0)
  })

  test('what is beyond Receive Maximum waits, in order [MQTT-4.9.0-2]', () => {
    const p = play()
    p.open(connect(), connack([{ name: 'receiveMaximum', value: 1 }]))
    for (const topic of ['a', 'b', 'c']) p.publish(message(1, { topic }))
    p.publish(message(0, { topic: 'zero' }))
    expect(p.said()).toMatchObject([{ topic: 'a' }, { topic: 'zero' }])
    p.hear(ack('PUBACK', 1))
    expect(p.said()).toMatchObject([{ topic: 'b' }])
    p.hear(ack('PUBACK', 2))
    expect(p.said()).toMatchObject([{ topic: 'c' }])
  })

  test.each([
    [{ name: 'maximumQos', value: 0 }, message(1), /QoS 0 at most/],
    [{ name: 'retainAvailable', value: 0 }, message(0, { retain: true }), /no retained messages/],
    [
      { name: 'maximumPacketSize', value: 10 },
      message(0, { payload: new Uint8Array(20) }),
      /this broker takes 10/,
    ],
    [
      { name: 'topicAliasMaximum', value: 1 },
      message(0, { properties: [{ name: 'topicAlias', value: 2 }] }),
      /up to 1/,
    ],
    [
      { name: 'topicAliasMaximum', value: 1 },
      message(0, { topic: '', properties: [{ name: 'topicAlias', value: 1 }] }),
      /stands for no topic/,
    ],
  ] as const)('keeps to what the server takes: %o', (property, one, why) => {
    const p = play()
    p.open(connect(), connack([property]))
    expect(() => p.publish(one)).toThrow(why)
    expect(p.said()).toEqual([])
  })

  test('a kept session sends again what was not finished, with DUP and without alias [MQTT-4.4.0-1]', () => {
    const p = play()
    const kept = connect({ clean: false, properties: [{ name: 'sessionExpiryInterval', value: 60 }] })
    p.open(kept, connack([{ name: 'topicAliasMaximum', value: 5 }]))
    p.publish(message(1, { topic: 'a', properties: [{ name: 'topicAlias', value: 1 }] }))
    p.publish(message(2, { topic: '', properties: [{ name: 'topicAlias', value: 1 }] }))
    p.publish(message(2, { topic: 'c' }))
    p.hear(ack('PUBREC', 3))
    p.session.closed()
    p.session.open(kept, 0)
    p.said()
    p.hear(connack([], { sessionPresent: true }))
    expect(p.said()).toMatchObject([
      { topic: 'a', dup: true, packetId: 1, properties: [] },
      { topic: 'a', dup: true, packetId: 2, properties: [] },
      { type: 'PUBREL', packetId: 3 },
    ])
  })

  test('what is not finished is lost with the session, and told', () => {
    const p = play()
    const kept = connect({ clean: false, properties: [{ name: 'sessionExpiryInterval', value: 60 }] })
    p.open(kept, connack())
    const exchange = p.publish(message(1))
    p.session.closed()
    p.session.open(kept, 0)
    p.hear(connack())
    expect(p.last('finished')).toEqual({
      kind: 'finished',
      exchange,
      end: { kind: 'lost', text: 'The broker had no session any more.' },
    })
  })
})

describe('receiving', () => {
  test('QoS 1 is acknowledged; QoS 2 is delivered once however often it comes', () => {
    const p = play()
    p.open(connect(), connack())
    p.hear(publish(1, 7), publish(2, 9), publish(2, 9, { dup: true }), ack('PUBREL', 9), publish(2, 9))
    expect(p.said().map((packet) => packet.type)).toEqual(['PUBACK', 'PUBREC', 'PUBREC', 'PUBCOMP', 'PUBREC'])
    const received = p.effects.filter(
      (effect) => effect.kind === 'received' && effect.packet.type === 'PUBLISH',
    )
    expect(received.map((effect) => 'again' in effect)).toEqual([false, false, true, false])
  })

  test('a PUBREL for nothing is answered with 0x92', () => {
    const p = play()
    p.open(connect(), connack())
    p.hear(ack('PUBREL', 3))
    expect(p.said()).toEqual([ack('PUBCOMP', 3, 0x92)])
  })

  test('aliases are resolved, and one above the maximum ends the connection with 0x94', () => {
    const p = play()
    p.open(connect({ properties: [{ name: 'topicAliasMaximum', value: 1 }] }), connack())
    const alias = (value: number) => ({ properties: [{ name: 'topicAlias', value }] })
    p.hear(publish(0, 0, alias(1)), publish(0, 0, { topic: '', ...alias(1) }))
    expect(p.last('received')).toMatchObject({ topic: 't', packet: { topic: '' } })
    p.hear(publish(0, 0, alias(2)))
    expect(p.said()).toMatchObject([{ type: 'DISCONNECT', reasonCode: 0x94 }])
    expect(p.last('close')).toMatchObject({ cause: { kind: 'broken' } })
  })

  test('what breaks the standard ends the connection with its reason code', () => {
    const p = play()
    p.open(connect(), connack())
    p.bytes('36 00')
    expect(p.said()).toMatchObject([{ type: 'DISCONNECT', reasonCode: 0x81 }])
    expect(p.last('close')).toMatchObject({ cause: { kind: 'broken', text: 'PUBLISH has QoS 3' } })
  })

  test('a packet above the Maximum Packet Size is not waited for', () => {
    const p = play()
    p.open(connect({ properties: [{ name: 'maximumPacketSize', value: 100 }] }), connack())
    p.bytes('30 ff ff 03')
    expect(p.said()).toMatchObject([{ type: 'DISCONNECT', reasonCode: 0x95 }])
  })

  test('packets come out whole however the stream is cut', () => {
    const packets = [
      connack(),
      publish(0, 0, { payload: new Uint8Array(300) }),
      publish(1, 5),
      ack('PUBREL', 1),
    ]
    const stream = Buffer.concat(packets.map((packet) => encodePacket(packet, 5)))
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: stream.length }), { maxLength: 20 }), (cuts) => {
        const p = play()
        p.open(connect())
        const places = [0, ...[...new Set(cuts)].sort((a, b) => a - b), stream.length]
        places.forEach((from, index) =>
          p.session.receive(stream.subarray(from, places[index + 1] ?? from), 0),
        )
        const received = p.effects.flatMap((effect) => (effect.kind === 'received' ? [effect.packet] : []))
        expect(received).toEqual(packets)
      }),
      { numRuns: 100 },
    )
  })
})

test('whatever a server says, the client answers or ends, and throws nothing', () => {
  const packet = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc
      .tuple(fc.integer({ min: 0x10, max: 0xff }), fc.uint8Array({ maxLength: 60 }))
      .map(([first, body]) => Uint8Array.from([first, body.length, ...body])),
    fc
      .constantFrom<Packet>(
        publish(2, 1),
        publish(1, 2),
        ack('PUBREL', 1),
        ack('PUBREC', 1),
        ack('PUBCOMP', 1),
        ack('PUBACK', 1),
      )
      .map((one) => encodePacket(one, 5)),
  )
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 12 }), (said) => {
      const p = play()
      p.open(connect(), connack())
      p.publish(message(2))
      for (const bytes of said) p.session.receive(bytes, 0)
      const closes = p.effects.filter(({ kind }) => kind === 'close')
      expect(closes.length).toBeLessThanOrEqual(1)
      expect(p.session.connected).toBe(closes.length === 0)
    }),
    { numRuns: 500 },
  )
})

describe('the connection', () => {
  test('PINGREQ after the keep-alive of the server; without an answer it is dead', () => {
    const p = play()
    p.open(connect({ keepAlive: 60 }), connack([{ name: 'serverKeepAlive', value: 5 }]))
    expect(p.session.wakeAt).toBe(5000)
    p.later(4999)
    expect(p.said()).toEqual([])
    p.later(1)
    expect(p.said()).toEqual([{ type: 'PINGREQ' }])
    p.hear({ type: 'PINGRESP' })
    p.later(5000)
    p.later(10_000)
    expect(p.last('close')).toMatchObject({ cause: { kind: 'silent', waitedFor: 'PINGRESP' } })
  })

  test('no CONNACK in ten seconds', () => {
    const p = play()
    p.open()
    p.later(10_000)
    expect(p.last('close')).toMatchObject({ cause: { kind: 'silent', waitedFor: 'CONNACK' } })
  })

  test('a session that was not asked for is an error of the server [MQTT-3.2.2-2]', () => {
    const p = play()
    p.open(connect(), connack([], { sessionPresent: true }))
    expect(p.last('close')).toMatchObject({ cause: { kind: 'broken' } })
  })

  test('a SUBSCRIBE is lost with the connection', () => {
    const p = play()
    p.open(connect(), connack())
    const option = { qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const
    const exchange = p.session.subscribe([{ filter: '#', ...option }], [], 0)
    p.session.closed()
    expect(p.last('finished')).toMatchObject({ exchange, end: { kind: 'lost' } })
    expect(() => p.session.subscribe([{ filter: '#', ...option }], [], 0)).toThrow('not connected')
  })
})

describe('enhanced authentication', () => {
  const method: Properties = [{ name: 'authenticationMethod', value: 'M' }]
  const auth = (reasonCode: number): Packet => ({ type: 'AUTH', reasonCode, properties: method })

  test('a re-authentication goes on beside everything else, one at a time, to its end [MQTT-4.12.1-1]', () => {
    const p = play()
    p.open(connect({ properties: method }), connack())
    p.session.reauthenticate(method, 0)
    expect(() => p.session.reauthenticate(method, 0)).toThrow('still has to answer')
    p.publish(message(0))
    p.hear(auth(0x18))
    expect(p.last('challenged')).toBeDefined()
    p.session.authenticate(method, 0)
    expect(p.said().map((packet) => ('reasonCode' in packet ? packet.reasonCode : packet.type))).toEqual([
      0x19,
      'PUBLISH',
      0x18,
    ])
    p.hear(auth(0))
    expect(p.last('proved')).toBeDefined()
    p.session.reauthenticate(method, 0)
    expect(p.session.connected).toBe(true)
  })

  test('AUTH that nobody asked for ends the connection', () => {
    const p = play()
    p.open(connect({ properties: method }), connack())
    p.hear(auth(0))
    expect(p.said()).toMatchObject([{ type: 'DISCONNECT', reasonCode: 0x82 }])
  })

  test('a person has time for a step before CONNACK, and a broker has not', () => {
    const p = play()
    p.open(connect({ properties: method }))
    p.hear(auth(0x18))
    p.session.patience(300, 0)
    p.later(200_000)
    expect(p.last('close')).toBeUndefined()
    p.session.authenticate(method, 200_000)
    p.later(10_000)
    expect(p.last('close')).toMatchObject({ cause: { kind: 'silent', waitedFor: 'CONNACK' } })
  })
})

describe('what DISCONNECT says of the session', () => {
  const expiry = (value: number): Properties => [{ name: 'sessionExpiryInterval', value }]
  test.each([
    ['is kept as CONNECT said', [], 1],
    ['ends at once when it says 0', expiry(0), 0],
  ] as const)('%s', (_, properties, unfinished) => {
    const p = play()
    p.open(connect({ clean: false, properties: expiry(60) }), connack())
    p.publish(message(1))
    p.session.disconnect(0, properties, 0)
    expect(p.session.unfinished).toBe(unfinished)
  })

  test('0 in CONNECT stays 0 [MQTT 5.0, 3.14.2.2.2]', () => {
    const p = play()
    p.open(connect(), connack())
    expect(() => p.session.disconnect(0, expiry(5), 0)).toThrow('cannot be kept by DISCONNECT')
    expect(p.session.connected).toBe(true)
  })
})
