/** The columns of a list of rules. */
import type { AclFinding } from '../../../shared/acl/analysis.ts'
import type { AclRule } from '../../../shared/acl/model.ts'
import type { RuleHits } from '../../../shared/contract/access.ts'
import { count } from '../../ui/format.ts'
import { Icon } from '../../ui/kit.tsx'
import type { GridColumn } from '../../list/grid.tsx'
import { faultsOf } from './rules.ts'
import { findingWords, mayWords, whoWords } from './words.ts'

export interface RuleFacts {
  /** By the rule's ID. */
  readonly findings: ReadonlyMap<string, AclFinding>
  readonly hits: RuleHits
  /** IDs of rules that are new or changed in the draft. */
  readonly edited: ReadonlySet<string>
}

type Column = GridColumn<AclRule>

export const plainRuleColumns: readonly Column[] = [
  { title: '#', width: '36px', right: true, cell: (_, index) => <span className="dim">{index + 1}</span> },
  {
    title: 'Does',
    width: '50px',
    cell: ({ effect, enabled }) =>
      enabled ? (
        <span className={effect === 'allow' ? 'ok' : 'bad'}>{effect}</span>
      ) : (
        <span className="dim">off</span>
      ),
    hint: ({ effect, enabled }) => (enabled ? undefined : `Switched off; it would ${effect}`),
  },
  {
    title: 'Who',
    width: 'minmax(90px, 1fr)',
    cell: ({ who }) => whoWords(who),
    hint: ({ who }) => whoWords(who),
  },
  { title: 'May', width: 'minmax(78px, 0.5fr)', cell: mayWords, hint: mayWords },
  {
    title: 'Topic filter',
    width: 'minmax(180px, 2.2fr)',
    mono: true,
    cell: ({ topic }) => topic,
    hint: ({ topic }) => topic,
  },
  {
    title: 'Name',
    width: 'minmax(100px, 1.2fr)',
    cell: ({ name }) => name,
    hint: ({ name, note }) => (note ? `${name}. ${note}` : name),
  },
]

export const ruleColumns = ({ findings, hits, edited }: RuleFacts): readonly Column[] => [
  ...plainRuleColumns,
  {
    title: 'Mark',
    width: '94px',
    cell: (rule) => <Mark rule={rule} finding={findings.get(rule.id)} edited={edited.has(rule.id)} />,
    hint: (rule) => faultsOf(rule)[0]?.text ?? findings.get(rule.id)?.text,
  },
  {
    title: 'Hits',
    width: '58px',
    right: true,
    cell: ({ id }) => <span className={hits[id] ? '' : 'dim'}>{count(hits[id] ?? 0)}</span>,
    hint: ({ id }) => `It decided ${count(hits[id] ?? 0)} times`,
  },
]

function Mark(props: { rule: AclRule; finding: AclFinding | undefined; edited: boolean }) {
  const { rule, finding, edited } = props
  if (faultsOf(rule).length > 0)
    return (
      <span className="grid-mark bad">
        <Icon name="error" /> error
      </span>
    )
  if (finding)
    return (
      <span className="grid-mark warn">
        <Icon name="warning" /> {findingWords[finding.kind]}
      </span>
    )
  return edited ? <span className="is-edited">edited</span> : null
}
