/** A form made from the data model: arguments of a command, or parameters of a new row. */
import { useState, type FormEvent } from 'react'
import { DETAIL_FIELD } from './line-actions.ts'

interface Props {
  readonly fields: readonly { readonly name: string; readonly type: string }[]
  readonly action: string
  readonly busy: boolean
  readonly option?: { readonly label: string; readonly on: boolean } | undefined
  /** Fields that were left empty are left out: the device then takes its default. */
  readonly onRun: (values: Readonly<Record<string, string>>, option: boolean) => void
}

export function ArgumentForm({ fields, action, busy, option, onRun }: Props) {
  const [values, setValues] = useState<Readonly<Record<string, string>>>({})
  const [on, setOn] = useState(option?.on ?? false)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onRun(Object.fromEntries(Object.entries(values).filter(([, value]) => value !== '')), on)
  }
  const set = (name: string, value: string) => setValues((now) => ({ ...now, [name]: value }))
  return (
    <form className="model-form" onSubmit={submit} aria-label={action}>
      {fields.map(({ name, type }, index) => {
        const field = {
          id: index === 0 ? DETAIL_FIELD : undefined,
          className: 'input mono',
          value: values[name] ?? '',
        }
        return (
          <label key={name}>
            <span className="cut" title={`${name}, ${type}`}>
              {name}
            </span>
            {type === 'boolean' ? (
              <select {...field} onChange={(event) => set(name, event.target.value)}>
                <option value="">default</option>
                <option>true</option>
                <option>false</option>
              </select>
            ) : (
              <input
                {...field}
                placeholder="default"
                spellCheck={false}
                autoComplete="off"
                maxLength={65_536}
                onChange={(event) => set(name, event.target.value)}
              />
            )}
          </label>
        )
      })}
      {option && (
        <span className="check">
          <input
            id="model-option"
            type="checkbox"
            checked={on}
            onChange={(event) => setOn(event.target.checked)}
          />
          <label htmlFor="model-option">{option.label}</label>
        </span>
      )}
      <button
        type="submit"
        id={fields.length === 0 ? DETAIL_FIELD : undefined}
        className="button main"
        disabled={busy}
      >
        {busy ? 'Waiting for the device…' : action}
      </button>
    </form>
  )
}
