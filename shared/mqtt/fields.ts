/**
 * Every part of a packet that is not a property: filter name (Wireshark's where it has one), label, and how its
 * value reads. The decoder names parts by these rows, in its error texts and to its trace.
 */
import { hexByte, reasonName } from './reason-codes.ts'
import { decodeText } from './utf8.ts'
import { PACKET_TYPES } from './frame.ts'
import type { PacketType, ProtocolLevel } from './packets.ts'
import type { PropertyDefinition } from './properties.ts'

export type FieldValue = string | number | boolean | Uint8Array | readonly [string, string]

/** A row of the table; a property's definition is one too. */
export interface FieldRow {
  readonly name: string
  readonly label: string
  /** Filter name of the length bytes in front of it. */
  readonly lengthName?: string
  /** The value as a person reads it; `showValue` where absent. */
  readonly show?: (value: FieldValue) => string
  /** The value itself must not be shown or compared. */
  readonly secret?: true
}

const QOS_NAMES = ['at most once', 'at least once', 'exactly once', 'not allowed']
const RETAIN_HANDLING_NAMES = [
  'send retained messages at subscribe',
  'send retained messages at a new subscription only',
  'send no retained messages',
  'not allowed',
]

const row = (name: string, label: string, show?: (value: FieldValue) => string): FieldRow =>
  show === undefined ? { name, label } : { name, label, show }
const flag = (name: string, label: string): FieldRow =>
  row(name, label, (value) => (value === true ? 'set' : 'not set'))
const named = (name: string, label: string, names: readonly string[]): FieldRow =>
  row(name, label, (value) => `${Number(value)} (${names[Number(value)] ?? 'not allowed'})`)
const text = (name: string, label: string, lengthName: string): FieldRow => ({ name, label, lengthName })

const byteText = (value: FieldValue): string => hexByte(Number(value))
const byteCount = (value: FieldValue): string => countBytes(value instanceof Uint8Array ? value.length : 0)
const seconds = (value: FieldValue): string => (value === 0 ? '0 (off)' : `${Number(value)} s`)

const secret = (field: FieldRow): FieldRow => ({ ...field, show: hideBytes, secret: true })
const hideBytes = (value: FieldValue): string => `•••• (${byteCount(value)})`

export const FIELDS = {
  header: row('mqtt.hdrflags', 'Fixed Header', byteText),
  type: row(
    'mqtt.msgtype',
    'Packet Type',
    (value) => `${PACKET_TYPES[Number(value)] ?? 'reserved'} (${Number(value)})`,
  ),
  headerReserved: row('mqtt.hdr_reserved', 'Reserved'),
  dup: flag('mqtt.dupflag', 'DUP'),
  qos: named('mqtt.qos', 'QoS', QOS_NAMES),
  retain: flag('mqtt.retain', 'RETAIN'),
  remainingLength: row('mqtt.len', 'Remaining Length'),

  protocolName: text('mqtt.protoname', 'Protocol Name', 'mqtt.proto_len'),
  protocolLevel: row('mqtt.ver', 'Protocol Level', (value) => levelText(Number(value))),
  connectFlags: row('mqtt.conflags', 'Connect Flags', byteText),
  usernameFlag: flag('mqtt.conflag.uname', 'User Name Flag'),
  passwordFlag: flag('mqtt.conflag.passwd', 'Password Flag'),
  willRetain: flag('mqtt.conflag.retain', 'Will Retain'),
  willQos: named('mqtt.conflag.qos', 'Will QoS', QOS_NAMES),
  willFlag: flag('mqtt.conflag.willflag', 'Will Flag'),
  cleanStart: flag('mqtt.conflag.cleansess', 'Clean Start'),
  cleanSession: flag('mqtt.conflag.cleansess', 'Clean Session'),
  connectReserved: flag('mqtt.conflag.reserved', 'Reserved'),
  keepAlive: row('mqtt.kalive', 'Keep Alive', seconds),
  clientId: text('mqtt.clientid', 'Client Identifier', 'mqtt.clientid_len'),
  will: row('mqtt.will', 'Will'),
  willTopic: text('mqtt.willtopic', 'Will Topic', 'mqtt.willtopic_len'),
  willPayload: text('mqtt.willmsg', 'Will Payload', 'mqtt.willmsg_len'),
  username: text('mqtt.username', 'User Name', 'mqtt.username_len'),
  password: secret(text('mqtt.passwd', 'Password', 'mqtt.passwd_len')),

  connackFlags: row('mqtt.conack.flags', 'Connect Acknowledge Flags', byteText),
  connackReserved: row('mqtt.conack.flags.reserved', 'Reserved'),
  sessionPresent: row('mqtt.conack.flags.sp', 'Session Present', (value) => (value === true ? 'yes' : 'no')),

  packetId: row('mqtt.msgid', 'Packet Identifier'),
  topic: text('mqtt.topic', 'Topic Name', 'mqtt.topic_len'),
  payload: row('mqtt.msg', 'Payload', byteCount),

  subscription: row('mqtt.subscription', 'Subscription'),
  filter: text('mqtt.topic', 'Topic Filter', 'mqtt.topic_len'),
  subscriptionOptions: row('mqtt.subscription_options', 'Subscription Options', byteText),
  subscriptionQos: named('mqtt.sub.qos', 'Maximum QoS', QOS_NAMES),
  noLocal: flag('mqtt.subscription_options_nl', 'No Local'),
  retainAsPublished: flag('mqtt.subscription_options_rap', 'Retain As Published'),
  retainHandling: named('mqtt.subscription_options_retain', 'Retain Handling', RETAIN_HANDLING_NAMES),
  optionsReserved: row('mqtt.subscription_options_reserved', 'Reserved'),

  properties: row('mqtt.properties', 'Properties'),
  willProperties: row('mqtt.will_properties', 'Will Properties'),
  propertyLength: row('mqtt.property_len', 'Property Length'),
  propertyId: row('mqtt.property_id', 'Identifier', byteText),
  propertyNumber: row('mqtt.prop_number', 'Value'),
  propertyText: text('mqtt.prop_string', 'Value', 'mqtt.prop_string_len'),
  propertyBytes: text('mqtt.prop_bytes', 'Value', 'mqtt.prop_string_len'),
  propertySecret: secret(text('mqtt.prop_bytes', 'Value', 'mqtt.prop_string_len')),
  pairName: text('mqtt.prop_key', 'Name', 'mqtt.prop_key_len'),
  pairValue: text('mqtt.prop_value', 'Value', 'mqtt.prop_value_len'),
} as const satisfies Record<string, FieldRow>

