/** One rule, edited in place; each field says what is wrong with it. */
import { useRef } from 'react'
import { useStore } from 'zustand'
import { QOS_LEVELS, type AclRule, type Action, type Qos } from '../../../shared/acl/model.ts'
import { PLACEHOLDERS, type Placeholder } from '../../../shared/acl/template.ts'
import { useModel } from '../../app/model.ts'
import { count } from '../../ui/format.ts'
import { ConfirmButton, Icon, Switch } from '../../ui/kit.tsx'
import { Choice } from '../../ui/choice.tsx'
import { FieldRow } from './fields.tsx'
import { faultAt, faultsOf, levelsOf, qosCondition, withField, type Fault } from './rules.ts'
import { WhoEditor } from './who-editor.tsx'

export type EditRule = <F extends keyof AclRule>(field: F, value: AclRule[F] | undefined) => void

interface Part {
  readonly rule: AclRule
  readonly faults: readonly Fault[]
  readonly edit: EditRule
}

export function RuleEditor({ rule, index }: { rule: AclRule; index: number }) {
  const { access } = useModel()
  const faults = faultsOf(rule)
  const edit: EditRule = (field, value) =>
    access.update(rule.id, (now) => withField(now, field, value), field)
  return (
    <section className="rule-editor" aria-label={`Rule ${index + 1}`}>
      <header>
        <b>Rule {count(index + 1)}</b>
        <span className="dim">
          <HitsOf id={rule.id} />
        </span>
        <span className="spacer" />
        <label className="dim">
          In use{' '}
          <Switch on={rule.enabled} label="Rule in use" onChange={(enabled) => edit('enabled', enabled)} />
        </label>
        <button
          type="button"
          className="button quiet"
          aria-label="Close the rule"
          onClick={() => access.select(undefined)}
        >
          <Icon name="close" />
        </button>
      </header>
      <div className="rule-fields">
        <Naming rule={rule} faults={faults} edit={edit} />
        <Doing rule={rule} faults={faults} edit={edit} />
        <Topic rule={rule} faults={faults} edit={edit} />
        <WhoEditor
          who={rule.who}
          faults={faults}
          onWho={(who, field) => access.update(rule.id, (now) => ({ ...now, who }), `who.${field}`)}
        />
        <Conditions rule={rule} faults={faults} edit={edit} />
        <FieldRow label="Note" fault={faultAt(faults, 'note')}>
          {(described) => (
            <textarea
              className="input"
              rows={3}
              value={rule.note ?? ''}
              onChange={({ target }) => edit('note', target.value === '' ? undefined : target.value)}
              {...described}
            />
          )}
        </FieldRow>
        <span className="buttons">
          <button type="button" className="button" onClick={() => access.moveBy(rule.id, -1)}>
            Move up
          </button>
          <button type="button" className="button" onClick={() => access.moveBy(rule.id, 1)}>
            Move down
          </button>
          <ConfirmButton question="Delete this rule?" onConfirm={() => access.remove(rule.id)}>
            Delete
          </ConfirmButton>
        </span>
      </div>
    </section>
  )
}

function HitsOf({ id }: { id: string }) {
  const { live } = useModel()
  const hits = useStore(live, (state) => state.ruleHits[id] ?? 0)
  return hits === 0 ? 'never decided' : `decided ${count(hits)} times`
}

function Naming({ rule, faults, edit }: Part) {
  return (
    <FieldRow label="Name" fault={faultAt(faults, 'name')}>
      {(described) => (
        <input
          className="input"
          value={rule.name}
          onChange={({ target }) => edit('name', target.value)}
          {...described}
        />
      )}
    </FieldRow>
  )
}

const actions: Readonly<Record<AclRule['action'], string>> = {
  publish: 'publish',
  subscribe: 'subscribe',
  both: 'publish and subscribe',
}

function Doing({ rule, edit }: Part) {
  return (
    <>
      <FieldRow label="Does">
        {() => (
          <Choice
            label="What the rule does"
            options={[
              ['allow', 'allow'],
              ['deny', 'deny'],
            ]}
            value={rule.effect}
            onChange={(effect) => edit('effect', effect)}
          />
        )}
      </FieldRow>
      <FieldRow label="To">
        {(described) => (
          <select
            className="input"
            value={rule.action}
            onChange={({ target }) => edit('action', target.value as Action | 'both')}
            {...described}
          >
            {Object.entries(actions).map(([action, words]) => (
              <option key={action} value={action}>
                {words}
              </option>
            ))}
          </select>
        )}
      </FieldRow>
    </>
  )
}

const placeholders = Object.entries(PLACEHOLDERS) as [Placeholder, { label: string }][]

function Topic({ rule, faults, edit }: Part) {
  const field = useRef<HTMLInputElement>(null)
  /** Puts a placeholder where the caret is. */
  const insert = (name: Placeholder) => {
    const { selectionStart, selectionEnd } = field.current ?? {}
    const start = selectionStart ?? rule.topic.length
    const text = `\${${name}}`
    edit('topic', rule.topic.slice(0, start) + text + rule.topic.slice(selectionEnd ?? start))
    requestAnimationFrame(() => {
      field.current?.focus()
      field.current?.setSelectionRange(start + text.length, start + text.length)
    })
  }
  return (
    <FieldRow
      label="Topic filter"
      fault={faultAt(faults, 'topic')}
      below={
        <span className="insert-links">
          {placeholders.map(([name, { label }]) => (
            <button
              key={name}
              type="button"
              className="link mono"
              title={`Stands for the ${label} of the client`}
              onClick={() => insert(name)}
            >
              {`\${${name}}`}
            </button>
          ))}
        </span>
      }
    >
      {(described) => (
        <input
          ref={field}
          className="input mono"
          spellCheck={false}
          value={rule.topic}
          onChange={({ target }) => edit('topic', target.value)}
          {...described}
        />
      )}
    </FieldRow>
  )
}

const retains = [
  ['any', 'any'],
  ['yes', 'only retained'],
  ['no', 'not retained'],
] as const

function Conditions({ rule, faults, edit }: Part) {
  const levels = levelsOf(rule.qos)
  const toggle = (level: Qos) => {
    const next = levels.includes(level) ? levels.filter((one) => one !== level) : [...levels, level]
    edit('qos', qosCondition(next))
  }
  return (
    <>
      <FieldRow label="QoS" fault={faultAt(faults, 'qos')}>
        {() => (
          <span className="qos-checks" role="group" aria-label="QoS">
            {QOS_LEVELS.map((level) => (
              <label key={level}>
                <input type="checkbox" checked={levels.includes(level)} onChange={() => toggle(level)} />{' '}
                {level}
              </label>
            ))}
          </span>
        )}
      </FieldRow>
      {rule.action !== 'subscribe' && (
        <FieldRow label="Messages" fault={faultAt(faults, 'retain')}>
          {() => (
            <Choice
              label="Retained messages"
              options={retains}
              value={rule.retain === undefined ? 'any' : rule.retain ? 'yes' : 'no'}
              onChange={(wanted) => edit('retain', wanted === 'any' ? undefined : wanted === 'yes')}
            />
          )}
        </FieldRow>
      )}
    </>
  )
}
