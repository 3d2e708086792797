/** The sending side of an end-to-end session context (TR-369 2.3): numbers, segments, what to send again. */
import { sessionRecord, type RecordHead, type SessionFields } from './build-record.ts'

/** Records kept until the peer acknowledged them (R-E2E.16). */
const MAX_KEPT = 256
const MAX_KEPT_BYTES = 4 << 20

interface Kept {
  readonly head: RecordHead
  readonly fields: Omit<SessionFields, 'expectedId' | 'retransmitId'>
  readonly payload: Uint8Array
}

export class SessionSender {
  readonly sessionId: bigint
  /** The peer's sequence_id that is due (R-E2E.17). */
  expectedId = 1n
  private next = 1n
  private readonly kept = new Map<bigint, Kept>()
  private keptBytes = 0

  /** `sessionId` must be above 1 (R-E2E.3). */
  constructor(sessionId: bigint) {
    if (sessionId <= 1n) throw new RangeError(`A session_id must be above 1, not ${sessionId} (R-E2E.3).`)
    this.sessionId = sessionId
  }

  /** Records with this Msg, one or several of at most `maxPayload` bytes of payload each. */
  send(head: RecordHead, msg: Uint8Array, maxPayload = Number.POSITIVE_INFINITY): Uint8Array[] {
    if (!(maxPayload >= 1)) throw new RangeError('A segment needs at least one byte.')
    if (msg.length <= maxPayload) return [this.#record(head, msg, undefined)]
    const records: Uint8Array[] = []
    for (let at = 0; at < msg.length; at += maxPayload) {
      const last = at + maxPayload >= msg.length
      const sar = at === 0 ? 'BEGIN' : last ? 'COMPLETE' : 'INPROCESS'
      records.push(this.#record(head, msg.slice(at, at + maxPayload), sar))
    }
    return records
  }

  /** A Record without payload that asks for one of the peer's again. */
  ask(head: RecordHead, retransmitId: bigint): Uint8Array {
    return this.#record(head, new Uint8Array(0), undefined, retransmitId)
  }

  /** The peer has everything before this number (its expected_id). */
  acknowledged(expectedId: bigint): void {
    for (const [id, { payload }] of this.kept) {
      if (id >= expectedId) return
      this.kept.delete(id)
      this.keptBytes -= payload.length
    }
  }

  /** The Record that the peer asks for with retransmit_id; `undefined` when it is not kept any more. */
  again(sequenceId: bigint): Uint8Array | undefined {
    const kept = this.kept.get(sequenceId)
    return kept && sessionRecord(kept.head, { ...kept.fields, expectedId: this.expectedId }, kept.payload)
  }

  #record(head: RecordHead, payload: Uint8Array, sar: SessionFields['sar'], retransmitId = 0n): Uint8Array {
    const fields = { sessionId: this.sessionId, sequenceId: this.next, ...(sar === undefined ? {} : { sar }) }
    this.kept.set(this.next, { head, fields, payload })
    this.keptBytes += payload.length
    for (const [id, oldest] of this.kept) {
      if (this.kept.size <= MAX_KEPT && this.keptBytes <= MAX_KEPT_BYTES) break
      this.kept.delete(id)
      this.keptBytes -= oldest.payload.length
    }
    this.next += 1n
    return sessionRecord(head, { ...fields, expectedId: this.expectedId, retransmitId }, payload)
  }
}
