/**
 * A long list seen through a window: where it is scrolled to, which rows are here, which row the cursor is on,
 * and whether it follows its end. Shared by every view that is a list.
 */
import { createStore, type StoreApi } from 'zustand/vanilla'
import { shallow } from 'zustand/shallow'
import { MAX_WINDOW, type ViewName, type ViewParams, type ViewRows } from '../../shared/contract/contract.ts'
import type { Host } from '../../shared/contract/host.ts'
import type { BenchError } from '../../shared/contract/result.ts'
import { reveal } from '../ui/scroll.ts'
import { Feed } from './feed.ts'
import { anchorShift, windowFor } from './window.ts'

export type Key = string | number

export interface Cursor {
  /** Row the cursor is on; -1 while the row is not in the list (filtered out, dropped). */
  readonly index: number
  /** Undefined until the row has arrived. */
  readonly key: Key | undefined
}

export interface ListState<V extends ViewName> {
  readonly params: ViewParams<V>
  /** At least one update came for these params. */
  readonly loaded: boolean
  readonly total: number
  readonly all: number
  /** Index of the first of `rows`. */
  readonly from: number
  readonly rows: readonly ViewRows[V][]
  /** 0 … 1 while older rows are still searched. */
  readonly progress: number | undefined
  readonly error: BenchError | undefined
  /** First row seen and number of rows that fit, with fractions. */
  readonly top: number
  readonly viewport: number
  /** The end of the list is kept in sight. */
  readonly follow: boolean
  /** Rows there were when following stopped: what came since is new. */
  readonly leftAt: number
  readonly cursor: Cursor | undefined

  readonly setParams: (params: ViewParams<V>) => void
  readonly scroll: (top: number) => void
  readonly resize: (viewport: number) => void
  readonly setFollow: (on: boolean) => void
  /** Puts the cursor on a row and brings it into sight. */
  readonly select: (index: number) => void
  readonly selectKey: (key: Key) => Promise<boolean>
  readonly move: (by: number) => void
  readonly moveToEnd: (end: 'first' | 'last') => void
  readonly clearCursor: () => void
  readonly close: () => void
}
export type ListStore<V extends ViewName> = StoreApi<ListState<V>>

export interface ListOptions<V extends ViewName> {
  readonly host: Host
  readonly view: V
  readonly params: ViewParams<V>
  readonly key: (row: ViewRows[V]) => Key
  /** The list grows at its end and is followed from the start; its other rows keep their order. */
  readonly growing: boolean
}

/** The row at `index`, or undefined while it is not here. */
export const rowAt = <V extends ViewName>(state: ListState<V>, index: number): ViewRows[V] | undefined =>
  state.rows[index - state.from]

interface Held<R> {
  /** Index of the first of `rows`. */
  readonly from: number
  readonly rows: readonly R[]
}

/** The fresh rows, with the old one wherever it says the same: a row that is one and the same is not drawn again. */
function keepSame<R extends object>(old: Held<R>, fresh: Held<R>): readonly R[] {
  return fresh.rows.map((row, at) => {
    const before = old.rows[fresh.from + at - old.from]
    return before && shallow(before, row) ? before : row
  })
}

