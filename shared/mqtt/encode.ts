/** The encoder: a packet as a value in, its bytes out. The exact inverse of `decodePacket`. */
import { BRIDGE_BIT, CONNECT_FLAGS, PROTOCOL_NAMES } from './decode-connect.ts'
import { propertyValueFault } from './decode-properties.ts'
import {
  MALFORMED_PACKET,
  MqttError,
  PROTOCOL_ERROR,
  TOPIC_NAME_INVALID,
  UNSUPPORTED_PROTOCOL_VERSION,
} from './error.ts'
import { FIELDS, levelName } from './fields.ts'
import { PACKET_TYPES } from './frame.ts'
import type {
  ConnectPacket,
  Packet,
  PacketType,
  Properties,
  Property,
  ProtocolLevel,
  PublishPacket,
  Subscription,
  Will,
} from './packets.ts'
import { getProperty, propertyByName, type PropertyPlace, type PropertyType } from './properties.ts'
import { hexByte, isReasonCodeAllowed } from './reason-codes.ts'
import { firstWildcard } from './topics.ts'
import { Writer, type Allocate } from './writer.ts'

/**
 * Bytes of a packet in its shortest form. `level` is that of the connection; a CONNECT brings its own.
 * Throws `MqttError` on a packet that the standard does not allow and `RangeError` on a value that its field
 * cannot hold: whatever this writes, `decodePacket` reads.
 */
export const encodePacket = (packet: Packet, level: ProtocolLevel): Uint8Array =>
  encodeInto(packet, level, allocateArray)

const allocateArray = (length: number): Uint8Array => new Uint8Array(length)

/** The same, in bytes of another kind, such as a Buffer out of a pool. */
export function encodeInto<B extends Uint8Array>(
  packet: Packet,
  level: ProtocolLevel,
  allocate: Allocate<B>,
): B {
  switch (packet.type) {
    case 'PUBLISH':
      return writePublish(packet, level, allocate)
    case 'CONNECT':
      return writeConnect(packet, allocate)
    case 'PINGREQ':
    case 'PINGRESP':
      return new Writer().packet(firstByte(packet.type), packet.type, allocate)
    case 'PUBACK':
    case 'PUBREC':
    case 'PUBREL':
    case 'PUBCOMP': {
      const { packetId } = packet
      // Nearly all are like this, and there is one for each message.
      const isShort = packet.reasonCode === 0 && packet.properties.length === 0
      if (isShort && Number.isInteger(packetId) && packetId > 0 && packetId <= 0xffff)
        return shortAck(firstByte(packet.type), packetId, allocate)
      return writeOther(packet, level, allocate)
    }
    default:
      return writeOther(packet, level, allocate)
  }
}

function shortAck<B extends Uint8Array>(first: number, packetId: number, allocate: Allocate<B>): B {
  const bytes = allocate(4)
  bytes[0] = first
  bytes[1] = 2
  bytes[2] = packetId >> 8
  bytes[3] = packetId & 0xff
  return bytes
}

function writeOther<B extends Uint8Array>(
  packet: SmallPacket,
  level: ProtocolLevel,
  allocate: Allocate<B>,
): B {
  const writer = new Writer()
  writeBody(writer, packet, level)
  return writer.packet(firstByte(packet.type), packet.type, allocate)
}

type SmallPacket = Exclude<Packet, { type: 'PUBLISH' | 'CONNECT' | 'PINGREQ' | 'PINGRESP' }>

