/**
 * Pairs requests with their answers, by endpoint and msg_id (R-MSG.9), and follows what belongs to them: retried
 * Notifies, the OperationComplete of an Operate. Pure: facts and the time go in, transactions come out. The same
 * for the bench's own requests and for all traffic of a capture.
 */
import { Recent } from '../collections/recent.ts'
import type { RequestKind } from './kinds.ts'
import type { MsgFact, NotifyFact } from './transaction-facts.ts'

export type { MsgFact, NotifyFact } from './transaction-facts.ts'
export { factOf } from './transaction-facts.ts'

/**
 * - `waiting`: its answer is due
 * - `answered`, `error`: in time; `late`: after `timeout` had been said
 * - `silent`: none is due (send_resp false)
 * - `timeout`: nothing came in time; `unanswered`: nothing can come any more, see `end`
 * - `orphan`: an answer to a request that was not seen
 */
export const transactionOutcomes = [
  'waiting',
  'answered',
  'error',
  'late',
  'silent',
  'timeout',
  'unanswered',
  'orphan',
] as const
export type TransactionOutcome = (typeof transactionOutcomes)[number]

export interface Seen {
  readonly time: number
  readonly packet: number
}

export interface Transaction {
  /** From 1, in the order in which they were first seen. */
  readonly id: number
  /** Who asked, and who was asked. */
  readonly requester: string
  readonly responder: string
  readonly msgId: string
  /** Absent for an Error to a request that was not seen. */
  readonly kind?: RequestKind
  readonly outcome: TransactionOutcome
  readonly request?: Seen
  readonly answer?: Seen
  /** Milliseconds from the first request to the first answer. */
  readonly latencyMs?: number
  /** Of an Error; of an answer the first failure that it tells. */
  readonly errorCode?: number
  /** The request again, with the same msg_id (R-MSG.4; of a Notify a retry, R-NOT.1). */
  readonly repeats: readonly Seen[]
  /** Further answers. */
  readonly duplicates: readonly Seen[]
  /** A Notify that says again, with a msg_id of its own, what an unanswered one said. */
  readonly retryOf?: number
  /** An Operate: the Notifies that told its end. A Notify: the Operate that it ends. */
  readonly completedBy: readonly number[]
  readonly completes?: number
}

export interface TransactionLimits {
  /** Milliseconds after which an answer is late. */
  readonly timeoutMs: number
  /** Transactions remembered at most, to know a late or second answer; the older half goes at once. */
  readonly maxRemembered: number
  /** Operates whose end is awaited. */
  readonly maxOperates: number
  /** Repeats and duplicates kept of one transaction. */
  readonly maxRepeats: number
}

