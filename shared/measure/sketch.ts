/**
 * How long things took, in bounded memory: logarithmic buckets as in DDSketch (Masson, Rim, Lee, VLDB 2019). A
 * quantile is wrong by `SKETCH_ERROR` of its value at most; count and largest value are exact. Sketches of parts
 * add up to that of the whole.
 */

/** Relative error of a quantile. */
export const SKETCH_ERROR = 0.01
/** Smaller values, in the unit of the values, count as this one. */
const LEAST = 1e-3
/** Larger ones count as this one, so that there are never more than some 1,700 buckets. */
const MOST = 1e12

const GAMMA = (1 + SKETCH_ERROR) / (1 - SKETCH_ERROR)
const LOG_GAMMA = Math.log(GAMMA)

export class Sketch {
  readonly #buckets = new Map<number, number>()
  #count = 0
  #max = 0

  get count(): number {
    return this.#count
  }

  /** The largest value; 0 without any. */
  get max(): number {
    return this.#max
  }

  add(value: number): void {
    const bucket = Math.ceil(Math.log(Math.min(Math.max(value, LEAST), MOST)) / LOG_GAMMA)
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1)
    this.#count += 1
    if (value > this.#max) this.#max = value
  }

  merge(other: Sketch): void {
    for (const [bucket, count] of other.#buckets) {
      this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + count)
    }
    this.#count += other.#count
    this.#max = Math.max(this.#max, other.#max)
  }

  /** Values below which these shares (0 … 1, rising) of all lie; `undefined` without any value. */
  quantiles(shares: readonly number[]): readonly number[] | undefined {
    if (this.#count === 0) return undefined
    const buckets = [...this.#buckets].sort(([a], [b]) => a - b)
    let at = 0
    let seen = buckets[0]?.[1] ?? 0
    return shares.map((share) => {
      const rank = Math.max(1, Math.ceil(share * this.#count))
      while (seen < rank && at < buckets.length - 1) seen += buckets[++at]?.[1] ?? 0
      const bucket = buckets[at]?.[0] ?? 0
      return Math.min((2 * GAMMA ** bucket) / (GAMMA + 1), this.#max)
    })
  }
}
