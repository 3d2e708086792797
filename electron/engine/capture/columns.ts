/**
 * The index: one typed array a column, in chunks of a fixed number of rows. Row numbers are consecutive, so a
 * row is found by arithmetic; the old end is dropped chunk by chunk.
 */

/** Column → array type. One line here is all that a new column needs besides the code that fills it. */
const columnTypes = {
  /** Nanoseconds since the capture's epoch (clock.ts). */
  time: Float64Array,
  /** Place of the packet's bytes in the store. */
  offset: Float64Array,
  length: Uint32Array,
  /** Slot of the connection (connections.ts). */
  connection: Uint32Array,
  /** String ids (dictionary.ts); 0 is "none". */
  topic: Uint32Array,
  usp: Uint32Array,
  msgId: Uint32Array,
  packetId: Uint16Array,
  /** MQTT packet type 1 … 15, or one of `RowType`. */
  type: Uint8Array,
  /** Low four bits of the fixed header. */
  flags: Uint8Array,
  direction: Uint8Array,
  reasonCode: Uint8Array,
  /** How many rows before this one lies the packet that it answers (pairs.ts); 0 is "none". */
  answers: Uint32Array,
  /** The transaction that its Msg belongs to (transactions/log.ts); 0 is "none". */
  transaction: Uint32Array,
  verdict: Uint8Array,
  /** 1 where the person marked the row. */
  marked: Uint8Array,
} as const

export type ColumnName = keyof typeof columnTypes
export type ColumnChunk = { readonly [N in ColumnName]: InstanceType<(typeof columnTypes)[N]> }
/** One row, before it is written into the columns; reused from row to row. */
export type Entry = { -readonly [N in ColumnName]: number }

/** Values of `type` that are no MQTT packet type. */
export const RowType = { malformed: 0, close: 16, probe: 17 } as const
export const Way = { in: 0, out: 1 } as const

const names = Object.keys(columnTypes) as ColumnName[]
export const BYTES_PER_ROW = names.reduce((sum, name) => sum + columnTypes[name].BYTES_PER_ELEMENT, 0)

export const emptyEntry = (): Entry => Object.fromEntries(names.map((name) => [name, 0])) as Entry

/** A run of rows inside one chunk: rows `no … no + (to - from)` are `chunk` at `from … to`. */
export interface Run {
  readonly chunk: ColumnChunk
  readonly from: number
  readonly to: number
  readonly no: number
}

export class Columns {
  readonly #rowsPerChunk: number
  #chunks: ColumnChunk[] = []
  /** Number of the first row of the first chunk; rows below `#first` in it are dropped already. */
  #base = 1
  #first = 1
  #end = 1

  constructor(rowsPerChunk: number) {
    this.#rowsPerChunk = rowsPerChunk
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
    return this.#chunks.length * this.#rowsPerChunk * BYTES_PER_ROW
  }

  has(no: number): boolean {
    return no >= this.#first && no < this.#end
  }

  /** `no` is given by the caller and must follow the last one, except in an empty index. */
  append(no: number, entry: Entry): void {
    if (this.rows === 0) this.#restart(no)
    if (no !== this.#end) throw new RangeError(`Row ${no} was told after row ${this.#end - 1}.`)
    const at = no - this.#base
    if (at === this.#chunks.length * this.#rowsPerChunk) this.#chunks.push(newChunk(this.#rowsPerChunk))
    const chunk = this.#chunks[Math.floor(at / this.#rowsPerChunk)] as ColumnChunk
    const i = at % this.#rowsPerChunk
    // Written out: a loop over the names would make every store a keyed lookup, on the hottest path there is.
    chunk.time[i] = entry.time
    chunk.offset[i] = entry.offset
    chunk.length[i] = entry.length
    chunk.connection[i] = entry.connection
    chunk.topic[i] = entry.topic
    chunk.usp[i] = entry.usp
    chunk.msgId[i] = entry.msgId
    chunk.packetId[i] = entry.packetId
    chunk.type[i] = entry.type
    chunk.flags[i] = entry.flags
    chunk.direction[i] = entry.direction
    chunk.reasonCode[i] = entry.reasonCode
    chunk.answers[i] = entry.answers
    chunk.transaction[i] = entry.transaction
    chunk.verdict[i] = entry.verdict
    chunk.marked[i] = entry.marked
    this.#end = no + 1
  }

  /** The value of one cell. RangeError when the row is not held. */
  get(no: number, column: ColumnName): number {
    const run = this.run(no)
    return run.chunk[column][run.from] as number
  }

  set(no: number, column: ColumnName, value: number): void {
    const run = this.run(no)
    run.chunk[column][run.from] = value
  }

  /** From row `no` to the end of its chunk, or of the index. RangeError when the row is not held. */
  run(no: number): Run {
    if (!this.has(no)) throw new RangeError(`Row ${no} is not in the capture any more.`)
    const at = no - this.#base
    const index = Math.floor(at / this.#rowsPerChunk)
    const from = at % this.#rowsPerChunk
    const to = Math.min(this.#rowsPerChunk, from + this.#end - no)
    return { chunk: this.#chunks[index] as ColumnChunk, from, to, no }
  }

  /** Number of the first row of the second chunk; undefined while there is only one. */
  oldestEnd(): number | undefined {
    return this.#chunks.length > 1 ? this.#base + this.#rowsPerChunk : undefined
  }

  dropBefore(no: number): void {
    this.#first = Math.min(Math.max(no, this.#first), this.#end)
    while (this.#chunks.length > 0 && this.#base + this.#rowsPerChunk <= this.#first) {
      this.#chunks.shift()
      this.#base += this.#rowsPerChunk
    }
  }

  clear(): void {
    this.#restart(this.#end)
  }

  #restart(no: number): void {
    this.#chunks = []
    this.#base = no
    this.#first = no
    this.#end = no
  }
}

function newChunk(rows: number): ColumnChunk {
  return Object.fromEntries(
    names.map((name) => [name, new columnTypes[name](rows)]),
  ) as unknown as ColumnChunk
}
