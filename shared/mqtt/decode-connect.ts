/** CONNECT, the one packet that brings its own protocol level. */
import { checkAuthentication, checkPayloadFormat, checkWildcard } from './checks.ts'
import { readProperties } from './decode-properties.ts'
import {
  MALFORMED_PACKET,
  PROTOCOL_ERROR,
  TOPIC_NAME_INVALID,
  UNSUPPORTED_PROTOCOL_VERSION,
} from './error.ts'
import { FIELDS } from './fields.ts'
import type { ConnectPacket, ProtocolLevel, QoS, Will } from './packets.ts'
import { NO_PROPERTIES } from './properties.ts'
import type { Reader } from './reader.ts'

/** Bits of the Connect Flags byte (3.1.2.3). */
export const CONNECT_FLAGS = {
  username: 0x80,
  password: 0x40,
  willRetain: 0x20,
  willQosShift: 3,
  will: 0x04,
  clean: 0x02,
  reserved: 0x01,
} as const

/** Top bit of the protocol level: set by 3.x bridges (Mosquitto, RSMB), not part of the standard. */
export const BRIDGE_BIT = 0x80

/** Protocol Name of each level. */
export const PROTOCOL_NAMES: Readonly<Record<ProtocolLevel, string>> = { 3: 'MQIsdp', 4: 'MQTT', 5: 'MQTT' }

/** Reads a CONNECT after its fixed header and gives the reader the level that it found. */
export function readConnect(reader: Reader, checkPayload: boolean): ConnectPacket {
  const bridge = readProtocol(reader)
  const { level } = reader
  const flags = readFlags(reader)
  const keepAlive = reader.u16(FIELDS.keepAlive)
  const propertiesStart = reader.pos
  const properties = level === 5 ? readProperties(reader, 'CONNECT') : NO_PROPERTIES
  checkAuthentication(reader, properties, propertiesStart)
  const clientId = reader.text(FIELDS.clientId)
  const will = (flags & CONNECT_FLAGS.will) === 0 ? undefined : readWill(reader, flags, checkPayload)
  const username = (flags & CONNECT_FLAGS.username) === 0 ? undefined : reader.text(FIELDS.username)
  const password = (flags & CONNECT_FLAGS.password) === 0 ? undefined : reader.binary(FIELDS.password)
  return {
    type: 'CONNECT',
    level,
    clean: (flags & CONNECT_FLAGS.clean) !== 0,
    keepAlive,
    clientId,
    ...(username === undefined ? undefined : { username }),
    ...(password === undefined ? undefined : { password }),
    ...(will === undefined ? undefined : { will }),
    properties,
    ...(bridge ? { bridge } : undefined),
  }
}

/** Reads Protocol Name and Level; answers whether the bridge bit is set. */
function readProtocol(reader: Reader): boolean {
  const start = reader.pos
  const name = reader.text(FIELDS.protocolName)
  const nameEnd = reader.pos
  const version = reader.u8(FIELDS.protocolLevel)
  if (name !== 'MQTT' && name !== 'MQIsdp') {
    const message = `Protocol Name is "${name}", but must be MQTT`
    reader.fatal(UNSUPPORTED_PROTOCOL_VERSION, message, start + 2, nameEnd, 'protocolName')
  }
  const bridge = (version & BRIDGE_BIT) !== 0
  const level = version & ~BRIDGE_BIT
  const known = name === 'MQIsdp' ? level === 3 : level === 4 || (level === 5 && !bridge)
  if (!known) {
    const message = `Protocol Level ${version} of ${name} is not supported: 3 (MQIsdp), 4 and 5 (MQTT) are`
    reader.fatal(UNSUPPORTED_PROTOCOL_VERSION, message, nameEnd, reader.pos, 'protocolLevel')
  }
  reader.level = level as ProtocolLevel
  return bridge
}

function readFlags(reader: Reader): number {
  const at = reader.take(1, FIELDS.connectFlags.label)
  const { trace, level } = reader
  const flags = reader.bytes[at]!
  const has = (bit: number): boolean => (flags & bit) !== 0
  const willQos = (flags >> CONNECT_FLAGS.willQosShift) & 3
  if (trace !== undefined) {
    const end = at + 1
    trace.open(FIELDS.connectFlags, at)
    trace.field(FIELDS.usernameFlag, at, end, has(CONNECT_FLAGS.username))
    trace.field(FIELDS.passwordFlag, at, end, has(CONNECT_FLAGS.password))
    trace.field(FIELDS.willRetain, at, end, has(CONNECT_FLAGS.willRetain))
    trace.field(FIELDS.willQos, at, end, willQos)
    trace.field(FIELDS.willFlag, at, end, has(CONNECT_FLAGS.will))
    trace.field(level === 5 ? FIELDS.cleanStart : FIELDS.cleanSession, at, end, has(CONNECT_FLAGS.clean))
    trace.field(FIELDS.connectReserved, at, end, has(CONNECT_FLAGS.reserved))
    trace.close(end, flags)
  }
  // MQTT 3.1 leaves the lowest bit unused and says no value for it.
  if (has(CONNECT_FLAGS.reserved) && level !== 3) {
    reader.violation(MALFORMED_PACKET, 'The reserved Connect Flag is set', at, at + 1, 'connectReserved')
  }
  if (has(CONNECT_FLAGS.will)) {
    if (willQos === 3) reader.fatal(MALFORMED_PACKET, 'Will QoS is 3', at, at + 1, 'willQos')
  } else {
    if (willQos !== 0) {
      const message = `Will QoS is ${willQos}, but there is no Will`
      reader.violation(MALFORMED_PACKET, message, at, at + 1, 'noWillQos')
    }
    if (has(CONNECT_FLAGS.willRetain)) {
      const message = 'Will Retain is set, but there is no Will'
      reader.violation(MALFORMED_PACKET, message, at, at + 1, 'noWillRetain')
    }
  }
  if (level !== 5 && has(CONNECT_FLAGS.password) && !has(CONNECT_FLAGS.username)) {
    const message = 'There is a Password without a User Name'
    reader.violation(PROTOCOL_ERROR, message, at, at + 1, 'passwordAlone')
  }
  return flags
}

function readWill(reader: Reader, flags: number, checkPayload: boolean): Will {
  reader.trace?.open(FIELDS.will, reader.pos)
  const properties = reader.level === 5 ? readProperties(reader, 'WILL') : NO_PROPERTIES
  const topicStart = reader.pos + 2
  const topic = reader.text(FIELDS.willTopic)
  checkWildcard(reader, 'Will Topic', topic, topicStart, reader.pos, 'willWildcard')
  if (topic === '') {
    reader.violation(TOPIC_NAME_INVALID, 'Will Topic is empty', topicStart - 2, reader.pos, 'emptyTopic')
  }
  const payload = reader.binary(FIELDS.willPayload)
  if (checkPayload) checkPayloadFormat(reader, properties, payload, reader.pos - payload.length)
  reader.trace?.close(reader.pos)
  return {
    topic,
    payload,
    qos: ((flags >> CONNECT_FLAGS.willQosShift) & 3) as QoS,
    retain: (flags & CONNECT_FLAGS.willRetain) !== 0,
    properties,
  }
}
