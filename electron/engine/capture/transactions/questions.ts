/** Questions about the transactions of a capture that are no views. */
import type { Request } from '../../../../shared/contract/contract.ts'
import type { LatencyChart, TransactionStatistics } from '../../../../shared/contract/transactions.ts'
import type { Archive } from '../archive.ts'
import { latencyChart } from './chart.ts'

type Asked<C extends 'transactions.statistics' | 'transactions.chart'> = Omit<Request<C>, 'capture'>

export function statisticsOf(
  { transactions: { statistics, table } }: Archive,
  { device, type }: Asked<'transactions.statistics'>,
): TransactionStatistics {
  return { ...statistics.summary(device, type), held: table.rows, dropped: table.dropped }
}

export function latenciesOf(
  { transactions: { table }, parts: { epoch } }: Archive,
  { points, device, type }: Asked<'transactions.chart'>,
): LatencyChart {
  return latencyChart(table, epoch.sec * 1000 + epoch.nsec / 1e6, points, device, type)
}
