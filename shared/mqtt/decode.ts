/** The strict decoder: a whole MQTT packet as bytes in, a value out. */
import { checkAuthentication, checkPayloadFormat, checkWildcard } from './checks.ts'
import { MALFORMED_PACKET, PROTOCOL_ERROR, TOPIC_NAME_INVALID, type StatementKey } from './error.ts'
import { readConnect } from './decode-connect.ts'
import { readProperties } from './decode-properties.ts'
import { countBytes, FIELDS, levelName, reasonField } from './fields.ts'
import { PACKET_TYPES } from './frame.ts'
import type {
  AckPacket,
  AuthPacket,
  ConnackPacket,
  DisconnectPacket,
  Packet,
  PacketType,
  ProtocolLevel,
  PublishPacket,
  QoS,
  SubackPacket,
  SubscribePacket,
  Subscription,
  UnsubackPacket,
  UnsubscribePacket,
} from './packets.ts'
import { getProperty, NO_PROPERTIES } from './properties.ts'
import { hexByte, isReasonCodeAllowed } from './reason-codes.ts'
import { Reader, type Trace } from './reader.ts'

export interface DecodeOptions {
  /** Is told every part of the packet; with it, decoding goes on after faults that allow it. */
  readonly trace?: Trace
  /** A payload that says it is UTF-8 (Payload Format Indicator 1) and is not is refused with 0x99. */
  readonly checkPayloadFormat?: boolean
}

/**
 * Decodes one whole packet. `level` is that of the connection; a CONNECT brings its own. Payloads and binary
 * values are views of `bytes`.
 * Throws `MqttError` at the first violation of the standard. The syntax of topic filters is not judged here,
 * because a server answers it filter by filter (0x8F): see `isTopicFilter`.
 */
export function decodePacket(bytes: Uint8Array, level: ProtocolLevel, options?: DecodeOptions): Packet {
  const reader = new Reader(bytes, level, options?.trace)
  const first = bytes.length > 0 ? bytes[0]! : 0
  const type = readFixedHeader(reader, first)
  switch (type) {
    case 'PUBLISH':
      return readPublish(reader, first, options?.checkPayloadFormat === true)
    case 'PUBACK':
    case 'PUBREC':
    case 'PUBREL':
    case 'PUBCOMP':
      return readAck(reader, type)
    case 'CONNECT':
      return ended(reader, readConnect(reader, options?.checkPayloadFormat === true))
    case 'CONNACK':
      return readConnack(reader)
    case 'SUBSCRIBE':
      return readSubscribe(reader)
    case 'SUBACK':
      return readSuback(reader)
    case 'UNSUBSCRIBE':
      return readUnsubscribe(reader)
    case 'UNSUBACK':
      return readUnsuback(reader)
    case 'PINGREQ':
    case 'PINGRESP':
      return ended(reader, { type })
    case 'DISCONNECT':
      return readDisconnect(reader)
    case 'AUTH':
      return readAuth(reader)
  }
}

/** Types whose flags are 0b0010. MQTT 3.1 also allows DUP in them. */
const flagged = (type: PacketType): boolean =>
  type === 'PUBREL' || type === 'SUBSCRIBE' || type === 'UNSUBSCRIBE'

function readFixedHeader(reader: Reader, first: number): PacketType {
  const { trace } = reader
  reader.take(1, 'The packet type')
  const type = PACKET_TYPES[first >> 4]
  trace?.open(FIELDS.header, 0)
  trace?.field(FIELDS.type, 0, 1, first >> 4)
  const flags = first & 0x0f
  if (type === 'PUBLISH') {
    trace?.field(FIELDS.dup, 0, 1, (flags & 8) !== 0)
    trace?.field(FIELDS.qos, 0, 1, (flags >> 1) & 3)
    trace?.field(FIELDS.retain, 0, 1, (flags & 1) !== 0)
    if ((flags & 6) === 0 && flags >= 8) {
      reader.violation(PROTOCOL_ERROR, 'DUP is set on a QoS 0 PUBLISH', 0, 1, 'dup')
    }
    if ((flags & 6) === 6) reader.fatal(MALFORMED_PACKET, 'PUBLISH has QoS 3', 0, 1, 'publishQos')
  } else {
    trace?.field(FIELDS.headerReserved, 0, 1, flags)
    if (type === undefined) return reader.fatal(MALFORMED_PACKET, 'Packet type 0 is reserved', 0, 1)
    if (type === 'AUTH' && reader.level !== 5) {
      reader.fatal(MALFORMED_PACKET, `${levelName(reader.level)} has no AUTH packet`, 0, 1)
    }
    const expected = flagged(type) ? 2 : 0
    const judged = reader.level === 3 && flagged(type) ? flags & 7 : flags
    if (judged !== expected) {
      const message = `${type} has the flags ${flags}, but they must be ${expected}`
      reader.violation(MALFORMED_PACKET, message, 0, 1, 'headerFlags')
    }
  }
  trace?.close(1, first)
  readRemainingLength(reader)
  return type
}

