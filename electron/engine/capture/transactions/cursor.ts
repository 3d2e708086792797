/**
 * The way to the transactions of a capture: row by row, behind the index, in slices of time, so that what is
 * recorded, imported and listed goes first.
 */
import { peekMsg, peekRecord, type UspPeek } from '../../../../shared/usp/peek.ts'
import { Way } from '../columns.ts'
import { emptyHead, scanPublish } from '../publish-head.ts'
import { bytesOf, type Parts } from '../rows.ts'
import { segmentedMsg } from '../session-fields.ts'
import { Slice } from '../work.ts'
import type { TransactionLog } from './log.ts'

/** Of the flags of a PUBLISH. */
const DUP = 8
/** Estimate in bytes, for the budget of the index. */
const COMPLETED_COST = 60

/** The Msg whose last segment is in row `last` is whole once the rows below `before` are there. */
interface Completed {
  readonly last: number
  readonly before: number
}

export class TransactionCursor {
  readonly #parts: Parts
  readonly #log: TransactionLog
  readonly #head = emptyHead()
  #completed: Completed[] = []
  /** Of `#completed`, those that were looked at. */
  #taken = 0
  #next = 1
  #isEnding = false

  constructor(parts: Parts, log: TransactionLog) {
    this.#parts = parts
    this.#log = log
  }

  /** Memory held, in bytes, as an estimate. */
  get bytes(): number {
    return this.#completed.length * COMPLETED_COST
  }

  /** Are there rows below `end` to look at, or the end of the capture? */
  isBehind(end = this.#parts.columns.end): boolean {
    const newest = this.#parts.columns.end
    return this.#row < Math.min(end, newest) || (this.#isEnding && end >= newest)
  }

  /** How much of the rows held was looked at: 0 … 1. */
  get share(): number {
    const { first, rows } = this.#parts.columns
    return rows === 0 ? 1 : (this.#row - first) / rows
  }

  /** A segmented Msg is whole now, by the newest row. */
  completed(last: number): void {
    this.#completed.push({ last, before: this.#parts.columns.end })
  }

  /** Time goes on without packets: what waits too long has timed out, in nanoseconds since the epoch. */
  tick(time: number): void {
    // The answer may be among the rows that nobody looked at.
    if (!this.isBehind()) this.#log.tick(time)
  }

  /** No row comes any more. */
  end(): void {
    this.#isEnding = true
  }

  /** Rows go, looked at or not. */
  clear(): void {
    this.#next = this.#parts.columns.end
    this.#completed = []
    this.#taken = 0
    this.#log.clear()
  }

  /** Looks at rows for some milliseconds. True while there are more. */
  step(): boolean {
    const { columns } = this.#parts
    const slice = new Slice()
    while (this.#row < columns.end) {
      const no = this.#row
      const looked = this.#look(no)
      this.#next = no + 1
      this.#takeCompleted()
      if (slice.isOver(looked)) return true
    }
    if (this.#isEnding) {
      this.#log.tick(columns.rows > 0 ? columns.get(columns.end - 1, 'time') : 0)
      this.#log.end()
    }
    this.#isEnding = false
    return false
  }

  /** The row to look at: older ones may be gone. */
  get #row(): number {
    return Math.max(this.#next, this.#parts.columns.first)
  }

  /** Answers how many bytes were looked at. */
  #look(no: number): number {
    const { chunk, from: i } = this.#parts.columns.run(no)
    if (chunk.msgId[i] === 0) return 0
    const bytes = this.#read(no)
    const record = bytes && this.#recordIn(no, bytes)
    if (record !== undefined) this.#pair(no, bytes as Uint8Array, record)
    return chunk.length[i] as number
  }

  #takeCompleted(): void {
    for (let next = this.#completed[this.#taken]; next && next.before <= this.#next;) {
      this.#taken += 1
      if (this.#parts.columns.has(next.last)) this.#lookAtWhole(next.last)
      next = this.#completed[this.#taken]
    }
    // Not at each of them: what is left is copied.
    if (this.#taken < this.#completed.length / 2 || this.#taken === 0) return
    this.#completed = this.#completed.slice(this.#taken)
    this.#taken = 0
  }

  #lookAtWhole(last: number): void {
    const packet = this.#read(last)
    const record = packet && this.#recordIn(last, packet)
    if (record === undefined) return
    // Read now: the packet is a view that the segments of the Msg are read over.
    const { version, fromId, toId } = record
    const bytes = this.#readWhole(last)
    if (bytes === undefined) return
    const msg = peekMsg(bytes, { start: 0, end: bytes.length })
    this.#pair(last, bytes, { version, fromId, toId, ...msg })
  }

  /** The Record in the PUBLISH of a row. */
  #recordIn(no: number, bytes: Uint8Array): UspPeek | undefined {
    const { columns, connections } = this.#parts
    const { level } = connections.at(columns.get(no, 'connection'))
    if (!scanPublish(bytes, 0, bytes.length, level, this.#head)) return undefined
    return peekRecord(bytes, this.#head.payloadStart, bytes.length)
  }

  #pair(no: number, bytes: Uint8Array, peek: UspPeek): void {
    const { columns, connections } = this.#parts
    const { chunk, from: i } = columns.run(no)
    const packet = {
      no,
      time: chunk.time[i] as number,
      connection: connections.at(chunk.connection[i] as number).facts.id,
      out: chunk.direction[i] === Way.out,
      dup: ((chunk.flags[i] as number) & DUP) !== 0,
      msgId: chunk.msgId[i] as number,
    }
    chunk.transaction[i] = this.#log.take(packet, bytes, peek)
  }

  /** Nothing for a packet that cannot be read: whoever opens its row is told why. */
  #read(no: number): Uint8Array | undefined {
    return attempt(() => bytesOf(this.#parts, no))
  }
  #readWhole(last: number): Uint8Array | undefined {
    return attempt(() => segmentedMsg(this.#parts, last))
  }
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
