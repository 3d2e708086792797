/** What a bench says that saw no transaction and no message. */
import type { TopicSeries } from '../../shared/contract/topics.ts'
import type { LatencyChart, TransactionStatistics } from '../../shared/contract/transactions.ts'

export const noStatistics: TransactionStatistics = {
  all: { device: '', count: 0, open: 0, errors: 0, late: 0, lost: 0, orphans: 0 },
  groups: [],
  unlisted: 0,
  held: 0,
  dropped: 0,
}
export const noLatencies: LatencyChart = { time: [], p50: [], p95: [], max: [] }
export const noSeries: TopicSeries = {
  pointers: [],
  pointer: '',
  time: [],
  value: [],
  looked: 0,
  older: false,
}
