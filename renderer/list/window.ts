/** Which rows a list asks for, and how far its rows have moved. Pure. */
import type { ViewWindow } from '../../shared/contract/contract.ts'

interface Seen {
  readonly total: number
  readonly top: number
  readonly viewport: number
  readonly follow: boolean
}

/** Rows asked for beyond each edge of what is seen. */
const MARGIN = 40
/** The same above a list that is kept at its end: enough for a turn of the wheel, until the bench has answered. */
const TAIL_MARGIN = 20
/** Windows begin at multiples of this, so that a small scroll asks for nothing. */
const STEP = 20

export function windowFor({ total, top, viewport, follow }: Seen, max: number): ViewWindow {
  // A list that is not on the screen needs no rows, only to know how many there are.
  if (viewport === 0) return { from: 0, count: 0, tail: follow }
  const fitting = (rows: number) => Math.min(max, Math.ceil(rows / STEP) * STEP)
  if (follow) return { from: 0, count: fitting(viewport + TAIL_MARGIN), tail: true }
  const count = fitting(viewport + 2 * MARGIN + STEP)
  const from = Math.max(0, Math.floor((top - MARGIN) / STEP) * STEP)
  return { from: Math.min(from, Math.max(0, total - 1)), count, tail: false }
}

interface Held<R> {
  readonly from: number
  readonly rows: readonly R[]
  readonly top: number
}

/**
 * How many rows the list moved between two updates (negative: rows were dropped at its start), found by the
 * first row seen in the old one. 0 when that row is not in the new one.
 */
export function anchorShift<R>(old: Held<R>, next: Held<R>, key: (row: R) => string | number): number {
  const at = Math.max(Math.floor(old.top), old.from)
  const row = old.rows[at - old.from]
  if (!row) return 0
  const wanted = key(row)
  const here = next.rows.findIndex((candidate) => key(candidate) === wanted)
  return here < 0 ? 0 : next.from + here - at
}
