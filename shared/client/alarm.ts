/** When a client has to do something by itself: PINGREQ is due, or an answer overdue. Times in milliseconds. */

export type Due = 'CONNACK' | 'PINGRESP'

interface Awaited {
  readonly what: Due
  readonly at: number
  readonly seconds: number
}

export class Alarm {
  #awaited: Awaited | undefined
  #keepAliveMs = 0
  #lastSentAt = 0

  /** Of the Keep Alive in force; 0: nothing is sent by itself. */
  keepAlive(seconds: number): void {
    this.#keepAliveMs = seconds * 1000
  }

  /** Nothing is due any more. */
  off(): void {
    this.#awaited = undefined
    this.#keepAliveMs = 0
  }

  sent(now: number): void {
    this.#lastSentAt = now
  }

  expect(what: Due, seconds: number, now: number): void {
    this.#awaited = { what, at: now + seconds * 1000, seconds }
  }

  get awaits(): Due | undefined {
    return this.#awaited?.what
  }

  /** What was awaited came. */
  calm(): void {
    this.#awaited = undefined
  }

  /** When `ring` wants to be called. */
  get at(): number | undefined {
    const ping = this.#keepAliveMs > 0 ? this.#lastSentAt + this.#keepAliveMs : undefined
    if (this.#awaited === undefined || ping === undefined) return this.#awaited?.at ?? ping
    return Math.min(this.#awaited.at, ping)
  }

  /** What did not come in time, or that PINGREQ is due. */
  ring(now: number): Awaited | 'ping' | undefined {
    if (this.#awaited && now >= this.#awaited.at) return this.#awaited
    return this.#keepAliveMs > 0 && now >= this.#lastSentAt + this.#keepAliveMs ? 'ping' : undefined
  }
}
