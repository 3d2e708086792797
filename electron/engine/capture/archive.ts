/** What the worker holds of a capture: its index, connections, remarks and views, over the log of its packets. */
import type { PacketDetail, PacketNote, PacketRow } from '../../../shared/contract/model.ts'
import { VERDICTS } from '../../../shared/filter/columns.ts'
import { type BatchReader, readBatch } from './batch.ts'
import type { Instant } from './clock.ts'
import { Columns, emptyEntry, RowType, Way } from './columns.ts'
import { type Connection, Connections, peerAddress } from './connections.ts'
import { makeDetail } from './detail.ts'
import { Dictionary } from './dictionary.ts'
import { Index } from './index-source.ts'
import { Indexer } from './indexer.ts'
import { LintLog } from '../lint/lint-log.ts'
import { lintRows } from '../lint/lint-rows.ts'
import { Notes } from './notes.ts'
import { Pairs } from './pairs.ts'
import type { PacketLog } from './packet-log.ts'
import { type Contents, makeRow, type Parts } from './rows.ts'
import { type Completed, isOfSession, Sessions } from './sessions.ts'
import type { ConnectionClosed, ConnectionOpened, Direction } from './sink.ts'
import { TransactionCursor } from './transactions/cursor.ts'
import { TransactionLog } from './transactions/log.ts'
import { TransactionViews } from './transactions/views.ts'
import { TopicViews } from '../topics/views.ts'
import { Views } from './views.ts'

export interface ArchiveOptions {
  readonly epoch: Instant
  readonly log: (connections: Connections) => PacketLog
  /** Most bytes on the disk. */
  readonly budgetBytes: number
  /** Most memory for the index; beyond it the oldest rows go. */
  readonly indexBytes?: number
  /** Content views chosen by hand; none by default. */
  readonly contents?: Contents
  /** A view would now read otherwise than it did last. */
  readonly viewChanged: (view: number) => void
}

export interface Counts {
  readonly rows: number
  readonly droppedRows: number
  /** On the disk. */
  readonly bytes: number
}

const ROWS_PER_CHUNK = 65_536
const INDEX_BYTES = 512 * 1024 * 1024

export class Archive implements BatchReader {
  readonly parts: Parts
  readonly index: Index
  readonly views: Views
  readonly transactions: TransactionLog
  readonly transactionViews: TransactionViews
  /** Looks for transactions in the rows that came. */
  readonly pairing: TransactionCursor
  readonly topicViews: TopicViews
  /** Nothing is dropped for the budget. */
  pinned = false
  readonly #budgetBytes: number
  readonly #indexBytes: number
  readonly #indexer: Indexer
  readonly #pairs: Pairs
  readonly #entry = emptyEntry()
  /** Connections of which the log was not told, as it takes nothing. */
  readonly #untold = new Set<number>()
  #suspended = false
  #droppedRows = 0

