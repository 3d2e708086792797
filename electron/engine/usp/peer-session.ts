/** One device's end-to-end session context, both directions (TR-369 2.3). Pure. */
import { randomInt } from 'node:crypto'
import type { RecordHead } from '../../../shared/usp/build-record.ts'
import { SessionContexts, type SessionRecord } from '../../../shared/usp/session-context.ts'
import { SessionSender } from '../../../shared/usp/session-sender.ts'

/** Of one device; it has one session at a time (R-E2E.5). */
const LIMITS = { maxSessions: 1, maxWaitingBytes: 4 << 20, maxBytes: 8 << 20, maxEarly: 64 }
const MAX_SESSION_ID = 2 ** 47

export interface SessionStepResult {
  /** Msgs that are whole now, in order. */
  readonly msgs: readonly Uint8Array[]
  /** Records to send at once: repeats that were asked for, or the question for a missing one. */
  readonly answers: readonly Uint8Array[]
  /** What is wrong, for a person. */
  readonly remarks: readonly string[]
}

export class PeerSession {
  readonly #contexts = new SessionContexts(LIMITS)
  #sender: SessionSender | undefined
  /** Came before one that is missing. */
  readonly #early = new Set<bigint>()
  #asked: bigint | undefined
  #records = 0

  take(record: SessionRecord, answerHead: RecordHead): SessionStepResult {
    // Whoever brings a new session_id begins the session anew (R-E2E.4).
    if (this.#sender?.sessionId !== record.sessionId) this.#begin(record.sessionId)
    const sender = this.#sender as SessionSender
    sender.acknowledged(record.expectedId)
    this.#records += 1
    const { standing, assembled, findings } = this.#contexts.feed(record, this.#records)
    const answers: Uint8Array[] = []
    if (standing === 'next') this.#passed(sender, record.sequenceId)
    else if (standing === 'early') {
      if (this.#early.size < LIMITS.maxEarly) this.#early.add(record.sequenceId)
      if (this.#asked !== sender.expectedId) {
        this.#asked = sender.expectedId
        answers.push(sender.ask(answerHead, sender.expectedId))
      }
    }
    if (record.retransmitId > 0n) {
      const again = sender.again(record.retransmitId)
      if (again) answers.push(again)
    }
    return {
      msgs: assembled.flatMap(({ bytes }) => (bytes ? [bytes] : [])),
      answers,
      remarks: findings
        .filter(({ severity }) => severity !== 'note')
        .map(({ text, rule }) => (rule === undefined ? text : `${text} (${rule})`)),
    }
  }

  /** Records that carry a Msg; without a session one is begun. */
  send(head: RecordHead, msg: Uint8Array, maxPayload: number): Uint8Array[] {
    if (!this.#sender) this.#begin(BigInt(randomInt(2, MAX_SESSION_ID)))
    return (this.#sender as SessionSender).send(head, msg, maxPayload)
  }

  #begin(sessionId: bigint): void {
    this.#sender = new SessionSender(sessionId)
    this.#early.clear()
    this.#asked = undefined
  }

  #passed(sender: SessionSender, sequenceId: bigint): void {
    sender.expectedId = sequenceId + 1n
    while (this.#early.delete(sender.expectedId)) sender.expectedId += 1n
  }
}
