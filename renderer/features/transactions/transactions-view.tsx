/** Requests with their answers, and how long those took. */
import { useStore } from 'zustand'
import { useModel } from '../../app/model.ts'
import { ListFrame } from '../../list/list-frame.tsx'
import { plural } from '../../ui/format.ts'
import { Empty, Tabs } from '../../ui/kit.tsx'
import { CaptureTabs } from '../packets/capture-tabs.tsx'
import { TransactionFilterBar } from './filter-bar.tsx'
import { StatisticsTab } from './statistics-tab.tsx'
import { TransactionDetailPane } from './transaction-detail.tsx'
import { TransactionList } from './transaction-list.tsx'
import './transactions.css'

export function TransactionsView() {
  const { transactions } = useModel()
  const tab = useStore(transactions, (state) => state.tab)
  const selected = useStore(transactions, (state) => state.row !== undefined)
  const bars = (
    <>
      <CaptureTabs />
      <header className="transactions-head">
        <Tabs
          label="Transactions"
          tabs={[
            ['list', 'Transactions'],
            ['statistics', 'Statistics'],
          ]}
          selected={tab}
          onSelect={transactions.open}
        />
      </header>
    </>
  )
  if (tab === 'statistics')
    return (
      <div className="list-view">
        {bars}
        <StatisticsTab />
      </div>
    )
  return (
    <ListFrame
      name="transactions"
      label="Height of the list of transactions"
      share={0.55}
      bars={
        <>
          {bars}
          <TransactionFilterBar />
        </>
      }
      list={<ListOrReason />}
      detail={selected ? <TransactionDetailPane /> : undefined}
    />
  )
}

function ListOrReason() {
  const model = useModel()
  const { list, setText, setFilter } = model.transactions
  const empty = useStore(list, (state) => state.loaded && state.total === 0 && state.progress === undefined)
  const all = useStore(list, (state) => state.all)
  const error = useStore(list, (state) => state.error)
  const capture = useStore(list, (state) => state.params.capture)
  if (error) return <Empty>{error.message}</Empty>
  if (!empty) return <TransactionList />
  if (all > 0)
    return (
      <Empty
        action={
          <button
            type="button"
            className="button"
            onClick={() => {
              setText('', true)
              setFilter({})
            }}
          >
            Clear the filter
          </button>
        }
      >
        None of {plural(all, 'transaction')} matches.
      </Empty>
    )
  if (capture !== 'live') return <Empty>This capture holds no USP requests.</Empty>
  return (
    <Empty
      action={
        <button type="button" className="button main" onClick={() => model.goTo('bench')}>
          Attach a device
        </button>
      }
    >
      Each USP request between a controller and a device gets a row here, with its answer, as soon as one is
      seen.
    </Empty>
  )
}
