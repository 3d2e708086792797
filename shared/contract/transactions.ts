/** The part of the contract about transactions: requests of a capture, paired with their answers. */
import * as v from 'valibot'
import { requestKinds, type RequestKind } from '../usp/kinds.ts'
import { transactionOutcomes, type TransactionOutcome } from '../usp/transactions.ts'
import { command } from './command.ts'
import type { Verdict } from './model.ts'

/** `Error`: an Error Msg to a request that was not seen. */
export const transactionTypes = [...requestKinds, 'Error'] as const
export type TransactionType = RequestKind | 'Error'

const capture = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/))
const no = v.pipe(v.number(), v.integer(), v.minValue(1))
const endpoint = v.pipe(v.string(), v.maxLength(1024))
const type = v.picklist(transactionTypes)
/** One device, one type; absent: all of them. */
const group = { device: v.optional(endpoint), type: v.optional(type) }

/** Milliseconds without an answer after which a request has timed out. */
export const TRANSACTION_TIMEOUT_MS = 30_000
/** Points of a chart. */
export const MAX_CHART_POINTS = 500

export const transactionCommands = {
  /** The transaction that a packet belongs to; 0 when it belongs to none. */
  'transactions.of': command<{ readonly id: number }>()(v.strictObject({ capture, no })),
  'transactions.statistics': command<TransactionStatistics>()(v.strictObject({ capture, ...group })),
  /** Latency over time. */
  'transactions.chart': command<LatencyChart>()(
    v.strictObject({
      capture,
      ...group,
      points: v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(MAX_CHART_POINTS)),
    }),
  ),
} as const

/** Params of the view `transactions`. `text`: words that must all occur; empty shows everything. `trouble`: whatever is wrong. */
export const transactionParams = v.strictObject({
  capture,
  ...group,
  outcome: v.optional(v.picklist([...transactionOutcomes, 'trouble'])),
  text: v.pipe(v.string(), v.maxLength(2000)),
})

/** What of a capture the view shows. */
export type TransactionAsk = Omit<v.InferOutput<typeof transactionParams>, 'capture'>

/** Where a Msg was seen. */
export interface SeenPacket {
  /** Packet that brought it, or the first that was seen of it. */
  readonly no: number
  /** Packet in which the bench passed it on first. */
  readonly passedOn?: number
}

export interface TransactionRow {
  /** From 1, in the order in which they were first seen; never used again. */
  readonly id: number
  /** Of the request, or of an answer to none: seconds since 1970 and nanoseconds within them, UTC. */
  readonly sec: number
  readonly nsec: number
  /** Endpoint IDs. The agent is who is asked, and who notifies. */
  readonly device: string
  readonly controller: string
  readonly type: TransactionType
  readonly msgId: string
  /** What was asked, in a line. */
  readonly summary: string
  /** `answered` with an `errorCode` is an answer that tells a failure. */
  readonly outcome: TransactionOutcome
  readonly errorCode?: number
  /** From the first request to the first answer. */
  readonly latencyMs?: number
  /** Absent where it was not seen, or was dropped from the capture. */
  readonly request?: SeenPacket
  readonly answer?: SeenPacket
  /** What the bench did with the packet of the request. */
  readonly verdict: Verdict
  /** Packets that bring the request again, and further answers. */
  readonly repeats: readonly number[]
  readonly duplicates: readonly number[]
  /** Transactions: the Notify that this one says again, the Operate that it ends, the Notifies that end it. */
  readonly retryOf?: number
  readonly completes?: number
  readonly completedBy: readonly number[]
}

export interface TransactionGroup {
  /** Empty for all devices together. */
  readonly device: string
  /** Absent for all types together. */
  readonly type?: TransactionType
  readonly count: number
  /** Wait for their answer. */
  readonly open: number
  /** Errors, and answers that tell a failure. */
  readonly errors: number
  readonly late: number
  /** Without an answer: timed out, or nothing can come any more. */
  readonly lost: number
  readonly orphans: number
  /** Milliseconds; absent without an answer. Quantiles are exact to one percent, the largest is exact. */
  readonly latency?: {
    readonly p50: number
    readonly p95: number
    readonly p99: number
    readonly max: number
  }
}

export interface TransactionStatistics {
  /** Everything that was asked for in one. */
  readonly all: TransactionGroup
  /** By device and type, the most frequent first. */
  readonly groups: readonly TransactionGroup[]
  /** Groups that did not fit in this answer. */
  readonly unlisted: number
  /** Transactions held, and older ones dropped because there were too many. */
  readonly held: number
  readonly dropped: number
}

/** Columns of one length. */
export interface LatencyChart {
  /** Milliseconds since 1970 at which each interval begins. */
  readonly time: readonly number[]
  /** Milliseconds; `null` where nothing was answered. */
  readonly p50: readonly (number | null)[]
  readonly p95: readonly (number | null)[]
  readonly max: readonly (number | null)[]
}
