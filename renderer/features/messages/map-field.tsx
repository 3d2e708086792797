/** Names and values of a message, such as the input arguments of a command. */
import { useState } from 'react'
import { argumentsOf } from '../../../shared/usp/forms/check-request.ts'
import { placeName, withName, withValue } from '../../../shared/usp/forms/json-value.ts'
import { isObject } from '../../../shared/usp/json-check.ts'
import { RemoveButton, Row, useForm, type FieldProps } from './form-parts.tsx'
import { RemarkLine } from './path-input.tsx'

/** Of a command with known arguments, those that are not there yet are offered. */
export function MapRow({ field, value, at, owner }: FieldProps) {
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
