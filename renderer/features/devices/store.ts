/** The device list, how it is sorted and filtered, and the device under its cursor. */
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { ViewParams } from '../../../shared/contract/contract.ts'
import type { Host } from '../../../shared/contract/host.ts'
import type { DeviceDetail, DeviceRow } from '../../../shared/contract/model.ts'
import type { BenchError } from '../../../shared/contract/result.ts'
import type { LiveStore } from '../../app/live.ts'
import { createListStore, type ListStore } from '../../list/list-store.ts'

export type DeviceSort = ViewParams<'devices'>['sort']

export interface DevicesState {
  readonly filter: string
  readonly endpointId: string | undefined
  readonly device: DeviceDetail | undefined
  readonly error: BenchError | undefined
}

export interface DevicesModel extends StoreApi<DevicesState> {
  readonly list: ListStore<'devices'>
  readonly setFilter: (filter: string, atOnce?: boolean) => void
  /** Sorts by a column; by the same one again turns the order round. */
  readonly sortBy: (sort: DeviceSort) => void
  /** Reads the device under the cursor anew. */
  readonly refresh: () => void
  readonly close: () => void
}

const TYPING_PAUSE = 150
/** Orders that read best with the largest first. */
const largestFirst: ReadonlySet<DeviceSort> = new Set([
  'lastSeenAt',
  'connectedAt',
  'packetsIn',
  'online',
  'findings',
])

export function createDevices(host: Host, live: LiveStore): DevicesModel {
  const list = createListStore({
    host,
    view: 'devices',
    params: { text: '', sort: 'endpointId', descending: false },
    key: (row) => row.endpointId,
    growing: false,
  })
  const store = createStore<DevicesState>(() => ({
    filter: '',
    endpointId: undefined,
    device: undefined,
    error: undefined,
  }))
  let typing: ReturnType<typeof setTimeout> | undefined
  let busy = false

  /** At most one question under way; what changes meanwhile is asked for after it. */
  async function refresh(): Promise<void> {
    const { endpointId } = store.getState()
    if (endpointId === undefined || busy) return
    busy = true
    const answer = await host.call('devices.get', { endpointId })
    busy = false
    if (store.getState().endpointId !== endpointId) return void refresh()
    store.setState(
      answer.ok ? { device: answer.value, error: undefined } : { device: undefined, error: answer.error },
    )
  }

  const ends = [
    list.subscribe((state, old) => {
      const key = state.cursor?.key
      const endpointId = typeof key === 'string' ? key : undefined
      if (endpointId !== store.getState().endpointId) {
        if (endpointId === undefined && state.cursor) return
        store.setState({
          endpointId,
          error: undefined,
          ...(endpointId === undefined && { device: undefined }),
        })
        void refresh()
      } else if (endpointId !== undefined && state.rows !== old.rows) {
        const row = state.rows.find((candidate) => candidate.endpointId === endpointId)
        const { device } = store.getState()
        if (row && device && stateChanged(row, device)) void refresh()
      }
    }),
    // Counters move all the time; once a second is enough for them.
    live.subscribe((state, old) => {
      if (state.stats !== old.stats) void refresh()
    }),
  ]

  const apply = (text: string) => {
    const { params, setParams } = list.getState()
    if (params.text !== text) setParams({ ...params, text })
  }
  return Object.assign(store, {
    list,
    setFilter(filter: string, atOnce = false) {
      clearTimeout(typing)
      store.setState({ filter })
      if (atOnce) apply(filter.trim())
      else typing = setTimeout(() => apply(filter.trim()), TYPING_PAUSE)
    },
    sortBy(sort: DeviceSort) {
      const { params, setParams } = list.getState()
      const descending = params.sort === sort ? !params.descending : largestFirst.has(sort)
      setParams({ ...params, sort, descending })
    },
    refresh: () => void refresh(),
    close() {
      clearTimeout(typing)
      ends.forEach((end) => end())
      list.getState().close()
    },
  })
}

const stateChanged = (row: DeviceRow, device: DeviceDetail): boolean =>
  row.online !== device.online || row.connects !== device.connects || row.clientId !== device.clientId
