/** Counts and latencies by device and type, kept up as transactions come and change. */
import type {
  TransactionGroup,
  TransactionStatistics,
  TransactionType,
} from '../../../../shared/contract/transactions.ts'
import { Sketch } from '../../../../shared/measure/sketch.ts'
import type { TransactionOutcome } from '../../../../shared/usp/transactions.ts'

/** Groups kept apart; those of further devices are counted together, by type. */
const MAX_GROUPS = 5000
/** Groups in one answer. */
const MAX_LISTED = 500
const OTHERS = '(other devices)'

/** What of a transaction is counted. */
export interface Counted {
  readonly outcome: TransactionOutcome
  readonly failed: boolean
}

interface Tally {
  readonly device: string
  readonly type: TransactionType | undefined
  count: number
  errors: number
  readonly outcomes: Partial<Record<TransactionOutcome, number>>
  readonly latency: Sketch
}

const newTally = (device: string, type?: TransactionType): Tally => ({
  device,
  type,
  count: 0,
  errors: 0,
  outcomes: {},
  latency: new Sketch(),
})

export class Statistics {
  /** By device, then by type. */
  #tallies = new Map<string, Map<TransactionType, Tally>>()
  #size = 0

  /** A transaction that is new when there is no `before`. `latency`: milliseconds, once it is answered. */
  count(device: string, type: TransactionType, now: Counted, before?: Counted, latency?: number): void {
    const tally = this.#tally(device, type)
    if (before === undefined) tally.count += 1
    else add(tally, before, -1)
    add(tally, now, 1)
    if (latency !== undefined) tally.latency.add(latency)
  }

  clear(): void {
    this.#tallies = new Map()
    this.#size = 0
  }

  /** One device or all, one type or all. */
  summary(
    device: string | undefined,
    type: TransactionType | undefined,
  ): Pick<TransactionStatistics, 'all' | 'groups' | 'unlisted'> {
    const all = newTally(device ?? '', type)
    const chosen: Tally[] = []
    for (const tallies of device === undefined ? this.#tallies.values() : [this.#tallies.get(device)]) {
      for (const tally of tallies?.values() ?? []) {
        if (type !== undefined && tally.type !== type) continue
        chosen.push(tally)
        merge(all, tally)
      }
    }
    chosen.sort((a, b) => b.count - a.count || compare(a.device, b.device))
    const listed = chosen.slice(0, MAX_LISTED)
    return { all: groupOf(all), groups: listed.map(groupOf), unlisted: chosen.length - listed.length }
  }

  #tally(device: string, type: TransactionType): Tally {
    const known = this.#tallies.get(device)?.get(type)
    if (known) return known
    if (this.#size >= MAX_GROUPS && device !== OTHERS) return this.#tally(OTHERS, type)
    const tallies = this.#tallies.get(device) ?? new Map<TransactionType, Tally>()
    const tally = newTally(device, type)
    this.#tallies.set(device, tallies.set(type, tally))
    this.#size += 1
    return tally
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function add(tally: Tally, { outcome, failed }: Counted, by: number): void {
  tally.outcomes[outcome] = (tally.outcomes[outcome] ?? 0) + by
  if (failed) tally.errors += by
}

function merge(all: Tally, tally: Tally): void {
  all.count += tally.count
  all.errors += tally.errors
  for (const [outcome, count] of Object.entries(tally.outcomes) as [TransactionOutcome, number][]) {
    all.outcomes[outcome] = (all.outcomes[outcome] ?? 0) + count
  }
  all.latency.merge(tally.latency)
}

function groupOf({ device, type, count, errors, outcomes, latency }: Tally): TransactionGroup {
  const quantiles = latency.quantiles([0.5, 0.95, 0.99])
  return {
    device,
    ...(type && { type }),
    count,
    open: outcomes.waiting ?? 0,
    errors,
    late: outcomes.late ?? 0,
    lost: (outcomes.timeout ?? 0) + (outcomes.unanswered ?? 0),
    orphans: outcomes.orphan ?? 0,
    ...(quantiles && { latency: latencyOf(quantiles, latency.max) }),
  }
}

const latencyOf = ([p50 = 0, p95 = 0, p99 = 0]: readonly number[], max: number) => ({ p50, p95, p99, max })
