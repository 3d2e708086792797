/** The codec against mqtt-packet, the one under aedes and MQTT.js: each reads what the other writes. */
import fc from 'fast-check'
import { generate, parser, type Packet as TheirPacket } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { decodePacket } from '../../../shared/mqtt/decode.ts'
import { encodePacket } from '../../../shared/mqtt/encode.ts'
import type { Packet, Properties, ProtocolLevel } from '../../../shared/mqtt/packets.ts'
import { propertyByName } from '../../../shared/mqtt/properties.ts'
import { anyPacket } from './arbitrary.ts'

const THEIR_NAMES: Record<string, string> = {
  maximumQos: 'maximumQoS',
  subscriptionIdentifierAvailable: 'subscriptionIdentifiersAvailable',
}

/** They keep properties in an object: no order, and yes or no as booleans. */
function theirProperties(list: Properties): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const { name, value } of list) {
    if (name === 'userProperty') out['userProperties'] = { [value[0]]: value[1] }
    else if (value instanceof Uint8Array) out[name] = Buffer.from(value)
    else {
      const definition = propertyByName(name)
      const yesNo = definition?.meanings !== undefined && typeof value === 'number'
      out[THEIR_NAMES[name] ?? name] = yesNo ? value === 1 : value
    }
  }
  return out
}

const withProperties = (list: Properties, level: ProtocolLevel): object =>
  level === 5 && list.length > 0 ? { properties: theirProperties(list) } : {}

function theirs(packet: Packet, level: ProtocolLevel): object {
  const cmd = packet.type.toLowerCase()
  switch (packet.type) {
    case 'CONNECT':
      return {
        cmd,
        protocolId: level === 3 ? 'MQIsdp' : 'MQTT',
        protocolVersion: level,
        clean: packet.clean,
        keepalive: packet.keepAlive,
        clientId: packet.clientId,
        ...(packet.username !== undefined && { username: packet.username }),
        ...(packet.password && { password: Buffer.from(packet.password) }),
        ...(packet.will && {
          will: {
            topic: packet.will.topic,
            payload: Buffer.from(packet.will.payload),
            qos: packet.will.qos,
            retain: packet.will.retain,
            ...withProperties(packet.will.properties, level),
          },
        }),
        ...(packet.bridge && { bridgeMode: true }),
        ...withProperties(packet.properties, level),
      }
    case 'CONNACK':
      return {
        cmd,
        sessionPresent: packet.sessionPresent,
        [level === 5 ? 'reasonCode' : 'returnCode']: packet.reasonCode,
        ...withProperties(packet.properties, level),
      }
    case 'PUBLISH':
      return {
        cmd,
        dup: packet.dup,
        qos: packet.qos,
        retain: packet.retain,
        topic: packet.topic,
        payload: Buffer.from(packet.payload),
        ...(packet.packetId !== undefined && { messageId: packet.packetId }),
        ...withProperties(packet.properties, level),
      }
    case 'PUBACK':
    case 'PUBREC':
    case 'PUBREL':
    case 'PUBCOMP':
      return {
        cmd,
        messageId: packet.packetId,
        ...(level === 5 && { reasonCode: packet.reasonCode }),
        ...withProperties(packet.properties, level),
      }
    case 'SUBSCRIBE':
      return {
        cmd,
        messageId: packet.packetId,
        subscriptions: packet.subscriptions.map(({ filter, qos, ...options }) => ({
          topic: filter,
          qos,
          ...(level === 5 && {
            nl: options.noLocal,
            rap: options.retainAsPublished,
            rh: options.retainHandling,
          }),
        })),
        ...withProperties(packet.properties, level),
      }
    case 'UNSUBSCRIBE':
      return {
        cmd,
        messageId: packet.packetId,
        unsubscriptions: packet.filters,
        ...withProperties(packet.properties, level),
      }
    case 'SUBACK':
    case 'UNSUBACK':
      return {
        cmd,
        messageId: packet.packetId,
        ...(packet.reasonCodes.length > 0 && { granted: packet.reasonCodes }),
        ...withProperties(packet.properties, level),
      }
    case 'DISCONNECT':
    case 'AUTH':
      return {
        cmd,
        ...(level === 5 && { reasonCode: packet.reasonCode }),
        ...withProperties(packet.properties, level),
      }
    case 'PINGREQ':
    case 'PINGRESP':
      return { cmd }
  }
}

function parseTheirs(bytes: Uint8Array, level: ProtocolLevel): TheirPacket {
  const packets: TheirPacket[] = []
  const reader = parser({ protocolVersion: level })
  reader.on('packet', (packet: TheirPacket) => packets.push(packet))
  reader.on('error', (error: Error) => {
    throw error
  })
  reader.parse(Buffer.from(bytes))
  expect(packets).toHaveLength(1)
  return packets[0]!
}

const sorted = (packet: object): object => {
  const sort = (list: unknown): unknown[] =>
    (list as Properties).toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  const { will } = packet as { will?: { properties: Properties } }
  return {
    ...packet,
    ...('properties' in packet && { properties: sort(packet.properties) }),
    ...(will && { will: { ...will, properties: sort(will.properties) } }),
  }
}

/** Properties where both can say the same: each at most once, since theirs lose repetition or order. */
const once = (list: Properties): Properties =>
  list.filter(({ name }, index) => list.findIndex((other) => other.name === name) === index)

function simplify(packet: Packet): Packet {
  if (!('properties' in packet)) return packet
  const simple = { ...packet, properties: once(packet.properties) }
  if (simple.type !== 'CONNECT') return simple
  // Their generator wants a client ID wherever a server might refuse an empty one.
  const clientId = simple.clientId === '' ? 'c' : simple.clientId
  const { will, password, username } = simple
  // It also refuses a password without a user name, which 5.0 allows.
  const named = password !== undefined && username === undefined ? { username: '' } : {}
  return {
    ...simple,
    clientId,
    ...named,
    ...(will && { will: { ...will, properties: once(will.properties) } }),
  }
}

/** What their parser does not know: AUTH of Remaining Length 0 (3.15.2.1), DISCONNECT with 0x8C (2.4). */
const refusedByThem = (packet: Packet): boolean =>
  (packet.type === 'AUTH' && packet.reasonCode === 0 && packet.properties.length === 0) ||
  (packet.type === 'DISCONNECT' && packet.reasonCode === 0x8c)

describe.each([3, 4, 5] as const)('level %i', (level) => {
  const packets = anyPacket(level)
    .map(simplify)
    .filter((packet) => !refusedByThem(packet))
  it('mqtt-packet reads what this codec writes', () => {
    fc.assert(
      fc.property(packets, (packet) => {
        expect(parseTheirs(encodePacket(packet, level), level)).toMatchObject(theirs(packet, level))
      }),
      { numRuns: 300 },
    )
  })
  it('this codec reads what mqtt-packet writes', () => {
    fc.assert(
      fc.property(packets, (packet) => {
        const bytes = generate(theirs(packet, level) as TheirPacket, { protocolVersion: level })
        const back = decodePacket(Uint8Array.from(bytes), level)
        expect(sorted(back)).toStrictEqual(sorted(packet))
      }),
      { numRuns: 300 },
    )
  })
})
