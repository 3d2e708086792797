/**
 * Row numbers in rising order: what a filtered view shows. Grows at the new end and shrinks at the old one
 * without copying.
 */
const CHUNK = 16_384

export class RowList {
  #chunks: Float64Array[] = []
  /** Entries dropped at the start of the first chunk. */
  #skip = 0
  #length = 0

  get length(): number {
    return this.#length
  }

  /** `no` must be above the last one. */
  push(no: number): void {
    const at = this.#skip + this.#length
    if (at === this.#chunks.length * CHUNK) this.#chunks.push(new Float64Array(CHUNK))
    const chunk = this.#chunks[Math.floor(at / CHUNK)] as Float64Array
    chunk[at % CHUNK] = no
    this.#length += 1
  }

  /** The row number at an index, 0 … length - 1. */
  at(index: number): number {
    const at = this.#skip + index
    const chunk = this.#chunks[Math.floor(at / CHUNK)]
    if (chunk === undefined || index < 0 || index >= this.#length) throw new RangeError(`No entry ${index}.`)
    return chunk[at % CHUNK] as number
  }

  /** Index of the first entry that is `no` or more; `length` when there is none. */
  lowerBound(no: number): number {
    let low = 0
    let high = this.#length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.at(middle) < no) low = middle + 1
      else high = middle
    }
    return low
  }

  indexOf(no: number): number {
    const index = this.lowerBound(no)
    return index < this.#length && this.at(index) === no ? index : -1
  }

  /** Drops entries below `no`. */
  dropBefore(no: number): void {
    const gone = this.lowerBound(no)
    this.#skip += gone
    this.#length -= gone
    const chunks = Math.floor(this.#skip / CHUNK)
    this.#chunks.splice(0, chunks)
    this.#skip -= chunks * CHUNK
  }

  /** Drops entries from `no` on. */
  dropFrom(no: number): void {
    this.#length = this.lowerBound(no)
    this.#chunks.length = Math.ceil((this.#skip + this.#length) / CHUNK)
  }
}
