/** Calls `action` at once, then at most every `ms`, never leaving out the last wish. */
export class Throttle {
  readonly #ms: number
  readonly #action: () => void
  #timer: NodeJS.Timeout | undefined
  #wanted = false

  constructor(ms: number, action: () => void) {
    this.#ms = ms
    this.#action = action
  }

  request(): void {
    this.#wanted = true
    if (this.#timer === undefined) this.#run()
  }

  /** Calls it without waiting, for what somebody waits for. */
  now(): void {
    clearTimeout(this.#timer)
    this.#wanted = true
    this.#run()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#wanted = false
  }

  #run(): void {
    this.#timer = undefined
    if (!this.#wanted) return
    this.#wanted = false
    this.#timer = setTimeout(() => this.#run(), this.#ms)
    this.#action()
  }
}
