/** The ordered rules: the list, the rule under the cursor, and what became of the edits. */
import { useMemo, type KeyboardEvent } from 'react'
import { useStore } from 'zustand'
import type { AclFinding } from '../../../shared/acl/analysis.ts'
import { useModel } from '../../app/model.ts'
import { useSplit } from '../../app/use-split.ts'
import { count, plural } from '../../ui/format.ts'
import { Empty, Icon } from '../../ui/kit.tsx'
import { Split } from '../../ui/split.tsx'
import { Grid } from '../../list/grid.tsx'
import { DraftBar } from './draft-bar.tsx'
import { compareRules } from './draft.ts'
import { ruleColumns } from './rule-columns.tsx'
import { RuleEditor } from './rule-editor.tsx'
import { useFindings, useRules } from './use-access.ts'

export function RulesTab() {
  const { access } = useModel()
  const rules = useRules()
  const selected = useStore(access, (state) => state.rule)
  const rule = rules.find(({ id }) => id === selected)
  const [ratio, setRatio] = useSplit('access', 0.66)
  return (
    <div className="access-tab">
      <DraftBar />
      <Split
        direction="across"
        label="Width of the list of rules"
        ratio={ratio}
        onRatio={setRatio}
        first={
          <div className="access-pane">
            {rules.length > 0 ? <RuleList /> : <NoRules />}
            <Remark />
          </div>
        }
        second={rule && <RuleEditor key={rule.id} rule={rule} index={rules.indexOf(rule)} />}
      />
    </div>
  )
}

function RuleList() {
  const { access, live } = useModel()
  const rules = useRules()
  const findings = useFindings()
  const selected = useStore(access, (state) => state.rule)
  const hits = useStore(live, (state) => state.ruleHits)
  const base = useStore(access, (state) => state.draft?.base.rules)
  const edited = useMemo(() => {
    const { added, changed, moved } = compareRules(base ?? rules, rules)
    return new Set([...added, ...changed, ...moved].map(({ id }) => id))
  }, [base, rules])
  const columns = useMemo(() => ruleColumns({ findings, hits, edited }), [findings, hits, edited])
  const onKey = ({ key, altKey }: KeyboardEvent) => {
    if (selected === undefined) return false
    if (altKey && key === 'ArrowUp') access.moveBy(selected, -1)
    else if (altKey && key === 'ArrowDown') access.moveBy(selected, 1)
    else if (key === 'Delete' && !altKey) access.remove(selected)
    else if (key === 'Enter' && !altKey)
      document.querySelector<HTMLElement>('.rule-editor input.mono')?.focus()
    else if (key === 'Escape') access.select(undefined)
    else return false
    return true
  }
  return (
    <Grid
      id="access-rules"
      label="Rules in order"
      columns={columns}
      rows={rules}
      keyOf={({ id }) => id}
      selected={selected}
      onSelect={({ id }) => access.select(id)}
      onKey={onKey}
      onDrop={({ id }, to) => {
        access.move(id, to)
        access.select(id)
      }}
      tone={({ enabled }) => (enabled ? undefined : 'is-off')}
    />
  )
}

/** What is to be said of the rule under the cursor; without one, of the list. */
function Remark() {
  const { access } = useModel()
  const rules = useRules()
  const findings = useFindings()
  const selected = useStore(access, (state) => state.rule)
  const finding = findings.get(selected ?? '')
  if (finding) return <FindingLine finding={finding} />
  const number = findings.size
  return (
    <p className="access-remark dim">
      The first rule that matches decides; what no rule allows is denied. {plural(rules.length, 'rule')}
      {number > 0 && `, ${count(number)} of them ${number === 1 ? 'does' : 'do'} nothing: see their marks`}.
    </p>
  )
}

function FindingLine({ finding }: { finding: AclFinding }) {
  const { access } = useModel()
  const { by } = finding
  return (
    <p className="access-remark warn" role="status">
      <Icon name="warning" /> <span>{finding.text}</span>
      {by && (
        <button type="button" className="link" onClick={() => access.select(by.rule.id)}>
          Show it
        </button>
      )}
    </p>
  )
}

function NoRules() {
  const { access } = useModel()
  return (
    <Empty
      action={
        <button type="button" className="button main" onClick={() => access.add()}>
          New rule
        </button>
      }
    >
      The rules stand here, in the order in which they are asked. There is none, so whoever connects is denied
      everything.
    </Empty>
  )
}
