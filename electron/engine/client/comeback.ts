/** When a lost connection is made anew: soon at first, and less and less often. */

/** Seconds between two attempts at most, unless the profile says more. */
const LONGEST_SECONDS = 60

export interface Retry {
  /** Milliseconds since 1970. */
  readonly at: number
  /** From 1. */
  readonly attempt: number
}

export class Comeback {
  #timer: NodeJS.Timeout | undefined
  #attempt = 0
  #next: Retry | undefined

  /** Undefined while none is to come. */
  get next(): Retry | undefined {
    return this.#next
  }

  /** `seconds`: before the first attempt. */
  plan(seconds: number, act: () => void): void {
    const attempt = ++this.#attempt
    const wait = Math.min(seconds * 2 ** Math.min(attempt - 1, 16), Math.max(seconds, LONGEST_SECONDS))
    this.#next = { at: Date.now() + wait * 1000, attempt }
    this.#timer = setTimeout(() => {
      this.#next = undefined
      act()
    }, wait * 1000)
  }

  /** None is to come; the next plan begins from the first attempt once it stood. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#next = undefined
  }

  /** It stands. */
  done(): void {
    this.stop()
    this.#attempt = 0
  }
}
