/** One direction of an end-to-end session context: sequence_id in order, repeats, gaps (TR-369 2.3). */
import { holdRecord, Segments, type HeldRecord, type Yield } from './segments.ts'
import type { SessionRecord } from './session-record.ts'

export interface SessionLimits {
  /** Sessions followed at once; the one idle for longest goes first. */
  readonly maxSessions: number
  /**
   * Bytes that may wait in one direction of a session, for missing Records or for the rest of a Msg; a Record
   * counts 128 and its payloads 128 each beside what is in them.
   */
  readonly maxWaitingBytes: number
  /** Bytes that may wait in all sessions. */
  readonly maxBytes: number
  /** Records that may wait for a missing one. */
  readonly maxEarly: number
}

/**
 * Where a Record stands: `next` in order; `early`, because one before it is missing; `again`, seen before and to
 * be ignored (R-E2E.25); `stale`, of a session that has ended; `untracked`, not followed.
 */
export type Standing = 'next' | 'early' | 'again' | 'stale' | 'untracked'

/** Records remembered to recognise a repeat. */
const REMEMBERED = 256

interface Seen {
  readonly packet: number
  readonly hash: number
}

export class Direction {
  /** The highest sequence_id sent; `undefined` before the first Record. */
  highest: bigint | undefined
  private readonly limits: SessionLimits
  private readonly segments: Segments
  /** The sequence_id due; `undefined` when the session began before it was followed. */
  private due: bigint | undefined
  private lastExpected = 0n
  private readonly early = new Map<bigint, HeldRecord>()
  private earlyBytes = 0
  private readonly seen = new Map<bigint, Seen>()
  /** sequence_ids that the other side asked for again, and the packet that asked. */
  private readonly asked = new Map<bigint, number>()

  /** `due` is 1 for a session that is followed from its beginning. */
  constructor(limits: SessionLimits, due: bigint | undefined) {
    this.limits = limits
    this.due = due
    this.segments = new Segments(limits.maxWaitingBytes)
    if (due === undefined) this.segments.lose()
  }

  get bytes(): number {
    return this.earlyBytes + this.segments.bytes
  }

  /** What would be lost if this ended now, in words. */
  get unfinished(): string | undefined {
    const parts: string[] = []
    if (this.early.size > 0) parts.push(`${this.early.size} Records wait for sequence_id ${this.due}`)
    const { begunIn } = this.segments
    if (begunIn !== undefined) parts.push(`what packet ${begunIn} began is not complete`)
    return parts.length > 0 ? parts.join(', ') : undefined
  }

  take(record: SessionRecord, packet: number, result: Yield): Standing {
    const { sequenceId } = record
    this.due ??= sequenceId
    const first = this.seen.get(sequenceId)
    if (sequenceId < this.due || first !== undefined || this.early.has(sequenceId)) {
      this.repeated(record, packet, first, result)
      return 'again'
    }
    this.remember(record, packet)
    this.checkExpected(record, packet, result)
    const gapGrows = this.early.size === 0 || sequenceId !== (this.highest ?? 0n) + 1n
    if (this.highest === undefined || sequenceId > this.highest) this.highest = sequenceId
    const held = holdRecord(record, packet)
    if (sequenceId > this.due) {
      this.wait(sequenceId, held, gapGrows, result)
      return 'early'
    }
    this.advance(held, result)
    return 'next'
  }

  /** The other side asks for a Record of this direction again. */
  askAgain(sequenceId: bigint, packet: number): void {
    this.asked.set(sequenceId, packet)
    forgetOldest(this.asked)
  }

  private remember(record: SessionRecord, packet: number): void {
    this.seen.set(record.sequenceId, { packet, hash: hashPayloads(record) })
    forgetOldest(this.seen)
  }

  private repeated(
    record: SessionRecord,
    packet: number,
    first: Seen | undefined,
    { findings }: Yield,
  ): void {
    const id = record.sequenceId
    const asked = this.asked.get(id)
    const why = asked === undefined ? 'not asked for' : `asked for in packet ${asked}`
    const earlier = first ? `packet ${first.packet}` : 'a Record that is no longer remembered'
    const text = `Repeats sequence_id ${id} of ${earlier}, ${why}`
    if (first === undefined || first.hash === hashPayloads(record)) {
      findings.push({ packet, severity: 'note', text, rule: 'R-E2E.25' })
    } else {
      const other = `${text}, but with another payload: a restarted session needs a new session_id`
      findings.push({ packet, severity: 'error', text: other, rule: 'R-E2E.14' })
    }
  }

  /** It never shrinks; repeats are not asked, as they may be sent as they were. */
  private checkExpected(
    { expectedId, sequenceId }: SessionRecord,
    packet: number,
    { findings }: Yield,
  ): void {
    if (this.highest !== undefined && sequenceId < this.highest) return
    if (expectedId !== 0n && expectedId < this.lastExpected) {
      const text = `expected_id goes back from ${this.lastExpected} to ${expectedId}`
      findings.push({ packet, severity: 'error', text, rule: 'R-E2E.17' })
    }
    this.lastExpected = expectedId
  }

  private wait(sequenceId: bigint, held: HeldRecord, gapGrows: boolean, result: Yield): void {
    const { packet } = held
    if (gapGrows) {
      const text = `sequence_id ${sequenceId} where ${this.due} is due: Records are missing`
      result.findings.push({ packet, severity: 'warning', text, rule: 'R-E2E.15' })
    }
    this.early.set(sequenceId, held)
    this.earlyBytes += held.cost
    // Giving up one gap may leave another.
    while (this.early.size > this.limits.maxEarly || this.bytes > this.limits.maxWaitingBytes) {
      if (!this.giveUp(packet, result)) break
    }
  }

  private giveUp(packet: number, result: Yield): boolean {
    let lowest: bigint | undefined
    for (const id of this.early.keys()) if (lowest === undefined || id < lowest) lowest = id
    if (lowest === undefined) return false
    const missing = lowest - 1n === this.due ? `${this.due}` : `${this.due} … ${lowest - 1n}`
    const text = `sequence_id ${missing} never came: no longer waited for, going on with ${lowest}`
    result.findings.push({ packet, severity: 'error', text, rule: 'R-E2E.15' })
    this.segments.lose()
    this.due = lowest
    this.drain(result)
    return true
  }

  private advance(held: HeldRecord, result: Yield): void {
    this.segments.take(held, result)
    this.due = (this.due ?? 0n) + 1n
    this.drain(result)
  }

  private drain(result: Yield): void {
    for (;;) {
      const held = this.due === undefined ? undefined : this.early.get(this.due)
      if (this.due === undefined || held === undefined) return
      this.early.delete(this.due)
      this.earlyBytes -= held.cost
      this.segments.take(held, result)
      this.due++
    }
  }
}

/** Maps keep the order in which entries came. */
function forgetOldest(map: Map<bigint, unknown>): void {
  if (map.size <= REMEMBERED) return
  for (const key of map.keys()) {
    map.delete(key)
    return
  }
}

/** FNV-1a, 32 bits: to tell a repeat from another Record, not to withstand forgery. */
function hashPayloads({ bytes, payloads }: SessionRecord): number {
  let hash = 0x811c9dc5
  for (const { start, end } of payloads) {
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193)
    hash = Math.imul(hash ^ (end - start), 0x01000193)
  }
  return hash >>> 0
}
