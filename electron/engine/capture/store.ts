/**
 * The raw bytes of a capture. Offsets only grow, as in one endless file of which the old end is cut off, so
 * that segments on disk can take the place of this first version, which keeps its chunks in memory.
 */
export interface ByteStore {
  /** Memory held, in bytes. */
  readonly bytes: number
  /** Keeps a copy of `bytes[start, end)` and answers its offset; offsets never go down. */
  append(bytes: Uint8Array, start: number, end: number): number
  /** A view, not a copy: take what you need before the next `append`. RangeError when no longer held. */
  read(offset: number, length: number): Uint8Array
  /** Where the oldest chunk ends; undefined while it is the only one. */
  oldestEnd(): number | undefined
  /** Lets go of every chunk that lies wholly below `offset`. */
  dropBefore(offset: number): void
  /** Lets go of everything; offsets go on. */
  clear(): void
}

interface StoreChunk {
  readonly start: number
  readonly bytes: Uint8Array
  used: number
}

export class MemoryStore implements ByteStore {
  readonly #chunkBytes: number
  #chunks: StoreChunk[] = []
  #end = 0
  #held = 0

  /** `chunkBytes`: what is taken, and later dropped, at a time. A longer packet gets a chunk of its own. */
  constructor(chunkBytes: number) {
    this.#chunkBytes = chunkBytes
  }

  get bytes(): number {
    return this.#held
  }

  append(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start
    let chunk = this.#chunks.at(-1)
    if (chunk === undefined || chunk.used + length > chunk.bytes.length) chunk = this.#grow(length)
    if (length > 0) chunk.bytes.set(bytes.subarray(start, end), chunk.used)
    const offset = chunk.start + chunk.used
    chunk.used += length
    this.#end = offset + length
    return offset
  }

  read(offset: number, length: number): Uint8Array {
    const chunk = this.#chunkAt(offset)
    const from = chunk === undefined ? 0 : offset - chunk.start
    if (chunk === undefined || from + length > chunk.used) {
      throw new RangeError(`Bytes ${offset} to ${offset + length} are not in the capture any more.`)
    }
    return chunk.bytes.subarray(from, from + length)
  }

  oldestEnd(): number | undefined {
    return this.#chunks[1]?.start
  }

  dropBefore(offset: number): void {
    let end = this.oldestEnd()
    while (end !== undefined && end <= offset) {
      this.#held -= this.#chunks.shift()?.bytes.length ?? 0
      end = this.oldestEnd()
    }
  }

  clear(): void {
    this.#chunks = []
    this.#held = 0
  }

  #grow(length: number): StoreChunk {
    const size = Math.max(this.#chunkBytes, length)
    const chunk: StoreChunk = { start: this.#end, bytes: new Uint8Array(size), used: 0 }
    this.#chunks.push(chunk)
    this.#held += size
    return chunk
  }

  #chunkAt(offset: number): StoreChunk | undefined {
    let low = 0
    let high = this.#chunks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#chunks[middle] as StoreChunk).start <= offset) low = middle
      else high = middle - 1
    }
    const chunk = this.#chunks[low]
    return chunk !== undefined && chunk.start <= offset ? chunk : undefined
  }
}
