/** Waiting that can be cut short, and how long to wait between attempts. */

export class Pause {
  #end: (() => void) | undefined

  /** Resolves after `ms`, at `end()`, or never by itself when `ms` is undefined. */
  wait(ms: number | undefined): Promise<void> {
    this.end()
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(() => this.end(), ms)
      this.#end = () => {
        clearTimeout(timer)
        this.#end = undefined
        resolve()
      }
    })
  }

  end(): void {
    this.#end?.()
  }
}

export interface Backoff {
  readonly firstMs: number
  readonly maxMs: number
}

/** Doubles with each attempt (from 1) up to the largest. */
export const backoffMs = ({ firstMs, maxMs }: Backoff, attempt: number): number =>
  Math.min(maxMs, firstMs * 2 ** Math.min(attempt - 1, 30))

/** Settles as `promise` does; rejects with `late` when that takes longer than `ms`. */
export async function within<T>(ms: number, promise: Promise<T>, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late()), ms)
  })
  try {
    return await Promise.race([promise, limit])
  } finally {
    clearTimeout(timer)
  }
}
