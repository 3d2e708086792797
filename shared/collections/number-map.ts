/**
 * A map from numbers to numbers in a typed array: for the hottest paths, where a `Map` would make an object of
 * each key that is no small integer. Open addressing with linear probing; what is deleted leaves no trace.
 */
export class NumberMap {
  /** Key and value of a place beside each other, as each place that is looked at is far from the last one. */
  #table = emptyTable(64)
  #size = 0

  get size(): number {
    return this.#size
  }

  get(key: number): number | undefined {
    const place = this.#find(key)
    return this.#table[place] === key ? this.#table[place + 1] : undefined
  }

  /** Any key but -1. */
  set(key: number, value: number): this {
    let place = this.#find(key)
    if (this.#table[place] !== key) {
      if (++this.#size > this.#table.length / 4) {
        this.#grow()
        place = this.#find(key)
      }
      this.#table[place] = key
    }
    this.#table[place + 1] = value
    return this
  }

  delete(key: number): boolean {
    const table = this.#table
    let hole = this.#find(key)
    if (table[hole] !== key) return false
    const mask = table.length - 1
    // Whatever had to step aside for it moves up.
    for (let next = (hole + 2) & mask; table[next] !== FREE; next = (next + 2) & mask) {
      const home = homeOf(table[next] as number, mask)
      if (((next - home) & mask) < ((next - hole) & mask)) continue
      table[hole] = table[next] as number
      table[hole + 1] = table[next + 1] as number
      hole = next
    }
    table[hole] = FREE
    this.#size -= 1
    return true
  }

  *values(): Generator<number> {
    for (let place = 0; place < this.#table.length; place += 2)
      if (this.#table[place] !== FREE) yield this.#table[place + 1] as number
  }

  /** Where the key stands, or would be put. */
  #find(key: number): number {
    const table = this.#table
    const mask = table.length - 1
    let place = homeOf(key, mask)
    while (table[place] !== key && table[place] !== FREE) place = (place + 2) & mask
    return place
  }

  #grow(): void {
    const old = this.#table
    this.#table = emptyTable(old.length)
    for (let from = 0; from < old.length; from += 2) {
      const key = old[from] as number
      if (key === FREE) continue
      const place = this.#find(key)
      this.#table[place] = key
      this.#table[place + 1] = old[from + 1] as number
    }
  }
}

const FREE = -1

/** A power of two. */
const emptyTable = (places: number): Float64Array => new Float64Array(places * 2).fill(FREE)

/** Mixes both halves of a whole number below 2^53, as the table uses the low bits. */
function homeOf(key: number, mask: number): number {
  const high = (key / 0x1_0000_0000) | 0
  let hash = Math.imul(key | 0, 0x85eb_ca6b) ^ Math.imul(high, 0xc2b2_ae35)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d)
  return ((hash ^ (hash >>> 13)) * 2) & mask
}
