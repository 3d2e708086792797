/**
 * The transactions of a capture, found as its packets come: which packets carry the same Msg (hops.ts), which Msgs
 * belong together (shared/usp/transactions.ts), what is held of them (table.ts) and counted (statistics.ts).
 */
import { TRANSACTION_TIMEOUT_MS } from '../../../../shared/contract/transactions.ts'
import { factOfPeek } from '../../../../shared/usp/peek-facts.ts'
import type { UspPeek } from '../../../../shared/usp/peek.ts'
import { type Transaction, Transactions } from '../../../../shared/usp/transactions.ts'
import { Hops } from './hops.ts'
import { type Counted, Statistics } from './statistics.ts'
import { TransactionTable } from './table.ts'

/** The packet in which a Msg stands, or the last of its segments. */
export interface MsgPacket {
  readonly no: number
  /** Nanoseconds since the epoch of the capture. */
  readonly time: number
  readonly connection: number
  readonly out: boolean
  /** MQTT delivers it again. */
  readonly dup: boolean
  /** Id of its msg_id in the index. */
  readonly msgId: number
}

export interface TransactionLogOptions {
  /** This one is new or changed. */
  readonly changed: (id: number) => void
  /** Transactions held at most. */
  readonly max?: number
}

const NS_PER_MS = 1e6
/** A late answer is known as such by its time; this is for what never comes. */
const TICK_MS = 250

export class TransactionLog {
  readonly table: TransactionTable
  readonly statistics = new Statistics()
  readonly #tracker = new Transactions({ timeoutMs: TRANSACTION_TIMEOUT_MS })
  readonly #hops = new Hops()
  readonly #changed: (id: number) => void
  /** Milliseconds of the newest packet: the tracker's clock does not go back where that of a capture does. */
  #now = 0
  /** When it was looked last what waits too long. */
  #ticked = 0

  constructor({ changed, max }: TransactionLogOptions) {
    this.table = new TransactionTable(max)
    this.#changed = changed
  }

  /** Takes a Msg in; answers the transaction that its packet belongs to, or 0. */
  take({ no, time, connection, out, dup, msgId }: MsgPacket, bytes: Uint8Array, peek: UspPeek): number {
    if (peek.msgId === undefined || peek.msgType === undefined) return 0
    const passage = { msgId, way: connection * 2 + (out ? 1 : 0), out, dup }
    const carried = this.#hops.carried(peek, passage)
    if (carried !== 0) {
      this.#carry(carried, no, peek.msgType.endsWith('_RESP') || peek.msgType === 'ERROR')
      return carried
    }
    this.#now = Math.max(this.#now, time / NS_PER_MS)
    if (this.#now - this.#ticked >= TICK_MS) this.tick(time)
    const fact = factOfPeek(bytes, peek, { time: this.#now, packet: no })
    if (fact === undefined) return 0
    const changes = this.#tracker.feed(fact)
    const id = changes[0]?.id ?? 0
    this.#hops.say(peek, passage, id)
    for (const change of changes) this.#write(change, time)
    if (this.table.has(id)) this.table.set(id, 'last', no)
    return id
  }

  /** What has waited too long by this time, in nanoseconds since the epoch, has timed out. */
  tick(time: number): void {
    const now = Math.max(this.#now, time / NS_PER_MS)
    this.#ticked = now
    for (const change of this.#tracker.tick(now)) this.#write(change, time)
  }

  /** The capture ends: what waits is not answered any more. */
  end(): void {
    for (const change of this.#tracker.end()) this.#write(change, 0)
  }

  /** Rows before this one are gone. */
  forgetPackets(no: number): void {
    this.table.forgetPackets(no)
  }

  /** Everything that was found is forgotten; answers to it are known as such still, and not shown. */
  clear(): void {
    this.table.dropBefore(this.table.end)
    this.table.dropped = 0
    this.statistics.clear()
  }

  #carry(id: number, no: number, isAnswer: boolean): void {
    const { table } = this
    if (!table.has(id)) return
    const column = isAnswer ? 'answerOn' : 'requestOn'
    if (table.get(id, column) === 0) table.set(id, column, no)
    table.set(id, 'last', no)
    this.#changed(id)
  }

  /** `time`: of the packet that brought this about, in nanoseconds. */
  #write(now: Transaction, time: number): void {
    const { table, statistics } = this
    const { id } = now
    const isNew = id === table.end
    if (isNew) table.append(now, time)
    else if (!table.has(id)) return
    const before = isNew ? undefined : this.#counted(id)
    const answeredNow = now.latencyMs !== undefined && table.get(id, 'answer') === 0
    const latency = answeredNow ? Math.max(0, time - table.get(id, 'time')) / NS_PER_MS : undefined
    if (latency !== undefined) table.set(id, 'latency', latency)
    table.update(id, now)
    statistics.count(table.parties(id).device, table.type(id), this.#counted(id), before, latency)
    this.#changed(id)
  }

  #counted(id: number): Counted {
    return { outcome: this.table.outcome(id), failed: this.table.get(id, 'errorCode') !== 0 }
  }
}
