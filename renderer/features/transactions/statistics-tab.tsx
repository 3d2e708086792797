/** Counts and latencies by device and type, and latency over time of the group under the cursor. */
import { useStore } from 'zustand'
import type { TransactionGroup } from '../../../shared/contract/transactions.ts'
import { useModel } from '../../app/model.ts'
import { useTheme } from '../../app/theme.ts'
import { Grid, type GridColumn } from '../../list/grid.tsx'
import { count, latencyText } from '../../ui/format.ts'
import { Empty } from '../../ui/kit.tsx'
import { LatencyPlot } from './latency-plot.tsx'

const keyOf = ({ device, type }: Pick<TransactionGroup, 'device' | 'type'>) => `${type ?? ''} ${device}`

const number = (title: string, width: string, value: (group: TransactionGroup) => number) => ({
  title,
  width,
  right: true,
  cell: (group: TransactionGroup) =>
    value(group) === 0 ? <span className="dim">0</span> : count(value(group)),
})
const latency = (title: string, which: keyof NonNullable<TransactionGroup['latency']>) => ({
  title,
  width: '76px',
  right: true,
  cell: (group: TransactionGroup) => (group.latency ? latencyText(group.latency[which]) : ''),
})

const columns: readonly GridColumn<TransactionGroup>[] = [
  {
    title: 'Device',
    width: 'minmax(150px, 1fr)',
    cell: (group) => group.device || <b>All devices</b>,
    hint: (group) => group.device,
  },
  { title: 'Type', width: '160px', cell: (group) => group.type ?? 'all types', hint: (group) => group.type },
  number('Count', '68px', (group) => group.count),
  number('Waiting', '68px', (group) => group.open),
  number('Errors', '64px', (group) => group.errors),
  number('No answer', '80px', (group) => group.lost),
  number('Late', '56px', (group) => group.late),
  number('Orphans', '76px', (group) => group.orphans),
  latency('p50', 'p50'),
  latency('p95', 'p95'),
  latency('p99', 'p99'),
  latency('Max', 'max'),
]

export function StatisticsTab() {
  const model = useModel()
  const { transactions } = model
  const theme = useTheme()
  const statistics = useStore(transactions, (state) => state.statistics)
  const chart = useStore(transactions, (state) => state.chart)
  const group = useStore(transactions, (state) => state.group)
  const error = useStore(transactions, (state) => state.error)
  if (error) return <Empty>{error.message}</Empty>
  if (!statistics) return <Empty>Counting…</Empty>
  const { all, groups, held, dropped, unlisted } = statistics
  if (all.count === 0) return <Empty>Nothing was counted yet: no USP request was seen in this capture.</Empty>
  const chosen = group ?? all
  return (
    <div className="statistics">
      <section className="statistics-plot" aria-label="Latency over time">
        <h3>
          Latency of {chosen.type ?? 'all types'}, {chosen.device || 'all devices'}
          <span className="spacer" />
          <button
            type="button"
            className="button"
            onClick={() => {
              const { device, type } = chosen
              transactions.setText('', true)
              transactions.setFilter({ ...(device && { device }), ...(type && { type }) })
              transactions.open('list')
            }}
          >
            Show these transactions
          </button>
        </h3>
        <LatencyPlot key={theme} chart={chart} />
      </section>
      <div className="statistics-grid">
        <Grid
          id="transactions-statistics"
          label="Statistics by device and type"
          columns={columns}
          rows={[all, ...groups]}
          keyOf={keyOf}
          selected={keyOf(chosen)}
          onSelect={(row) => transactions.chooseGroup(row === all ? undefined : row)}
        />
      </div>
      <p className="statistics-note dim">
        Quantiles are exact to one percent, counts and the largest value are exact.
        {dropped > 0 &&
          ` The newest ${count(held)} transactions are held; ${count(dropped)} older ones are counted here and no longer listed.`}
        {unlisted > 0 && ` ${count(unlisted)} more groups are counted in the first row and not listed.`}
      </p>
    </div>
  )
}
