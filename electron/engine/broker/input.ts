/** Bytes that came and were not yet worked on. Pieces are joined only when that may complete a packet. */
const EMPTY = Buffer.alloc(0)

export class Input {
  #first: Buffer = EMPTY
  #more: Buffer[] = []
  #size = 0
  #needed = 1

  get size(): number {
    return this.#size
  }

  /** Enough has come to make another look worth while. */
  get ready(): boolean {
    return this.#size >= this.#needed
  }

  push(chunk: Buffer): void {
    if (this.#size === 0) this.#first = chunk
    else this.#more.push(chunk)
    this.#size += chunk.length
  }

  /** All that is there, in one piece; `keep` says what of it is left. */
  take(): Buffer {
    if (this.#more.length > 0) {
      this.#first = Buffer.concat([this.#first, ...this.#more], this.#size)
      this.#more = []
    }
    return this.#first
  }

  /** Drops the bytes before `from`; the next look is worth while when `needed` bytes are there. */
  keep(from: number, needed: number): void {
    this.#first = from === this.#first.length ? EMPTY : this.#first.subarray(from)
    this.#size = this.#first.length
    this.#needed = needed
  }

  clear(): void {
    this.#first = EMPTY
    this.#more = []
    this.#size = 0
  }
}
