/** Latency over time: quantiles of equal intervals from the first answered transaction to the last. */
import type { LatencyChart, TransactionType } from '../../../../shared/contract/transactions.ts'
import { Sketch } from '../../../../shared/measure/sketch.ts'
import type { TransactionTable } from './table.ts'

const NS_PER_MS = 1e6

/** `epochMs`: milliseconds since 1970 at which the times of the table begin. */
export function latencyChart(
  table: TransactionTable,
  epochMs: number,
  points: number,
  device?: string,
  type?: TransactionType,
): LatencyChart {
  const answered: number[] = []
  let from = Infinity
  let to = -Infinity
  for (let id = table.first; id < table.end; id++) {
    if (Number.isNaN(table.get(id, 'latency'))) continue
    if (type !== undefined && table.type(id) !== type) continue
    if (device !== undefined && table.parties(id).device !== device) continue
    answered.push(id)
    const time = table.get(id, 'time')
    from = Math.min(from, time)
    to = Math.max(to, time)
  }
  if (answered.length === 0) return { time: [], p50: [], p95: [], max: [] }
  // A width of zero would put everything nowhere.
  const width = Math.max(1, (to - from) / points)
  const sketches = Array.from({ length: to === from ? 1 : points }, () => new Sketch())
  for (const id of answered) {
    const at = Math.min(sketches.length - 1, Math.floor((table.get(id, 'time') - from) / width))
    sketches[at]?.add(table.get(id, 'latency'))
  }
  const quantiles = sketches.map((sketch) => sketch.quantiles([0.5, 0.95]))
  return {
    time: sketches.map((_, at) => epochMs + (from + at * width) / NS_PER_MS),
    p50: quantiles.map((found) => found?.[0] ?? null),
    p95: quantiles.map((found) => found?.[1] ?? null),
    max: sketches.map(({ count, max }) => (count > 0 ? max : null)),
  }
}
