/** Reading a run of rows of a view once, in windows, for what is written to a file. */
import { MAX_WINDOW, type ViewName, type ViewParams, type ViewRows } from '../../shared/contract/contract.ts'
import type { Host } from '../../shared/contract/host.ts'
import { fail, ok, type Result } from '../../shared/contract/result.ts'

/** Milliseconds without an answer after which reading is given up. */
const PATIENCE = 15_000

export interface ReadRows<R> {
  readonly rows: readonly R[]
  /** Rows that the view has in all. */
  readonly total: number
}

/** `count` rows from the index `from` on, or fewer where the view ends. */
export function readRows<V extends ViewName>(
  host: Host,
  view: V,
  params: ViewParams<V>,
  { from, count }: { readonly from: number; readonly count: number },
): Promise<Result<ReadRows<ViewRows[V]>>> {
  return new Promise((resolve) => {
    const rows: ViewRows[V][] = []
    const windowAt = (start: number) => ({
      from: start,
      count: Math.min(MAX_WINDOW, from + count - start),
      tail: false,
    })
    const patience = () =>
      setTimeout(() => end(fail('unavailable', 'The bench did not answer in time. Try again.')), PATIENCE)
    let timer = patience()
    let ended = false
    const end = (result: Result<ReadRows<ViewRows[V]>>) => {
      clearTimeout(timer)
      if (ended) return
      ended = true
      // The first answer may come before `open` has returned.
      queueMicrotask(() => opened.close())
      resolve(result)
    }
    const opened = host.open(view, params, windowAt(from), (update) => {
      if (ended) return
      if (!update.ok) return end(update)
      const { total, from: start, rows: some, progress } = update.value
      const wanted = from + rows.length
      clearTimeout(timer)
      timer = patience()
      // An answer to the window before, or one that a search has not filled yet.
      if (start === wanted) rows.push(...some)
      const enough = rows.length >= count || from + rows.length >= total
      if (enough && (progress === undefined || rows.length >= count)) return end(ok({ rows, total }))
      if (start === wanted && some.length > 0)
        queueMicrotask(() => !ended && opened.setWindow(windowAt(from + rows.length)))
    })
  })
}