function writeBody(writer: Writer, packet: SmallPacket, level: ProtocolLevel): void {
  switch (packet.type) {
    case 'CONNACK':
      if (packet.sessionPresent && level === 3) throw absent('Session Present', level)
      writer.u8(packet.sessionPresent ? 1 : 0, FIELDS.connackFlags.label)
      writeReasonCode(writer, packet.type, packet.reasonCode, level)
      checkAuthentication(packet.properties)
      return writeProperties(writer, packet.type, packet.properties, level)
    case 'PUBACK':
    case 'PUBREC':
    case 'PUBREL':
    case 'PUBCOMP':
      writePacketId(writer, packet.packetId)
      return writeEnding(writer, packet, level)
    case 'DISCONNECT':
      return writeEnding(writer, packet, level)
    case 'AUTH':
      return writeAuth(writer, packet.reasonCode, packet.properties, level)
    case 'SUBSCRIBE':
      writePacketId(writer, packet.packetId)
      writeProperties(writer, packet.type, packet.properties, level)
      if (packet.subscriptions.length === 0)
        throw new MqttError(PROTOCOL_ERROR, 'SUBSCRIBE has no topic filter')
      for (const subscription of packet.subscriptions) writeSubscription(writer, subscription, level)
      return
    case 'UNSUBSCRIBE':
      writePacketId(writer, packet.packetId)
      writeProperties(writer, packet.type, packet.properties, level)
      if (packet.filters.length === 0) throw new MqttError(PROTOCOL_ERROR, 'UNSUBSCRIBE has no topic filter')
      for (const filter of packet.filters) writeFilter(writer, filter)
      return
    case 'SUBACK':
    case 'UNSUBACK':
      writePacketId(writer, packet.packetId)
      writeProperties(writer, packet.type, packet.properties, level)
      return writeReasonCodes(writer, packet.type, packet.reasonCodes, level)
  }
}

/** Types 6, 8 and 10 have the flags 0b0010 (table 2-2). */
const FIRST_BYTES = new Map(
  PACKET_TYPES.map((type, number) => [
    type,
    (number << 4) | (number === 6 || number === 8 || number === 10 ? 2 : 0),
  ]),
)
const firstByte = (type: PacketType): number => FIRST_BYTES.get(type)!

const absent = (what: string, level: ProtocolLevel): MqttError =>
  new MqttError(PROTOCOL_ERROR, `${what} does not exist in ${levelName(level)}`)

function writePublish<B extends Uint8Array>(
  packet: PublishPacket,
  level: ProtocolLevel,
  allocate: Allocate<B>,
): B {
  const { topic, qos, dup, payload, properties } = packet
  checkQos(qos, 'QoS')
  if (dup && qos === 0) throw new MqttError(PROTOCOL_ERROR, 'DUP is set on a QoS 0 PUBLISH')
  checkTopicName(topic, 'Topic Name')
  if (topic === '' && (level !== 5 || getProperty(properties, 'topicAlias') === undefined)) {
    throw new MqttError(TOPIC_NAME_INVALID, 'Topic Name is empty and there is no Topic Alias')
  }
  const writer = new Writer()
  writer.text(topic, FIELDS.topic.label)
  if (qos > 0) writePacketId(writer, packet.packetId)
  else if (packet.packetId !== undefined) {
    throw new MqttError(PROTOCOL_ERROR, 'A QoS 0 PUBLISH has no Packet Identifier')
  }
  writeProperties(writer, 'PUBLISH', properties, level)
  writer.raw(payload)
  return writer.packet(0x30 | (dup ? 8 : 0) | (qos << 1) | (packet.retain ? 1 : 0), packet.type, allocate)
}

function writeConnect<B extends Uint8Array>(packet: ConnectPacket, allocate: Allocate<B>): B {
  const { level, will, username, password, properties } = packet
  const protocol = PROTOCOL_NAMES[level]
  if (protocol === undefined) {
    throw new MqttError(UNSUPPORTED_PROTOCOL_VERSION, `Protocol Level ${String(level)} is not supported`)
  }
  if (packet.bridge === true && level === 5) throw absent('The bridge bit', level)
  if (level !== 5 && password !== undefined && username === undefined) {
    throw new MqttError(PROTOCOL_ERROR, 'There is a Password without a User Name')
  }
  const writer = new Writer()
  writer.text(protocol, FIELDS.protocolName.label)
  writer.u8(packet.bridge === true ? level | BRIDGE_BIT : level, FIELDS.protocolLevel.label)
  writer.u8(connectFlags(packet), FIELDS.connectFlags.label)
  writer.u16(packet.keepAlive, FIELDS.keepAlive.label)
  checkAuthentication(properties)
  writeProperties(writer, 'CONNECT', properties, level)
  writer.text(packet.clientId, FIELDS.clientId.label)
  if (will !== undefined) writeWill(writer, will, level)
  if (username !== undefined) writer.text(username, FIELDS.username.label)
  if (password !== undefined) writer.binary(password, FIELDS.password.label)
  return writer.packet(firstByte('CONNECT'), packet.type, allocate)
}

