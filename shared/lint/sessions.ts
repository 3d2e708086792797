/** End-to-end session contexts, one of each pair of endpoints, as far as their counters go. */
import { BoundedMap } from './bounded.ts'
import type { At, Moments, RecordSeen } from './moments.ts'

const MAX_SESSIONS = 2000

interface Direction extends At {
  readonly sessionId: bigint
  readonly sequenceId: bigint
  readonly expectedId: bigint
  readonly security: number
  readonly segment: number
}

export class Sessions {
  readonly #directions = new BoundedMap<string, Direction>(MAX_SESSIONS)

  /** `undefined` when the Record has no session context. */
  take(seen: RecordSeen, at: At): Moments['session'] | undefined {
    const context = seen.record.message('session_context')
    if (context === undefined) return undefined
    const { fromId, toId } = seen
    const now: Direction = {
      ...at,
      sessionId: context.big('session_id'),
      sequenceId: context.big('sequence_id'),
      expectedId: context.big('expected_id'),
      security: seen.record.number('payload_security'),
      segment: context.number('payload_sar_state'),
    }
    const key = `${fromId}\0${toId}`
    const last = this.#directions.get(key)
    const before = last?.sessionId === now.sessionId ? last : undefined
    const other = this.#directions.get(`${toId}\0${fromId}`)
    // A repeated Record does not move the counters (R-E2E.25).
    const repeats = before !== undefined && now.sequenceId <= before.sequenceId
    if (!repeats) this.#directions.set(key, now)
    const { sessionId, sequenceId, expectedId, security, segment } = now
    return {
      record: seen,
      sessionId,
      sequenceId,
      expectedId,
      security,
      segment,
      repeats,
      ...(before !== undefined && { before }),
      ...(other?.sessionId === sessionId && { peer: other.sequenceId }),
    }
  }

  forget(): void {
    this.#directions.clear()
  }
}
