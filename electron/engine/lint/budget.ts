/**
 * How much time the linter may take while a capture is written: a share of each second. What is over it is not
 * judged, so that rows reach the disk and the screen as fast without the linter.
 */
const WINDOW_MS = 1000

export class LintBudget {
  readonly #share: number
  readonly #now: () => number
  #windowStart = 0
  #spent = 0

  /** `share` of a thread, 0 … 1; `now` in milliseconds. */
  constructor(share: number, now: () => number = () => performance.now()) {
    this.#share = share
    this.#now = now
  }

  get isLimited(): boolean {
    return this.#share < 1
  }

  /** Whether there is time left in this second. */
  get hasTime(): boolean {
    const now = this.#now()
    if (now - this.#windowStart >= WINDOW_MS) {
      this.#windowStart = now
      this.#spent = 0
    }
    return this.#spent < this.#share * WINDOW_MS
  }

  measure(work: () => void): void {
    const start = this.#now()
    work()
    this.#spent += this.#now() - start
  }
}
