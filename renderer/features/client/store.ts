/** The MQTT clients: which one is in front, its packets, and the message that is being written. */
import { createStore, type StoreApi } from 'zustand/vanilla'
import { emptyPublish } from '../../../shared/client/publish-draft.ts'
import type { ViewParams } from '../../../shared/contract/contract.ts'
import type { Host } from '../../../shared/contract/host.ts'
import type {
  ClientConnection,
  ClientPacketDetail,
  ClientsState,
  KeptProfile,
  PublishDraft,
  SavedPublishRow,
  SubscriptionDraft,
} from '../../../shared/contract/mqtt-client.ts'
import type { BenchError, Result } from '../../../shared/contract/result.ts'
import { parseFilter } from '../../../shared/filter/filter.ts'
import type { Variables } from '../../../shared/usp/forms/variables.ts'
import { createListStore, rowAt, type ListStore } from '../../list/list-store.ts'

export type Only = ViewParams<'clientPackets'>['only']

/** The file that is open, and what it held when it was read or written. */
export interface OpenPublish {
  readonly path: string
  readonly stamp: string
  readonly held: string
}

export interface ClientModelState {
  /** Undefined until told. */
  readonly profiles: readonly KeptProfile[] | undefined
  readonly clients: ClientsState
  /** Profile in front. */
  readonly current: string
  /** The filter as typed; the list's params hold the one applied. */
  readonly filter: string
  readonly only: Only
  /** The packet under the cursor. */
  readonly packet: ClientPacketDetail | undefined
  /** Content view that a person chose for it. */
  readonly view: string | undefined
  readonly draft: PublishDraft
  readonly variables: Variables
  readonly note: string
  readonly file: OpenPublish | undefined
  /** Whether the answer is awaited, and how long. */
  readonly request: { readonly on: boolean; readonly timeoutMs: number }
  readonly repeat: { readonly on: boolean; readonly times: number; readonly intervalMs: number }
  readonly sending: boolean
  /** Why the last message did not go out. */
  readonly fault: BenchError | undefined
  readonly saved: { readonly publishes: readonly SavedPublishRow[]; readonly left: number } | undefined
  readonly search: string
  /** The profile in the sheet; a new one is in no list. */
  readonly editing: KeptProfile | undefined
  readonly editingSubscription: SubscriptionDraft | undefined
}

export interface ClientModel extends StoreApi<ClientModelState> {
  readonly list: ListStore<'clientPackets'>
  readonly choose: (id: string) => void
  readonly setFilter: (filter: string, atOnce?: boolean) => void
  readonly setOnly: (only: Only) => void
  readonly setView: (view: string | undefined) => void
  readonly setDraft: (change: Partial<PublishDraft>) => void
  readonly publish: () => Promise<void>
  readonly refreshSaved: () => Promise<void>
  readonly setSearch: (search: string) => void
  readonly open: (path: string) => Promise<BenchError | undefined>
  readonly save: (path: string) => Promise<BenchError | undefined>
  /** Begins another message. */
  readonly fresh: (draft?: PublishDraft) => void
  readonly close: () => void
}

const TYPING_PAUSE = 150
export const DEFAULT_TIMEOUT_MS = 5000

