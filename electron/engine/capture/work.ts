/** Long work inside a worker: in slices, so that batches and requests go between; watched and stopped. */
import { setImmediate as nextTurn } from 'node:timers/promises'

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
