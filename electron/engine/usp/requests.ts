/** Requests of the controller that wait for their answers. */
import type { PathFailure } from '../../../shared/contract/usp.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import type { Msg } from '../../../shared/usp/codec.ts'

/** More at once is a loop gone wild. */
const MAX_WAITING = 20_000

/** What ended the wait. */
export type Ending =
  | { readonly kind: 'answer'; readonly msg: Msg; readonly latencyMs: number }
  | { readonly kind: 'rejected'; readonly error: PathFailure }
  | { readonly kind: 'timeout' | 'offline' | 'cancelled' }

interface Waiting {
  readonly endpointId: string
  readonly call: string | undefined
  readonly since: number
  readonly timer: NodeJS.Timeout
  readonly resolve: (ending: Ending) => void
}

export class Requests {
  readonly #waiting = new Map<string, Waiting>()
  readonly #onChange: () => void

  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  get size(): number {
    return this.#waiting.size
  }

  has(endpointId: string, msgId: string): boolean {
    return this.#waiting.has(key(endpointId, msgId))
  }

  /** Resolves with what comes first. Throws a BenchFailure `unavailable` when too many wait. */
  wait(endpointId: string, msgId: string, timeoutMs: number, call: string | undefined): Promise<Ending> {
    if (this.#waiting.size >= MAX_WAITING) {
      throw new BenchFailure(
        'unavailable',
        `${MAX_WAITING} requests wait for an answer: wait for some of them.`,
      )
    }
    const where = key(endpointId, msgId)
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#end(where, { kind: 'timeout' }), timeoutMs)
      this.#waiting.set(where, { endpointId, call, since: performance.now(), timer, resolve })
      this.#onChange()
    })
  }

  /** False when nobody waits for it. */
  answer(endpointId: string, msgId: string, msg: Msg): boolean {
    const where = key(endpointId, msgId)
    const since = this.#waiting.get(where)?.since
    if (since === undefined) return false
    return this.#end(where, { kind: 'answer', msg, latencyMs: performance.now() - since })
  }

  /** Ends every wait for this device that began before that moment of `performance.now()`. */
  endAll(endpointId: string, ending: Ending, before = Number.POSITIVE_INFINITY): void {
    for (const [where, one] of this.#waiting) {
      if (one.endpointId === endpointId && one.since <= before) this.#end(where, ending)
    }
  }

  /** False when nothing of that name waits. */
  cancel(call: string): boolean {
    let found = false
    for (const [where, one] of this.#waiting) {
      if (one.call === call) found = this.#end(where, { kind: 'cancelled' }) || found
    }
    return found
  }

  drop(endpointId: string, msgId: string): void {
    this.#end(key(endpointId, msgId), { kind: 'cancelled' })
  }

  close(): void {
    for (const where of this.#waiting.keys()) this.#end(where, { kind: 'cancelled' })
  }

  #end(where: string, ending: Ending): boolean {
    const waiting = this.#waiting.get(where)
    if (!waiting) return false
    this.#waiting.delete(where)
    clearTimeout(waiting.timer)
    waiting.resolve(ending)
    this.#onChange()
    return true
  }
}

const key = (endpointId: string, msgId: string): string => `${endpointId}\0${msgId}`
