/** A least-privilege list from a recording: each rule with its evidence and what the rules in force say of it. */
import { useCallback, useMemo, useState, type KeyboardEvent } from 'react'
import { useStore } from 'zustand'
import { ruleLabel, type AclRule } from '../../../shared/acl/model.ts'
import type { ProposalResult, ProposedRuleInfo } from '../../../shared/contract/dry-run.ts'
import { useModel } from '../../app/model.ts'
import { count, plural } from '../../ui/format.ts'
import { Empty, Icon } from '../../ui/kit.tsx'
import { showFiltered } from '../packets/actions.ts'
import { Grid, type GridColumn } from '../../list/grid.tsx'
import { numbersFilter } from './dry-run.ts'
import { RecordingBar } from './recording-bar.tsx'
import type { Outcome } from './recordings.ts'
import { plainRuleColumns } from './rule-columns.tsx'
import type { TakeHow } from './store.ts'
import { Verdict } from './verdict.tsx'

/** Topics that differ in one level and become one rule. */
const groups = [undefined, 3, 10, 50] as const
const noRules: readonly AclRule[] = []

export function ProposalTab() {
  const { live, recordings } = useModel()
  const inForce = useStore(live, (state) => state.access?.list.rules ?? noRules)
  const groupFrom = useStore(recordings, (state) => state.groupFrom)
  const refused = useStore(recordings, (state) => state.refused)
  const { outcome, error, job } = useStore(recordings, (state) => state.proposal)
  return (
    <div className="recording-tab">
      <RecordingBar
        kind="proposal"
        title="Propose rules"
        onStart={() => void recordings.startProposal(inForce)}
      >
        <label className="dim">
          Group{' '}
          <select
            className="input"
            title="Topics that differ in one level become one rule with +, which allows more than was recorded"
            value={groupFrom ?? ''}
            onChange={({ target }) =>
              recordings.setState({ groupFrom: target.value === '' ? undefined : Number(target.value) })
            }
          >
            {groups.map((least) => (
              <option key={least ?? 0} value={least ?? ''}>
                {least === undefined ? 'no topics' : `${least} topics and more`}
              </option>
            ))}
          </select>
        </label>
        <label className="dim" title="Also rules for what was denied when it was asked">
          <input
            type="checkbox"
            checked={refused}
            onChange={({ target }) => recordings.setState({ refused: target.checked })}
          />{' '}
          also what was refused
        </label>
      </RecordingBar>
      {error && (
        <p className="access-note is-warn" role="alert">
          <Icon name="warning" />
          <span>{error.message}</span>
        </p>
      )}
      {outcome ? (
        <Proposal key={outcome.job} outcome={outcome} />
      ) : (
        <Empty>
          {job === undefined
            ? 'Record what the devices do, with the bench open if need be: the fewest rights that would have let all of it through are proposed here, rule by rule, and nothing is put in force.'
            : 'Reading what the clients did…'}
        </Empty>
      )}
    </div>
  )
}

function Proposal({ outcome }: { outcome: Outcome<ProposalResult> }) {
  const model = useModel()
  const { result, of, rules: inForce } = outcome
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set())
  const [selected, setSelected] = useState<string>()
  const chosen = result.rules.find(({ rule }) => rule.id === selected)
  const toggle = useCallback(
    (id: string) =>
      setLeft((now) => {
        const next = new Set(now)
        if (!next.delete(id)) next.add(id)
        return next
      }),
    [],
  )
  const columns = useMemo(() => columnsWith(left, toggle), [left, toggle])
  const taken = result.rules.filter(({ rule }) => !left.has(rule.id)).map(({ rule }) => rule)
  const onKey = ({ key }: KeyboardEvent) => {
    if (!chosen) return false
    if (key === ' ') toggle(chosen.rule.id)
    else if (key === 'Escape') setSelected(undefined)
    else return false
    return true
  }
  if (result.rules.length === 0)
    return (
      <>
        <Summary outcome={outcome} />
        <Empty>No rule can be made of this recording. Let the devices work, or widen the filter.</Empty>
      </>
    )
  const all = left.size === 0
  return (
    <>
      <Summary outcome={outcome} />
      <div className="access-pane">
        <Grid
          id="access-proposal"
          label="Proposed rules"
          columns={columns}
          rows={result.rules}
          keyOf={({ rule }) => rule.id}
          selected={selected}
          onSelect={({ rule }) => setSelected(rule.id)}
          onKey={onKey}
          tone={({ rule }) => (left.has(rule.id) ? 'is-off' : undefined)}
        />
        {chosen && (
          <div className="denial-detail">
            <p>
              {chosen.rule.note} The rules in force say to the first of them: {chosen.now.verdict},{' '}
              {chosen.now.why}.
            </p>
            <span className="buttons">
              <button
                type="button"
                className="button"
                onClick={() => showFiltered(model, of.capture, numbersFilter(chosen.packets).filter)}
              >
                Show {chosen.count > chosen.packets.length ? 'the first ' : ''}
                {plural(chosen.packets.length, 'packet')}
              </button>
            </span>
          </div>
        )}
        <Unused used={result.used} rules={inForce} />
        <div className="proposal-take">
          <button
            type="button"
            className="link"
            onClick={() => setLeft(all ? new Set(result.rules.map(({ rule }) => rule.id)) : new Set())}
          >
            {all ? 'Choose none' : 'Choose all'}
          </button>
          <span className="spacer" />
          <span>Put {plural(taken.length, 'rule')} into the draft</span>
          <Take rules={taken} />
        </div>
      </div>
    </>
  )
}

