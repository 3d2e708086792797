/** Arbitrary valid packets of every type and level, for property tests. */
import fc from 'fast-check'
import type { Packet, PacketType, Properties, Property, ProtocolLevel } from '../../../shared/mqtt/packets.ts'
import {
  PROPERTY_LIST,
  type PropertyDefinition,
  type PropertyPlace,
} from '../../../shared/mqtt/properties.ts'
import { CONNACK_RETURN_CODES, REASON_CODES } from '../../../shared/mqtt/reason-codes.ts'

const text = fc.string({ unit: 'grapheme', maxLength: 20 }).map((value) => value.replaceAll('\0', ''))
/** Plain objects: the decoder makes no others. */
const record = <T extends object>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record<T>(model, { noNullPrototype: true })
const someText = text.filter((value) => value.length > 0)
const topicName = someText
  .map((value) => value.replaceAll(/[+#]/g, '/'))
  .chain((value) => fc.constantFrom(value, `oktopus/usp/v1/agent/${value}`))
const binary = fc.uint8Array({ maxLength: 40 })
const qos = fc.constantFrom(0 as const, 1 as const, 2 as const)
const packetId = fc.integer({ min: 1, max: 65_535 })

function propertyValue({ type, min, max, topicName: isTopic }: PropertyDefinition): fc.Arbitrary<unknown> {
  if (type === 'utf8') return isTopic ? topicName : text
  if (type === 'binary') return binary
  if (type === 'utf8Pair') return fc.tuple(text, text)
  return fc.integer({ min, max })
}

const propertiesOf = (place: PropertyPlace): fc.Arbitrary<Properties> => {
  const definitions = PROPERTY_LIST.filter(({ places }) => places.includes(place))
  const one = fc
    .constantFrom(...definitions)
    .chain((definition) =>
      propertyValue(definition).map((value) => ({ name: definition.property, value }) as Property),
    )
  return fc.array(one, { maxLength: 8 }).map((list) => {
    const kept = list.filter(({ name }, index) => {
      const repeats = definitions.find(({ property }) => property === name)?.repeatsIn?.includes(place)
      return repeats === true || list.findIndex((other) => other.name === name) === index
    })
    // Data without a method is no valid packet.
    const hasMethod = kept.some(({ name }) => name === 'authenticationMethod')
    return hasMethod ? kept : kept.filter(({ name }) => name !== 'authenticationData')
  })
}

const properties = (place: PropertyPlace, level: ProtocolLevel): fc.Arbitrary<Properties> =>
  level === 5 ? propertiesOf(place) : fc.constant([])

const codes = (type: PacketType): fc.Arbitrary<number> =>
  fc.constantFrom(...REASON_CODES.filter(({ packets }) => packets.includes(type)).map(({ code }) => code))
const reasonCode = (type: PacketType, level: ProtocolLevel): fc.Arbitrary<number> => {
  if (level === 5) return codes(type)
  if (type === 'CONNACK') return fc.nat({ max: CONNACK_RETURN_CODES.length - 1 })
  return type === 'SUBACK' ? fc.constantFrom(0, 1, 2, 0x80) : fc.constant(0)
}

const without = <T extends object>(object: T): T =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T

const connect = (level: ProtocolLevel): fc.Arbitrary<Packet> =>
  record({
    type: fc.constant('CONNECT'),
    level: fc.constant(level),
    clean: fc.boolean(),
    keepAlive: fc.integer({ min: 0, max: 65_535 }),
    clientId: text,
    username: fc.option(text, { nil: undefined }),
    password: fc.option(binary, { nil: undefined }),
    will: fc.option(
      record({
        topic: topicName,
        payload: binary,
        qos,
        retain: fc.boolean(),
        properties: properties('WILL', level),
      }),
      { nil: undefined },
    ),
    properties: properties('CONNECT', level),
    bridge: level === 5 ? fc.constant(undefined) : fc.constantFrom(true, undefined),
  }).map((packet) => {
    const lonely = level !== 5 && packet.username === undefined
    return without(lonely ? { ...packet, password: undefined } : packet) as Packet
  })

const publish = (level: ProtocolLevel): fc.Arbitrary<Packet> =>
  record({
    type: fc.constant('PUBLISH'),
    dup: fc.boolean(),
    qos,
    retain: fc.boolean(),
    topic: topicName,
    packetId,
    properties: properties('PUBLISH', level),
    payload: binary,
    byAlias: fc.boolean(),
  }).map(({ byAlias, ...packet }) => {
    const aliased = byAlias && packet.properties.some(({ name }) => name === 'topicAlias')
    const topic = aliased ? '' : packet.topic
    const lowest = packet.qos === 0 ? { dup: false, packetId: undefined } : {}
    return without({ ...packet, ...lowest, topic }) as Packet
  })

const subscription = (level: ProtocolLevel) =>
  record({
    filter: fc.constantFrom('#', '+/a', '$share/g/a/#', 'oktopus/usp/v1/agent/os::1', 'bad#filter'),
    qos,
    noLocal: level === 5 ? fc.boolean() : fc.constant(false),
    retainAsPublished: level === 5 ? fc.boolean() : fc.constant(false),
    retainHandling: level === 5 ? qos : fc.constant(0 as const),
  }).map((one) => (one.filter.startsWith('$share/') ? { ...one, noLocal: false } : one))

const ack = (type: 'PUBACK' | 'PUBREC' | 'PUBREL' | 'PUBCOMP', level: ProtocolLevel) =>
  record({
    type: fc.constant(type),
    packetId,
    reasonCode: reasonCode(type, level),
    properties: properties(type, level),
  })

/** Any valid packet of that level. */
export function anyPacket(level: ProtocolLevel): fc.Arbitrary<Packet> {
  const common: fc.Arbitrary<Packet>[] = [
    connect(level),
    publish(level),
    record({
      type: fc.constant('CONNACK' as const),
      sessionPresent: level === 3 ? fc.constant(false) : fc.boolean(),
      reasonCode: reasonCode('CONNACK', level),
      properties: properties('CONNACK', level),
    }),
    ack('PUBACK', level),
    ack('PUBREC', level),
    ack('PUBREL', level),
    ack('PUBCOMP', level),
    record({
      type: fc.constant('SUBSCRIBE' as const),
      packetId,
      subscriptions: fc.array(subscription(level), { minLength: 1, maxLength: 4 }),
      properties: properties('SUBSCRIBE', level),
    }),
    record({
      type: fc.constant('SUBACK' as const),
      packetId,
      reasonCodes: fc.array(reasonCode('SUBACK', level), { minLength: 1, maxLength: 4 }),
      properties: properties('SUBACK', level),
    }),
    record({
      type: fc.constant('UNSUBSCRIBE' as const),
      packetId,
      filters: fc.array(someText, { minLength: 1, maxLength: 4 }),
      properties: properties('UNSUBSCRIBE', level),
    }),
    record({
      type: fc.constant('UNSUBACK' as const),
      packetId,
      reasonCodes:
        level === 5
          ? fc.array(codes('UNSUBACK'), { minLength: 1, maxLength: 4 })
          : fc.constant<readonly number[]>([]),
      properties: properties('UNSUBACK', level),
    }),
    fc.constantFrom<Packet>({ type: 'PINGREQ' }, { type: 'PINGRESP' }),
    record({
      type: fc.constant('DISCONNECT' as const),
      reasonCode: reasonCode('DISCONNECT', level),
      properties: properties('DISCONNECT', level),
    }),
  ]
  if (level === 5) {
    common.push(
      record({
        type: fc.constant('AUTH' as const),
        reasonCode: codes('AUTH'),
        properties: propertiesOf('AUTH'),
      }),
    )
  }
  return fc.oneof(...common)
}

export const anyLevel: fc.Arbitrary<ProtocolLevel> = fc.constantFrom(3, 4, 5)
/** A packet with the level it belongs to. */
export const anyPacketAndLevel: fc.Arbitrary<[Packet, ProtocolLevel]> = anyLevel.chain((level) =>
  anyPacket(level).map((packet): [Packet, ProtocolLevel] => [packet, level]),
)