function connectFlags({ username, password, will, clean }: ConnectPacket): number {
  return (
    (username === undefined ? 0 : CONNECT_FLAGS.username) |
    (password === undefined ? 0 : CONNECT_FLAGS.password) |
    (will === undefined ? 0 : CONNECT_FLAGS.will | (will.qos << CONNECT_FLAGS.willQosShift)) |
    (will?.retain === true ? CONNECT_FLAGS.willRetain : 0) |
    (clean ? CONNECT_FLAGS.clean : 0)
  )
}

function writeWill(writer: Writer, will: Will, level: ProtocolLevel): void {
  checkQos(will.qos, 'Will QoS')
  checkTopicName(will.topic, 'Will Topic')
  if (will.topic === '') throw new MqttError(TOPIC_NAME_INVALID, 'Will Topic is empty')
  writeProperties(writer, 'WILL', will.properties, level)
  writer.text(will.topic, FIELDS.willTopic.label)
  writer.binary(will.payload, FIELDS.willPayload.label)
}

function writeSubscription(writer: Writer, subscription: Subscription, level: ProtocolLevel): void {
  const { filter, qos, noLocal, retainAsPublished, retainHandling } = subscription
  checkQos(qos, 'Subscription QoS')
  if (level !== 5 && (noLocal || retainAsPublished || retainHandling !== 0)) {
    throw absent('Subscription Options other than QoS', level)
  }
  if (![0, 1, 2].includes(retainHandling)) {
    throw new RangeError(`Retain Handling is ${String(retainHandling)}, but must be 0, 1 or 2`)
  }
  if (noLocal && filter.startsWith('$share/')) {
    throw new MqttError(PROTOCOL_ERROR, 'No Local is set on a shared subscription')
  }
  writeFilter(writer, filter)
  const options = qos | (noLocal ? 4 : 0) | (retainAsPublished ? 8 : 0) | (retainHandling << 4)
  writer.u8(options, FIELDS.subscriptionOptions.label)
}

function writeFilter(writer: Writer, filter: string): void {
  if (filter === '') throw new MqttError(PROTOCOL_ERROR, 'Topic Filter is empty')
  writer.text(filter, FIELDS.filter.label)
}

function writeReasonCodes(
  writer: Writer,
  type: 'SUBACK' | 'UNSUBACK',
  codes: readonly number[],
  level: ProtocolLevel,
): void {
  if (type === 'UNSUBACK' && level !== 5) {
    if (codes.length > 0) throw absent('A reason code in UNSUBACK', level)
    return
  }
  if (codes.length === 0) throw new MqttError(MALFORMED_PACKET, `${type} has no reason code`)
  for (const code of codes) writeReasonCode(writer, type, code, level)
}

function writeReasonCode(writer: Writer, type: PacketType, code: number, level: ProtocolLevel): void {
  if (!isReasonCodeAllowed(type, code, level)) {
    throw new MqttError(PROTOCOL_ERROR, `${hexByte(code)} is not a code of ${type} in ${levelName(level)}`)
  }
  writer.u8(code, 'Reason Code')
}

interface Ending {
  readonly type: PropertyPlace & PacketType
  readonly reasonCode: number
  readonly properties: Properties
}

/** Reason code and properties at the end of an acknowledgement or DISCONNECT, left out where they say nothing. */
function writeEnding(writer: Writer, { type, reasonCode, properties }: Ending, level: ProtocolLevel): void {
  if (level !== 5) {
    if (reasonCode !== 0) throw absent(`A reason code in ${type}`, level)
    return writeProperties(writer, type, properties, level)
  }
  if (reasonCode === 0 && properties.length === 0) return
  writeReasonCode(writer, type, reasonCode, level)
  if (properties.length > 0) writeProperties(writer, type, properties, level)
}

