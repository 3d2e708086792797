/** The device whose data model is looked at, what is known of it, and what is asked of it. */
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { SupportedModel } from '../../../shared/contract/data-model.ts'
import type { Host, OpenView } from '../../../shared/contract/host.ts'
import type { BenchError } from '../../../shared/contract/result.ts'
import type { NotificationRow } from '../../../shared/contract/usp.ts'
import type { KnownRows } from '../../../shared/usp/dm/supported-index.ts'
import { createActions, type Actions } from './actions.ts'
import { DeviceData, ownerOf, ROOT } from './device-data.ts'

export type ModelTab = 'tree' | 'watch' | 'snapshots' | 'subscriptions'

/** A value that was set from here. */
export interface Written {
  readonly path: string
  readonly before: string | undefined
  readonly after: string
  readonly at: number
}

/** A command that was sent from here. */
export interface Operation {
  readonly no: number
  readonly path: string
  readonly at: number
  readonly state: 'sent' | 'running' | 'done' | 'failed'
  readonly text: string
  readonly outputs: readonly (readonly [name: string, value: string])[]
  readonly msgId?: string
  readonly packet?: number
}

export interface DataModelState {
  readonly endpointId: string | undefined
  readonly tab: ModelTab
  readonly data: DeviceData
  /** Of `data`, whose content changes in place. */
  readonly version: number
  readonly model: SupportedModel | undefined
  readonly error: BenchError | undefined
  /** What is being read, in words. */
  readonly busy: string | undefined
  readonly loading: ReadonlySet<string>
  readonly expanded: ReadonlySet<string>
  readonly search: string
  /** Path of the line under the cursor. */
  readonly selected: string | undefined
  readonly editing: string | undefined
  /** What the device said to the last wish about a path. */
  readonly faults: ReadonlyMap<string, string>
  readonly sending: ReadonlySet<string>
  /** The newest last. */
  readonly written: readonly Written[]
  readonly operations: readonly Operation[]
  /** Seconds between two readings of what is in sight; 0: not by itself. */
  readonly refreshSeconds: number
}

export interface DataModelModel extends StoreApi<DataModelState>, Actions {
  readonly choose: (endpointId: string) => void
  /** Rows of a table of a device; undefined while they are not known, or when another device is looked at. */
  readonly rowsOf: (endpointId: string) => KnownRows
  readonly show: (tab: ModelTab) => void
  /** Reads the supported model of the device anew. */
  readonly readModel: () => Promise<void>
  /** Reads every value, so that a search finds them. */
  readonly readAll: () => Promise<void>
  readonly cancel: () => void
  readonly toggle: (path: string, open: boolean) => void
  /** Reads one object or table. */
  readonly load: (path: string) => Promise<void>
  readonly setSearch: (text: string) => void
  readonly select: (path: string | undefined) => void
  readonly edit: (path: string | undefined) => void
  /** Shows a path in the tree: what is above it opens. */
  readonly reveal: (path: string) => void
  /** Objects in sight, which are read again at the pace chosen. */
  readonly setSight: (objects: readonly string[]) => void
  readonly setRefresh: (seconds: number) => void
  readonly close: () => void
}

const CALL = 'datamodel-view'

export const emptyState = (): Omit<DataModelState, 'tab' | 'refreshSeconds'> => ({
  endpointId: undefined,
  data: new DeviceData(),
  version: 0,
  model: undefined,
  error: undefined,
  busy: undefined,
  loading: new Set(),
  expanded: new Set([ROOT]),
  search: '',
  selected: undefined,
  editing: undefined,
  faults: new Map(),
  sending: new Set(),
  written: [],
  operations: [],
})

