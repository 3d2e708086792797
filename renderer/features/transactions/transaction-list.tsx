/** The list of transactions: one row a request, with its answer. */
import { useModel } from '../../app/model.ts'
import { ListGrid } from '../../list/list-grid.tsx'
import { transactionColumns } from './columns.tsx'

export function TransactionList() {
  const { list } = useModel().transactions
  return <ListGrid list={list} id="transactions-list" label="Transactions" columns={transactionColumns} />
}
