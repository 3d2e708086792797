/** The packet list, its filter, the packet under its cursor, and the marks. */
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Host } from '../../../shared/contract/host.ts'
import type { CaptureState } from '../../../shared/contract/model.ts'
import type { LiveStore } from '../../app/live.ts'
import { withRecent, type SettingsStore } from '../../app/settings.ts'
import { createListStore, rowAt, type ListStore } from '../../list/list-store.ts'
import { createDetail, type DetailStore } from './detail-store.ts'

export interface PacketsState {
  /** The filter as typed; the list's params hold the one applied. */
  readonly filter: string
  /** Numbers of marked packets, ascending. */
  readonly marks: readonly number[]
  /** Path of the field selected in the tree, e.g. `0.3.1`. */
  readonly field: string | undefined
}

export interface PacketsModel extends StoreApi<PacketsState> {
  readonly list: ListStore<'packets'>
  readonly detail: DetailStore
  /** Types a filter; it is applied when the typing pauses, or at once. */
  readonly setFilter: (filter: string, atOnce?: boolean) => void
  readonly selectField: (path: string | undefined) => void
  readonly toggleMark: () => void
  /** Goes to the next marked packet after the cursor, or round to the first. */
  readonly nextMark: () => Promise<void>
  readonly close: () => void
}

/** Milliseconds without typing after which a filter is applied. */
const TYPING_PAUSE = 200
const MAX_MARKS = 10_000
/** Milliseconds after rows went away until it is looked whether the selected packet was among them. */
const CHECK_PAUSE = 250

export function createPackets(host: Host, live: LiveStore, settings: SettingsStore): PacketsModel {
  const list = createListStore({
    host,
    view: 'packets',
    params: { text: '' },
    key: (row) => row.no,
    growing: true,
  })
  const detail = createDetail(host)
  const store = createStore<PacketsState>(() => ({ filter: '', marks: [], field: undefined }))
  let typing: ReturnType<typeof setTimeout> | undefined
  let checking: ReturnType<typeof setTimeout> | undefined

  const apply = (filter: string) => {
    const text = filter.trim()
    if (text === list.getState().params.text) return
    list.getState().setParams({ text })
    const { recentFilters, set } = settings.getState()
    if (text) set({ recentFilters: withRecent(recentFilters, text) })
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
    }),
    // A remark may come after its packet: the row then has another verdict than the packet that was read.
    list.subscribe((state, old) => {
      const { packet } = detail.getState()
      if (!packet || state.rows === old.rows || !state.cursor) return
      const row = rowAt(state, state.cursor.index)
      if (row?.no === packet.row.no && row.verdict !== packet.row.verdict) detail.check()
    }),
    detail.subscribe((state, old) => {
      if (state.packet?.row.no !== old.packet?.row.no) store.setState({ field: undefined })
    }),
    live.subscribe((state, old) => {
      if (!state.capture || !old.capture || !rowsWentAway(state.capture, old.capture)) return
      checking ??= setTimeout(() => {
        checking = undefined
        detail.check()
      }, CHECK_PAUSE)
    }),
  ]

  return Object.assign(store, {
    list,
    detail,
    setFilter(filter: string, atOnce = false) {
      clearTimeout(typing)
      store.setState({ filter })
      if (atOnce) apply(filter)
      else typing = setTimeout(() => apply(filter), TYPING_PAUSE)
    },
    selectField: (field: string | undefined) => store.setState({ field }),
    toggleMark() {
      const no = cursorNo()
      if (no === undefined) return
      const { marks } = store.getState()
      const others = marks.filter((mark) => mark !== no)
      const added = [...others, no].sort((a, b) => a - b).slice(-MAX_MARKS)
      store.setState({ marks: others.length < marks.length ? others : added })
    },
    async nextMark() {
      const { marks } = store.getState()
      const after = marks.findIndex((mark) => mark > (cursorNo() ?? 0))
      const order = after < 0 ? marks : [...marks.slice(after), ...marks.slice(0, after)]
      // A marked packet may be filtered out or dropped: the next one that is there.
      for (const no of order) if (await list.getState().selectKey(no)) return
    },
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
