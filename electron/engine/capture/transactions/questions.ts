/** Questions about the transactions of a capture that are no views. */
import type { Request } from '../../../../shared/contract/contract.ts'
import type { LatencyChart, TransactionStatistics } from '../../../../shared/contract/transactions.ts'
import type { Archive } from '../archive.ts'
import { pause, type Work } from '../work.ts'
import { latencyChart } from './chart.ts'

type Asked<C extends 'transactions.of' | 'transactions.statistics' | 'transactions.chart'> = Omit<
  Request<C>,
  'capture'
>

/** Looks first for transactions in all rows below `end`, which is behind the newest one where it is not given. */
async function paired(archive: Archive, work: Work, end = archive.parts.columns.end): Promise<void> {
  while (archive.pairing.isBehind(end)) {
    archive.pair()
    await pause(work)
  }
}

/** The transaction that the Msg in a row belongs to; 0 where there is none. */
export async function transactionOf(
  archive: Archive,
  { no }: Asked<'transactions.of'>,
  work: Work,
): Promise<number> {
  await paired(archive, work, no + 1)
  const { columns } = archive.parts
  return columns.has(no) ? columns.get(no, 'transaction') : 0
}

export async function statisticsOf(
  archive: Archive,
  { device, type }: Asked<'transactions.statistics'>,
  work: Work,
): Promise<TransactionStatistics> {
  await paired(archive, work)
  const { statistics, table } = archive.transactions
  return { ...statistics.summary(device, type), held: table.rows, dropped: table.dropped }
}

export async function latenciesOf(
  archive: Archive,
  { points, device, type }: Asked<'transactions.chart'>,
  work: Work,
): Promise<LatencyChart> {
  await paired(archive, work)
  const { epoch } = archive.parts
  return latencyChart(archive.transactions.table, epoch.sec * 1000 + epoch.nsec / 1e6, points, device, type)
}