/** The minimal form is not asked for here: only [MQTT-1.5.5-1] has it, and brokers take the longer ones. */
function readRemainingLength(reader: Reader): void {
  const { bytes } = reader
  let length = 0
  let byte = 0x80
  for (let shift = 0; byte >= 0x80; shift += 7) {
    const tooLong = shift > 21
    if (tooLong || reader.pos === bytes.length) {
      const fault = tooLong ? 'takes more than four bytes' : 'is cut off'
      reader.fatal(MALFORMED_PACKET, `Remaining Length ${fault}`, 1, reader.pos)
    }
    byte = bytes[reader.pos++]!
    length += (byte & 0x7f) * (1 << shift)
  }
  reader.trace?.field(FIELDS.remainingLength, 1, reader.pos, length)
  const found = bytes.length - reader.pos
  if (found === length) return
  const message = `Remaining Length is ${length}, but ${countBytes(found)} ${found === 1 ? 'follows' : 'follow'}`
  reader.violation(MALFORMED_PACKET, message, 1, reader.pos)
  reader.end = Math.min(reader.end, reader.pos + length)
}

/** Judges what is left after the last part of a packet. */
function ended<P extends Packet>(reader: Reader, packet: P): P {
  const left = reader.end - reader.pos
  if (left > 0) {
    const message = `${packet.type} goes on for ${left} more ${left === 1 ? 'byte' : 'bytes'} than it should`
    reader.violation(MALFORMED_PACKET, message, reader.pos, reader.end)
  }
  return packet
}

function readPublish(reader: Reader, first: number, checkPayload: boolean): PublishPacket {
  const qos = ((first >> 1) & 3) as QoS
  const dup = (first & 8) !== 0
  const retain = (first & 1) !== 0
  const topicStart = reader.pos
  const topic = reader.topic(FIELDS.topic)
  const topicEnd = reader.pos
  checkWildcard(reader, 'Topic Name', topic, topicStart + 2, topicEnd, 'topicWildcard')
  const packetId = qos === 0 ? 0 : readPacketId(reader)
  const properties = reader.level === 5 ? readProperties(reader, 'PUBLISH') : NO_PROPERTIES
  if (topic === '') {
    if (reader.level !== 5) {
      reader.violation(TOPIC_NAME_INVALID, 'Topic Name is empty', topicStart, topicEnd, 'emptyTopic')
    } else if (getProperty(properties, 'topicAlias') === undefined) {
      const message = 'Topic Name is empty and there is no Topic Alias'
      reader.violation(PROTOCOL_ERROR, message, topicStart, topicEnd)
    }
  }
  const payload = reader.rest(FIELDS.payload)
  if (checkPayload) checkPayloadFormat(reader, properties, payload, reader.end - payload.length)
  return qos === 0
    ? { type: 'PUBLISH', dup, qos, retain, topic, properties, payload }
    : { type: 'PUBLISH', dup, qos, retain, topic, packetId, properties, payload }
}

/** [MQTT-2.2.1-3], [MQTT-2.3.1-1] */
function readPacketId(reader: Reader): number {
  const packetId = reader.u16(FIELDS.packetId)
  if (packetId === 0) {
    reader.violation(PROTOCOL_ERROR, 'Packet Identifier is 0', reader.pos - 2, reader.pos, 'packetId')
  }
  return packetId
}

