/** What stands in a segment of the history. Pure. */
import { decodeMulti } from '@msgpack/msgpack'
import type { ClientPacketRow } from '../../../shared/contract/mqtt-client.ts'
import type { LoggedPacket, PacketLog } from './log.ts'

/** With the version of what follows. */
export const HEADING = ['oktobench client history', 1] as const

/**
 * A packet, a row that changed, packets that a person cleared (of all clients when null), and how many had to go, with
 * the first number that is still held.
 */
export type Entry =
  | readonly ['add', ClientPacketRow, Uint8Array, LoggedPacket['level']]
  | readonly ['row', ClientPacketRow]
  | readonly ['clear', string | null, number]
  | readonly ['dropped', number, number]

export const addOf = ({ row, bytes, level }: LoggedPacket): Entry => ['add', row, bytes, level]

/** No answer comes any more to what waited at the end. */
export function settled(packet: LoggedPacket): LoggedPacket {
  const { row } = packet
  if (row.request?.state !== 'waiting') return packet
  return { ...packet, row: { ...row, request: { ...row.request, state: 'lost' } } }
}

export const droppedOf = ({ dropped, packets }: PacketLog): Entry => [
  'dropped',
  dropped,
  packets[0]?.row.no ?? 0,
]

/** Lets an entry have its effect on what the ones before it gave. */
export function take(packets: Map<number, LoggedPacket>, entry: Entry): void {
  if (entry[0] === 'add') {
    const [, row, bytes, level] = entry
    // A copy: what it is a view of would be held whole.
    packets.set(row.no, { row, bytes: new Uint8Array(bytes), level })
  } else if (entry[0] === 'row') {
    const known = packets.get(entry[1].no)
    if (known) known.row = entry[1]
  } else {
    const [client, below] = entry[0] === 'clear' ? [entry[1], entry[2]] : [null, entry[2]]
    for (const [no, { row }] of packets)
      if (no < below && (client === null || row.client === client)) packets.delete(no)
  }
}

/** What a segment holds, up to where it was cut short. Throws for one of a newer Oktobench. */
export function* entriesOf(bytes: Uint8Array): Generator<Entry> {
  const values = decodeMulti(bytes)
  try {
    const heading = values.next().value
    if (!Array.isArray(heading) || heading[0] !== HEADING[0]) return
    if (heading[1] !== HEADING[1])
      throw new NewerHistory('it was written by a newer Oktobench, and is left as it is')
    for (const value of values) if (isEntry(value)) yield value
  } catch (error) {
    if (error instanceof NewerHistory) throw error
    // The end of a crash: what comes behind it is not there.
  }
}

class NewerHistory extends Error {
  override readonly name = 'NewerHistory'
}

/** Damage must not reach a page: a row has the texts and numbers that a list shows. */
function isEntry(value: unknown): value is Entry {
  if (!Array.isArray(value)) return false
  const [kind, first, second, third] = value as unknown[]
  if (kind === 'dropped') return typeof first === 'number' && typeof second === 'number'
  if (kind === 'clear') return (first === null || typeof first === 'string') && typeof second === 'number'
  if (kind === 'row') return isRow(first)
  return kind === 'add' && isRow(first) && second instanceof Uint8Array && (third === 4 || third === 5)
}

const texts = ['client', 'type', 'topic', 'info', 'payload', 'direction'] as const
const numbers = ['no', 'time', 'length'] as const

function isRow(value: unknown): value is ClientPacketRow {
  if (typeof value !== 'object' || value === null) return false
  const row = value as Readonly<Record<string, unknown>>
  return (
    texts.every((name) => typeof row[name] === 'string') &&
    numbers.every((name) => typeof row[name] === 'number') &&
    typeof row['bad'] === 'boolean'
  )
}