function writeAuth(writer: Writer, reasonCode: number, properties: Properties, level: ProtocolLevel): void {
  if (level !== 5) throw absent('AUTH', level)
  if (reasonCode === 0 && properties.length === 0) return
  writeReasonCode(writer, 'AUTH', reasonCode, level)
  checkAuthentication(properties)
  writeProperties(writer, 'AUTH', properties, level)
}

function writePacketId(writer: Writer, packetId: number | undefined): void {
  if (packetId === undefined || packetId === 0) {
    throw new MqttError(PROTOCOL_ERROR, 'Packet Identifier is missing or 0')
  }
  writer.u16(packetId, FIELDS.packetId.label)
}

function writeProperties(
  writer: Writer,
  place: PropertyPlace,
  properties: Properties,
  level: ProtocolLevel,
): void {
  if (level !== 5) {
    if (properties.length > 0) throw absent(`The property ${properties[0]!.name}`, level)
    return
  }
  const start = writer.openBlock()
  for (let i = 0; i < properties.length; i++) writeProperty(writer, place, properties, i)
  writer.closeBlock(start, FIELDS.propertyLength.label)
}

function writeProperty(writer: Writer, place: PropertyPlace, properties: Properties, index: number): void {
  const property: Property = properties[index]!
  const definition = propertyByName(property.name)
  if (definition === undefined) throw new RangeError(`There is no property ${String(property.name)}`)
  const { label } = definition
  if (!definition.places.includes(place)) {
    const where = place === 'WILL' ? 'the Will Properties' : place
    throw new MqttError(PROTOCOL_ERROR, `${label} is not allowed in ${where}`)
  }
  const repeats = definition.repeatsIn?.includes(place) ?? false
  if (!repeats && properties.findIndex((other) => other.name === property.name) < index) {
    throw new MqttError(PROTOCOL_ERROR, `${label} stands more than once`)
  }
  const fault = propertyValueFault(definition, property.value)
  if (fault !== undefined) throw new MqttError(definition.reasonCode ?? PROTOCOL_ERROR, fault)
  writer.u8(definition.id, label)
  writeValue(writer, property, definition.type, label)
}

/** The compiler ties value to type; packets that come from a file did not pass it. */
function writeValue(writer: Writer, { value }: Property, type: PropertyType, label: string): void {
  if (typeof value === 'number') {
    if (type === 'byte') return writer.u8(value, label)
    if (type === 'twoByte') return writer.u16(value, label)
    if (type === 'fourByte') return writer.u32(value, label)
    if (type === 'varint') return writer.varint(value, label)
  } else if (typeof value === 'string') {
    if (type === 'utf8') return writer.text(value, label)
  } else if (value instanceof Uint8Array) {
    if (type === 'binary') return writer.binary(value, label)
  } else if (type === 'utf8Pair') {
    writer.text(value[0], `${label} name`)
    return writer.text(value[1], `${label} value`)
  }
  throw new RangeError(`${label} has a value of the wrong kind: its type is ${type}`)
}

function checkTopicName(topic: string, what: string): void {
  const wildcard = firstWildcard(topic)
  if (wildcard !== undefined)
    throw new MqttError(TOPIC_NAME_INVALID, `${what} holds the wildcard ${wildcard}`)
}

function checkQos(qos: number, what: string): void {
  if (qos !== 0 && qos !== 1 && qos !== 2) throw new RangeError(`${what} is ${qos}, but must be 0, 1 or 2`)
}

function checkAuthentication(properties: Properties): void {
  if (getProperty(properties, 'authenticationData') === undefined) return
  if (getProperty(properties, 'authenticationMethod') !== undefined) return
  throw new MqttError(PROTOCOL_ERROR, 'Authentication Data is given without Authentication Method')
}
