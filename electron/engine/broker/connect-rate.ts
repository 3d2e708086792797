/** How often an address may connect: a bucket of tokens for each, which fills again over time. Pure. */

/** Addresses remembered; beyond that those whose bucket is the fullest are forgotten first. */
const MAX_ADDRESSES = 10_000
/** A bucket holds what comes in within this time, in seconds. */
const BURST_SECONDS = 2
const MAX_DEBT_SECONDS = 2

interface Bucket {
  /** Below 0: connections that came although there was none left. */
  tokens: number
  /** Milliseconds. */
  filledAt: number
}

export class ConnectRate {
  readonly #perSecond: number
  readonly #buckets = new Map<string, Bucket>()

  /** Connections per second and address; 0 is no limit. */
  constructor(perSecond: number) {
    this.#perSecond = perSecond
  }

  /** Addresses remembered. */
  get size(): number {
    return this.#buckets.size
  }

  /** Takes a token. `flood`: it goes on although it is refused. `now` in milliseconds of a clock that only rises. */
  take(address: string, now: number): 'ok' | 'refused' | 'flood' {
    if (this.#perSecond === 0) return 'ok'
    const full = this.#perSecond * BURST_SECONDS
    const bucket = this.#buckets.get(address) ?? { tokens: full, filledAt: now }
    const tokens = Math.min(full, bucket.tokens + ((now - bucket.filledAt) / 1000) * this.#perSecond)
    const least = -this.#perSecond * MAX_DEBT_SECONDS
    const left = Math.max(least, tokens - 1)
    // Set anew at the end: the first one has been quiet for longest, and its bucket is full again.
    this.#buckets.delete(address)
    this.#buckets.set(address, { tokens: left, filledAt: now })
    if (this.#buckets.size > MAX_ADDRESSES) this.#buckets.delete(this.#buckets.keys().next().value as string)
    return left >= 0 ? 'ok' : left === least ? 'flood' : 'refused'
  }
}