const defaults: TransactionLimits = {
  timeoutMs: 30_000,
  maxRemembered: 20_000,
  maxOperates: 2000,
  maxRepeats: 100,
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
/** A transaction with what only the tracker needs. */
interface Entry {
  readonly shown: Mutable<Transaction>
  /** The last time that it was asked. */
  askedAt: number
  /** What a Notify says. */
  content?: string
  /** What an Operate asked for, and what of it goes on in the background. */
  command?: string
  begun?: readonly string[]
}

const none: readonly never[] = []

/** Names of endpoints may hold anything, so the parts are told apart by what no text holds. */
const key = (requester: string, responder: string, msgId: string): string =>
  `${requester}\0${responder}\0${msgId}`

export class Transactions {
  readonly #limits: TransactionLimits
  #lastId = 0
  /** By requester, responder and msg_id. */
  readonly #entries: Recent<string, Entry>
  /** Those whose answer is due, in the order in which they were asked. */
  readonly #waiting = new Set<Entry>()
  /** The last unanswered Notify by what it says. */
  readonly #notifies = new Map<string, Entry>()
  /** By agent and command_key, oldest first. */
  readonly #operates = new Map<string, Entry[]>()
  #operateCount = 0
  /** Forgotten because of the limit. */
  dropped = 0

  constructor(limits: Partial<TransactionLimits> = {}) {
    this.#limits = { ...defaults, ...limits }
    this.#entries = new Recent(this.#limits.maxRemembered, (entry) => {
      this.#letGo(entry)
      this.dropped += 1
    })
  }

  /** Transactions whose answer is due. */
  get waiting(): number {
    return this.#waiting.size
  }

  get size(): number {
    return this.#entries.size
  }

  /** What changed by this Msg, the transaction it belongs to first. */
  feed(fact: MsgFact): Transaction[] {
    return (fact.part === 'request' ? this.#request(fact) : this.#answer(fact)).map(copy)
  }

  /** What has become too old; call it now and then with the time as it is. */
  tick(time: number): Transaction[] {
    const late: Entry[] = []
    for (const entry of this.#waiting) {
      if (time - entry.askedAt < this.#limits.timeoutMs) break
      entry.shown.outcome = 'timeout'
      this.#waiting.delete(entry)
      late.push(entry)
    }
    return late.map(copy)
  }

  /** The requester waits no longer, sooner or later than the common time: what comes now is late. */
  giveUp(requester: string, responder: string, msgId: string): Transaction | undefined {
    const entry = this.#entries.get(key(requester, responder, msgId))
    if (!entry || !this.#waiting.delete(entry)) return undefined
    entry.shown.outcome = 'timeout'
    return copy(entry)
  }

  /** Nothing can come from this endpoint any more (it left), or from anyone (the capture ends). */
  end(endpointId?: string): Transaction[] {
    const ended = [...this.#waiting].filter(
      ({ shown }) =>
        endpointId === undefined || shown.responder === endpointId || shown.requester === endpointId,
    )
    for (const entry of ended) {
      entry.shown.outcome = 'unanswered'
      this.#waiting.delete(entry)
    }
    return ended.map(copy)
  }

  #request(fact: MsgFact): Entry[] {
    const { fromId, toId, msgId, kind, silent = false, notify, operate } = fact
    const where = key(fromId, toId, msgId)
    const content = notify && key(fromId, toId, `${notify.subscriptionId}\0${notify.content}`)
    const former = this.#entries.get(where)
    if (former && isRepeat(former, fact, content)) return [this.#repeat(former, fact)]
    const shown = this.#blank(fromId, toId, msgId, silent ? 'silent' : 'waiting')
    if (kind !== undefined) shown.kind = kind
    shown.request = seen(fact)
    const entry: Entry = { shown, askedAt: fact.time }
    if (content !== undefined) entry.content = content
    if (operate) entry.command = operate.command
    this.#remember(where, entry)
    if (!silent) this.#waiting.add(entry)
    if (operate) this.#awaitEnd(entry, toId, operate.commandKey)
    if (content !== undefined && !silent) {
      const first = this.#notifies.get(content)?.shown
      if (first) entry.shown.retryOf = first.retryOf ?? first.id
      this.#notifies.set(content, entry)
    }
    const operated = notify?.completes && this.#operateOf(fromId, notify.completes)
    if (!operated) return [entry]
    entry.shown.completes = operated.shown.id
    this.#append(operated, 'completedBy', entry.shown.id)
    return [entry, operated]
  }

  /** An answer is awaited anew, as long as none has come. */
  #repeat(entry: Entry, fact: MsgFact): Entry {
    this.#append(entry, 'repeats', seen(fact))
    if (entry.shown.outcome === 'waiting' || entry.shown.outcome === 'timeout') {
      entry.shown.outcome = 'waiting'
      entry.askedAt = fact.time
      this.#waiting.delete(entry)
      this.#waiting.add(entry)
    }
    return entry
  }

  #answer(fact: MsgFact): Entry[] {
    const { fromId, toId, msgId, part, kind, errorCode, begun } = fact
    const where = key(toId, fromId, msgId)
    const known = this.#entries.get(where)
    // An answer of another kind answers something else.
    const entry = known?.shown.request && (part === 'error' || known.shown.kind === kind) ? known : undefined
    if (!entry) {
      const shown = this.#blank(toId, fromId, msgId, 'orphan')
      if (kind !== undefined) shown.kind = kind
      if (errorCode !== undefined) shown.errorCode = errorCode
      shown.answer = seen(fact)
      return [{ shown, askedAt: fact.time }]
    }
    const { shown } = entry
    if (shown.answer) {
      this.#append(entry, 'duplicates', seen(fact))
      return [entry]
    }
    const inTime =
      (shown.outcome === 'waiting' || shown.outcome === 'silent') &&
      fact.time - entry.askedAt < this.#limits.timeoutMs
    shown.outcome = !inTime ? 'late' : part === 'error' ? 'error' : 'answered'
    shown.answer = seen(fact)
    shown.latencyMs = fact.time - (shown.request?.time ?? fact.time)
    if (errorCode !== undefined) shown.errorCode = errorCode
    if (begun) entry.begun = begun
    this.#waiting.delete(entry)
    this.#unsay(entry)
    return [entry]
  }

  #awaitEnd(entry: Entry, agent: string, commandKey: string): void {
    const where = `${agent}\0${commandKey}`
    const list = this.#operates.get(where) ?? []
    list.push(entry)
    // Set anew at the end, so that the first is the one used longest ago.
    this.#operates.delete(where)
    this.#operates.set(where, list)
    this.#operateCount += 1
    for (const [oldest, entries] of this.#operates) {
      if (this.#operateCount <= this.#limits.maxOperates) return
      entries.shift()
      this.#operateCount -= 1
      if (entries.length === 0) this.#operates.delete(oldest)
    }
  }

  /** The newest Operate with this command_key that ran this command. */
  #operateOf(
    agent: string,
    { command, commandKey }: NonNullable<NotifyFact['completes']>,
  ): Entry | undefined {
    const asked = this.#operates.get(`${agent}\0${commandKey}`) ?? []
    const ran = asked.findLast(({ begun, command: one }) => begun?.includes(command) ?? one === command)
    if (ran) return ran
    // Its OperateResp was not seen, or not sent: a search path may have meant this command.
    const name = command.slice(command.lastIndexOf('.') + 1)
    return asked.findLast(
      ({ begun, command: one = '' }) => !begun && /[*[+]/.test(one) && one.endsWith(`.${name}`),
    )
  }

  #append<K extends 'repeats' | 'duplicates' | 'completedBy'>(
    { shown }: Entry,
    list: K,
    item: Transaction[K][number],
  ): void {
    const before: readonly Transaction[K][number][] = shown[list]
    if (before.length < this.#limits.maxRepeats) Object.assign(shown, { [list]: [...before, item] })
  }

  #blank(
    requester: string,
    responder: string,
    msgId: string,
    outcome: TransactionOutcome,
  ): Mutable<Transaction> {
    const id = ++this.#lastId
    // Lists are replaced and never added to, so that those with nothing in them can be the same.
    const lists = { repeats: none, duplicates: none, completedBy: none }
    return { id, requester, responder, msgId, outcome, ...lists }
  }

  #remember(where: string, entry: Entry): void {
    const former = this.#entries.get(where)
    if (former) this.#letGo(former)
    this.#entries.set(where, entry)
  }

  #letGo(entry: Entry): void {
    this.#waiting.delete(entry)
    this.#unsay(entry)
  }

  #unsay(entry: Entry): void {
    const { content } = entry
    if (content !== undefined && this.#notifies.get(content) === entry) this.#notifies.delete(content)
  }
}

/**
 * The same msg_id again: of a Notify a retry when it says the same, of others a repeat until they are answered
 * (R-MSG.4). After that a sender may count anew.
 */
function isRepeat({ shown, content }: Entry, fact: MsgFact, said: string | undefined): boolean {
  if (shown.kind !== fact.kind) return false
  return fact.notify ? content === said : shown.answer === undefined
}

const seen = ({ time, packet }: MsgFact): Seen => ({ time, packet })
const copy = ({ shown }: Entry): Transaction => ({ ...shown })
