/** One capture as it is looked at: its packet list, filter, cursor, selection and the packet under the cursor. */
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Host } from '../../../shared/contract/host.ts'
import type { CaptureId, CaptureState } from '../../../shared/contract/model.ts'
import type { Result } from '../../../shared/contract/result.ts'
import type { LiveStore } from '../../app/live.ts'
import { withRecent, type SettingsStore } from '../../app/settings.ts'
import { parseFilter } from '../../../shared/filter/filter.ts'
import { createListStore, rowAt, type ListStore } from '../../list/list-store.ts'
import { createDetail, type DetailStore } from './detail-store.ts'
import { meet, seek, type Direction, type Met, type Partner, type Sought } from './seek.ts'

export interface TabState {
  /** The filter as typed; the list's params hold the one applied. */
  readonly filter: string
  /** Path of the field selected in the tree, e.g. `0.3.1`. */
  readonly field: string | undefined
  /** Number of the packet at the other end of the selection; undefined when only the cursor's is selected. */
  readonly anchor: number | undefined
  /** The bar for finding packets without filtering, and what is looked for. */
  readonly findOpen: boolean
  readonly find: string
}

export interface PacketsTab extends StoreApi<TabState> {
  readonly capture: CaptureId
  readonly list: ListStore<'packets'>
  readonly detail: DetailStore
  /** Types a filter; it is applied when the typing pauses, or at once, if it is one. */
  readonly setFilter: (filter: string, atOnce?: boolean) => void
  readonly selectField: (path: string | undefined) => void
  /** Moves the cursor, or puts it on a row, and selects all from where it was before. */
  readonly extend: (to: { readonly by: number } | { readonly index: number }) => void
  /** First and last packet number selected; undefined without a cursor. */
  readonly selection: () => { readonly from: number; readonly to: number } | undefined
  /** Marks the packet under the cursor, or takes its mark away; answers the error, if any. */
  readonly toggleMark: () => Promise<Result<void>>
  /** Goes to the next packet shown that matches, round the end; answers what became of it. */
  readonly seek: (filter: string, direction: Direction) => Promise<Sought>
  /** Goes to the request or the answer of the packet under the cursor. */
  readonly partner: (which: Partner) => Promise<Met>
  readonly close: () => void
}

/** Milliseconds without typing after which a filter is applied. */
const TYPING_PAUSE = 200
/** Milliseconds after rows went away until it is looked whether the selected packet was among them. */
const CHECK_PAUSE = 250

export function createTab(
  capture: CaptureId,
  host: Host,
  live: LiveStore,
  settings: SettingsStore,
): PacketsTab {
  const isLive = capture === 'live'
  const list = createListStore({
    host,
    view: 'packets',
    params: { capture, filter: '' },
    key: (row) => row.no,
    growing: isLive,
  })
  const detail = createDetail(host, capture)
  const store = createStore<TabState>(() => ({
    filter: '',
    field: undefined,
    anchor: undefined,
    findOpen: false,
    find: '',
  }))
  let typing: ReturnType<typeof setTimeout> | undefined
  let checking: ReturnType<typeof setTimeout> | undefined
  let extending = false

  const apply = (text: string) => {
    const filter = text.trim()
    // What is wrong is told where it is typed; the list keeps showing what it shows.
    if (filter === list.getState().params.filter || !parseFilter(filter).ok) return
    list.getState().setParams({ capture, filter })
    const { recentFilters, set } = settings.getState()
    if (filter) set({ recentFilters: withRecent(recentFilters, filter) })
  }
  const cursorNo = () => {
    const key = list.getState().cursor?.key
    return typeof key === 'number' ? key : undefined
  }

  const ends = [
    list.subscribe((state, old) => {
      if (state.cursor?.key === old.cursor?.key) return
      const no = cursorNo()
      // Between two rows the list may not know the number yet; the old packet stays until it does.
      if (no !== undefined || !state.cursor) detail.load(no)
      if (!extending && old.cursor?.key !== undefined) store.setState({ anchor: undefined })
    }),
    // A remark or a mark may come after its packet: the row then says other than the packet that was read.
    list.subscribe((state, old) => {
      const { packet } = detail.getState()
      if (!packet || state.rows === old.rows || !state.cursor) return
      const row = rowAt(state, state.cursor.index)
      if (row?.no !== packet.row.no) return
      if (row.verdict !== packet.row.verdict || row.marked !== packet.row.marked) detail.check()
    }),
    detail.subscribe((state, old) => {
      if (state.packet?.row.no !== old.packet?.row.no) store.setState({ field: undefined })
    }),
    live.subscribe((state, old) => {
      if (!isLive || !state.capture || !old.capture || !rowsWentAway(state.capture, old.capture)) return
      checking ??= setTimeout(() => {
        checking = undefined
        detail.check()
      }, CHECK_PAUSE)
    }),
  ]

  return Object.assign(store, {
    capture,
    list,
    detail,
    setFilter(filter: string, atOnce = false) {
      clearTimeout(typing)
      store.setState({ filter })
      if (atOnce) apply(filter)
      else typing = setTimeout(() => apply(filter), TYPING_PAUSE)
    },
    selectField: (field: string | undefined) => store.setState({ field }),
    extend(to: { readonly by: number } | { readonly index: number }) {
      const anchor = store.getState().anchor ?? cursorNo()
      extending = true
      if ('by' in to) list.getState().move(to.by)
      else list.getState().select(to.index)
      extending = false
      store.setState({ anchor })
    },
    selection() {
      const no = cursorNo()
      if (no === undefined) return undefined
      const { anchor = no } = store.getState()
      return { from: Math.min(anchor, no), to: Math.max(anchor, no) }
    },
    async toggleMark() {
      const no = cursorNo() ?? 0
      const { packet } = detail.getState()
      const row = list.getState().rows.find((candidate) => candidate.no === no) ?? packet?.row
      return host.call('packets.mark', { capture, no, on: row?.marked !== true })
    },
    seek: (filter: string, direction: Direction) =>
      seek({ host, capture, list, filter, from: cursorNo(), direction }),
    partner: (which: Partner) => meet({ host, capture, list }, cursorNo() ?? 0, which),
    close() {
      clearTimeout(typing)
      clearTimeout(checking)
      ends.forEach((end) => end())
      list.getState().close()
    },
  })
}

const rowsWentAway = (now: CaptureState, before: CaptureState): boolean =>
  now.droppedRows !== before.droppedRows || now.rows < before.rows
