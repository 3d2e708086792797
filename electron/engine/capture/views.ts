/**
 * Open views of the packet list. Without a filter a view is the rows themselves; with one it is a list of row
 * numbers, found by a single scan from the oldest row to the newest that goes on as rows come. The scan over
 * what is there already is made in slices, so that batches and requests go in between.
 */
import type { PacketRow } from '../../../shared/contract/model.ts'
import type { ViewUpdate, ViewWindow } from '../../../shared/contract/contract.ts'
import type { Columns } from './columns.ts'
import type { Connection } from './connections.ts'
import { filterWords, type Strings, TextFilter } from './filter.ts'
import { RowList } from './row-list.ts'

/** Rows looked at in one go: about a millisecond, and more than one batch can bring. */
const SLICE = 65_536

interface View {
  /** Absent where every row is shown. */
  readonly filter?: TextFilter
  readonly list: RowList
  /** Rows below this one are judged. */
  cursor: number
  /** Told of a change that it has not looked at yet. */
  told: boolean
}

export interface ViewsDependencies extends Strings {
  readonly columns: Columns
  readonly row: (no: number) => PacketRow
  /** A view would now read otherwise; told once until it is read. */
  readonly changed: (view: number) => void
}

export class Views {
  readonly #parts: ViewsDependencies
  readonly #views = new Map<number, View>()

  constructor(parts: ViewsDependencies) {
    this.#parts = parts
  }

  /** Opens view `id`; a filter text without words shows every row. Throws as `filterWords` does. */
  open(id: number, text: string): void {
    const cursor = this.#parts.columns.first
    const filter = filterWords(text).length > 0 ? new TextFilter(text, this.#parts) : undefined
    this.#views.set(id, { ...(filter && { filter }), list: new RowList(), cursor, told: false })
  }

  close(id: number): void {
    this.#views.delete(id)
  }

  /** RangeError when there is no such view. */
  read(id: number, { from, count, tail }: ViewWindow): ViewUpdate<PacketRow> {
    const { columns } = this.#parts
    const view = this.#view(id)
    view.told = false
    const total = view.filter ? view.list.length : columns.rows
    const start = tail ? Math.max(0, total - count) : Math.min(from, total)
    const end = Math.min(total, start + count)
    const rows: PacketRow[] = []
    for (let i = start; i < end; i++) {
      rows.push(this.#parts.row(view.filter ? view.list.at(i) : columns.first + i))
    }
    const behind = view.filter && view.cursor < columns.end
    const progress = behind ? { progress: (view.cursor - columns.first) / columns.rows } : {}
    return { total, all: columns.rows, from: start, rows, ...progress }
  }

  /** Index of a row in a view, or -1. */
  locate(id: number, no: number): number {
    const view = this.#view(id)
    if (view.filter) return view.list.indexOf(no)
    return this.#parts.columns.has(no) ? no - this.#parts.columns.first : -1
  }

  /** Judges some more rows in every view. True while there are more to judge. */
  step(): boolean {
    const { columns } = this.#parts
    let more = false
    for (const [id, view] of this.#views) {
      if (!view.filter || view.cursor === columns.end) continue
      const end = Math.min(columns.end, view.cursor + SLICE)
      while (view.cursor < end) {
        const run = columns.run(view.cursor)
        const to = Math.min(run.to, run.from + end - view.cursor)
        view.filter.scan({ ...run, to }, view.list)
        view.cursor += to - run.from
      }
      if (view.cursor < columns.end) more = true
      this.#tell(id, view)
    }
    return more
  }

  /** Rows came, went or changed. */
  touched(): void {
    for (const [id, view] of this.#views) this.#tell(id, view)
  }

  /** The old end was dropped: every row below `columns.first` is gone. */
  dropped(): void {
    const { first } = this.#parts.columns
    for (const view of this.#views.values()) {
      view.list.dropBefore(first)
      view.cursor = Math.max(view.cursor, first)
    }
  }

  /** Rows that were judged by what was known of their connection before are judged again. */
  connectionChanged({ slot, firstRow }: Connection): void {
    for (const view of this.#views.values()) {
      if (!view.filter?.connectionChanged(slot) || firstRow === 0 || firstRow >= view.cursor) continue
      view.cursor = Math.max(firstRow, this.#parts.columns.first)
      view.list.dropFrom(view.cursor)
    }
  }

  topicAssigned(id: number): void {
    for (const view of this.#views.values()) view.filter?.topics.forget(id)
  }

  uspAssigned(id: number): void {
    for (const view of this.#views.values()) view.filter?.usps.forget(id)
  }

  #tell(id: number, view: View): void {
    if (view.told) return
    view.told = true
    this.#parts.changed(id)
  }

  #view(id: number): View {
    const view = this.#views.get(id)
    if (view === undefined) throw new RangeError(`View ${id} is not open.`)
    return view
  }
}
