/**
 * A map from numbers to numbers in two typed arrays: for the hottest paths, where a `Map` would make an object of
 * each key that is no small integer. Open addressing with linear probing; what is deleted leaves no trace.
 */
export class NumberMap {
  #keys = new Float64Array(64).fill(FREE)
  #values = new Float64Array(64)
  #size = 0

  get size(): number {
    return this.#size
  }

  get(key: number): number | undefined {
    const place = this.#find(key)
    return this.#keys[place] === key ? this.#values[place] : undefined
  }

  /** Any key but -1. */
  set(key: number, value: number): this {
    let place = this.#find(key)
    if (this.#keys[place] !== key) {
      if (++this.#size > this.#keys.length / 2) {
        this.#grow()
        place = this.#find(key)
      }
      this.#keys[place] = key
    }
    this.#values[place] = value
    return this
  }

  delete(key: number): boolean {
    const keys = this.#keys
    let hole = this.#find(key)
    if (keys[hole] !== key) return false
    const mask = keys.length - 1
    // Whatever had to step aside for it moves up.
    for (let next = (hole + 1) & mask; keys[next] !== FREE; next = (next + 1) & mask) {
      const home = homeOf(keys[next] as number) & mask
      if (((next - home) & mask) < ((next - hole) & mask)) continue
      keys[hole] = keys[next] as number
      this.#values[hole] = this.#values[next] as number
      hole = next
    }
    keys[hole] = FREE
    this.#size -= 1
    return true
  }

  *values(): Generator<number> {
    for (const [place, key] of this.#keys.entries()) if (key !== FREE) yield this.#values[place] as number
  }

  /** Where the key stands, or would be put. */
  #find(key: number): number {
    const keys = this.#keys
    const mask = keys.length - 1
    let place = homeOf(key) & mask
    while (keys[place] !== key && keys[place] !== FREE) place = (place + 1) & mask
    return place
  }

  #grow(): void {
    const keys = this.#keys
    const values = this.#values
    this.#keys = new Float64Array(keys.length * 2).fill(FREE)
    this.#values = new Float64Array(keys.length * 2)
    for (const [from, key] of keys.entries()) {
      if (key === FREE) continue
      const place = this.#find(key)
      this.#keys[place] = key
      this.#values[place] = values[from] as number
    }
  }
}

const FREE = -1

/** Mixes both halves of a whole number below 2^53, as the table uses the low bits. */
function homeOf(key: number): number {
  const high = (key / 0x1_0000_0000) | 0
  let hash = Math.imul(key | 0, 0x85eb_ca6b) ^ Math.imul(high, 0xc2b2_ae35)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d)
  return hash ^ (hash >>> 13)
}
