/** A packet written down in the forms that other tools read. Pure. */
import type { PacketDetail } from '../../../shared/contract/model.ts'
import type { ProtocolLevel, PublishPacket } from '../../../shared/mqtt/packets.ts'
import { propertyByName } from '../../../shared/mqtt/properties.ts'
import { hexByte, hexDump, hexString } from '../../ui/hex.ts'
import { decoded, levelOf } from './decoded.ts'
import { treeJson, treeText } from './tree.ts'

export interface CopyForm {
  readonly id: string
  readonly title: string
  /** What was copied, for the remark. */
  readonly what: string
  /** Undefined when this packet cannot be written so. */
  readonly write: (packet: PacketDetail) => string | undefined
}

export const copyForms: readonly CopyForm[] = [
  { id: 'hex', title: 'hex', what: 'the bytes as hex', write: ({ bytes }) => hexString(bytes) },
  { id: 'dump', title: 'hex dump', what: 'the hex dump', write: ({ bytes }) => hexDump(bytes) },
  { id: 'text', title: 'text', what: 'the tree as text', write: ({ fields }) => treeText(fields) },
  { id: 'json', title: 'JSON', what: 'the tree as JSON', write: ({ fields }) => treeJson(fields) },
  { id: 'c', title: 'C array', what: 'the bytes as a C array', write: cArray },
  { id: 'pub', title: 'mosquitto_pub command', what: 'the mosquitto_pub command', write: mosquittoPub },
]

const BYTES_PER_LINE = 12

/** Undefined for an event without bytes: C has no empty arrays. */
export function cArray({ row, bytes }: PacketDetail): string | undefined {
  if (bytes.length === 0) return undefined
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += BYTES_PER_LINE) {
    const line = Array.from(bytes.subarray(at, at + BYTES_PER_LINE), (byte) => `0x${hexByte(byte)}`)
    lines.push(`  ${line.join(', ')},`)
  }
  return [
    `/* ${row.type}, packet ${row.no} */`,
    `static const unsigned char packet_${row.no}[${bytes.length}] = {`,
    ...lines,
    '};',
  ].join('\n')
}

/** As mosquitto_pub calls them in -V. */
const versionNames: Readonly<Record<ProtocolLevel, string>> = { 3: 'mqttv31', 4: 'mqttv311', 5: 'mqttv5' }

/**
 * The command of Mosquitto's client that publishes the same message at the listener it came in by: version, QoS,
 * retain, topic and every property a client may set. Undefined for anything but a PUBLISH.
 */
export function mosquittoPub(detail: PacketDetail): string | undefined {
  const packet = decoded(detail)
  if (packet?.type !== 'PUBLISH') return undefined
  const { row, connection } = detail
  const properties = packet.properties.map(propertyOption)
  const options = [
    ['-h', shellQuote(connection.localAddress)],
    ['-p', String(connection.listenerPort)],
    ['-V', versionNames[levelOf(detail)]],
    ...(packet.qos > 0 ? [['-q', String(packet.qos)]] : []),
    ...(packet.retain ? [['-r']] : []),
    // A Topic Alias holds only within its connection: the topic it stands for is written out.
    ['-t', shellQuote(packet.topic || row.topic)],
    ...properties.flatMap(({ option }) => (option ? [option] : [])),
  ]
  const remarks = properties.flatMap(({ remark }) => (remark ? [`# ${remark}`] : []))
  const command = withPayload(options.map((option) => option.join(' ')).join(' '), packet.payload)
  return [...remarks, command].join('\n')
}

/** Belong to one connection, or are set by the broker. */
const notForClients: ReadonlySet<string> = new Set(['topicAlias', 'subscriptionIdentifier'])

interface PropertyOption {
  readonly option?: readonly string[]
  /** Why it is not in the command. */
  readonly remark?: string
}

function propertyOption({ name, value }: PublishPacket['properties'][number]): PropertyOption {
  const label = propertyByName(name)?.label ?? name
  if (notForClients.has(name)) return {}
  const values = value instanceof Uint8Array ? [value] : [value].flat().map(String)
  const words = values.map(argument)
  if (words.includes(undefined))
    return { remark: `${label} is left out: a NUL byte or a last line break cannot stand in an argument.` }
  const identifier = label.toLowerCase().replaceAll(' ', '-')
  return { option: ['-D', 'publish', identifier, ...words.map(String)] }
}

/** A word for a POSIX shell. */
export const shellQuote = (text: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The bytes as text that a shell passes on unchanged, or undefined. */
function plainText(bytes: Uint8Array): string | undefined {
  try {
    const text = utf8.decode(bytes)
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}

/** Octal escapes: every POSIX printf knows them. */
const octal = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')

/** As an argument; undefined for bytes that a shell cannot pass on in one. */
function argument(value: string | Uint8Array): string | undefined {
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value
  const text = plainText(bytes)
  if (text !== undefined) return shellQuote(text)
  // $( ) takes line breaks away at the end.
  const lost = bytes.includes(0) || bytes.at(-1) === 0x0a
  return lost ? undefined : `"$(printf '${octal(bytes)}')"`
}

function withPayload(options: string, payload: Uint8Array): string {
  if (payload.length === 0) return `mosquitto_pub ${options} -n`
  const text = plainText(payload)
  if (text !== undefined) return `mosquitto_pub ${options} -m ${shellQuote(text)}`
  return `printf '${octal(payload)}' | mosquitto_pub ${options} -s`
}
