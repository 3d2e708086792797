/** Requests and their answers among rows that follow each other. Pure. */
import type { PacketRow } from '../../../shared/contract/model.ts'

/** A request and its answer, by their places in the rows given. */
export interface Link {
  readonly from: number
  readonly to: number
}

/** The answers whose request is among the rows too, in their order. */
export function findLinks(rows: readonly PacketRow[]): Link[] {
  const places = new Map(rows.map(({ no }, index) => [no, index]))
  return rows.flatMap(({ answers }, to) => {
    const from = answers && places.get(answers.no)
    return from === undefined ? [] : [{ from, to }]
  })
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
