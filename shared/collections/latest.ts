/**
 * A map from numbers to numbers that forgets the lowest values when it is full: for the hottest paths, where a `Map`
 * would make an object of each key that is no small integer, and where many a key that is looked for is not there.
 * Eight keys whose hash is the same lie in one cache line, and are all that is looked at.
 */

const WAYS = 8
const FIRST_SETS = 64
/** Room for 262,144 entries, in 4 MiB. */
const MOST_SETS = 32_768

export class Latest {
  readonly #mostSets: number
  /** Each key and 1; 0 is a free place. */
  #keys = new Float64Array(FIRST_SETS * WAYS)
  #values = new Float64Array(FIRST_SETS * WAYS)

  /** `mostSets`: a power of two, 64 or more. Each takes eight entries, the last ones that belong into it. */
  constructor(mostSets = MOST_SETS) {
    this.#mostSets = mostSets
  }

  /** Any key from 0 to 2^53 − 2; a value above 0. */
  set(key: number, value: number): void {
    const wanted = key + 1
    for (;;) {
      const keys = this.#keys
      const first = this.#setOf(wanted)
      let place = -1
      for (let at = first; at < first + WAYS; at++) {
        const there = keys[at] as number
        if (there === wanted) {
          place = at
          break
        }
        if (there === 0 && place < 0) place = at
      }
      if (place < 0) {
        if (keys.length < this.#mostSets * WAYS) {
          this.#grow()
          continue
        }
        place = this.#lowest(first)
      }
      keys[place] = wanted
      this.#values[place] = value
      return
    }
  }

  /** The value of the key, which is taken out; 0 when it is not there. */
  take(key: number): number {
    const keys = this.#keys
    const wanted = key + 1
    const first = this.#setOf(wanted)
    for (let at = first; at < first + WAYS; at++) {
      if (keys[at] !== wanted) continue
      keys[at] = 0
      return this.#values[at] as number
    }
    return 0
  }

  /** Where the places for this key begin. */
  #setOf(wanted: number): number {
    return hashOf(wanted) & (this.#keys.length - WAYS)
  }

  #lowest(first: number): number {
    const values = this.#values
    let lowest = first
    for (let at = first + 1; at < first + WAYS; at++) {
      if ((values[at] as number) < (values[lowest] as number)) lowest = at
    }
    return lowest
  }

  #grow(): void {
    const keys = this.#keys
    const values = this.#values
    this.#keys = new Float64Array(keys.length * 2)
    this.#values = new Float64Array(keys.length * 2)
    for (let at = 0; at < keys.length; at++) {
      // Those of one set share no more than two of the new ones, so that each finds its place.
      if (keys[at] !== 0) this.set((keys[at] as number) - 1, values[at] as number)
    }
  }
}

/** Mixes both halves of a whole number below 2^53. */
function hashOf(key: number): number {
  const high = (key / 0x1_0000_0000) | 0
  let hash = Math.imul(key | 0, 0x85eb_ca6b) ^ Math.imul(high, 0xc2b2_ae35)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d)
  return hash ^ (hash >>> 13)
}
