/** One question to the rules: what they say, which one decides, and why each before it did not. */
import { useMemo, useState, type ReactNode } from 'react'
import { useStore } from 'zustand'
import { ruleLabel, type AclList, type AclRule, type Action, type Qos } from '../../../shared/acl/model.ts'
import type { PassedRule } from '../../../shared/acl/explain.ts'
import { controllerUser } from '../../../shared/usp/oktopus.ts'
import { useModel } from '../../app/model.ts'
import { Empty, Icon } from '../../ui/kit.tsx'
import { answerTo, askedBy, verdictWords, type AskForm } from './ask.ts'
import { Choice, FieldRow } from './fields.tsx'
import { Grid, type GridColumn } from './grid.tsx'
import { faultsOf } from './rules.ts'
import { useKnownDevices } from './use-devices.ts'
import { whoWords } from './words.ts'

export function AskTab() {
  return (
    <div className="ask-view">
      <Question />
      <Answer />
    </div>
  )
}

const kinds: readonly (readonly [string, Partial<AskForm>])[] = [
  ['a device', { endpointId: 'os::012345-CPE1', username: 'os::012345-CPE1', clientId: 'os::012345-CPE1' }],
  ['the controller', { endpointId: 'controller', username: controllerUser, clientId: 'controller' }],
  ['nobody known', { endpointId: '', username: '', clientId: 'guest' }],
]

function Question() {
  const { access, live } = useModel()
  const ask = useStore(access, (state) => state.ask)
  const drafted = useStore(access, (state) => state.draft !== undefined)
  const listeners = useStore(live, (state) => state.bench?.listeners)
  const set = (change: Partial<AskForm>) => access.setState({ ask: { ...ask, ...change } })
  const text = (field: 'endpointId' | 'username' | 'clientId' | 'address' | 'topic', placeholder: string) => (
    <FieldRow label={fieldLabels[field]}>
      {(described) => (
        <input
          className="input mono"
          spellCheck={false}
          placeholder={placeholder}
          maxLength={field === 'topic' ? 65_535 : 1000}
          value={ask[field]}
          onChange={({ target }) => set({ [field]: target.value })}
          {...described}
        />
      )}
    </FieldRow>
  )
  return (
    <section className="ask-question" aria-label="Question">
      <h2>Who asks</h2>
      <KnownDevice onDevice={set} />
      <p className="insert-links">
        <span className="dim">or</span>
        {kinds.map(([title, facts]) => (
          <button
            key={title}
            type="button"
            className="link"
            onClick={() => set({ address: '', listener: '', ...facts })}
          >
            {title}
          </button>
        ))}
      </p>
      {text('endpointId', 'os::012345-CPE1')}
      {text('username', 'none given')}
      {text('clientId', 'client ID')}
      {text('address', 'not known')}
      <FieldRow label="Listener">
        {(described) => (
          <select
            className="input"
            value={ask.listener}
            onChange={({ target }) => set({ listener: target.value })}
            {...described}
          >
            <option value="">not known</option>
            {listeners?.map(({ transport, port, label }) => (
              <option key={transport} value={`${transport} ${port}`}>
                {label}
              </option>
            ))}
          </select>
        )}
      </FieldRow>
      <h2>For what</h2>
      <FieldRow label="To">
        {() => (
          <Choice<Action>
            label="Action"
            options={[
              ['publish', 'publish'],
              ['subscribe', 'subscribe'],
            ]}
            value={ask.action}
            onChange={(action) => set({ action })}
          />
        )}
      </FieldRow>
      {text('topic', ask.action === 'publish' ? 'topic name' : 'topic filter, shared ones whole')}
      <FieldRow label="QoS">
        {() => (
          <Choice
            label="QoS"
            options={[
              ['0', '0'],
              ['1', '1'],
              ['2', '2'],
            ]}
            value={String(ask.qos) as '0' | '1' | '2'}
            onChange={(qos) => set({ qos: Number(qos) as Qos })}
          />
        )}
      </FieldRow>
      {ask.action === 'publish' && (
        <FieldRow label="Retain">
          {(described) => (
            <input
              type="checkbox"
              checked={ask.retain}
              onChange={({ target }) => set({ retain: target.checked })}
              {...described}
            />
          )}
        </FieldRow>
      )}
      <FieldRow label="Asked of">
        {() => (
          <Choice
            label="Which rules are asked"
            options={drafted ? bothLists : onlyForce}
            value={drafted ? ask.list : 'force'}
            onChange={(list) => set({ list })}
          />
        )}
      </FieldRow>
    </section>
  )
}

const fieldLabels = {
  endpointId: 'Endpoint ID',
  username: 'User',
  clientId: 'Client ID',
  address: 'Address',
  topic: 'Topic',
} as const
const onlyForce: readonly (readonly [AskForm['list'], string])[] = [['force', 'the rules in force']]
const bothLists: readonly (readonly [AskForm['list'], string])[] = [...onlyForce, ['draft', 'the draft']]

/** Fills the facts of a device that connected once. */
function KnownDevice({ onDevice }: { onDevice: (facts: Partial<AskForm>) => void }) {
  const { devices, total } = useKnownDevices()
  return (
    <FieldRow label="Known device">
      {(described) => (
        <select
          className="input"
          value=""
          disabled={devices.length === 0}
          onChange={({ target }) => {
            const device = devices.find(({ endpointId }) => endpointId === target.value)
            if (device) onDevice(askedBy(device))
          }}
          {...described}
        >
          <option value="">{devices.length === 0 ? 'none connected yet' : 'pick one'}</option>
          {devices.map(({ endpointId, remoteAddress }) => (
            <option key={endpointId} value={endpointId}>
              {endpointId} ({remoteAddress})
            </option>
          ))}
          {total > devices.length && (
            <option disabled>{total - devices.length} seen longer ago: enter their endpoint ID</option>
          )}
        </select>
      )}
    </FieldRow>
  )
}

const none: AclList = { version: 0, rules: [] }

function Answer() {
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
