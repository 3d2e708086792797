/** Requests and their answers among rows that follow each other. Pure. */
import type { PacketRow } from '../../../shared/contract/model.ts'

export interface Link {
  /** Places in the rows given. */
  readonly from: number
  readonly to: number
  /** Seconds from the request to its answer. */
  readonly seconds: number
}

/** What a packet answers, by its type (MQTT 5.0, section 4.3 for the QoS flows). */
const answers: Readonly<Record<string, readonly string[]>> = {
  CONNACK: ['CONNECT'],
  PUBACK: ['PUBLISH'],
  PUBREC: ['PUBLISH'],
  PUBREL: ['PUBREC'],
  PUBCOMP: ['PUBREL'],
  SUBACK: ['SUBSCRIBE'],
  UNSUBACK: ['UNSUBSCRIBE'],
  PINGRESP: ['PINGREQ'],
}
const withoutId: ReadonlySet<string> = new Set(['CONNECT', 'CONNACK', 'PINGREQ', 'PINGRESP'])

/** A row does not hold the packet identifier; its summary does: `QoS 1 · mid 7`. */
const packetId = ({ info }: PacketRow): string | undefined => /(?:^| · )mid (\d+)(?= · |$)/.exec(info)?.[1]

const keyOf = (row: PacketRow, type: string, direction: string): string | undefined => {
  const id = withoutId.has(type) ? '' : packetId(row)
  return id === undefined ? undefined : `${row.connection} ${direction} ${type} ${id}`
}
const opposite = { in: 'out', out: 'in' } as const

/** Each answer with the latest packet it can answer; a request has one answer. In order of the answers. */
export function findLinks(rows: readonly PacketRow[]): Link[] {
  const waiting = new Map<string, number>()
  const links: Link[] = []
  rows.forEach((row, index) => {
    if (row.kind !== 'packet') return
    for (const type of answers[row.type] ?? []) {
      const key = keyOf(row, type, opposite[row.direction])
      const from = key === undefined ? undefined : waiting.get(key)
      const request = from === undefined ? undefined : rows[from]
      if (key === undefined || from === undefined || !request) continue
      waiting.delete(key)
      links.push({ from, to: index, seconds: secondsBetween(request, row) })
    }
    const own = keyOf(row, row.type, row.direction)
    if (own !== undefined) waiting.set(own, index)
  })
  return links
}

export const secondsBetween = (one: PacketRow, other: PacketRow): number =>
  other.sec - one.sec + (other.nsec - one.nsec) / 1e9

/** `0.4 ms`, `12 ms`, `1.3 s`, `2 min 5 s`. */
export function duration(seconds: number): string {
  if (seconds < 0.01) return `${(seconds * 1000).toFixed(1)} ms`
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  return `${Math.floor(whole / 60)} min ${whole % 60} s`
}

/** Part of a bracket that a row draws in one of its slots. */
export interface BracketPart {
  readonly slot: number
  readonly part: 'start' | 'through' | 'end'
}

/** Brackets that overlap stand in slots beside each other; those that find no slot are told by their text alone. */
export const MAX_SLOTS = 6

/** The parts of each row; brackets in one slot never overlap. */
export function brackets(links: readonly Link[], count: number): readonly (readonly BracketPart[])[] {
  const parts: BracketPart[][] = Array.from({ length: count }, () => [])
  const freeFrom = Array.from({ length: MAX_SLOTS }, () => 0)
  for (const { from, to } of [...links].sort((a, b) => a.from - b.from || a.to - b.to)) {
    const slot = freeFrom.findIndex((free) => free <= from)
    if (slot < 0) continue
    freeFrom[slot] = to + 1
    for (let at = from; at <= to; at++)
      parts[at]?.push({ slot, part: at === from ? 'start' : at === to ? 'end' : 'through' })
  }
  return parts
}