  constructor(options: ArchiveOptions) {
    const { epoch, log, budgetBytes, viewChanged } = options
    const { indexBytes = INDEX_BYTES, contents = { choices: [] } } = options
    const dictionaries = {
      topics: new Dictionary((id) => {
        this.views.forget('topic', id)
        this.topicViews.forget(id)
      }),
      usps: new Dictionary((id) => {
        this.views.forget('usp', id)
        this.#pairs.forget(id)
      }),
      msgIds: new Dictionary((id) => this.views.forget('msgId', id)),
    }
    const connections = new Connections(dictionaries.topics, (changed) => this.#connectionChanged(changed))
    const columns = new Columns(ROWS_PER_CHUNK)
    this.parts = {
      epoch,
      columns,
      log: log(connections),
      connections,
      dictionaries,
      notes: new Notes(),
      sessions: new Sessions((no) => columns.has(no)),
      contents,
      lint: new LintLog({
        rows: lintRows(() => this.parts),
        changed: (no) => {
          this.views.rowChanged(no)
          this.views.touched()
        },
      }),
    }
    this.#budgetBytes = budgetBytes
    this.#indexBytes = indexBytes
    this.#indexer = new Indexer(connections, dictionaries)
    this.#pairs = new Pairs(this.parts.columns, dictionaries.usps)
    this.index = new Index(this.parts)
    this.views = new Views(this.index, (no) => this.row(no), viewChanged)
    this.transactions = new TransactionLog({ changed: (id) => this.transactionViews.rowChanged(id) })
    this.pairing = new TransactionCursor(this.parts, this.transactions)
    this.transactionViews = new TransactionViews(
      this.parts,
      this.transactions.table,
      this.pairing,
      viewChanged,
    )
    this.topicViews = new TopicViews(this.parts, viewChanged)
  }

  get counts(): Counts {
    return { rows: this.parts.columns.rows, droppedRows: this.#droppedRows, bytes: this.parts.log.bytes }
  }

  /** Takes a batch in; `keepBudget` then drops what is too much. */
  take(buffer: ArrayBuffer, used: number): void {
    readBatch(buffer, used, this)
    this.views.touched()
  }

  /** Requests that have waited too long at this time, in nanoseconds since the epoch, wait no longer. */
  tick(time: number): void {
    this.pairing.tick(time)
    this.topicViews.tick(time)
  }

  /** All packets were told: what waits for an answer gets none. */
  ended(): void {
    this.parts.lint.end(this.lastTime)
    this.pairing.end()
  }

  /** Works for some milliseconds at what is left to do. True while there is more. */
  step(): boolean {
    // Somebody waits for what a view searches; the rest is done before anybody asks for it.
    return this.search() || this.pair() || this.parts.lint.step()
  }

  /** Searches rows for views, for some milliseconds each. True while there is more to do. */
  search(): boolean {
    const inPackets = this.views.step()
    const inTransactions = this.transactionViews.step()
    const inTopics = this.topicViews.step()
    return inPackets || inTransactions || inTopics
  }

  /** Looks for transactions for some milliseconds. True while there is more to do. */
  pair(): boolean {
    if (!this.pairing.isBehind()) return false
    const more = this.pairing.step()
    // Whoever shows how far it is shows that it is done.
    if (!more) this.transactionViews.touched()
    return more
  }

  /** Nanoseconds of the newest row since the epoch. */
  get lastTime(): number {
    const { columns } = this.parts
    return columns.rows > 0 ? columns.get(columns.end - 1, 'time') : 0
  }

  /** RangeError when the row is not held. */
  row(no: number): PacketRow {
    return makeRow(this.parts, no)
  }

  /** `undefined` when the row is not held. */
  detail(no: number): PacketDetail | undefined {
    return this.parts.columns.has(no) ? makeDetail(this.parts, no, this.parts.notes.of(no)) : undefined
  }

  /** False when the row is not held. */
  mark(no: number, on: boolean): boolean {
    const { columns } = this.parts
    if (!columns.has(no)) return false
    columns.set(no, 'marked', on ? 1 : 0)
    this.views.rowChanged(no)
    this.views.touched()
    return true
  }

  /** Lets go of every row; numbers go on, open connections stay known. The log is the caller's affair. */
  clear(): void {
    const { columns, lint } = this.parts
    lint.clear()
    this.#releaseRows(columns.end)
    columns.clear()
    this.#droppedRows = 0
    this.views.dropped()
    this.views.touched()
    this.pairing.clear()
    this.transactionViews.dropped()
    this.topicViews.dropped()
  }

  /** While suspended the log is told nothing but rows; what it missed is told afterwards. */
  suspend(on: boolean, time: number): void {
    this.#suspended = on
    if (on) return
    for (const id of this.#untold) this.#retell(id, time)
    this.#untold.clear()
  }

  /** Takes over the open connections of the capture before this one. */
  adopt({ parts: { connections } }: Archive, time: number): void {
    for (const { open, facts } of connections.all) {
      if (!open) continue
      const { id, transport, listenerPort, remoteAddress, remotePort, localAddress } = facts
      this.opened(id, { transport, listenerPort, remoteAddress, remotePort, localAddress }, time)
      for (const { direction, bytes } of connections.lessons(id)) {
        this.frame(0, time, id, direction, false, bytes, 0, bytes.length)
      }
    }
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
    const { connections, sessions, log, lint } = this.parts
    if (no === 0) {
      const known = connections.find(connection)
      if (known === undefined) return
      lint.tell({ kind: 'lost', connection })
      this.#indexer.learn(known, direction, bytes, start, end)
      if (this.#suspended) this.#untold.add(connection)
      else log.frame(0, time, connection, direction, bytes, start, end, false)
      return
    }
    const from = connections.findOrAdd(connection)
    if (malformed) this.#describe(RowType.malformed, Way[direction])
    const record = malformed ? undefined : this.#indexer.fill(this.#entry, from, direction, bytes, start, end)
    const offset = log.frame(no, time, connection, direction, bytes, start, end, malformed)
    this.#append(no, time, from.slot, end - start, offset)
    if (record === undefined || !isOfSession(record)) return
    const packet = bytes.subarray(start, end)
    for (const whole of sessions.take(no, connection, packet, record)) {
      this.#complete(whole)
      lint.tell({ kind: 'assembled', no, last: whole.row })
    }
  }

  opened(connection: number, facts: ConnectionOpened, time: number): void {
    this.parts.connections.opened(connection, facts)
    this.parts.lint.tell({
      kind: 'opened',
      connection,
      address: peerAddress({ id: connection, ...facts }),
    })
    if (this.#suspended) this.#untold.add(connection)
    else this.parts.log.opened(time, connection, facts)
  }

  closed(no: number, time: number, connection: number, facts: ConnectionClosed): void {
    const { connections, sessions, log, lint } = this.parts
    const offset = log.closed(no, time, connection, facts)
    if (no !== 0) {
      const { slot } = connections.findOrAdd(connection)
      this.#describe(facts.probe ? RowType.probe : RowType.close, facts.by === 'bench' ? Way.out : Way.in)
      this.#append(no, time, slot, 0, offset)
    }
    sessions.leave(connection, no)
    lint.tell({ kind: 'closed', no, time, connection, by: facts.by })
    connections.closed(connection, facts)
    this.#untold.delete(connection)
  }

  note(no: number, note: PacketNote): void {
    const { columns, notes, log } = this.parts
    if (!columns.has(no)) return
    notes.add(no, note)
    log.note(no, note)
    if (columns.get(no, 'verdict') === 0) {
      columns.set(no, 'verdict', VERDICTS.indexOf(note.kind))
      this.topicViews.judged(no)
    }
    this.views.rowChanged(no)
  }

  /** Rules that are not to be seen. */
  suppress(rules: readonly string[]): void {
    this.parts.lint.suppress(rules)
    this.views.touched()
  }

  /** Drops the oldest rows while there is too much of them; false when what is there may not be dropped. */
  keepBudget(): boolean {
    const { columns, log } = this.parts
    const before = columns.first
    for (;;) {
      const tooLarge = !this.pinned && log.bytes > this.#budgetBytes
      if (!tooLarge && this.#indexSize <= this.#indexBytes) break
      const offset = this.pinned ? undefined : log.oldestEnd()
      const end = offset === undefined ? columns.oldestEnd() : this.#rowAt(offset)
      // What is pinned stays on the disk; a single segment that is left does so as well.
      if (end === undefined || (offset === undefined && tooLarge)) break
      this.#releaseRows(end)
      this.#droppedRows += end - columns.first
      if (offset !== undefined) log.dropBefore(offset)
      columns.dropBefore(end)
    }
    if (columns.first !== before) {
      this.views.dropped()
      this.transactions.forgetPackets(columns.first)
      this.transactionViews.dropped()
      this.topicViews.dropped()
    }
    return !this.pinned || log.bytes <= this.#budgetBytes
  }

  get #indexSize(): number {
    const { columns, connections, dictionaries, notes, sessions, lint } = this.parts
    const { topics, usps, msgIds } = dictionaries
    const texts = topics.bytes + usps.bytes + msgIds.bytes
    const { table } = this.transactions
    const parts = [columns, connections, notes, sessions, lint, table, this.pairing]
    return parts.reduce((sum, { bytes }) => sum + bytes, texts)
  }

  /** The last segment of a Msg stands in the index as that Msg. */
  #complete({ row, usp, msgId }: Completed): void {
    const { columns, dictionaries } = this.parts
    const { usps, msgIds } = dictionaries
    usps.release(columns.get(row, 'usp'))
    msgIds.release(columns.get(row, 'msgId'))
    columns.set(row, 'usp', usps.retainText(usp))
    columns.set(row, 'msgId', msgIds.retainText(msgId))
    columns.set(row, 'answers', this.#pairs.completed(row))
    this.pairing.completed(row)
    this.views.rowChanged(row)
  }

  #connectionChanged(changed: Connection): void {
    this.views.connectionChanged(changed)
    const { id, clientId = '', endpointId = '' } = changed.facts
    if (clientId !== '' || endpointId !== '') this.parts.log.identified(id, { clientId, endpointId })
  }

  #retell(id: number, time: number): void {
    const { connections, log } = this.parts
    const known = connections.find(id)
    if (known === undefined) return
    log.opened(time, id, known.facts)
    for (const { direction, bytes } of connections.lessons(id)) {
      log.frame(0, time, id, direction, bytes, 0, bytes.length, false)
    }
  }

  /** A row that is no MQTT packet. */
  #describe(type: number, direction: number): void {
    Object.assign(this.#entry, emptyEntry(), { type, direction })
  }

  #append(no: number, time: number, slot: number, length: number, offset: number): void {
    const { columns, connections } = this.parts
    const entry = this.#entry
    entry.time = time
    entry.connection = slot
    entry.length = length
    entry.offset = offset
    entry.answers = this.#pairs.distance(no, entry)
    columns.append(no, entry)
    connections.retain(slot, no)
  }

  /** The first row that lies at `offset` or behind it. */
  #rowAt(offset: number): number {
    const { columns } = this.parts
    let low = columns.first
    let high = columns.end
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      if (columns.get(middle, 'offset') < offset) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Gives back what the rows from the oldest to below `end` refer to. */
  #releaseRows(end: number): void {
    const { columns, connections, dictionaries, notes, sessions, lint } = this.parts
    const { topics, usps, msgIds } = dictionaries
    for (let no = columns.first; no < end;) {
      const { chunk, from, to } = columns.run(no)
      const last = Math.min(to, from + end - no)
      for (let i = from; i < last; i++, no++) {
        topics.release(chunk.topic[i] as number)
        usps.release(chunk.usp[i] as number)
        msgIds.release(chunk.msgId[i] as number)
        connections.release(chunk.connection[i] as number)
        notes.drop(no)
        sessions.drop(no)
        lint.drop(no)
      }
    }
  }
}
