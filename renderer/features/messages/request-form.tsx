/** The form of a request: a field for each of the schema, and lists that grow. */
import { emptyOf, type FormField } from '../../../shared/usp/forms/describe.ts'
import { nameIn } from '../../../shared/usp/forms/draft.ts'
import { placeName, valueAt, withValue, type JsonPath } from '../../../shared/usp/forms/json-value.ts'
import { Form, RemoveButton, Row, useForm, type FieldProps, type FormContext } from './form-parts.tsx'
import { MapRow } from './map-field.tsx'
import { RemarkLine } from './path-input.tsx'
import { remarkId, Scalar } from './scalar-field.tsx'
import './request-form.css'

interface Props extends FormContext {
  readonly fields: readonly FormField[]
  readonly content: unknown
}

export function RequestForm({ fields, content, ...form }: Props) {
  return (
    <Form value={form}>
      <Fields fields={fields} content={content} at={[]} owner={undefined} />
    </Form>
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
