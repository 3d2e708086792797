/** The index: one typed array a column, in chunks (chunks.ts). */
import { Chunks, type ChunkOf } from './chunks.ts'

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
export type ColumnChunk = ChunkOf<typeof columnTypes>
/** One row, before it is written into the columns; reused from row to row. */
export type Entry = { -readonly [N in ColumnName]: number }

/** Values of `type` that are no MQTT packet type. */
export const RowType = { malformed: 0, close: 16, probe: 17 } as const
export const Way = { in: 0, out: 1 } as const

const names = Object.keys(columnTypes) as ColumnName[]

export const emptyEntry = (): Entry => Object.fromEntries(names.map((name) => [name, 0])) as Entry

/** A run of rows inside one chunk: rows `no … no + (to - from)` are `chunk` at `from … to`. */
export interface Run {
  readonly chunk: ColumnChunk
  readonly from: number
  readonly to: number
  readonly no: number
}

export class Columns {
  readonly #rows: Chunks<typeof columnTypes>

  constructor(rowsPerChunk: number) {
    this.#rows = new Chunks(columnTypes, rowsPerChunk)
  }

  /** Number of the oldest row held. */
  get first(): number {
    return this.#rows.first
  }
  /** Number that follows the newest row's. */
  get end(): number {
    return this.#rows.end
  }
  get rows(): number {
    return this.#rows.rows
  }
  /** Memory held, in bytes. */
  get bytes(): number {
    return this.#rows.bytes
  }

  has(no: number): boolean {
    return this.#rows.has(no)
  }

  /** `no` is given by the caller and must follow the last one, except in an empty index. */
  append(no: number, entry: Entry): void {
    if (this.rows === 0) this.#rows.restart(no)
    if (no !== this.end) throw new RangeError(`Row ${no} was told after row ${this.end - 1}.`)
    const chunk = this.#rows.grow()
    const i = this.#rows.place(no)
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
    const from = this.#rows.place(no)
    const to = Math.min(this.#rows.rowsPerChunk, from + this.end - no)
    return { chunk: this.#rows.chunk(no), from, to, no }
  }

  /** Number of the first row of the second chunk; undefined while there is only one. */
  oldestEnd(): number | undefined {
    const { secondChunk } = this.#rows
    return secondChunk < this.end ? secondChunk : undefined
  }

  dropBefore(no: number): void {
    this.#rows.dropBefore(no)
  }

  clear(): void {
    this.#rows.restart(this.end)
  }
}
