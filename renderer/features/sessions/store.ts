/** MQTT sessions and shared groups: how they are listed, and the one under the cursor. */
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { ViewParams } from '../../../shared/contract/contract.ts'
import type { Host } from '../../../shared/contract/host.ts'
import type { BenchError } from '../../../shared/contract/result.ts'
import type { SessionDetail, SessionSort, SharedGroupRow } from '../../../shared/contract/sessions.ts'
import type { LiveStore } from '../../app/live.ts'
import { createListStore, rowAt, type ListStore } from '../../list/list-store.ts'

export type SessionsTab = 'sessions' | 'groups'
export type SessionState = ViewParams<'sessions'>['state']

export interface SessionsState {
  readonly tab: SessionsTab
  /** The search of each tab as typed. */
  readonly text: Readonly<Record<SessionsTab, string>>
  readonly session: SessionDetail | undefined
  readonly error: BenchError | undefined
  readonly group: SharedGroupRow | undefined
}

export interface SessionsModel extends StoreApi<SessionsState> {
  readonly list: ListStore<'sessions'>
  readonly groups: ListStore<'sharedGroups'>
  readonly open: (tab: SessionsTab) => void
  /** Of the tab that is open. */
  readonly setText: (text: string, atOnce?: boolean) => void
  /** Shows all, or those whose client is there, or away. */
  readonly showOnly: (state: SessionState) => void
  /** Sorts by a column; by the same one again turns the order round. */
  readonly sortBy: (sort: SessionSort) => void
  /** Goes to a client's session; a search that hides it is taken away. False when there is none. */
  readonly show: (clientId: string) => Promise<boolean>
  /** Reads the session under the cursor anew. */
  readonly refresh: () => void
  readonly close: () => void
}

const TYPING_PAUSE = 150

export function createSessions(host: Host, live: LiveStore): SessionsModel {
  const list = createListStore({
    host,
    view: 'sessions',
    params: { text: '', state: 'all', sort: 'clientId', descending: false },
    key: (row) => row.clientId,
    growing: false,
  })
  const groups = createListStore({
    host,
    view: 'sharedGroups',
    params: { text: '' },
    key: (row) => row.key,
    growing: false,
  })
  const store = createStore<SessionsState>(() => ({
    tab: 'sessions',
    text: { sessions: '', groups: '' },
    session: undefined,
    error: undefined,
    group: undefined,
  }))
  let typing: ReturnType<typeof setTimeout> | undefined
  let asking = false

  const chosen = () => {
    const key = list.getState().cursor?.key
    return typeof key === 'string' ? key : undefined
  }

  /** At most one question under way; what changes meanwhile is asked for after it. */
  async function refresh(): Promise<void> {
    const clientId = chosen()
    if (clientId === undefined || asking || list.getState().viewport === 0) return
    asking = true
    const answer = await host.call('sessions.get', { clientId })
    asking = false
    if (chosen() !== clientId) return void refresh()
    store.setState(
      answer.ok ? { session: answer.value, error: undefined } : { session: undefined, error: answer.error },
    )
  }

  const ends = [
    list.subscribe((state, old) => {
      if (state.cursor?.key === old.cursor?.key) return
      if (!state.cursor) store.setState({ session: undefined, error: undefined })
      void refresh()
    }),
    groups.subscribe((state, old) => {
      if (state.rows === old.rows && state.cursor === old.cursor) return
      const row = state.cursor && rowAt(state, state.cursor.index)
      if (!state.cursor || row) store.setState({ group: row })
    }),
    // Counters move all the time; once a second is enough for them.
    live.subscribe((state, old) => {
      if (state.stats !== old.stats) void refresh()
    }),
  ]

  const apply = (tab: SessionsTab) => {
    const text = store.getState().text[tab].trim()
    if (tab === 'groups') {
      if (groups.getState().params.text !== text) groups.getState().setParams({ text })
      return
    }
    const { params, setParams } = list.getState()
    if (params.text !== text) setParams({ ...params, text })
  }
  const setText = (text: string, atOnce = false) => {
    clearTimeout(typing)
    const { tab } = store.getState()
    store.setState((state) => ({ text: { ...state.text, [tab]: text } }))
    if (atOnce) apply(tab)
    else typing = setTimeout(() => apply(tab), TYPING_PAUSE)
  }
  const showOnly = (state: SessionState) => {
    const { params, setParams } = list.getState()
    setParams({ ...params, state })
  }
  return Object.assign(store, {
    list,
    groups,
    open: (tab: SessionsTab) => store.setState({ tab }),
    setText,
    showOnly,
    sortBy(sort: SessionSort) {
      const { params, setParams } = list.getState()
      const descending = params.sort === sort ? !params.descending : sort !== 'clientId'
      setParams({ ...params, sort, descending })
    },
    async show(clientId: string) {
      store.setState({ tab: 'sessions' })
      if (await list.getState().selectKey(clientId)) return true
      setText('', true)
      showOnly('all')
      return list.getState().selectKey(clientId)
    },
    refresh: () => void refresh(),
    close() {
      clearTimeout(typing)
      ends.forEach((end) => end())
      list.getState().close()
      groups.getState().close()
    },
  })
}
