import type { ToldDecision } from '../../../shared/contract/dry-run.ts'

interface Props {
  readonly decision: ToldDecision
  /** It was recorded: no list decided it. */
  readonly recorded?: boolean
}

/** A decision in a cell: the verdict, and the place of the rule that gave it. */
export function Verdict({ decision: { verdict, why, index }, recorded = false }: Props) {
  return (
    <>
      <span className={verdict === 'allow' ? 'ok' : 'bad'}>{verdict}</span>{' '}
      <span className="dim">{recorded ? why : index === undefined ? 'no rule' : `rule ${index + 1}`}</span>
    </>
  )
}