/** The row of a reason code; `level` 3 and 4 have return codes in CONNACK and SUBACK alone. */
export function reasonField(type: PacketType, level: ProtocolLevel): FieldRow {
  const known = reasonFields.get(type)
  return (level === 5 ? known?.v5 : known?.v3) ?? row('mqtt.reason_code', 'Reason Code', byteText)
}

const REASON_ROWS: readonly (readonly [PacketType, string])[] = [
  ['CONNACK', 'mqtt.connack.reason_code'],
  ['PUBACK', 'mqtt.puback.reason_code'],
  ['PUBREC', 'mqtt.pubrec.reason_code'],
  ['PUBREL', 'mqtt.pubrel.reason_code'],
  ['PUBCOMP', 'mqtt.pubcomp.reason_code'],
  ['SUBACK', 'mqtt.suback.reason_code'],
  ['UNSUBACK', 'mqtt.unsuback.reason_code'],
  ['DISCONNECT', 'mqtt.disconnect.reason_code'],
  ['AUTH', 'mqtt.auth.reason_code'],
]
const RETURN_NAMES: Partial<Record<PacketType, string>> = {
  CONNACK: 'mqtt.conack.val',
  SUBACK: 'mqtt.suback.qos',
}
const codeText = (type: PacketType, level: ProtocolLevel) => (value: FieldValue) =>
  `${reasonName(type, Number(value), level)} (${hexByte(Number(value))})`
const reasonFields = new Map(
  REASON_ROWS.map(([type, name]) => [
    type,
    {
      v5: row(name, 'Reason Code', codeText(type, 5)),
      v3: row(RETURN_NAMES[type] ?? name, 'Return Code', codeText(type, 4)),
    },
  ]),
)

/** By protocol level. */
export const versions = { 3: '3.1', 4: '3.1.1', 5: '5.0' } as const satisfies Record<ProtocolLevel, string>

/** "MQTT 5.0" and its elders. */
export const levelName = (level: ProtocolLevel): string => `MQTT ${versions[level]}`

function levelText(level: number): string {
  const plain = level & 0x7f
  if (plain < 3 || plain > 5) return `${level} (unknown)`
  const bridge = level === plain ? '' : ', bridge'
  return `${plain} (${levelName(plain as ProtocolLevel)}${bridge})`
}

/** "1 byte", "256 bytes". */
export const countBytes = (count: number): string => (count === 1 ? '1 byte' : `${count} bytes`)

/** How a value reads when its row has no say of its own. Bytes are hexadecimal, and text too if they are. */
export function showValue(value: FieldValue): string {
  if (typeof value === 'string') return value
  if (value instanceof Uint8Array) return showBytes(value)
  if (typeof value === 'object') return `${value[0]} = ${value[1]}`
  return String(value)
}

/** 0xFFFFFFFF of a Session Expiry Interval. */
const NEVER = 0xffff_ffff

/** A property's value with its unit or its meaning: "60 s", "1 (yes)". */
export function showProperty(definition: PropertyDefinition, value: FieldValue): string {
  const { meanings, unit } = definition
  if (definition.secret) return hideBytes(value)
  if (typeof value !== 'number') return showValue(value)
  if (definition.property === 'sessionExpiryInterval' && value === NEVER) return 'never'
  if (meanings !== undefined) return `${value} (${meanings[value] ?? 'not allowed'})`
  return unit === undefined ? String(value) : unit === 's' ? `${value} s` : countBytes(value)
}

function showBytes(bytes: Uint8Array): string {
  if (bytes.length === 0) return '(empty)'
  const text = decodeText(bytes, 0, bytes.length)
  const printable = text !== undefined && !/[\p{Cc}\p{Cf}]/u.test(text)
  return printable ? `${hex(bytes)} "${text}"` : hex(bytes)
}

/** Two lower-case digits a byte. */
export function hex(bytes: Uint8Array): string {
  let out = ''
  for (const byte of bytes) out += byte.toString(16).padStart(2, '0')
  return out
}
