/**
 * The transactions of a capture: one typed array a column, in chunks, as the index of packets has it.
 * What few of them have – repeats, links – is kept aside. Ids are consecutive; the old end is dropped.
 */
import { agentRequests } from '../../../../shared/usp/kinds.ts'
import type { Transaction, TransactionOutcome } from '../../../../shared/usp/transactions.ts'
import { transactionOutcomes } from '../../../../shared/usp/transactions.ts'
import { transactionTypes, type TransactionType } from '../../../../shared/contract/transactions.ts'
import { Chunks, type ChunkOf } from '../chunks.ts'
import { Dictionary } from '../dictionary.ts'

const columnTypes = {
  /** Nanoseconds since the epoch of the capture, when it was first seen. */
  time: Float64Array,
  /** Packets; 0 is none. The second of each is that in which the bench passed it on first. */
  request: Float64Array,
  requestOn: Float64Array,
  answer: Float64Array,
  answerOn: Float64Array,
  /** The last packet that belongs to it. */
  last: Float64Array,
  /** Milliseconds; NaN without an answer. */
  latency: Float64Array,
  requester: Uint32Array,
  responder: Uint32Array,
  errorCode: Uint32Array,
  /** Place in `transactionTypes` and in `transactionOutcomes`. */
  type: Uint8Array,
  outcome: Uint8Array,
} as const
type ColumnName = keyof typeof columnTypes

const ROWS_PER_CHUNK = 8192
/** Transactions held; beyond it the oldest go, a chunk at a time. */
export const MAX_TRANSACTIONS = 500_000
/** Estimate in bytes of what is kept aside for one, and for each packet or link of it. */
const ASIDE_COST = 150
const LINK_COST = 16

export type Aside = Pick<Transaction, 'retryOf' | 'completes' | 'completedBy'> & {
  readonly repeats: readonly number[]
  readonly duplicates: readonly number[]
}
const nothing: Aside = { repeats: [], duplicates: [], completedBy: [] }

export class TransactionTable {
  readonly #max: number
  readonly #endpoints = new Dictionary()
  readonly #aside = new Map<number, Aside>()
  #asideBytes = 0
  readonly #rows = new Chunks(columnTypes, ROWS_PER_CHUNK)
  /** Dropped because there were too many. */
  dropped = 0

  constructor(max = MAX_TRANSACTIONS) {
    this.#max = max
  }

  get first(): number {
    return this.#rows.first
  }
  get end(): number {
    return this.#rows.end
  }
  get rows(): number {
    return this.#rows.rows
  }
  get bytes(): number {
    return this.#rows.bytes + this.#endpoints.bytes + this.#asideBytes
  }

  has(id: number): boolean {
    return this.#rows.has(id)
  }

  /** A transaction with the id `end`, first seen at `time`. */
  append({ requester, responder, kind }: Transaction, time: number): void {
    const place = this.#rows.place(this.end)
    const chunk = this.#rows.grow()
    chunk.time[place] = time
    chunk.requester[place] = this.#endpoints.retainText(requester)
    chunk.responder[place] = this.#endpoints.retainText(responder)
    chunk.type[place] = transactionTypes.indexOf(kind ?? 'Error')
    chunk.latency[place] = Number.NaN
    if (this.rows <= this.#max) return
    const to = Math.min(this.#rows.secondChunk, this.end - 1)
    this.dropped += to - this.first
    this.dropBefore(to)
  }

  /** What is known of it now; its latency is set by who knows the packets. */
  update(id: number, now: Transaction): void {
    const { chunk, place } = this.#at(id)
    chunk.request[place] = now.request?.packet ?? 0
    chunk.answer[place] = now.answer?.packet ?? 0
    chunk.outcome[place] = transactionOutcomes.indexOf(now.outcome)
    chunk.errorCode[place] = now.errorCode ?? 0
    const { repeats, duplicates, retryOf, completes, completedBy } = now
    const plain = repeats.length + duplicates.length + completedBy.length === 0
    if (plain && retryOf === undefined && completes === undefined) return
    this.#asideBytes -= this.#costOf(id)
    this.#aside.set(id, {
      repeats: repeats.map(({ packet }) => packet),
      duplicates: duplicates.map(({ packet }) => packet),
      completedBy,
      ...(retryOf !== undefined && { retryOf }),
      ...(completes !== undefined && { completes }),
    })
    this.#asideBytes += this.#costOf(id)
  }

  get(id: number, column: ColumnName): number {
    const { chunk, place } = this.#at(id)
    return chunk[column][place] as number
  }

  set(id: number, column: ColumnName, value: number): void {
    const { chunk, place } = this.#at(id)
    chunk[column][place] = value
  }

  type(id: number): TransactionType {
    return transactionTypes[this.get(id, 'type')] ?? 'Error'
  }
  outcome(id: number): TransactionOutcome {
    return transactionOutcomes[this.get(id, 'outcome')] ?? 'waiting'
  }
  aside(id: number): Aside {
    return this.#aside.get(id) ?? nothing
  }

  /** Who is the agent, and who the controller. */
  parties(id: number): { readonly device: string; readonly controller: string } {
    const requester = this.#endpoints.text(this.get(id, 'requester'))
    const responder = this.#endpoints.text(this.get(id, 'responder'))
    return agentRequests.has(this.type(id))
      ? { device: requester, controller: responder }
      : { device: responder, controller: requester }
  }

  /** Whatever is wrong with it: an error, a failure, no answer in time, an answer to nothing. */
  isTrouble(id: number): boolean {
    const outcome = this.outcome(id)
    if (outcome === 'answered' || outcome === 'silent') return this.get(id, 'errorCode') !== 0
    return outcome !== 'waiting'
  }

  /** Lets go of those whose packets all lie before row `no`, as far as older ones went as well. */
  forgetPackets(no: number): void {
    let to = this.first
    while (to < this.end && this.get(to, 'last') < no) to++
    this.dropBefore(to)
  }

  dropBefore(id: number): void {
    for (let one = this.first; one < id; one++) {
      this.#endpoints.release(this.get(one, 'requester'))
      this.#endpoints.release(this.get(one, 'responder'))
      this.#asideBytes -= this.#costOf(one)
      this.#aside.delete(one)
    }
    this.#rows.dropBefore(id)
  }

  #costOf(id: number): number {
    const aside = this.#aside.get(id)
    if (aside === undefined) return 0
    const { repeats, duplicates, completedBy } = aside
    return ASIDE_COST + LINK_COST * (repeats.length + duplicates.length + completedBy.length)
  }

  #at(id: number): { readonly chunk: ChunkOf<typeof columnTypes>; readonly place: number } {
    if (!this.has(id)) throw new RangeError(`Transaction ${id} is not held any more.`)
    return { chunk: this.#rows.chunk(id), place: this.#rows.place(id) }
  }
}
