/** Requests and their answers, by msg_id and the two endpoints. Bounded: the oldest requests are forgotten. */
import { BoundedMap } from './bounded.ts'
import type { At, MsgSeen, RequestSeen } from './moments.ts'
import type { Message } from './message.ts'
import { valuesIn } from './values.ts'

const MAX_REQUESTS = 5000
const MAX_SETS = 1000
/** A request with more bytes is paired, but what it asked for is not compared. */
const MAX_KEPT_BYTES = 64 * 1024
/** Sendings remembered of one Notify. */
const MAX_SENT = 32

/** How long an answer may take before the linter speaks. R-MSG.0 names no time; no USP stack in the field waits longer. */
export const ANSWER_SECONDS = 30
const NS = 1e9
const NONE: readonly never[] = []

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
type Held = Mutable<RequestSeen> & { sent: At[]; digest: number }

export const isRequest = ({ type }: MsgSeen): boolean =>
  type !== undefined && type !== 'ERROR' && !type.endsWith('_RESP')

const keyOf = (from: string, to: string, msgId: string): string => `${from}\0${to}\0${msgId}`

export interface Asked {
  readonly request: RequestSeen
  /** `repeated`: the same once more; `reused`: another one, while the first has no answer. */
  readonly how: 'new' | 'repeated' | 'reused'
  /** What was under this msg_id before, where it was reused. */
  readonly before?: RequestSeen
}

export class Transactions {
  readonly #requests = new BoundedMap<string, Held>(MAX_REQUESTS)
  readonly #waiting = new Map<string, Held>()
  /** Before this time nothing is overdue. */
  #due = Infinity
  readonly #sets = new BoundedMap<string, At & { readonly value: string }>(MAX_SETS)

  /** Requests were forgotten: an answer to nothing proves nothing. */
  get forgetful(): boolean {
    return this.#requests.evicted > 0
  }

  asked(
    msg: MsgSeen,
    at: At,
    facts: Pick<RequestSeen, 'level'> & { readonly replyTo?: string | undefined },
    { bytes, digest }: { readonly bytes: number; readonly digest: number },
  ): Asked | undefined {
    if (msg.type === undefined || msg.kind === undefined || msg.msgId === '') return undefined
    const key = keyOf(msg.fromId, msg.toId, msg.msgId)
    const known = this.#requests.get(key)
    if (known?.digest === digest) {
      if (known.sent.length < MAX_SENT) known.sent.push(at)
      return { request: known, how: 'repeated' }
    }
    const { replyTo, level } = facts
    const request: Held = {
      ...at,
      from: msg.fromId,
      to: msg.toId,
      msgId: msg.msgId,
      type: msg.type,
      kind: msg.kind,
      level,
      sent: [at],
      digest,
      ...(replyTo !== undefined && replyTo !== '' && { replyTo }),
      ...(msg.body !== undefined && bytes <= MAX_KEPT_BYTES && { body: msg.body }),
    }
    this.#requests.set(key, request)
    if (wantsAnswer(msg.type, msg.body)) {
      this.#waiting.set(key, request)
      this.#due = Math.min(this.#due, at.time + ANSWER_SECONDS * NS)
      if (this.#waiting.size > MAX_REQUESTS) this.#waiting.delete(firstKey(this.#waiting))
    }
    // After its answer a msg_id may be used anew.
    if (known === undefined || known.answer !== undefined) return { request, how: 'new' }
    return { request, how: 'reused', before: known }
  }

  /** A copy of the request went out to the one it is for. */
  delivered(from: string, to: string, msgId: string, at: At, connection: number): boolean {
    const request = this.#requests.get(keyOf(from, to, msgId))
    if (request === undefined) return false
    request.delivered ??= { ...at, connection }
    return true
  }

  /** The request that a response or Error answers. */
  answered(msg: MsgSeen, at: At): { readonly request: RequestSeen; readonly again: boolean } | undefined {
    const key = keyOf(msg.toId, msg.fromId, msg.msgId)
    const request = this.#requests.get(key)
    if (request === undefined) return undefined
    const again = request.answer !== undefined && request.sent.length < 2
    request.answer ??= at
    this.#waiting.delete(key)
    this.#learnSet(msg, request, at)
    return { request, again }
  }

  /** Requests whose time is over; each is told once. */
  overdue(time: number): readonly RequestSeen[] {
    if (time < this.#due) return NONE
    const overdue: RequestSeen[] = []
    for (const [key, request] of this.#waiting) {
      this.#due = request.time + ANSWER_SECONDS * NS
      if (time < this.#due) return overdue
      this.#waiting.delete(key)
      overdue.push(request)
    }
    this.#due = Infinity
    return overdue
  }

  /** When a Set gave this path this value; told once. */
  takeSet(endpoint: string, path: string, value: string): At | undefined {
    const key = `${endpoint}\0${path}`
    const set = this.#sets.get(key)
    if (set === undefined || set.value !== value) return undefined
    this.#sets.delete(key)
    return set
  }

  /** Packets were missed: nothing can be said about what was under way. */
  forget(): void {
    this.#requests.clear()
    this.#waiting.clear()
    this.#due = Infinity
    this.#sets.clear()
  }

  #learnSet(msg: MsgSeen, request: RequestSeen, at: At): void {
    if (msg.type !== 'SET_RESP' || msg.body === undefined) return
    for (const { object, name, value } of valuesIn(msg.body))
      this.#sets.set(`${request.to}\0${object}${name}`, { ...at, value })
  }
}

const firstKey = (map: ReadonlyMap<string, unknown>): string => map.keys().next().value ?? ''

/** Notify and Operate say whether they want an answer (R-MSG.0). */
function wantsAnswer(type: string, body: Message | undefined): boolean {
  return (type !== 'NOTIFY' && type !== 'OPERATE') || body?.number('send_resp') === 1
}
