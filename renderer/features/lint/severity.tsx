/** A severity: a mark, and always the word beside it. */
import type { FindingSeverity } from '../../../shared/contract/lint.ts'
import { Icon } from '../../ui/kit.tsx'
import './severity.css'

export function SeverityMark({ severity }: { severity: FindingSeverity }) {
  return (
    <span className={`severity is-${severity}`}>
      <Icon name={severity} />
      {severity}
    </span>
  )
}
