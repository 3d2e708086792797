/** What the worker holds: bytes, index, connections, remarks and views, and the budget that bounds them. */
import type { PacketDetail, PacketNote, PacketRow } from '../../../shared/contract/model.ts'
import { type BatchReader, readBatch } from './batch.ts'
import type { Instant } from './clock.ts'
import { BYTES_PER_ROW, Columns, emptyEntry, RowType, Way } from './columns.ts'
import { Connections } from './connections.ts'
import { makeDetail } from './detail.ts'
import { Dictionary } from './dictionary.ts'
import { Indexer } from './indexer.ts'
import { Notes } from './notes.ts'
import { makeRow, type Parts, verdicts } from './rows.ts'
import type { ConnectionClosed, ConnectionOpened, Direction } from './sink.ts'
import { MemoryStore } from './store.ts'
import { Views } from './views.ts'

export interface ArchiveOptions {
  readonly epoch: Instant
  /** Most memory for bytes and index together; the newest chunk is kept in any case. */
  readonly budgetBytes: number
  /** A view would now read otherwise than it did last. */
  readonly viewChanged: (view: number) => void
}

export interface Counts {
  readonly rows: number
  readonly droppedRows: number
  readonly bytes: number
}

/** The old end goes in steps of about this part of the budget. */
const STEPS = 16
const between = (low: number, value: number, high: number) => Math.max(low, Math.min(Math.floor(value), high))

const NOTHING = new Uint8Array(0)

export class Archive implements BatchReader {
  readonly views: Views
  readonly #budgetBytes: number
  readonly #parts: Parts
  readonly #indexer: Indexer
  readonly #entry = emptyEntry()
  #droppedRows = 0

  constructor({ epoch, budgetBytes, viewChanged }: ArchiveOptions) {
    const step = budgetBytes / STEPS
    const dictionaries = {
      topics: new Dictionary((id) => this.views.topicAssigned(id)),
      usps: new Dictionary((id) => this.views.uspAssigned(id)),
      msgIds: new Dictionary(),
    }
    const parts: Parts = {
      epoch,
      columns: new Columns(between(1024, step / BYTES_PER_ROW, 65_536)),
      store: new MemoryStore(between(64 * 1024, step, 4 * 1024 * 1024)),
      connections: new Connections(dictionaries.topics, (changed) => this.views.connectionChanged(changed)),
      dictionaries,
      notes: new Notes(),
    }
    this.#budgetBytes = budgetBytes
    this.#parts = parts
    this.#indexer = new Indexer(parts.connections, dictionaries)
    this.views = new Views({
      ...dictionaries,
      columns: parts.columns,
      connections: parts.connections,
      row: (no) => this.row(no),
      changed: viewChanged,
    })
  }

  get counts(): Counts {
    return { rows: this.#parts.columns.rows, droppedRows: this.#droppedRows, bytes: this.#bytes }
  }

  /** Takes a batch in, then drops what is over the budget. */
  take(buffer: ArrayBuffer, used: number): void {
    readBatch(buffer, used, this)
    this.#keepBudget()
    this.views.touched()
  }

  /** RangeError when the row is not held. */
  row(no: number): PacketRow {
    return makeRow(this.#parts, no)
  }

  /** `undefined` when the row is not held. */
  detail(no: number): PacketDetail | undefined {
    return this.#parts.columns.has(no) ? makeDetail(this.#parts, no, this.#parts.notes.of(no)) : undefined
  }

  /** Lets go of every row; numbers go on, open connections stay known. */
  clear(): void {
    const { columns, store } = this.#parts
    this.#releaseRows(columns.end)
    columns.clear()
    store.clear()
    this.#droppedRows = 0
    this.views.dropped()
    this.views.touched()
  }

  frame(
    no: number,
    time: number,
    connection: number,
    direction: Direction,
    malformed: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    const { connections } = this.#parts
    if (no === 0) {
      const known = connections.find(connection)
      if (known !== undefined) this.#indexer.learn(known, direction, bytes, start, end)
      return
    }
    const from = connections.findOrAdd(connection)
    if (malformed) this.#describe(RowType.malformed, Way[direction])
    else this.#indexer.fill(this.#entry, from, direction, bytes, start, end)
    this.#append(no, time, from.slot, bytes, start, end)
  }

  opened(connection: number, facts: ConnectionOpened): void {
    this.#parts.connections.opened(connection, facts)
  }

  closed(no: number, time: number, connection: number, facts: ConnectionClosed): void {
    const { connections } = this.#parts
    if (no !== 0) {
      const { slot } = connections.findOrAdd(connection)
      this.#describe(facts.probe ? RowType.probe : RowType.close, facts.by === 'bench' ? Way.out : Way.in)
      this.#append(no, time, slot, NOTHING, 0, 0)
    }
    connections.closed(connection, facts)
  }

  note(no: number, note: PacketNote): void {
    const { columns } = this.#parts
    if (!columns.has(no)) return
    this.#parts.notes.add(no, note)
    if (columns.get(no, 'verdict') === 0) columns.set(no, 'verdict', verdicts.indexOf(note.kind))
  }

  get #bytes(): number {
    const { columns, store, connections, dictionaries } = this.#parts
    const { topics, usps, msgIds } = dictionaries
    const strings = topics.bytes + usps.bytes + msgIds.bytes
    return store.bytes + columns.bytes + connections.bytes + this.#parts.notes.bytes + strings
  }

  /** A row that is no MQTT packet. */
  #describe(type: number, direction: number): void {
    Object.assign(this.#entry, emptyEntry(), { type, direction })
  }

  #append(no: number, time: number, slot: number, bytes: Uint8Array, start: number, end: number): void {
    const { columns, store, connections } = this.#parts
    const entry = this.#entry
    entry.time = time
    entry.connection = slot
    entry.length = end - start
    entry.offset = store.append(bytes, start, end)
    columns.append(no, entry)
    connections.retain(slot, no)
  }

  #keepBudget(): void {
    const { columns, store } = this.#parts
    const before = columns.first
    while (this.#bytes > this.#budgetBytes) {
      const end = this.#oldestEnd()
      if (end === undefined) break
      this.#releaseRows(end)
      this.#droppedRows += end - columns.first
      store.dropBefore(columns.get(end, 'offset'))
      columns.dropBefore(end)
    }
    if (columns.first !== before) this.views.dropped()
  }

  /** The first row behind the oldest chunk of bytes or of the index, whichever ends first. */
  #oldestEnd(): number | undefined {
    const { columns, store } = this.#parts
    const offset = store.oldestEnd()
    const byIndex = columns.oldestEnd()
    if (offset === undefined) return byIndex
    let low = columns.first
    let high = columns.end
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      if (columns.get(middle, 'offset') < offset) low = middle + 1
      else high = middle
    }
    return byIndex === undefined ? low : Math.min(low, byIndex)
  }

  /** Gives back what the rows from the oldest to below `end` refer to. */
  #releaseRows(end: number): void {
    const { columns, connections, dictionaries } = this.#parts
    const { topics, usps, msgIds } = dictionaries
    for (let no = columns.first; no < end;) {
      const { chunk, from, to } = columns.run(no)
      const last = Math.min(to, from + end - no)
      for (let i = from; i < last; i++, no++) {
        topics.release(chunk.topic[i] as number)
        usps.release(chunk.usp[i] as number)
        msgIds.release(chunk.msgId[i] as number)
        connections.release(chunk.connection[i] as number)
        this.#parts.notes.drop(no)
      }
    }
  }
}
