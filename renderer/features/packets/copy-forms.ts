/** A packet written down in the forms that other tools read. Pure. */
import type { PacketDetail } from '../../../shared/contract/model.ts'
import { clientCommand, commandText, withoutAlias } from '../../../shared/mqtt/client-command.ts'
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

/**
 * The command of Mosquitto's client that publishes the same message at the listener it came in by. Undefined for
 * anything but a PUBLISH.
 */
export function mosquittoPub(detail: PacketDetail): string | undefined {
  const packet = decoded(detail)
  if (packet?.type !== 'PUBLISH') return undefined
  const { row, connection } = detail
  const { localAddress: host, listenerPort: port } = connection
  const target = { host, port, level: levelOf(detail), topic: row.topic }
  return commandText(clientCommand(withoutAlias(packet, row.topic), target))
}
