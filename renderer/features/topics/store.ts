/** The topics of the capture in front: what of the tree is open, the topic under the cursor and its messages. */
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { ViewParams } from '../../../shared/contract/contract.ts'
import type { Host } from '../../../shared/contract/host.ts'
import type { BenchError, Result } from '../../../shared/contract/result.ts'
import type { RetainedCleared, RetainedMessage, RetainedRestored } from '../../../shared/contract/sessions.ts'
import {
  MAX_EXCEPT,
  MAX_SERIES,
  type TopicMessages,
  type TopicRow,
  type TopicSeries,
} from '../../../shared/contract/topics.ts'
import type { TopicSort } from '../../../shared/topics/lines.ts'
import { createListStore, rowAt, type ListStore } from '../../list/list-store.ts'
import { createDetail, type DetailStore } from '../packets/detail-store.ts'
import type { PacketsModel } from '../packets/store.ts'

export type TopicTab = 'messages' | 'chart' | 'retained'

/** What was cleared last. */
export interface Cleared extends RetainedCleared {
  readonly topic: string
  readonly below: boolean
}

export interface TopicsState {
  /** The search as typed; the list's params hold the one applied. */
  readonly text: string
  /** The line under the cursor, as it was when it was last in sight. */
  readonly row: TopicRow | undefined
  readonly tab: TopicTab
  /** Of the topic under the cursor. */
  readonly messages: TopicMessages | undefined
  readonly series: TopicSeries | undefined
  readonly error: BenchError | undefined
  /** Packet of the message that is shown; undefined: the newest, as it comes. */
  readonly held: number | undefined
  /** Retained messages that were cleared and can be put back. */
  readonly cleared: Cleared | undefined
}

export interface TopicsModel extends StoreApi<TopicsState> {
  readonly list: ListStore<'topics'>
  readonly setText: (text: string, atOnce?: boolean) => void
  readonly setSort: (sort: TopicSort) => void
  readonly setRetainedOnly: (on: boolean) => void
  /** Opens or closes a branch. Answers false where too many were opened by hand. */
  readonly toggle: (row: TopicRow) => boolean
  /** Opens this many levels and no others. */
  readonly openLevels: (levels: number) => void
  /** Stands still, or follows again. */
  readonly pause: (on: boolean) => Promise<void>
  readonly open: (tab: TopicTab) => void
  readonly choosePointer: (pointer: string) => void
  /** Holds a message, or (undefined) follows the newest. */
  readonly hold: (no: number | undefined) => void
  /** The packet of the message shown. */
  readonly detail: () => DetailStore
  /** What the broker keeps of a topic. */
  readonly retained: (topic: string) => Promise<Result<RetainedMessage>>
  /** Clears what the broker keeps of a topic, with `below` of all topics below it too. */
  readonly clearRetained: (topic: string, below: boolean) => Promise<Result<RetainedCleared>>
  /** Puts back what was cleared last. */
  readonly restore: () => Promise<Result<RetainedRestored> | undefined>
  /** It is not to be put back. */
  readonly forgetCleared: () => void
  readonly close: () => void
}

const TYPING_PAUSE = 150
const MESSAGES_SHOWN = 200
/** A topic may change very often: what is shown of it is asked again at most this often, in milliseconds. */
const ASK_EVERY = 250
/** Before the newest packet of a capture. */
const NEWEST = Number.MAX_SAFE_INTEGER

const first: Omit<ViewParams<'topics'>, 'capture'> = {
  text: '',
  // As deep as `oktopus/usp/v1` leads.
  levels: 3,
  except: [],
  sort: 'name',
  retainedOnly: false,
  before: 0,
}