export function createClient(host: Host): ClientModel {
  const list = createListStore({
    host,
    view: 'clientPackets',
    params: { client: '', only: 'all', filter: '' },
    key: (row) => row.no,
    growing: true,
  })
  const store = createStore<ClientModelState>(() => ({
    profiles: undefined,
    clients: { connections: [], dropped: 0 },
    current: '',
    filter: '',
    only: 'all',
    packet: undefined,
    view: undefined,
    draft: emptyPublish,
    variables: {},
    note: '',
    file: undefined,
    request: { on: false, timeoutMs: DEFAULT_TIMEOUT_MS },
    repeat: { on: false, times: 10, intervalMs: 1000 },
    sending: false,
    fault: undefined,
    saved: undefined,
    search: '',
    editing: undefined,
    editingSubscription: undefined,
  }))
  let typing: ReturnType<typeof setTimeout> | undefined
  let searching: ReturnType<typeof setTimeout> | undefined

  const apply = (change: Partial<ViewParams<'clientPackets'>>) => {
    const { params, setParams } = list.getState()
    const next = { ...params, ...change }
    if (JSON.stringify(next) !== JSON.stringify(params)) setParams(next)
  }

  /** The answer to a question that is no longer asked is dropped. */
  async function read(no: number, view: string | undefined): Promise<void> {
    const answer = await host.call('client.packet', { no, ...(view !== undefined && { view }) })
    const now = list.getState().cursor?.key
    if (now === no && view === store.getState().view)
      store.setState({ packet: answer.ok ? answer.value : undefined })
  }

  /** Filters of the connections that are not in front. */
  const filters = new Map<string, string>()
  function choose(id: string): void {
    const { current, filter: before } = store.getState()
    if (id === current) return
    clearTimeout(typing)
    filters.set(current, before)
    const filter = filters.get(id) ?? ''
    list.getState().clearCursor()
    store.setState({ current: id, packet: undefined, filter })
    apply({ client: id, filter: parseFilter(filter).ok ? filter.trim() : '' })
  }

  const heldOf = ({ draft, variables, note }: ClientModelState): string =>
    JSON.stringify([draft, variables, note])

  const ends = [
    host.on('clientProfiles', (profiles) => {
      store.setState({ profiles })
      const { current } = store.getState()
      if (!profiles.some(({ id }) => id === current)) choose(profiles[0]?.id ?? '')
    }),
    host.on('clients', (clients) => store.setState({ clients })),
    list.subscribe((state, old) => {
      const key = state.cursor?.key
      if (key !== old.cursor?.key) {
        store.setState({ view: undefined })
        if (typeof key === 'number') void read(key, undefined)
        else if (!state.cursor) store.setState({ packet: undefined })
        return
      }
      // What becomes of a message is known after it: its row changes.
      const { packet } = store.getState()
      if (!packet || state.rows === old.rows || !state.cursor || state.cursor.index < 0) return
      const row = rowAt(state, state.cursor.index)
      if (row?.no === packet.row.no) store.setState({ packet: { ...packet, row } })
    }),
  ]

  async function refreshSaved(): Promise<void> {
    const text = store.getState().search.trim()
    const answer = await host.call('publishes.list', { text })
    if (answer.ok && text === store.getState().search.trim()) store.setState({ saved: answer.value })
  }

  async function done(answer: Promise<Result<unknown>>): Promise<void> {
    store.setState({ sending: true, fault: undefined })
    const { ok, ...rest } = await answer
    store.setState({ sending: false, fault: ok || !('error' in rest) ? undefined : rest.error })
  }

  return Object.assign(store, {
    list,
    choose,
    setFilter(filter: string, atOnce = false) {
      clearTimeout(typing)
      store.setState({ filter })
      // What is wrong is told where it is typed; the list keeps showing what it shows.
      const run = () => parseFilter(filter).ok && apply({ filter: filter.trim() })
      if (atOnce) run()
      else typing = setTimeout(run, TYPING_PAUSE)
    },
    setOnly(only: Only) {
      store.setState({ only })
      apply({ only })
    },
    setView(view: string | undefined) {
      store.setState({ view })
      const key = list.getState().cursor?.key
      if (typeof key === 'number') void read(key, view)
    },
    setDraft: (change: Partial<PublishDraft>) =>
      store.setState(({ draft }) => ({ draft: { ...draft, ...change }, fault: undefined })),
    async publish() {
      const { current, draft, variables, request, repeat, sending } = store.getState()
      if (sending) return
      await done(
        host.call('client.publish', {
          id: current,
          publish: draft,
          variables: { ...variables },
          ...(request.on && { request: { timeoutMs: request.timeoutMs } }),
          ...(repeat.on && { repeat: { times: repeat.times, intervalMs: repeat.intervalMs } }),
        }),
      )
    },
    refreshSaved,
    setSearch(search: string) {
      clearTimeout(searching)
      store.setState({ search })
      searching = setTimeout(() => void refreshSaved(), TYPING_PAUSE)
    },
    async open(path: string) {
      const answer = await host.call('publishes.read', { path })
      if (!answer.ok) return answer.error
      const { publish, note, variables, stamp } = answer.value
      store.setState({ draft: publish, note, variables, fault: undefined })
      store.setState((state) => ({ file: { path, stamp, held: heldOf(state) } }))
      return undefined
    },
    async save(path: string) {
      const { draft, variables, note, file } = store.getState()
      const over = file?.path === path ? { over: file.stamp } : {}
      const wish = { path, publish: draft, note, variables: { ...variables }, ...over }
      const answer = await host.call('publishes.save', wish)
      if (!answer.ok) return answer.error
      store.setState((state) => ({ file: { path, stamp: answer.value.stamp, held: heldOf(state) } }))
      await refreshSaved()
      return undefined
    },
    fresh: (draft: PublishDraft = emptyPublish) =>
      store.setState({ draft, variables: {}, note: '', file: undefined, fault: undefined }),
    close() {
      clearTimeout(typing)
      clearTimeout(searching)
      ends.forEach((end) => end())
      list.getState().close()
    },
  })
}

export const profileInFront = ({ profiles, current }: ClientModelState): KeptProfile | undefined =>
  profiles?.find(({ id }) => id === current)

export const connectionInFront = ({ clients, current }: ClientModelState): ClientConnection | undefined =>
  clients.connections.find(({ id }) => id === current)

/** There is something in it that its file does not have. */
export const isChanged = ({ file, draft, variables, note }: ClientModelState): boolean =>
  file !== undefined && file.held !== JSON.stringify([draft, variables, note])

export const isConnected = (connection: ClientConnection | undefined): boolean =>
  connection?.phase === 'connected'

/** Something is under way or stands. */
export const isOn = (connection: ClientConnection | undefined): boolean =>
  connection !== undefined && connection.phase !== 'off'
