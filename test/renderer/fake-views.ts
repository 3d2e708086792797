/** Lists as a bench makes them of generated rows: filtered, sorted, seen through windows. */
import type { ViewParams, ViewRows, ViewUpdate, ViewWindow } from '../../shared/contract/contract.ts'
import type { PacketRow } from '../../shared/contract/model.ts'
import { fakeDevices } from './fake-devices.ts'
import { matchFakeRow } from './fake-filter.ts'

/** Rows a search looks at in one go, so that the progress can be seen. */
const SEARCH_STEP = 60_000

/** The packet list of a capture. */
export class PacketSource {
  readonly #filter: string
  readonly #match: (row: PacketRow) => boolean
  readonly #row: (no: number) => PacketRow
  #first = 1
  #last = 0
  #searched = 0
  readonly #matches: number[] = []

  constructor(filter: string, row: (no: number) => PacketRow) {
    this.#filter = filter
    this.#match = matchFakeRow(filter)
    this.#row = row
  }
  get searching(): boolean {
    return this.#filter !== '' && this.#searched < this.#last
  }
  update(first: number, last: number): void {
    this.#first = first
    this.#last = last
    if (this.#filter === '') return
    const end = Math.min(last, this.#searched + SEARCH_STEP)
    for (let no = this.#searched + 1; no <= end; no++) {
      if (this.#match(this.#row(no))) this.#matches.push(no)
    }
    this.#searched = end
    while ((this.#matches[0] ?? Infinity) < first) this.#matches.shift()
  }
  read(window: ViewWindow): ViewUpdate<unknown> {
    const all = this.#last - this.#first + 1
    const total = this.#filter !== '' ? this.#matches.length : all
    const from = window.tail ? Math.max(0, total - window.count) : Math.min(window.from, total)
    const rows = Array.from({ length: Math.min(window.count, total - from) }, (_, at) =>
      this.#row(this.#noAt(from + at)),
    )
    const progress = this.searching ? { progress: this.#searched / this.#last } : {}
    return { total, all, from, rows, ...progress }
  }
  #noAt(index: number): number {
    return this.#filter !== '' ? (this.#matches[index] ?? 0) : this.#first + index
  }
  locate(key: string | number): number {
    if (this.#filter !== '') return this.#matches.indexOf(Number(key))
    const index = Number(key) - this.#first
    return index >= 0 && Number(key) <= this.#last ? index : -1
  }
}

export class DeviceSource {
  readonly searching = false
  readonly #params: ViewParams<'devices'>
  #rows: ViewRows['devices'][] = []
  #all = 0

  constructor(params: ViewParams<'devices'>) {
    this.#params = params
  }
  update(_first: number, _last: number, count: number): void {
    const { text, sort, descending } = this.#params
    const all = fakeDevices(count)
    this.#all = all.length
    this.#rows = all
      .filter((row) =>
        `${row.endpointId} ${row.clientId} ${row.username} ${row.remoteAddress}`.includes(text),
      )
      .sort((a, b) => {
        const [x, y] = sort === 'findings' ? [0, 0] : [a[sort], b[sort]]
        return x < y ? -1 : x > y ? 1 : 0
      })
    if (descending) this.#rows.reverse()
  }
  read({ from, count }: ViewWindow): ViewUpdate<unknown> {
    return { total: this.#rows.length, all: this.#all, from, rows: this.#rows.slice(from, from + count) }
  }
  locate(key: string | number): number {
    return this.#rows.findIndex((row) => row.endpointId === key)
  }
}
