/** The form of a request: a field for each of the schema, and lists that grow. */
import { createContext, useContext, useState, type ReactNode } from 'react'
import type { PlacedRemark } from '../../../shared/usp/forms/check-request.ts'
import { argumentsOf, isPathRole } from '../../../shared/usp/forms/check-request.ts'
import { emptyOf, type FormField } from '../../../shared/usp/forms/describe.ts'
import { nameIn } from '../../../shared/usp/forms/draft.ts'
import {
  placeName,
  valueAt,
  withName,
  withValue,
  type JsonPath,
} from '../../../shared/usp/forms/json-value.ts'
import type { ModelIndex } from '../../../shared/usp/forms/model-index.ts'
import { objectTemplate } from '../../../shared/usp/forms/path-check.ts'
import {
  completePath,
  offer,
  parameterChoice,
  type Completion,
} from '../../../shared/usp/forms/path-complete.ts'
import { isObject } from '../../../shared/usp/json-check.ts'
import { Icon } from '../../ui/kit.tsx'
import { PathInput, RemarkLine } from './path-input.tsx'

interface FormContext {
  readonly remarks: ReadonlyMap<string, PlacedRemark>
  readonly model: ModelIndex | undefined
  readonly change: (change: (content: unknown) => unknown) => void
}
const Context = createContext<FormContext | undefined>(undefined)

function useForm(): FormContext {
  const form = useContext(Context)
  if (!form) throw new Error('A field stands in a RequestForm')
  return form
}

interface Props extends FormContext {
  readonly fields: readonly FormField[]
  readonly content: unknown
}

export function RequestForm({ fields, content, ...form }: Props) {
  return (
    <Context value={form}>
      <Fields fields={fields} content={content} at={[]} owner={undefined} />
    </Context>
  )
}

interface FieldsProps {
  readonly fields: readonly FormField[]
  readonly content: unknown
  readonly at: JsonPath
  /** Object or command that stands beside, or around. */
  readonly owner: string | undefined
}

const owners: ReadonlySet<string> = new Set(['settable', 'addable', 'command'])

function Fields({ fields, content, at, owner }: FieldsProps) {
  const named = fields.map((field) => [field, nameIn(content, field)] as const)
  const own = named.find(([{ role }]) => owners.has(role))
  const beside = own && valueAt(content, [own[1]])
  const inside = typeof beside === 'string' ? beside : owner
  const choices = new Set(fields.flatMap(({ oneof }) => (oneof === undefined ? [] : [oneof])))
  return (
    <>
      {named
        .filter(([{ oneof }]) => oneof === undefined)
        .map(([field, name]) => (
          <FieldRow
            key={field.name}
            field={field}
            value={valueAt(content, [name])}
            at={[...at, name]}
            owner={inside}
          />
        ))}
      {[...choices].map((oneof) => (
        <Choice key={oneof} oneof={oneof} fields={fields} content={content} at={at} owner={inside} />
      ))}
    </>
  )
}