export function createDataModel(host: Host): DataModelModel {
  const store = createStore<DataModelState>(() => ({
    ...emptyState(),
    tab: 'tree',
    refreshSeconds: 0,
  }))
  const { getState, setState } = store
  let notifications: OpenView | undefined
  let lastNotification: number | undefined
  let sight: readonly string[] = []
  let timer: ReturnType<typeof setInterval> | undefined
  let refreshing = false

  /** The data changed in place. */
  const changed = (): void => setState(({ data }) => ({ version: data.version }))
  const isHere = (endpointId: string): boolean => getState().endpointId === endpointId

  async function readKept(endpointId: string): Promise<void> {
    const answer = await host.call('model.get', { endpointId })
    if (!isHere(endpointId)) return
    if (answer.ok) takeModel(answer.value)
    else if (answer.error.code !== 'not-found') setState({ error: answer.error })
  }
  function takeModel(model: SupportedModel): void {
    getState().data.setModel(model.objects)
    setState({ model, error: undefined })
    changed()
    if (getState().data.readAt(ROOT) === undefined) void load(ROOT)
  }
  async function readModel(): Promise<void> {
    const { endpointId } = getState()
    if (endpointId === undefined) return
    setState({ busy: 'Reading the data model', error: undefined })
    const answer = await host.call('model.refresh', { endpointId, call: CALL })
    if (!isHere(endpointId)) return
    setState({ busy: undefined })
    if (answer.ok) takeModel(answer.value)
    else if (answer.error.code !== 'cancelled') setState({ error: answer.error })
  }
  async function readAll(): Promise<void> {
    const { endpointId, data, model } = getState()
    if (endpointId === undefined) return
    setState({ busy: 'Reading all values', error: undefined })
    const answer = await host.call('model.values', { endpointId, paths: [ROOT], maxDepth: 0, call: CALL })
    if (!isHere(endpointId)) return
    setState({ busy: undefined })
    if (!answer.ok) {
      if (answer.error.code !== 'cancelled') setState({ error: answer.error })
      return
    }
    const { values, failures } = answer.value
    // What is there no more must not stay; what could not be read may.
    if (failures.length === 0) data.clear()
    data.takeValues(values, Date.now())
    if (failures.length === 0) data.markRead(model?.objects ?? [], Date.now())
    setState(({ faults }) => ({
      faults: new Map([
        ...faults,
        ...failures.map(({ path, code, name, text }) => [path, `${code} ${name}: ${text}`] as const),
      ]),
    }))
    changed()
  }

  async function load(path: string): Promise<void> {
    const { endpointId, loading, data } = getState()
    if (endpointId === undefined || loading.has(path) || path.includes('{i}')) return
    setState({ loading: new Set(loading).add(path) })
    const answer = await host.call('model.open', { endpointId, path })
    if (!isHere(endpointId)) return
    const rest = new Set(getState().loading)
    rest.delete(path)
    const faults = new Map(getState().faults)
    if (answer.ok) {
      data.takeNode(answer.value, Date.now())
      faults.delete(path)
    } else faults.set(path, answer.error.message)
    setState({ loading: rest, faults })
    changed()
  }

  /** What is in sight is asked for in one request; a device that is slower than the pace is not asked twice. */
  async function refreshSight(): Promise<void> {
    const { endpointId, data } = getState()
    if (endpointId === undefined || refreshing || sight.length === 0) return
    refreshing = true
    const answer = await host.call('model.values', { endpointId, paths: [...sight], maxDepth: 1 })
    refreshing = false
    if (!isHere(endpointId) || !answer.ok) return
    data.takeValues(answer.value.values, Date.now())
    changed()
  }

  function takeNotifications(rows: readonly NotificationRow[]): void {
    const newest = rows.at(-1)?.no ?? 0
    // What was said before the device was chosen may be old.
    const before = lastNotification ?? newest
    lastNotification = newest
    const { data } = getState()
    for (const row of rows) {
      if (row.no <= before) continue
      if (row.kind === 'ValueChange') data.change(row.path, row.values[0]?.[1] ?? '')
      if (row.kind === 'ObjectCreation') data.addRow({ path: row.path, uniqueKeys: row.values })
      if (row.kind === 'ObjectDeletion') data.deleteRow(row.path)
      if (row.kind === 'OperationComplete') actions.completed(row)
    }
    changed()
  }

  const actions = createActions(host, store, { load, changed })
  return Object.assign(store, actions, {
    choose(endpointId: string) {
      if (isHere(endpointId)) return
      notifications?.close()
      lastNotification = undefined
      sight = []
      setState({ ...emptyState(), endpointId })
      void readKept(endpointId)
      notifications = host.open(
        'notifications',
        { endpointId, text: '' },
        { from: 0, count: 100, tail: true },
        (update) => update.ok && takeNotifications(update.value.rows),
      )
    },
    rowsOf: (endpointId: string) => (table: string) =>
      isHere(endpointId) ? getState().data.rows(table) : undefined,
    show: (tab: ModelTab) => setState({ tab }),
    readModel,
    readAll,
    cancel: () => void host.call('usp.cancel', { call: CALL }),
    toggle(path: string, open: boolean) {
      const expanded = new Set(getState().expanded)
      if (open) expanded.add(path)
      else expanded.delete(path)
      setState({ expanded })
      if (open && getState().data.readAt(path) === undefined) void load(path)
    },
    load,
    setSearch: (search: string) => setState({ search }),
    select: (selected: string | undefined) =>
      setState((state) => ({ selected, editing: state.editing === selected ? state.editing : undefined })),
    edit: (editing: string | undefined) => setState({ editing }),
    reveal(path: string) {
      const expanded = new Set(getState().expanded)
      for (let above = ownerOf(path); above !== ''; above = above === ROOT ? '' : ownerOf(above)) {
        expanded.add(above)
        if (getState().data.readAt(above) === undefined) void load(above)
      }
      setState({ expanded, selected: path, search: '', tab: 'tree' })
    },
    setSight(objects: readonly string[]) {
      sight = objects
    },
    setRefresh(seconds: number) {
      clearInterval(timer)
      setState({ refreshSeconds: seconds })
      if (seconds === 0) return
      timer = setInterval(() => void refreshSight(), seconds * 1000)
      void refreshSight()
    },
    close() {
      clearInterval(timer)
      notifications?.close()
    },
  })
}
