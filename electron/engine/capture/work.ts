/** Long work inside a worker: in slices, so that batches and requests go between; watched and stopped. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type BenchError, BenchFailure } from '../../../shared/contract/result.ts'

export interface Work {
  readonly signal: AbortSignal
  /** 0 … 1. */
  progress(value: number): void
}

/** Lets everything else have its turn; rejects when the work was stopped. */
export async function pause({ signal }: Work): Promise<void> {
  await nextTurn()
  signal.throwIfAborted()
}

/** An error as it is told to another thread. */
export function failureOf(thrown: unknown): BenchError {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  const { message } = error
  const isOurs = error instanceof BenchFailure
  const detail = isOurs ? error.detail : error.stack
  return { code: isOurs ? error.code : 'failed', message, ...(detail !== undefined && { detail }) }
}

/** Milliseconds after which a slice ends: of work that nobody waits for, and of what somebody does. */
const SLICE_MS = 4
export const AWAITED_MS = 8
/** The clock is asked after this many bytes; a row counts as some, however short its packet is. */
const CLOCK_EVERY = 8192
const ROW_COST = 256

/** Some milliseconds of work over rows; it begins when it is made. */
export class Slice {
  readonly #deadline: number
  #unclocked = 0

  constructor(milliseconds = SLICE_MS) {
    this.#deadline = performance.now() + milliseconds
  }

  /** `bytes`: of the row that was worked on, where they count. */
  isOver(bytes = 0): boolean {
    this.#unclocked += ROW_COST + bytes
    if (this.#unclocked < CLOCK_EVERY) return false
    this.#unclocked = 0
    return performance.now() >= this.#deadline
  }
}