const CODE_STATEMENTS: Partial<Record<PacketType, StatementKey>> = {
  CONNACK: 'connackCode',
  PUBACK: 'pubackCode',
  PUBREC: 'pubrecCode',
  PUBREL: 'pubrelCode',
  PUBCOMP: 'pubcompCode',
  SUBACK: 'subackCode',
  UNSUBACK: 'unsubackCode',
  DISCONNECT: 'disconnectCode',
  AUTH: 'authCode',
}

function readReasonCode(reader: Reader, type: PacketType): number {
  const code = reader.u8(reasonField(type, reader.level))
  if (!isReasonCodeAllowed(type, code, reader.level)) {
    const word = reader.level === 5 ? 'Reason Code' : 'Return Code'
    const message = `${word} ${hexByte(code)} is not one of ${type}`
    reader.violation(PROTOCOL_ERROR, message, reader.pos - 1, reader.pos, CODE_STATEMENTS[type])
  }
  return code
}

function readAck(reader: Reader, type: AckPacket['type']): AckPacket {
  const packetId = readPacketId(reader)
  let reasonCode = 0
  let properties = NO_PROPERTIES
  // Both may be left out from the end: "Remaining Length of 2 … less than 4" (3.4.2.1, 3.4.2.2.1).
  if (reader.level === 5 && reader.pos < reader.end) {
    reasonCode = readReasonCode(reader, type)
    if (reader.pos < reader.end) properties = readProperties(reader, type)
  }
  return ended(reader, { type, packetId, reasonCode, properties })
}

function readConnack(reader: Reader): ConnackPacket {
  const at = reader.pos
  const { trace } = reader
  const flags = reader.bytes[reader.take(1, FIELDS.connackFlags.label)]!
  // In MQTT 3.1 this byte is reserved and says nothing.
  const sessionPresent = reader.level !== 3 && (flags & 1) !== 0
  trace?.open(FIELDS.connackFlags, at)
  trace?.field(FIELDS.connackReserved, at, at + 1, flags >> 1)
  trace?.field(FIELDS.sessionPresent, at, at + 1, sessionPresent)
  trace?.close(at + 1, flags)
  if (reader.level !== 3 && flags > 1) {
    const message = `Connect Acknowledge Flags are ${hexByte(flags)}, but bits 7 to 1 are reserved`
    reader.violation(MALFORMED_PACKET, message, at, at + 1, 'connackFlags')
  }
  const reasonCode = readReasonCode(reader, 'CONNACK')
  const propertiesStart = reader.pos
  const properties = reader.level === 5 ? readProperties(reader, 'CONNACK') : NO_PROPERTIES
  checkAuthentication(reader, properties, propertiesStart)
  return ended(reader, { type: 'CONNACK', sessionPresent, reasonCode, properties })
}

function readSubscribe(reader: Reader): SubscribePacket {
  const packetId = readPacketId(reader)
  const properties = reader.level === 5 ? readProperties(reader, 'SUBSCRIBE') : NO_PROPERTIES
  const subscriptions: Subscription[] = []
  while (reader.pos < reader.end) subscriptions.push(readSubscription(reader))
  if (subscriptions.length === 0) {
    reader.violation(PROTOCOL_ERROR, 'SUBSCRIBE has no topic filter', reader.pos, reader.end, 'noFilters')
  }
  return { type: 'SUBSCRIBE', packetId, subscriptions, properties }
}

function readFilter(reader: Reader): string {
  const start = reader.pos
  const filter = reader.topic(FIELDS.filter)
  if (filter === '') {
    reader.violation(PROTOCOL_ERROR, 'Topic Filter is empty', start, reader.pos, 'emptyTopic')
  }
  return filter
}

