/**
 * End-to-end session contexts in a capture: which rows hold the segments of one Msg, and what is to be said of
 * their Records. Each connection is followed by itself, both ways: a Record that the bench passes on is a row of
 * two connections, and whole in each.
 */
import { SessionContexts, readSessionRecord } from '../../../shared/usp/session-context.ts'
import type { Assembled, Part, SessionFinding } from '../../../shared/usp/session-context.ts'
import { summarizeMsgBytes } from '../../../shared/usp/summary.ts'
import type { RecordPlace } from './indexer.ts'

/** A Msg that came in segments. */
export interface SegmentedMsg {
  /** Where its bytes stand in the packets of rows, in order; none when it is encrypted. */
  readonly parts: readonly Part[]
  readonly length: number
  readonly encrypted: boolean
  /** Rows of its segments, in the order of the Msg. */
  readonly rows: readonly number[]
  /** What the list says of it; empty when it is encrypted. */
  readonly info: string
}

/** A row as a segment: the `at`th, from 1. */
export interface Segment {
  readonly at: number
  readonly msg: SegmentedMsg
}

/** `segment 1 of 3 of the Msg that is whole in packet 9`. */
export function segmentText(segment: Segment): string {
  const { at, msg } = segment
  const place = `segment ${at} of ${msg.rows.length}`
  const what = msg.encrypted ? 'an encrypted Msg' : 'a Msg'
  return isLast(segment)
    ? `${place} of ${what}, the last`
    : `${place} of ${what} that is whole in packet ${msg.rows.at(-1)}`
}

export const isLast = ({ at, msg }: Segment): boolean => at === msg.rows.length

/** Whether `Sessions` has to hear of it. Few Records are, and this is asked of each. */
export const isOfSession = ({ peek: { kind } }: RecordPlace): boolean =>
  kind === 'session_context' || kind === 'disconnect'

/** A Msg that is whole now; `row` is that of its last segment. */
export interface Completed {
  readonly row: number
  readonly usp: string
  readonly msgId: string
}

/** In all connections together. Two of the largest Msgs that are taken may wait at once. */
const LIMITS = { maxWaitingBytes: 16 << 20, maxBytes: 32 << 20 }
/** One row may end many sessions. */
const MAX_FINDINGS = 50
const MORE = `More than ${MAX_FINDINGS} findings: the rest is not listed`
/** Estimates in bytes of what is held for a segment, a part and a finding beside its text. */
const SEGMENT_COST = 200
const PART_COST = 60
const NONE: readonly never[] = []
const FINDING_COST = 150

interface Held extends SegmentedMsg {
  /** Rows that are still there. */
  held: number
  readonly cost: number
}

export class Sessions {
  readonly #contexts = new SessionContexts(LIMITS)
  readonly #segments = new Map<number, { readonly at: number; readonly msg: Held }>()
  readonly #findings = new Map<number, SessionFinding[]>()
  readonly #isHeld: (row: number) => boolean
  #bytes = 0

  /** `isHeld`: whether the capture has that row still. */
  constructor(isHeld: (row: number) => boolean) {
    this.#isHeld = isHeld
  }

  /** Memory held for rows, in bytes, as an estimate. */
  get bytes(): number {
    return this.#bytes
  }

  /** Takes a Record that stands in the packet of `row`, which is held already; answers what it completed. */
  take(row: number, connection: number, packet: Uint8Array, record: RecordPlace): readonly Completed[] {
    const { peek, start, end } = record
    if (!isOfSession(record)) return NONE
    if (peek.kind === 'disconnect') {
      this.#say(this.#contexts.end(peek.fromId, peek.toId, row, connection))
      return NONE
    }
    const session = readSessionRecord(packet, start, end)
    if (session === undefined) return []
    const { assembled, findings } = this.#contexts.feed(session, row, connection)
    this.#say(findings)
    return assembled.flatMap((one) => this.#keep(one))
  }

  /** The connection is gone; `row` tells of its end, or is 0 where none does. */
  leave(connection: number, row: number): void {
    this.#say(this.#contexts.leave(connection, row))
  }

  segment(row: number): Segment | undefined {
    return this.#segments.get(row)
  }

  findings(row: number): readonly SessionFinding[] {
    return this.#findings.get(row) ?? []
  }

  /** The row is gone. */
  drop(row: number): void {
    const segment = this.#segments.get(row)
    if (segment !== undefined) {
      this.#segments.delete(row)
      segment.msg.held -= 1
      if (segment.msg.held === 0) this.#bytes -= segment.msg.cost
    }
    for (const { text } of this.#findings.get(row) ?? []) this.#bytes -= FINDING_COST + text.length
    this.#findings.delete(row)
  }

  #keep({ bytes, length, parts }: Assembled): Completed[] {
    const rows = [...new Set(parts.map(({ packet }) => packet))]
    const last = rows.at(-1)
    // A Msg in one piece is read where it stands. Of what was dropped meanwhile nothing can be shown.
    if (last === undefined || (parts.length === 1 && bytes !== undefined) || !this.#isHeld(last)) return []
    const summary = bytes && summarizeMsgBytes(bytes)
    const info = summary?.info ?? ''
    const kept = bytes === undefined ? [] : parts
    const there = rows.filter((row) => this.#isHeld(row))
    const cost = rows.length * SEGMENT_COST + kept.length * PART_COST + info.length
    const encrypted = bytes === undefined
    const msg: Held = { parts: kept, length, encrypted, rows, info, held: there.length, cost }
    for (const [i, row] of rows.entries()) if (this.#isHeld(row)) this.#segments.set(row, { at: i + 1, msg })
    this.#bytes += cost
    if (summary === undefined) return []
    return [{ row: last, usp: summary.usp, msgId: summary.msgId ?? '' }]
  }

  #say(findings: readonly SessionFinding[]): void {
    for (const finding of findings) {
      const row = finding.packet
      if (!this.#isHeld(row)) continue
      const list = this.#findings.get(row) ?? []
      if (list.length > MAX_FINDINGS) continue
      const full = list.length === MAX_FINDINGS
      const told: SessionFinding = full ? { packet: row, severity: 'warning', text: MORE } : finding
      this.#findings.set(row, [...list, told])
      this.#bytes += FINDING_COST + told.text.length
    }
  }
}
