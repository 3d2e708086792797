/** A difference as rows of a list. Pure. */
import type { Change, Difference, SupportedDifference } from '../../../shared/contract/snapshots.ts'

export interface DifferenceRow {
  readonly path: string
  readonly what: 'value' | SupportedDifference['what']
  readonly change: Change
  /** Undefined where it is not there. */
  readonly before: string | undefined
  readonly after: string | undefined
}

/** `quiet`: counters and clocks as well. `text`: words that must occur. */
export function differenceRows(difference: Difference, quiet: boolean, text: string): DifferenceRow[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const values = difference.values
    .filter((one) => quiet || !one.quiet)
    .map(({ path, change, before, after }): DifferenceRow => ({ path, what: 'value', change, before, after }))
  return [...difference.supported.map(supportedRow), ...values].filter(
    ({ path, before = '', after = '' }) => {
      const all = `${path} ${before} ${after}`.toLowerCase()
      return words.every((word) => all.includes(word))
    },
  )
}

function supportedRow({ path, what, change, aspects }: SupportedDifference): DifferenceRow {
  const side = (at: 1 | 2): string =>
    aspects
      .filter((aspect) => aspect[at] !== '')
      .map((aspect) => `${aspect[0]}: ${aspect[at]}`)
      .join('; ')
  const before = change === 'added' ? undefined : side(1)
  const after = change === 'removed' ? undefined : side(2)
  return { path, what, change, before, after }
}

/** For a report: a line a difference, with tabs between the columns. */
export function differenceText({ left, right }: Difference, rows: readonly DifferenceRow[]): string {
  const title = ({ name, endpointId, softwareVersion = '' }: Difference['left']): string =>
    [name, endpointId, softwareVersion].filter(Boolean).join(', ')
  return [
    ['change', 'path', 'of', title(left), title(right)],
    ...rows.map(({ change, path, what, before = '', after = '' }) => [change, path, what, before, after]),
  ]
    .map((cells) => cells.map((cell) => cell.replaceAll(/[\t\r\n]+/g, ' ')).join('\t'))
    .join('\n')
}