const ways: readonly (readonly [TakeHow, string])[] = [
  ['replace', 'instead of its rules'],
  ['prepend', 'before its rules'],
  ['append', 'after its rules'],
]

function Take({ rules }: { rules: readonly AclRule[] }) {
  const { access } = useModel()
  return (
    <span className="buttons">
      {ways.map(([how, title]) => (
        <button
          key={how}
          type="button"
          className="button"
          disabled={rules.length === 0}
          onClick={() => access.take(rules, how)}
        >
          {title}
        </button>
      ))}
    </span>
  )
}

function Summary({ outcome: { result } }: { outcome: Outcome<ProposalResult> }) {
  const { asked, packets, rules, denied, leftOut, refused } = result
  const fresh = rules.filter(({ now }) => now.verdict === 'deny').length
  return (
    <div className={`access-note ${denied.count > 0 ? 'is-warn' : ''}`} role="status">
      <Icon name={denied.count > 0 ? 'warning' : 'check'} />
      <div>
        {plural(rules.length, 'rule')} for {plural(asked, 'question')} of {plural(packets, 'packet')}
        {fresh > 0 && `; ${count(fresh)} of them for what the rules in force deny`}.{' '}
        {denied.count === 0
          ? 'They would deny nothing of it.'
          : `They would deny ${plural(denied.count, 'question')} of it, first in packet ${count(denied.packets[0] ?? 0)}.`}
        {refused > 0 && ` ${plural(refused, 'question was', 'questions were')} refused when asked.`}
        {leftOut.length > 0 && (
          <ul className="taken-away">
            {leftOut.map(({ reason, count: number }) => (
              <li key={reason}>
                Left out {count(number)}: {reason}.
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  )
}

/** What the rules in force allow beyond the recording. */
function Unused({ used, rules }: { used: ProposalResult['used']; rules: readonly AclRule[] }) {
  const idle = rules
    .map((rule, index) => ({ rule, index }))
    .filter(({ rule }) => rule.enabled && rule.effect === 'allow' && !used[rule.id])
  if (idle.length === 0) return null
  return (
    <details className="proposal-unused">
      <summary>
        {plural(idle.length, 'allow rule')} in force {idle.length === 1 ? 'was' : 'were'} not needed by this
        recording
      </summary>
      <ul>
        {idle.map(({ rule, index }) => (
          <li key={rule.id}>
            {ruleLabel(index, rule)} <code>{rule.topic}</code>
          </li>
        ))}
      </ul>
    </details>
  )
}

const columnsWith = (
  left: ReadonlySet<string>,
  toggle: (id: string) => void,
): readonly GridColumn<ProposedRuleInfo>[] => [
  {
    title: 'Take',
    width: '44px',
    cell: ({ rule }) => (
      <input
        type="checkbox"
        tabIndex={-1}
        aria-label={`Take ${rule.name}`}
        checked={!left.has(rule.id)}
        onChange={() => toggle(rule.id)}
      />
    ),
  },
  ...plainRuleColumns
    .filter(({ title }) => title !== 'Does' && title !== 'Name')
    .map(({ cell, hint, ...column }) => ({
      ...column,
      ...(column.title === 'May' && { width: 'minmax(206px, 0.6fr)' }),
      cell: ({ rule }: ProposedRuleInfo, index: number) => cell(rule, index),
      ...(hint && { hint: ({ rule }: ProposedRuleInfo) => hint(rule) }),
    })),
  {
    title: 'Evidence',
    width: '72px',
    right: true,
    cell: ({ count: number }) => count(number),
    hint: ({ rule }) => rule.note,
  },
  {
    title: 'Rules in force',
    width: '104px',
    cell: ({ now }) => <Verdict decision={now} />,
    hint: ({ now }) => now.why,
  },
]
