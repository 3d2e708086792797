/**
 * Rows in typed arrays, one a column, in chunks of a fixed number of rows. Their numbers are consecutive, so a row is
 * found by arithmetic; the old end is dropped chunk by chunk.
 */
type Constructor =
  Float64ArrayConstructor | Uint32ArrayConstructor | Uint16ArrayConstructor | Uint8ArrayConstructor
/** Column → array type. */
export type ColumnTypes = Readonly<Record<string, Constructor>>
export type ChunkOf<T extends ColumnTypes> = { readonly [N in keyof T]: InstanceType<T[N]> }

export class Chunks<T extends ColumnTypes> {
  readonly rowsPerChunk: number
  readonly bytesPerRow: number
  readonly #types: T
  #chunks: ChunkOf<T>[] = []
  /** Number of the first row of the first chunk; rows below `#first` in it are dropped already. */
  #base = 1
  #first = 1
  #end = 1

  constructor(types: T, rowsPerChunk: number) {
    this.#types = types
    this.rowsPerChunk = rowsPerChunk
    this.bytesPerRow = Object.values(types).reduce((sum, { BYTES_PER_ELEMENT }) => sum + BYTES_PER_ELEMENT, 0)
  }

  /** Number of the oldest row held. */
  get first(): number {
    return this.#first
  }
  /** Number that follows the newest row's. */
  get end(): number {
    return this.#end
  }
  get rows(): number {
    return this.#end - this.#first
  }
  /** Memory held, in bytes. */
  get bytes(): number {
    return this.#chunks.length * this.rowsPerChunk * this.bytesPerRow
  }

  has(no: number): boolean {
    return no >= this.#first && no < this.#end
  }

  /** Holds one row more, of zeros; answers its chunk. */
  grow(): ChunkOf<T> {
    const at = this.#end - this.#base
    if (at === this.#chunks.length * this.rowsPerChunk) this.#chunks.push(this.#newChunk())
    this.#end += 1
    return this.#chunks[Math.floor(at / this.rowsPerChunk)] as ChunkOf<T>
  }

  /** Of a row that is held. */
  chunk(no: number): ChunkOf<T> {
    return this.#chunks[Math.floor((no - this.#base) / this.rowsPerChunk)] as ChunkOf<T>
  }

  /** In its chunk. */
  place(no: number): number {
    return (no - this.#base) % this.rowsPerChunk
  }

  /** Number of the row with which the second chunk begins, whether there is one or not. */
  get secondChunk(): number {
    return this.#base + this.rowsPerChunk
  }

  dropBefore(no: number): void {
    this.#first = Math.min(Math.max(no, this.#first), this.#end)
    while (this.#chunks.length > 0 && this.secondChunk <= this.#first) {
      this.#chunks.shift()
      this.#base += this.rowsPerChunk
    }
  }

  /** Holds nothing, and goes on with the row `no`. */
  restart(no: number): void {
    this.#chunks = []
    this.#base = no
    this.#first = no
    this.#end = no
  }

  #newChunk(): ChunkOf<T> {
    const arrays = Object.entries(this.#types).map(([name, Type]) => [name, new Type(this.rowsPerChunk)])
    return Object.fromEntries(arrays) as unknown as ChunkOf<T>
  }
}