/** One member of a oneof, and which. */
function Choice({ oneof, fields, content, at, owner }: FieldsProps & { readonly oneof: string }) {
  const { change } = useForm()
  const members = fields.filter((field) => field.oneof === oneof)
  const chosen = members.find((field) => valueAt(content, [nameIn(content, field)]) !== undefined)
  const choose = (name: string) =>
    change((all) => {
      const without = members.reduce(
        (now, field) => withValue(now, [...at, nameIn(valueAt(now, at), field)], undefined),
        all,
      )
      const field = members.find((one) => one.name === name)
      return field ? withValue(without, [...at, name], emptyOf(field)) : without
    })
  return (
    <>
      <Row name={oneof} help="One of these.">
        <select
          className="input"
          aria-label={oneof}
          value={chosen?.name ?? ''}
          onChange={(event) => choose(event.target.value)}
        >
          <option value="">none</option>
          {members.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </Row>
      {chosen && (
        <FieldRow
          field={chosen}
          value={valueAt(content, [nameIn(content, chosen)])}
          at={[...at, nameIn(content, chosen)]}
          owner={owner}
        />
      )}
    </>
  )
}

interface FieldProps {
  readonly field: FormField
  readonly value: unknown
  readonly at: JsonPath
  readonly owner: string | undefined
}

function FieldRow(props: FieldProps) {
  const { field, value, at, owner } = props
  const { change } = useForm()
  if (field.list) return <List {...props} />
  if (field.input === 'map') return <MapRow {...props} />
  if (field.input === 'group') {
    return (
      <Row name={field.name} help={field.help} wide>
        <div className="form-group is-group">
          <Fields fields={field.fields} content={value} at={at} owner={owner} />
        </div>
      </Row>
    )
  }
  return (
    <Row name={field.name} help={field.help}>
      <Scalar {...props} onChange={(to) => change((all) => withValue(all, at, to))} />
    </Row>
  )
}

interface RowProps {
  readonly name: string
  readonly help: string
  /** Groups need the whole width: their name stands above them. */
  readonly wide?: boolean
  readonly children: ReactNode
}

function Row({ name, help, wide = false, children }: RowProps) {
  return (
    <div className={wide ? 'form-row is-wide' : 'form-row'}>
      <span className="form-name mono" title={help || undefined}>
        {name}
      </span>
      <div className="form-value">
        {children}
        {help && <small className="dim">{help}</small>}
      </div>
    </div>
  )
}

function List({ field, value, at, owner }: FieldProps) {
  const { change } = useForm()
  const items: readonly unknown[] = Array.isArray(value) ? value : []
  const add = () => change((all) => withValue(all, [...at, items.length], emptyOf(field)))
  const remove = (index: number) => change((all) => withValue(all, [...at, index], undefined))
  return (
    <Row name={field.name} help={field.help} wide={field.input === 'group'}>
      {items.map((item, index) => (
        <div key={index} className={field.input === 'group' ? 'form-item is-group' : 'form-item'}>
          {field.input === 'group' && isLine(field) ? (
            <Line field={field} item={item} at={[...at, index]} owner={owner} />
          ) : field.input === 'group' ? (
            <div className="form-group">
              <Fields fields={field.fields} content={item} at={[...at, index]} owner={owner} />
            </div>
          ) : (
            <Scalar
              field={field}
              value={item}
              at={[...at, index]}
              owner={owner}
              onChange={(to) => change((all) => withValue(all, [...at, index], to))}
            />
          )}
          <RemoveButton label={`Remove ${field.name} ${index + 1}`} onClick={() => remove(index)} />
        </div>
      ))}
      <button type="button" className="button form-add" onClick={add}>
        Add to {field.name}
      </button>
    </Row>
  )
}

/** A group of a few plain fields fits into one line. */
const isLine = ({ fields }: FormField): boolean =>
  fields.length <= 3 && fields.every(({ list, input }) => !list && input !== 'group' && input !== 'map')

function Line(props: { field: FormField; item: unknown; at: JsonPath; owner: string | undefined }) {
  const { field, item, at, owner } = props
  const { change, remarks } = useForm()
  const cells = field.fields.map((one) => [one, [...at, nameIn(item, one)]] as const)
  return (
    <div>
      <div className="form-line">
        {cells.map(([one, place]) => (
          <div key={one.name} className={`form-cell is-${one.input}`} title={one.help || undefined}>
            <span className="form-name mono">{one.name}</span>
            <Scalar
              field={one}
              value={valueAt(item, place.slice(-1))}
              at={place}
              owner={owner}
              remarkBelow
              onChange={(to) => change((all) => withValue(all, place, to))}
            />
          </div>
        ))}
      </div>
      {cells.map(([one, place]) => (
        <RemarkLine key={one.name} remark={remarks.get(placeName(place))} id={remarkId(place)} />
      ))}
    </div>
  )
}

const remarkId = (place: JsonPath): string => `remark-${placeName(place).replace(/\W+/g, '-')}`

const RemoveButton = ({ label, onClick }: { label: string; onClick: () => void }) => (
  <button type="button" className="button quiet" aria-label={label} title={label} onClick={onClick}>
    <Icon name="close" />
  </button>
)

/** Names and values; of a command with known arguments, those that are not there yet are offered. */
function MapRow({ field, value, at, owner }: FieldProps) {
  const { change, model, remarks } = useForm()
  const entries = isObject(value) ? Object.entries(value) : []
  const known =
    field.role === 'argument' && owner !== undefined && model ? argumentsOf(owner, model) : undefined
  const left = known?.filter((name) => !entries.some(([other]) => other === name)) ?? []
  const free = (name: string): string => {
    const taken = (candidate: string) => entries.some(([other]) => other === candidate)
    for (let n = 1; ; n++) {
      const candidate = n === 1 ? name : `${name}${n}`
      if (!taken(candidate)) return candidate
    }
  }
  const add = (name: string) => change((all) => withValue(all, [...at, name], ''))
  return (
    <Row name={field.name} help={field.help} wide>
      {entries.map(([name, one], index) => (
        <div key={index} className="form-item is-pair">
          <NameInput
            label={`Name ${index + 1} of ${field.name}`}
            name={name}
            isTaken={(typed) => typed !== name && entries.some(([other]) => other === typed)}
            onName={(typed) => change((all) => withName(all, [...at, name], typed))}
          />
          <input
            className="input mono"
            aria-label={`Value of ${name}`}
            value={String(one)}
            spellCheck={false}
            onChange={(event) => change((all) => withValue(all, [...at, name], event.target.value))}
          />
          <RemoveButton
            label={`Remove ${name}`}
            onClick={() => change((all) => withValue(all, [...at, name], undefined))}
          />
          <RemarkLine remark={remarks.get(placeName([...at, name]))} />
        </div>
      ))}
      <span className="buttons">
        <button type="button" className="button form-add" onClick={() => add(free('Name'))}>
          Add to {field.name}
        </button>
        {left.slice(0, 20).map((name) => (
          <button key={name} type="button" className="button form-add mono" onClick={() => add(name)}>
            {name}
          </button>
        ))}
      </span>
    </Row>
  )
}

interface NameProps {
  readonly label: string
  readonly name: string
  readonly isTaken: (typed: string) => boolean
  readonly onName: (name: string) => void
}

/** A name that another entry has waits here until one goes on typing: taking it would lose that entry. */
function NameInput({ label, name, isTaken, onName }: NameProps) {
  const [waiting, setWaiting] = useState<string>()
  const write = (typed: string) => {
    setWaiting(isTaken(typed) ? typed : undefined)
    if (!isTaken(typed)) onName(typed)
  }
  return (
    <input
      className="input mono"
      aria-label={label}
      aria-invalid={waiting !== undefined}
      title={waiting === undefined ? undefined : `${waiting} is there already`}
      value={waiting ?? name}
      spellCheck={false}
      onChange={(event) => write(event.target.value)}
      onBlur={() => setWaiting(undefined)}
    />
  )
}

interface ScalarProps extends FieldProps {
  /** The remark on it stands elsewhere, where there is more room. */
  readonly remarkBelow?: boolean
  readonly onChange: (to: unknown) => void
}

function Scalar({ field, value, at, owner, remarkBelow = false, onChange }: ScalarProps) {
  const { remarks, model } = useForm()
  const remark = remarks.get(placeName(at))
  const label = placeName(at)
  if (field.input === 'flag' && (value === undefined || value === null || typeof value === 'boolean')) {
    return (
      <>
        <input
          type="checkbox"
          aria-label={label}
          checked={value === true}
          onChange={(event) => onChange(event.target.checked)}
        />
        {!remarkBelow && <RemarkLine remark={remark} />}
      </>
    )
  }
  if (field.input === 'choice') {
    return (
      <select
        className="input"
        aria-label={label}
        value={String(value ?? '')}
        onChange={(event) => onChange(event.target.value)}
      >
        {field.values.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    )
  }
  const text = value === undefined || value === null ? '' : String(value)
  const write = (typed: string) =>
    onChange(field.input === 'number' && /^\d{1,15}$/.test(typed) ? Number(typed) : typed)
  return (
    <PathInput
      label={label}
      value={text}
      remark={remark}
      {...(remarkBelow && { describedBy: remarkId(at) })}
      complete={model && completerFor(field, owner, model)}
      onChange={write}
    />
  )
}

function completerFor(
  field: FormField,
  owner: string | undefined,
  model: ModelIndex,
): ((text: string, caret: number) => Completion) | undefined {
  const { role } = field
  if (isPathRole(role)) return (text, caret) => completePath(text, caret, role, model)
  if (role !== 'setting' || owner === undefined) return undefined
  const template = objectTemplate(owner)
  const object = template === undefined ? undefined : (model.object(template) ?? model.table(template))
  const writable = object?.parameters.filter(({ access }) => access !== 'read-only').map(parameterChoice)
  return (text, caret) => {
    const typed = text.slice(0, caret).toLowerCase()
    const choices = (writable ?? []).filter((choice) => choice.text.toLowerCase().includes(typed))
    return offer(0, text.length, choices.some((one) => one.text === text) ? [] : choices)
  }
}
