/** The result of a dry run as it is shown: which rows, and in which words. Pure. */
import type { ChangeKind } from '../../../shared/acl/dry-run.ts'
import { subjectName } from '../../../shared/acl/model.ts'
import type { AskedFor } from '../../../shared/acl/packet-questions.ts'
import type { DryRunResult, DryRunRow } from '../../../shared/contract/dry-run.ts'
import { count, plural } from '../../ui/format.ts'
import type { Before } from './recordings.ts'

/** What of a result is looked at; `undefined` is all. */
export interface Selection {
  readonly kind: ChangeKind | undefined
  readonly device: string | undefined
  /** Place of a pair of deciding rules in the result. */
  readonly pair: number | undefined
}

export const everything: Selection = { kind: undefined, device: undefined, pair: undefined }

export const selectRows = (
  rows: readonly DryRunRow[],
  { kind, device, pair }: Selection,
): readonly DryRunRow[] =>
  rows.filter(
    (row) =>
      (kind === undefined || row.kind === kind) &&
      (device === undefined || subjectName(row.who) === device) &&
      (pair === undefined || row.pair === pair),
  )

export const kindWords: Readonly<Record<ChangeKind, string>> = {
  'newly-denied': 'denied',
  'newly-allowed': 'allowed',
  'rule-changed': 'another rule',
}

export const askedWords: Readonly<Record<AskedFor, string>> = {
  will: 'leave a will on',
  publish: 'publish',
  reply: 'be answered on',
  subscribe: 'subscribe',
  deliver: 'receive',
}

/** `Of 205 questions in 280 packets this list denies 48 that the rules in force allow.` */
export function summaryWords({ packets, counts, unknown }: DryRunResult, before: Before): string {
  const { asked } = counts
  const [allowedBefore, deniedBefore, nobody] =
    before === 'force'
      ? ['that the rules in force allow', 'that they deny', 'the rules in force']
      : ['that went through', 'that were refused', 'what was recorded']
  const denied = counts['newly-denied']
  const allowed = counts['newly-allowed']
  const parts = [
    denied > 0 && `denies ${count(denied)} ${allowedBefore}`,
    allowed > 0 && `allows ${count(allowed)} ${deniedBefore}`,
  ].filter(Boolean)
  const does = parts.length > 0 ? parts.join(' and ') : `gives each the same verdict as ${nobody}`
  const first =
    asked === 0
      ? `Nothing in ${plural(packets, 'packet')} is a question to the rules.`
      : `Of ${plural(asked, 'question')} in ${plural(packets, 'packet')} this list ${does}.`
  return unknown === 0 ? first : `${first} Of ${count(unknown)} more the recording does not tell the answer.`
}

/** Rows that are counted but not listed. */
export const unlisted = ({ counts, rows }: DryRunResult): number => counts.asked - counts.same - rows.length

/** Longest filter that a view takes. */
const MAX_FILTER = 10_000

/** A filter for packets by number, in runs; `left` says how many found no place in it. */
export function numbersFilter(numbers: readonly number[]): {
  readonly filter: string
  readonly left: number
} {
  const ascending = [...new Set(numbers)].sort((a, b) => a - b)
  const runs: { readonly text: string; readonly upTo: number }[] = []
  for (let i = 0; i < ascending.length;) {
    let last = i
    while (ascending[last + 1] === ascending[last]! + 1) last++
    const text = last === i ? `${ascending[i]}` : `${ascending[i]}..${ascending[last]}`
    runs.push({ text, upTo: last + 1 })
    i = last + 1
  }
  let inside = ''
  let taken = 0
  for (const { text, upTo } of runs) {
    const next = inside === '' ? text : `${inside}, ${text}`
    if (next.length + 'frame.number in {}'.length > MAX_FILTER) break
    inside = next
    taken = upTo
  }
  return { filter: `frame.number in {${inside}}`, left: ascending.length - taken }
}
