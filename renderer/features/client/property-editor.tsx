/** Properties of a packet, in the order in which they stand on the wire. */
import type { KeyboardEvent } from 'react'
import { flushSync } from 'react-dom'
import { isSecretProperty } from '../../../shared/client/connect.ts'
import { readProperties } from '../../../shared/client/property-draft.ts'
import type { PropertyDraft } from '../../../shared/contract/mqtt-client.ts'
import {
  PROPERTY_LIST,
  propertyByName,
  type PropertyDefinition,
  type PropertyPlace,
} from '../../../shared/mqtt/properties.ts'
import { Icon } from '../../ui/kit.tsx'

interface Props {
  /** Of the elements. */
  readonly id: string
  readonly label: string
  readonly place: PropertyPlace
  readonly value: readonly PropertyDraft[]
  readonly onChange: (value: PropertyDraft[]) => void
}

export function PropertyEditor({ id, label, place, value, onChange }: Props) {
  const offered = PROPERTY_LIST.filter(
    (one) => one.places.includes(place) && !isSecretProperty(one.property) && mayBeAdded(one, place, value),
  )
  /** The next key must find the keyboard on the entry already. */
  const change = (next: PropertyDraft[], at: number) => {
    flushSync(() => onChange(next))
    document.getElementById(`${id}-${at}-${next[at]?.name === 'userProperty' ? 'key' : 'value'}`)?.focus()
  }
  const add = (name: string) => {
    const definition = propertyByName(name)
    if (!definition) return
    change([...value, startOf(definition)], value.length)
  }
  const move = (from: number, to: number) => {
    const entry = value[from]
    if (!entry || to < 0 || to >= value.length) return
    change(value.toSpliced(from, 1).toSpliced(to, 0, entry), to)
  }
  return (
    <div className="properties" role="group" aria-label={label}>
      {value.map((entry, index) => (
        <PropertyRow
          key={index}
          id={`${id}-${index}`}
          entry={entry}
          onChange={(change) => onChange(value.with(index, { ...entry, ...change }))}
          onRemove={() => onChange(value.toSpliced(index, 1))}
          onMove={(by) => move(index, index + by)}
        />
      ))}
      <span className="properties-add">
        <select
          className="input"
          aria-label={`Add to ${label.toLowerCase()}`}
          value=""
          onChange={(event) => add(event.target.value)}
        >
          <option value="">Add a property…</option>
          {offered.map(({ property, label: title }) => (
            <option key={property} value={property}>
              {title}
            </option>
          ))}
        </select>
        <button type="button" className="button" onClick={() => add('userProperty')}>
          Add User Property
        </button>
        {value.length > 1 && <small className="dim">Alt ↑ and Alt ↓ move a property</small>}
      </span>
    </div>
  )
}

/** What only a broker says there, or stands in a field of its own. */
const notHere: Partial<Record<PropertyPlace, string>> = {
  PUBLISH: 'subscriptionIdentifier',
  DISCONNECT: 'serverReference',
  AUTH: 'authenticationMethod',
}

const mayBeAdded = (
  { property, repeatsIn = [] }: PropertyDefinition,
  place: PropertyPlace,
  value: readonly PropertyDraft[],
): boolean =>
  notHere[place] !== property && (repeatsIn.includes(place) || !value.some(({ name }) => name === property))

function startOf({ property, meanings, type, min }: PropertyDefinition): PropertyDraft {
  if (type === 'utf8Pair') return { name: property, key: '', value: '' }
  if (meanings) return { name: property, value: '1' }
  return { name: property, value: min > 0 ? String(min) : '' }
}

interface RowProps {
  readonly id: string
  readonly entry: PropertyDraft
  readonly onChange: (change: Partial<PropertyDraft>) => void
  readonly onRemove: () => void
  readonly onMove: (by: -1 | 1) => void
}

function PropertyRow({ id, entry, onChange, onRemove, onMove }: RowProps) {
  const definition = propertyByName(entry.name)
  if (!definition) return null
  const { label, type, meanings, unit } = definition
  const fault = faultOf(entry)
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key]
    if (!event.altKey || by === undefined) return
    event.preventDefault()
    onMove(by as -1 | 1)
  }
  return (
    <div className={`property ${type === 'utf8Pair' ? '' : 'is-single'}`} onKeyDown={onKeyDown}>
      <label htmlFor={`${id}-${type === 'utf8Pair' ? 'key' : 'value'}`} className="cut" title={label}>
        {label}
      </label>
      {type === 'utf8Pair' && (
        <input
          id={`${id}-key`}
          className="input mono"
          aria-label="Name of the user property"
          placeholder="name"
          spellCheck={false}
          value={entry.key ?? ''}
          onChange={(event) => onChange({ key: event.target.value })}
        />
      )}
      {meanings ? (
        <select
          id={`${id}-value`}
          className="input"
          value={entry.value}
          onChange={(event) => onChange({ value: event.target.value })}
        >
          {meanings.map((meaning, number) => (
            <option key={number} value={number}>
              {number} ({meaning})
            </option>
          ))}
        </select>
      ) : (
        <input
          id={`${id}-value`}
          className="input mono"
          aria-label={type === 'utf8Pair' ? 'Value of the user property' : undefined}
          aria-invalid={fault !== undefined}
          title={fault}
          placeholder={
            unit === 's' ? 'seconds' : unit === 'bytes' ? 'bytes' : entry.hex ? '00 ff …' : 'value'
          }
          spellCheck={false}
          value={entry.value}
          onChange={(event) => onChange({ value: event.target.value })}
        />
      )}
      {type === 'binary' && (
        <label className="check" title="The value is written in hexadecimal">
          <input
            type="checkbox"
            checked={entry.hex === true}
            onChange={(event) => onChange({ hex: event.target.checked })}
          />
          hex
        </label>
      )}
      <button type="button" className="button quiet" aria-label={`Remove ${label}`} onClick={onRemove}>
        <Icon name="close" />
      </button>
    </div>
  )
}

/** Undefined also for what has variables in it: they are filled in when it is sent. */
function faultOf(entry: PropertyDraft): string | undefined {
  if (entry.value.includes('${') || entry.value === '') return undefined
  try {
    readProperties([entry])
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}
