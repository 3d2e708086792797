/** The transactions of the capture in front, the one under the cursor with its packets, and their statistics. */
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { ViewParams } from '../../../shared/contract/contract.ts'
import type { Host } from '../../../shared/contract/host.ts'
import type { PacketDetail } from '../../../shared/contract/model.ts'
import type { BenchError } from '../../../shared/contract/result.ts'
import type {
  LatencyChart,
  TransactionGroup,
  TransactionRow,
  TransactionStatistics,
} from '../../../shared/contract/transactions.ts'
import type { LiveStore } from '../../app/live.ts'
import { createListStore, rowAt, type ListStore } from '../../list/list-store.ts'
import type { PacketsModel } from '../packets/store.ts'

export type TransactionsTab = 'list' | 'statistics'
export type TransactionFilter = Omit<ViewParams<'transactions'>, 'capture' | 'text'>
export type StatisticsGroup = Pick<TransactionGroup, 'device' | 'type'>

export interface TransactionsState {
  readonly tab: TransactionsTab
  /** The words as typed; the list's params hold those applied. */
  readonly text: string
  /** The transaction under the cursor. */
  readonly row: TransactionRow | undefined
  /** Its packets, as far as they are read and held. */
  readonly request: PacketDetail | undefined
  readonly answer: PacketDetail | undefined
  readonly statistics: TransactionStatistics | undefined
  readonly chart: LatencyChart | undefined
  /** What of the statistics the chart shows; absent: everything. */
  readonly group: StatisticsGroup | undefined
  readonly error: BenchError | undefined
}

export interface TransactionsModel extends StoreApi<TransactionsState> {
  readonly list: ListStore<'transactions'>
  readonly open: (tab: TransactionsTab) => void
  readonly setText: (text: string, atOnce?: boolean) => void
  readonly setFilter: (filter: TransactionFilter) => void
  /** Puts the cursor on a transaction; a filter that hides it is taken away. False when it is not held. */
  readonly show: (id: number) => Promise<boolean>
  readonly chooseGroup: (group: StatisticsGroup | undefined) => void
  /** Reads the statistics anew. */
  readonly refresh: () => void
  readonly close: () => void
}

const TYPING_PAUSE = 150
const CHART_POINTS = 240

export function createTransactions(host: Host, live: LiveStore, packets: PacketsModel): TransactionsModel {
  const capture = () => packets.current().capture
  const list = createListStore({
    host,
    view: 'transactions',
    params: { capture: capture(), text: '' },
    key: (row) => row.id,
    growing: true,
  })
  const nothing = { row: undefined, request: undefined, answer: undefined }
  const store = createStore<TransactionsState>(() => ({
    ...nothing,
    tab: 'list',
    text: '',
    statistics: undefined,
    chart: undefined,
    group: undefined,
    error: undefined,
  }))
  let typing: ReturnType<typeof setTimeout> | undefined
  let asking = false

  /** A packet of the transaction under the cursor; the answer to a question that is no longer asked is dropped. */
  async function read(which: 'request' | 'answer'): Promise<void> {
    const { row } = store.getState()
    const no = row?.[which]?.no
    if (row === undefined || no === undefined) return store.setState({ [which]: undefined })
    const answer = await host.call('packets.get', { capture: list.getState().params.capture, no })
    const now = store.getState().row
    if (now?.id === row.id && now[which]?.no === no)
      store.setState({ [which]: answer.ok ? answer.value : undefined })
  }

  function setRow(row: TransactionRow | undefined): void {
    const before = store.getState().row
    if (row === undefined) return store.setState(nothing)
    const same = before?.id === row.id
    store.setState({ row, ...(!same && { request: undefined, answer: undefined }) })
    for (const which of ['request', 'answer'] as const)
      if (!same || before?.[which]?.no !== row[which]?.no) void read(which)
  }

  /** One question at a time; the live capture is asked again each second. */
  async function refresh(): Promise<void> {
    if (asking || store.getState().tab !== 'statistics') return
    asking = true
    const { group } = store.getState()
    const of = { capture: capture() }
    const { device, type } = group ?? {}
    const asked = { ...of, ...(device && { device }), ...(type && { type }) }
    const [statistics, chart] = await Promise.all([
      host.call('transactions.statistics', of),
      host.call('transactions.chart', { ...asked, points: CHART_POINTS }),
    ])
    asking = false
    if (of.capture !== capture() || group !== store.getState().group) return void refresh()
    if (!statistics.ok) return store.setState({ error: statistics.error })
    store.setState({
      statistics: statistics.value,
      chart: chart.ok ? chart.value : undefined,
      error: undefined,
    })
  }

  const ends = [
    list.subscribe((state, old) => {
      if (!state.cursor) {
        if (old.cursor) setRow(undefined)
        return
      }
      if (state.rows === old.rows && state.cursor === old.cursor) return
      const row = state.cursor.index >= 0 ? rowAt(state, state.cursor.index) : undefined
      if (row && row.id === state.cursor.key && row !== store.getState().row) setRow(row)
    }),
    packets.subscribe((state, old) => {
      if (state.current === old.current) return
      list.getState().clearCursor()
      list.getState().setParams({ ...list.getState().params, capture: capture() })
      store.setState({ statistics: undefined, chart: undefined, group: undefined })
      void refresh()
    }),
    live.subscribe((state, old) => {
      if (state.stats !== old.stats && capture() === 'live') void refresh()
    }),
  ]

  const apply = (change: Partial<ViewParams<'transactions'>>) => {
    const { params, setParams } = list.getState()
    const next = { ...params, ...change }
    if (JSON.stringify(next) !== JSON.stringify(params)) setParams(next)
  }
  const setText = (text: string, atOnce = false) => {
    clearTimeout(typing)
    store.setState({ text })
    if (atOnce) apply({ text: text.trim() })
    else typing = setTimeout(() => apply({ text: text.trim() }), TYPING_PAUSE)
  }
  const setFilter = (filter: TransactionFilter) => {
    const { params, setParams } = list.getState()
    setParams({ capture: params.capture, text: params.text, ...filter })
  }
  return Object.assign(store, {
    list,
    open(tab: TransactionsTab) {
      store.setState({ tab })
      void refresh()
    },
    setText,
    setFilter,
    async show(id: number) {
      store.setState({ tab: 'list' })
      if (await list.getState().selectKey(id)) return true
      setText('', true)
      setFilter({})
      return list.getState().selectKey(id)
    },
    chooseGroup(group: StatisticsGroup | undefined) {
      store.setState({ group })
      void refresh()
    },
    refresh: () => void refresh(),
    close() {
      clearTimeout(typing)
      ends.forEach((end) => end())
      list.getState().close()
    },
  })
}
