/** Which rows of a list a view's window shows. */
import type { ViewUpdate, ViewWindow } from '../../shared/contract/contract.ts'

/** Of `total` rows those from `start` to before `end`. */
export function shownOf(
  { from, count, tail }: ViewWindow,
  total: number,
): { readonly start: number; readonly end: number } {
  const start = tail ? Math.max(0, total - count) : Math.min(from, total)
  return { start, end: Math.min(total, start + count) }
}

/** The same of rows that are all at hand. */
export function pageOf<R>(
  rows: readonly R[],
  window: ViewWindow,
): Pick<ViewUpdate<R>, 'total' | 'from' | 'rows'> {
  const { start, end } = shownOf(window, rows.length)
  return { total: rows.length, from: start, rows: rows.slice(start, end) }
}