export function createListStore<V extends ViewName>(options: ListOptions<V>): ListStore<V> {
  const { host, view, key, growing } = options
  return createStore<ListState<V>>((set, get) => {
    /** A key whose row must be found again, because the list under it changed. */
    let lost: Key | undefined
    /** The list was filtered or sorted anew: the row of the cursor is to come into sight when it is found. */
    let bringBack = false

    const feed = new Feed(host, view, options.params, (update) => {
      if (!update.ok) return set({ error: update.error, loaded: true })
      const old = get()
      const { total, all, from, progress } = update.value
      const rows = keepSame(old, update.value)
      const next = { ...old, total, all, from, rows, progress, error: undefined, loaded: true }
      const shift = growing && old.loaded && !old.follow ? anchorShift(old, next, key) : 0
      const last = Math.max(0, total - old.viewport)
      const top = old.follow ? last : Math.min(Math.max(0, old.top + shift), last)
      // What a search is still finding is not new.
      const searching = !old.loaded || old.progress !== undefined
      const leftAt = searching ? total : Math.max(0, old.leftAt + shift)
      set({ ...next, top, leftAt, cursor: settle(next, shift) })
      ask()
      if (lost !== undefined && progress === undefined) void find(lost)
    })

    /** The cursor after an update: by its key when its row is here, else moved with the list. */
    function settle(next: ListState<V>, shift: number): Cursor | undefined {
      const { cursor } = next
      if (!cursor) return undefined
      if (cursor.key === undefined) {
        const row = rowAt(next, cursor.index)
        return row ? { index: cursor.index, key: key(row) } : cursor
      }
      const here = next.rows.findIndex((row) => key(row) === cursor.key)
      if (here >= 0) return { index: next.from + here, key: cursor.key }
      const index = cursor.index < 0 ? -1 : Math.max(-1, cursor.index + shift)
      // Another row stands where the cursor was, so its own row is elsewhere or gone.
      if (index >= 0 && (rowAt(next, index) || index >= next.total)) lost = cursor.key
      return { index, key: cursor.key }
    }

    async function find(wanted: Key): Promise<void> {
      lost = undefined
      const index = await feed.locate(wanted)
      const { cursor } = get()
      if (cursor?.key !== wanted) return
      set({ cursor: { index, key: wanted } })
      const { follow, top, viewport } = get()
      if (bringBack && index >= 0 && !follow) place(reveal(index, top, viewport), false)
      bringBack = false
    }

    function ask(): void {
      feed.setWindow(windowFor(get(), MAX_WINDOW))
    }

    function place(top: number, follow: boolean): void {
      const old = get()
      const leftAt = old.follow && !follow ? old.total : old.leftAt
      if (top !== old.top || follow !== old.follow) set({ top, follow, leftAt })
      ask()
    }

    function select(index: number, follow: boolean): void {
      const state = get()
      if (state.total === 0) return
      const at = Math.min(Math.max(0, index), state.total - 1)
      const row = rowAt(state, at)
      lost = undefined
      set({ cursor: { index: at, key: row && key(row) } })
      place(reveal(at, state.top, state.viewport), follow)
    }

    return {
      params: options.params,
      loaded: false,
      total: 0,
      all: 0,
      from: 0,
      rows: [],
      progress: undefined,
      error: undefined,
      top: 0,
      viewport: 0,
      follow: growing,
      leftAt: 0,
      cursor: undefined,

      setParams(params) {
        const { cursor } = get()
        lost = cursor?.key
        bringBack = true
        set({
          params,
          loaded: false,
          rows: [],
          from: 0,
          error: undefined,
          cursor: cursor && { index: -1, key: cursor.key },
        })
        feed.setParams(params)
      },
      scroll(top) {
        const { total, viewport } = get()
        place(top, growing && top >= total - viewport - 0.5)
      },
      resize(viewport) {
        if (viewport === 0) {
          set({ viewport })
          return ask()
        }
        const { total, follow, top, cursor, viewport: before } = get()
        const last = Math.max(0, total - viewport)
        // A row that was in sight under the cursor stays there, also when its detail opens below it.
        const inSight = cursor && cursor.index >= Math.floor(top) && cursor.index < top + before
        const kept = inSight ? reveal(cursor.index, top, viewport) : top
        set({ viewport, top: follow ? last : Math.min(kept, last) })
        ask()
      },
      setFollow(on) {
        const { total, viewport, top } = get()
        place(on ? Math.max(0, total - viewport) : top, growing && on)
      },
      select: (index) => select(index, false),
      async selectKey(wanted) {
        const index = await feed.locate(wanted)
        if (index < 0) return false
        // There are that many rows by now, though the next update has not told so yet.
        if (index >= get().total) set({ total: index + 1 })
        select(index, false)
        set({ cursor: { index, key: wanted } })
        return true
      },
      move(by) {
        const { cursor, top, total, viewport } = get()
        const start = growing && get().follow ? total : Math.ceil(top) - 1
        if (cursor && cursor.index >= 0) select(cursor.index + by, false)
        else select(by > 0 ? Math.min(start + 1, total - 1) : Math.floor(top + viewport) - 1, false)
      },
      moveToEnd(end) {
        select(end === 'first' ? 0 : Infinity, growing && end === 'last')
      },
      clearCursor() {
        lost = undefined
        set({ cursor: undefined })
      },
      close: () => feed.close(),
    }
  })
}
