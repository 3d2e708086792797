/** What of the transactions is shown: words, type, outcome, device. */
import { useStore } from 'zustand'
import { transactionTypes } from '../../../shared/contract/transactions.ts'
import { transactionOutcomes } from '../../../shared/usp/transactions.ts'
import { useModel } from '../../app/model.ts'
import { FilterInput } from '../../list/filter-input.tsx'
import { count, plural } from '../../ui/format.ts'
import { Icon } from '../../ui/kit.tsx'
import type { TransactionFilter } from './store.ts'
import { outcomeWords } from './words.ts'

export function TransactionFilterBar() {
  const { transactions } = useModel()
  const { list, setText } = transactions
  const text = useStore(transactions, (state) => state.text)
  const params = useStore(list, (state) => state.params)
  const total = useStore(list, (state) => state.total)
  const all = useStore(list, (state) => state.all)
  const progress = useStore(list, (state) => state.progress)
  const { capture: _, text: applied, ...filter } = params
  const set = (change: Partial<Record<keyof TransactionFilter, string>>) => {
    const next = Object.entries({ ...filter, ...change }).filter(([, value]) => value)
    transactions.setFilter(Object.fromEntries(next) as TransactionFilter)
  }
  return (
    <div className="filter-bar">
      <FilterInput
        id="transactions-filter"
        label="Filter transactions"
        placeholder="Filter: path, msg_id, endpoint ID, error"
        value={text}
        onChange={setText}
        listId="transactions-list"
      />
      {filter.device !== undefined && (
        <button type="button" className="button" title="Show all devices" onClick={() => set({ device: '' })}>
          {filter.device} <Icon name="close" label="Show all devices" />
        </button>
      )}
      <select
        className="input"
        aria-label="Type"
        value={filter.type ?? ''}
        onChange={(event) => set({ type: event.target.value })}
      >
        <option value="">every type</option>
        {transactionTypes.map((type) => (
          <option key={type}>{type}</option>
        ))}
      </select>
      <select
        className="input"
        aria-label="Outcome"
        value={filter.outcome ?? ''}
        onChange={(event) => set({ outcome: event.target.value })}
      >
        <option value="">every outcome</option>
        <option value="trouble">whatever is wrong</option>
        {transactionOutcomes.map((outcome) => (
          <option key={outcome} value={outcome}>
            {outcomeWords[outcome]}
          </option>
        ))}
      </select>
      <span className="number dim found" role="status">
        {applied || Object.keys(filter).length > 0
          ? `${count(total)} of ${count(all)}`
          : plural(all, 'transaction')}
      </span>
      {progress !== undefined && (
        <progress className="search-progress" aria-label="Search" value={progress} />
      )}
    </div>
  )
}
