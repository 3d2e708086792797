/** What the rules say to the question, which one decides, and why each before it did not. */
import { useMemo, useState, type ReactNode } from 'react'
import { useStore } from 'zustand'
import { ruleLabel, type AclList, type AclRule } from '../../../shared/acl/model.ts'
import type { PassedRule } from '../../../shared/acl/explain.ts'
import { useModel } from '../../app/model.ts'
import { Empty, Icon } from '../../ui/kit.tsx'
import { Grid, type GridColumn } from '../../list/grid.tsx'
import { answerTo, verdictWords } from './ask.ts'
import { faultsOf } from './rules.ts'
import { whoWords } from './words.ts'

const none: AclList = { version: 0, rules: [] }

export function Answer() {
  const { access, live } = useModel()
  const ask = useStore(access, (state) => state.ask)
  const draft = useStore(access, (state) => state.draft?.rules)
  const inForce = useStore(live, (state) => state.access?.list ?? none)
  const open = useStore(live, (state) => state.access?.open === true)
  const rules = ask.list === 'draft' && draft ? draft : inForce.rules
  const answer = useMemo(() => (ask.topic === '' ? undefined : answerTo(ask, rules)), [ask, rules])
  if (!answer)
    return (
      <Empty>
        What the rules say stands here as soon as there is a topic: the verdict, the rule that decides, and
        why each rule before it does not.
      </Empty>
    )
  const { decision, passed } = answer
  const allowed = decision.verdict === 'allow'
  const faulty = rules.some((rule) => faultsOf(rule).length > 0)
  return (
    <section className="ask-answer" aria-label="Answer">
      <div className={`ask-verdict is-${decision.verdict}`} role="status">
        <Icon name={allowed ? 'check' : 'error'} />
        <div>
          <b>{allowed ? 'Allowed.' : 'Denied.'}</b> {verdictWords(answer)}
          {open && <p className="warn">The bench is open now, so nobody is denied anything.</p>}
          {faulty && <p className="warn">Rules of the draft with errors were left out.</p>}
        </div>
      </div>
      {decision.rule && <Deciding rule={decision.rule} index={decision.index ?? 0} />}
      {passed.length > 0 && (
        <>
          <h2>{decision.rule ? 'The rules before it' : 'Every rule'}, and why they do not match</h2>
          <Passed key={passed.length} passed={passed} />
        </>
      )}
    </section>
  )
}

function Deciding({ rule, index }: { rule: AclRule; index: number }) {
  const { access } = useModel()
  const facts: readonly (readonly [string, ReactNode])[] = [
    ['Rule', `${index + 1} · ${rule.name}`],
    ['Topic filter', <code key="topic">{rule.topic}</code>],
    ['Who', whoWords(rule.who)],
    ...(rule.note ? [['Note', rule.note] as const] : []),
  ]
  return (
    <div className="deciding">
      <dl className="facts">
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <button
        type="button"
        className="button"
        onClick={() => {
          access.open('rules')
          access.select(rule.id)
        }}
      >
        Show the rule
      </button>
    </div>
  )
}

/** Long sentences are cut in the list; the one under the cursor stands whole below it. */
function Passed({ passed }: { passed: readonly PassedRule[] }) {
  const [selected, setSelected] = useState<number>()
  const chosen = passed.find(({ index }) => index === selected)
  return (
    <div className="access-pane ask-passed">
      <Grid
        id="access-passed"
        label="Rules that did not match"
        columns={passedColumns}
        rows={passed}
        keyOf={({ index }) => index}
        selected={selected}
        onSelect={({ index }) => setSelected(index)}
      />
      {chosen && (
        <p className="access-remark">
          <span>
            {ruleLabel(chosen.index, chosen.rule)} does not match: {missWords(chosen)}.
          </span>
        </p>
      )}
    </div>
  )
}

const missWords = ({ misses }: PassedRule): string => misses.map(({ text }) => text).join('; ')

const passedColumns: readonly GridColumn<PassedRule>[] = [
  { title: '#', width: '40px', right: true, cell: ({ index }) => <span className="dim">{index + 1}</span> },
  { title: 'Does', width: '56px', cell: ({ rule }) => rule.effect },
  {
    title: 'Name',
    width: 'minmax(140px, 1fr)',
    cell: ({ rule }) => rule.name,
    hint: ({ rule }) => rule.name,
  },
  { title: 'Why not', width: 'minmax(260px, 2.4fr)', cell: missWords, hint: missWords },
]
