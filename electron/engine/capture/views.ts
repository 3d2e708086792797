/**
 * Open views of the packet list. Without a filter a view is the rows themselves; with one it is a list of row
 * numbers, found by a single scan from the oldest row to the newest that goes on as rows come. The scan over
 * what is there already is made in slices, so that batches and requests go in between.
 */
import type { PacketRow } from '../../../shared/contract/model.ts'
import type { ViewUpdate, ViewWindow } from '../../../shared/contract/contract.ts'
import type { Dictionary } from '../../../shared/filter/columns.ts'
import type { Connection } from './connections.ts'
import type { Index } from './index-source.ts'
import { OpenViews } from './open-views.ts'
import { filterProgram, RowFilter } from './row-filter.ts'
import { RowList } from './row-list.ts'
import { shownOf } from '../view-window.ts'

interface View {
  readonly text: string
  /** Absent where every row is shown. */
  readonly filter?: RowFilter
  readonly list: RowList
  /** Rows below this one are judged. */
  cursor: number
  /** Told of a change that it has not looked at yet. */
  told: boolean
}

export class Views {
  readonly #index: Index
  readonly #row: (no: number) => PacketRow
  readonly #views: OpenViews<View>

  /** `changed`: a view would now read otherwise; told once until it is read. */
  constructor(index: Index, row: (no: number) => PacketRow, changed: (view: number) => void) {
    this.#index = index
    this.#row = row
    this.#views = new OpenViews(changed)
  }

  /** Opens view `id`; an empty filter shows every row. Throws as `filterProgram` does. */
  open(id: number, text: string): void {
    const program = filterProgram(text)
    const filter = program && new RowFilter(program, this.#index)
    const cursor = this.#index.columns.first
    this.#views.set(id, { text, ...(filter && { filter }), list: new RowList(), cursor, told: false })
  }

  close(id: number): void {
    this.#views.close(id)
  }

  /** Opens the views of another capture over this one. */
  takeOver(other: Views): void {
    for (const [id, { text }] of other.#views.entries) this.open(id, text)
    this.touched()
  }

  /** RangeError when there is no such view. */
  read(id: number, window: ViewWindow): ViewUpdate<PacketRow> {
    const { columns } = this.#index
    const view = this.#views.get(id)
    view.told = false
    const total = view.filter ? view.list.length : columns.rows
    const { start, end } = shownOf(window, total)
    const rows: PacketRow[] = []
    for (let i = start; i < end; i++) rows.push(this.#row(view.filter ? view.list.at(i) : columns.first + i))
    const behind = view.filter && view.cursor < columns.end
    const progress = behind ? { progress: (view.cursor - columns.first) / columns.rows } : {}
    return { total, all: columns.rows, from: start, rows, ...progress }
  }

  /** Index of a row in a view, or -1. */
  locate(id: number, no: number): number {
    const view = this.#views.get(id)
    if (view.filter) return view.list.indexOf(no)
    const { columns } = this.#index
    return columns.has(no) ? no - columns.first : -1
  }

  /** Judges some more rows in every view. True while there are more to judge. */
  step(): boolean {
    const { columns } = this.#index
    let more = false
    for (const [id, view] of this.#views.entries) {
      if (!view.filter || view.cursor === columns.end) continue
      view.cursor = view.filter.scan(view.cursor, columns.end, (no) => view.list.push(no))
      if (view.cursor < columns.end) more = true
      this.#views.tell(id, view)
    }
    return more
  }

  /** Rows came, went or changed. */
  touched(): void {
    this.#views.tellAll()
  }

  /** What packets hold is read otherwise from now on: every row is judged again. */
  judgeAll(): void {
    for (const view of this.#views.all) if (view.filter) this.#judgeAgain(view, 0)
    this.touched()
  }

  /** The old end was dropped: every row below `columns.first` is gone. */
  dropped(): void {
    const { first } = this.#index.columns
    for (const view of this.#views.all) {
      view.list.dropBefore(first)
      view.cursor = Math.max(view.cursor, first)
    }
  }

  /** A remark or mark came to a row that may be judged already. */
  rowChanged(no: number): void {
    for (const view of this.#views.all) {
      if (!view.filter || no >= view.cursor) continue
      if (view.filter.matches(no) !== view.list.indexOf(no) >= 0) this.#judgeAgain(view, no)
    }
  }

  /** Rows that were judged by what was known of their connection before are judged again. */
  connectionChanged({ slot, firstRow }: Connection): void {
    for (const view of this.#views.all) {
      if (!view.filter?.forget('connection', slot) || firstRow === 0 || firstRow >= view.cursor) continue
      this.#judgeAgain(view, firstRow)
    }
  }

  /** An id of a dictionary means something else from now on; no row that is held has it. */
  forget(dictionary: Dictionary, id: number): void {
    for (const view of this.#views.all) view.filter?.forget(dictionary, id)
  }

  #judgeAgain(view: View, from: number): void {
    view.cursor = Math.max(from, this.#index.columns.first)
    view.list.dropFrom(view.cursor)
  }
}