function readSubscription(reader: Reader): Subscription {
  const { trace, level } = reader
  trace?.open(FIELDS.subscription, reader.pos)
  const filter = readFilter(reader)
  const at = reader.take(1, FIELDS.subscriptionOptions.label)
  const options = reader.bytes[at]!
  const qos = options & 3
  const v5 = level === 5
  const noLocal = v5 && (options & 4) !== 0
  const retainAsPublished = v5 && (options & 8) !== 0
  const retainHandling = v5 ? (options >> 4) & 3 : 0
  const reserved = v5 ? options >> 6 : options >> 2
  trace?.open(FIELDS.subscriptionOptions, at)
  trace?.field(FIELDS.optionsReserved, at, at + 1, reserved)
  if (v5) {
    trace?.field(FIELDS.retainHandling, at, at + 1, retainHandling)
    trace?.field(FIELDS.retainAsPublished, at, at + 1, retainAsPublished)
    trace?.field(FIELDS.noLocal, at, at + 1, noLocal)
  }
  trace?.field(FIELDS.subscriptionQos, at, at + 1, qos)
  trace?.close(at + 1, options)
  if (qos === 3)
    reader.fatal(MALFORMED_PACKET, 'Subscription Options ask for QoS 3', at, at + 1, 'optionsReserved')
  if (retainHandling === 3) reader.fatal(PROTOCOL_ERROR, 'Retain Handling is 3, but at most 2', at, at + 1)
  // MQTT 3.1 calls these bits "not used" and gives no value for them.
  if (reserved !== 0 && level !== 3) {
    const message = 'Subscription Options have reserved bits set'
    reader.violation(MALFORMED_PACKET, message, at, at + 1, 'optionsReserved')
  }
  if (noLocal && filter.startsWith('$share/')) {
    const message = 'No Local is set on a shared subscription'
    reader.violation(PROTOCOL_ERROR, message, at, at + 1, 'noLocalShared')
  }
  trace?.close(reader.pos)
  return {
    filter,
    qos: qos as QoS,
    noLocal,
    retainAsPublished,
    retainHandling: retainHandling as Subscription['retainHandling'],
  }
}

function readReasonCodes(reader: Reader, type: 'SUBACK' | 'UNSUBACK'): number[] {
  const reasonCodes: number[] = []
  while (reader.pos < reader.end) reasonCodes.push(readReasonCode(reader, type))
  if (reasonCodes.length === 0) {
    reader.violation(MALFORMED_PACKET, `${type} has no reason code`, reader.pos, reader.end)
  }
  return reasonCodes
}

function readSuback(reader: Reader): SubackPacket {
  const packetId = readPacketId(reader)
  const properties = reader.level === 5 ? readProperties(reader, 'SUBACK') : NO_PROPERTIES
  return { type: 'SUBACK', packetId, reasonCodes: readReasonCodes(reader, 'SUBACK'), properties }
}

function readUnsubscribe(reader: Reader): UnsubscribePacket {
  const packetId = readPacketId(reader)
  const properties = reader.level === 5 ? readProperties(reader, 'UNSUBSCRIBE') : NO_PROPERTIES
  const filters: string[] = []
  while (reader.pos < reader.end) filters.push(readFilter(reader))
  if (filters.length === 0) {
    const message = 'UNSUBSCRIBE has no topic filter'
    reader.violation(PROTOCOL_ERROR, message, reader.pos, reader.end, 'noUnsubscribeFilters')
  }
  return { type: 'UNSUBSCRIBE', packetId, filters, properties }
}

function readUnsuback(reader: Reader): UnsubackPacket {
  const packetId = readPacketId(reader)
  if (reader.level !== 5) {
    return ended(reader, { type: 'UNSUBACK', packetId, reasonCodes: [], properties: NO_PROPERTIES })
  }
  const properties = readProperties(reader, 'UNSUBACK')
  return { type: 'UNSUBACK', packetId, reasonCodes: readReasonCodes(reader, 'UNSUBACK'), properties }
}

function readDisconnect(reader: Reader): DisconnectPacket {
  let reasonCode = 0
  let properties = NO_PROPERTIES
  // The reason may be left out, and the properties after it (3.14.2.1, 3.14.2.2.1).
  if (reader.level === 5 && reader.pos < reader.end) {
    reasonCode = readReasonCode(reader, 'DISCONNECT')
    if (reader.pos < reader.end) properties = readProperties(reader, 'DISCONNECT')
  }
  return ended(reader, { type: 'DISCONNECT', reasonCode, properties })
}

function readAuth(reader: Reader): AuthPacket {
  // Reason code and properties may be left out together, not one alone (3.15.2.1).
  if (reader.pos === reader.end) return { type: 'AUTH', reasonCode: 0, properties: NO_PROPERTIES }
  const reasonCode = readReasonCode(reader, 'AUTH')
  const propertiesStart = reader.pos
  const properties = readProperties(reader, 'AUTH')
  checkAuthentication(reader, properties, propertiesStart)
  return ended(reader, { type: 'AUTH', reasonCode, properties })
}
