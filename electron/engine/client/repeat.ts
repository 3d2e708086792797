/** Publishing the same thing many times, at an interval. */

export interface RepeatOptions {
  readonly times: number
  readonly intervalMs: number
  /** Sends the n-th one, from 1. Throws when that cannot be: then it is over. */
  readonly send: (n: number) => void
  /** Bytes that the line has not taken yet. */
  readonly backlog: () => number
  readonly onChange: () => void
  /** It is over; `error` when it broke off. */
  readonly onEnd: (error: Error | undefined) => void
}

/** What falls due in one turn beyond this waits for the next one, as others share the thread. */
const MOST_A_TURN = 200
const MAX_BACKLOG = 4 << 20

export class Repeat {
  readonly #options: RepeatOptions
  readonly #startedAt = performance.now()
  #timer: NodeJS.Timeout | undefined
  #sent = 0

  /** The first one goes out at once; an error of that is thrown. */
  constructor(options: RepeatOptions) {
    this.#options = options
    options.send(1)
    this.#sent = 1
    this.#next()
  }

  get progress() {
    return { sent: this.#sent, times: this.#options.times }
  }

  stop(): void {
    if (this.#timer === undefined) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#options.onEnd(undefined)
  }

  #next(): void {
    const { times, intervalMs, onEnd } = this.#options
    if (this.#sent >= times) return onEnd(undefined)
    const dueAt = this.#startedAt + this.#sent * intervalMs
    this.#timer = setTimeout(() => this.#run(), Math.max(1, dueAt - performance.now()))
  }

  #run(): void {
    const { times, intervalMs, send, backlog, onChange, onEnd } = this.#options
    this.#timer = undefined
    const due = Math.min(times, Math.floor((performance.now() - this.#startedAt) / intervalMs) + 1)
    const until = Math.min(due, this.#sent + MOST_A_TURN)
    try {
      while (this.#sent < until && backlog() < MAX_BACKLOG) send(++this.#sent)
    } catch (error) {
      return onEnd(error as Error)
    }
    onChange()
    this.#next()
  }
}