export function createTopics(host: Host, packets: PacketsModel): TopicsModel {
  const capture = () => packets.current().capture
  const list = createListStore({
    host,
    view: 'topics',
    params: { capture: capture(), ...first },
    key: (row) => row.key,
    growing: false,
  })
  const nothing = { messages: undefined, series: undefined, error: undefined, held: undefined }
  const store = createStore<TopicsState>(() => ({
    ...nothing,
    text: '',
    row: undefined,
    tab: 'messages',
    cleared: undefined,
  }))
  let detail = createDetail(host, capture())
  let typing: ReturnType<typeof setTimeout> | undefined
  let waiting: ReturnType<typeof setTimeout> | undefined
  let asking = false
  let pointer: string | undefined

  const apply = (change: Partial<ViewParams<'topics'>>) => {
    const { params, setParams } = list.getState()
    const next = { ...params, ...change }
    if (JSON.stringify(next) !== JSON.stringify(params)) setParams(next)
  }

  const showMessage = () => {
    const { held, messages } = store.getState()
    detail.load(held ?? messages?.messages[0]?.no)
  }

  /** Asks for what the tab shows, one question at a time; of what changes meanwhile, once more at the end. */
  async function refresh(): Promise<void> {
    if (asking || waiting !== undefined) return
    const { row, tab } = store.getState()
    if (!row?.isTopic) return
    asking = true
    const of = { capture: capture(), topic: row.path }
    const chosen = pointer
    const asked = { ...of, messages: MAX_SERIES, ...(chosen !== undefined && { pointer: chosen }) }
    const [messages, series] = await Promise.all([
      host.call('topics.messages', { ...of, messages: MESSAGES_SHOWN }),
      tab === 'chart' ? host.call('topics.series', asked) : undefined,
    ])
    asking = false
    const now = store.getState()
    const other = now.row?.path !== of.topic || capture() !== of.capture
    if (!other) {
      if (!messages.ok) store.setState({ error: messages.error })
      else store.setState({ messages: messages.value, error: undefined })
      if (series?.ok) store.setState({ series: series.value })
      showMessage()
    }
    const changed = now.row?.value?.no !== row.value?.no || now.tab !== tab || pointer !== chosen
    if (other || changed) later(other ? 0 : ASK_EVERY)
  }
  function later(ms: number): void {
    clearTimeout(waiting)
    waiting = setTimeout(() => {
      waiting = undefined
      void refresh()
    }, ms)
  }

  function setRow(row: TopicRow | undefined): void {
    const before = store.getState().row
    if (row?.key === before?.key) {
      store.setState({ row })
      if (row?.value?.no !== before?.value?.no) void refresh()
      return
    }
    pointer = undefined
    store.setState({ ...nothing, row })
    detail.load(undefined)
    clearTimeout(waiting)
    waiting = undefined
    void refresh()
  }

  const restart = () => {
    list.getState().clearCursor()
    detail = createDetail(host, capture())
    setRow(undefined)
  }

  const ends = [
    list.subscribe((state, old) => {
      if (!state.cursor) {
        if (old.cursor) setRow(undefined)
        return
      }
      if (state.rows === old.rows && state.cursor === old.cursor) return
      const row = state.cursor.index >= 0 ? rowAt(state, state.cursor.index) : undefined
      if (row && row.key === state.cursor.key && row !== store.getState().row) setRow(row)
    }),
    packets.subscribe((state, old) => {
      if (state.current === old.current) return
      restart()
      apply({ capture: capture(), before: 0, except: [] })
    }),
  ]

  return Object.assign(store, {
    list,
    setText(text: string, atOnce = false) {
      clearTimeout(typing)
      store.setState({ text })
      const search = () => {
        const wanted = text.trim()
        if (wanted !== list.getState().params.text) apply({ text: wanted, except: [] })
      }
      if (atOnce) search()
      else typing = setTimeout(search, TYPING_PAUSE)
    },
    setSort: (sort: TopicSort) => apply({ sort }),
    setRetainedOnly: (retainedOnly: boolean) => apply({ retainedOnly, except: [] }),
    toggle({ path }: TopicRow) {
      const { except } = list.getState().params
      const others = except.filter((one) => one !== path)
      if (others.length === except.length && except.length >= MAX_EXCEPT) return false
      apply({ except: others.length < except.length ? others : [...except, path] })
      return true
    },
    openLevels: (levels: number) => apply({ levels, except: [] }),
    async pause(on: boolean) {
      if (!on) return apply({ before: 0 })
      const newest = await host.call('packets.find', {
        capture: capture(),
        filter: '',
        from: NEWEST,
        backwards: true,
      })
      if (newest.ok && newest.value.no > 0) apply({ before: newest.value.no + 1 })
    },
    open(tab: TopicTab) {
      store.setState({ tab })
      later(0)
    },
    choosePointer(chosen: string) {
      pointer = chosen
      later(0)
    },
    hold(held: number | undefined) {
      store.setState({ held })
      showMessage()
    },
    detail: () => detail,
    retained: (topic: string) => host.call('retained.get', { topic }),
    async clearRetained(topic: string, below: boolean) {
      const answer = await host.call('retained.clear', { topic, below })
      if (answer.ok && answer.value.messages > 0)
        store.setState({ cleared: { ...answer.value, topic, below } })
      return answer
    },
    async restore() {
      const { cleared } = store.getState()
      if (cleared?.undo === undefined) return undefined
      store.setState({ cleared: undefined })
      return host.call('retained.restore', { undo: cleared.undo })
    },
    forgetCleared: () => store.setState({ cleared: undefined }),
    close() {
      clearTimeout(typing)
      clearTimeout(waiting)
      ends.forEach((end) => end())
      list.getState().close()
    },
  })
}
