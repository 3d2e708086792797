/** Numbers of findings: marks in a cell, words elsewhere. */
import type { LintCounts } from '../../../shared/contract/lint.ts'
import { SEVERITIES } from '../../../shared/lint/rule.ts'
import { count, plural } from '../../ui/format.ts'
import { Icon } from '../../ui/kit.tsx'
import './severity.css'

const worstFirst = SEVERITIES.toReversed()

/** `1 error · 2 warnings`; what there is none of is left out. */
export const countsText = (counts: LintCounts): string =>
  worstFirst
    .filter((severity) => counts[severity] > 0)
    .map((severity) => plural(counts[severity], severity))
    .join(' · ') || 'no findings'

/** Errors and warnings; notes only where there is nothing worse. */
export function FindingCounts({ counts }: { counts: LintCounts | undefined }) {
  if (counts === undefined) return null
  const grave = worstFirst.filter((severity) => severity !== 'note' && counts[severity] > 0)
  const shown = grave.length > 0 ? grave : worstFirst.filter((severity) => counts[severity] > 0)
  return (
    <span className="severity-counts">
      {shown.map((severity) => (
        <span key={severity} className={`severity is-${severity}`}>
          <Icon name={severity} label={severity} />
          {count(counts[severity])}
        </span>
      ))}
    </span>
  )
}
