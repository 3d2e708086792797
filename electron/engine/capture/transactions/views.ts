/**
 * Open views of the transactions. Without a filter a view is the table itself; with one it is a list of ids, found
 * by a scan in slices that goes on as transactions come, as packets are (../views.ts).
 */
import type { ViewUpdate, ViewWindow } from '../../../../shared/contract/contract.ts'
import type { TransactionAsk, TransactionRow } from '../../../../shared/contract/transactions.ts'
import { describeErrorCode } from '../../../../shared/usp/error-codes.ts'
import { OpenViews } from '../open-views.ts'
import { RowList } from '../row-list.ts'
import type { Parts } from '../rows.ts'
import { AWAITED_MS, Slice } from '../work.ts'
import { summaryOf, transactionRow } from './rows.ts'
import type { TransactionCursor } from './cursor.ts'
import type { TransactionTable } from './table.ts'
import { shownOf } from '../../view-window.ts'

interface View {
  readonly ask: TransactionAsk
  /** Lower case. */
  readonly words: readonly string[]
  readonly filtered: boolean
  readonly list: RowList
  /** Transactions below this one are judged. */
  cursor: number
  /** Told of a change that it has not looked at yet. */
  told: boolean
}

export class TransactionViews {
  readonly #parts: Parts
  readonly #table: TransactionTable
  readonly #pairing: TransactionCursor
  readonly #views: OpenViews<View>

  constructor(
    parts: Parts,
    table: TransactionTable,
    pairing: TransactionCursor,
    changed: (view: number) => void,
  ) {
    this.#parts = parts
    this.#table = table
    this.#pairing = pairing
    this.#views = new OpenViews(changed)
  }

  open(id: number, ask: TransactionAsk): void {
    const words = ask.text.toLowerCase().split(/\s+/).filter(Boolean)
    const { device, type, outcome } = ask
    const filtered = words.length > 0 || [device, type, outcome].some((part) => part !== undefined)
    const cursor = this.#table.first
    this.#views.set(id, { ask, words, filtered, list: new RowList(), cursor, told: false })
  }

  has(id: number): boolean {
    return this.#views.has(id)
  }

  close(id: number): void {
    this.#views.close(id)
  }

  /** Opens the views of another capture over this one. */
  takeOver(other: TransactionViews): void {
    for (const [id, { ask }] of other.#views.entries) this.open(id, ask)
    this.touched()
  }

  /** RangeError when there is no such view. */
  read(id: number, window: ViewWindow): ViewUpdate<TransactionRow> {
    const table = this.#table
    const view = this.#views.get(id)
    view.told = false
    const total = view.filtered ? view.list.length : table.rows
    const { start, end } = shownOf(window, total)
    const rows: TransactionRow[] = []
    for (let i = start; i < end; i++) {
      rows.push(transactionRow(this.#parts, table, view.filtered ? view.list.at(i) : table.first + i))
    }
    return { total, all: table.rows, from: start, rows, ...this.#progress(view) }
  }

  /** Of looking for transactions, then of searching those that were found; nothing when both are done. */
  #progress({ filtered, cursor }: View): { readonly progress?: number } {
    const { first, end, rows } = this.#table
    if (this.#pairing.isBehind()) return { progress: Math.min(1, this.#pairing.share) }
    return filtered && cursor < end ? { progress: (cursor - first) / rows } : {}
  }

  /** Index of a transaction in a view, or -1. */
  locate(id: number, transaction: number): number {
    const view = this.#views.get(id)
    if (view.filtered) return view.list.indexOf(transaction)
    return this.#table.has(transaction) ? transaction - this.#table.first : -1
  }

  /** Judges some more in every view. True while there are more to judge. */
  step(): boolean {
    const { end } = this.#table
    let more = false
    for (const [id, view] of this.#views.entries) {
      if (!view.filtered || view.cursor === end) continue
      this.#scan(view, end)
      if (view.cursor < end) more = true
      this.#views.tell(id, view)
    }
    return more
  }

  /** This one is new, or other than it was. */
  rowChanged(transaction: number): void {
    for (const [id, view] of this.#views.entries) {
      this.#views.tell(id, view)
      if (!view.filtered || transaction >= view.cursor) continue
      const listed = view.list.indexOf(transaction) >= 0
      if (this.#matches(view, transaction) === listed) continue
      view.cursor = Math.max(transaction, this.#table.first)
      view.list.dropFrom(view.cursor)
    }
  }

  /** What is to be read is another than it was last. */
  touched(): void {
    this.#views.tellAll()
  }

  /** The old end was dropped. */
  dropped(): void {
    const { first } = this.#table
    for (const [id, view] of this.#views.entries) {
      view.list.dropBefore(first)
      view.cursor = Math.max(view.cursor, first)
      this.#views.tell(id, view)
    }
  }

  #scan(view: View, end: number): void {
    const slice = new Slice(AWAITED_MS)
    while (view.cursor < end) {
      if (this.#matches(view, view.cursor)) view.list.push(view.cursor)
      view.cursor += 1
      if (slice.isOver()) return
    }
  }

  #matches({ ask, words }: View, id: number): boolean {
    const table = this.#table
    const { device, type, outcome } = ask
    if (type !== undefined && table.type(id) !== type) return false
    if (outcome === 'trouble' ? !table.isTrouble(id) : outcome !== undefined && table.outcome(id) !== outcome)
      return false
    const parties = table.parties(id)
    if (device !== undefined && parties.device !== device) return false
    if (words.length === 0) return true
    const { columns, dictionaries } = this.#parts
    const told = [table.get(id, 'request'), table.get(id, 'answer')].find((no) => columns.has(no))
    const error = table.get(id, 'errorCode')
    const known = [
      parties.device,
      parties.controller,
      table.type(id),
      table.outcome(id),
      error === 0 ? '' : describeErrorCode(error),
      told === undefined ? '' : dictionaries.msgIds.text(columns.get(told, 'msgId')),
    ].join('\n')
    const missing = words.filter((word) => !known.toLowerCase().includes(word))
    if (missing.length === 0 || told === undefined) return missing.length === 0
    // The packet is read only for what nothing else has.
    const summary = summaryOf(this.#parts, told).toLowerCase()
    return missing.every((word) => summary.includes(word))
  }
}
