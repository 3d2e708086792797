/** One setting: its field, what it may be, and what is wrong with what was typed. */
import { useId, useState, type KeyboardEvent } from 'react'
import type { SettingInfo, SettingValue } from '../../../shared/contract/settings.ts'
import { useModel } from '../../app/model.ts'
import { Switch } from '../../ui/kit.tsx'
import { rangeWords, typedValue, waits } from './groups.ts'

interface Props {
  readonly info: SettingInfo
  readonly onChanged: () => void
}

export function SettingRow({ info, onChanged }: Props) {
  const { host } = useModel()
  const { name, description, default: original, value, effect, given, flag, env } = info
  const [error, setError] = useState<string>()
  const id = useId()
  const set = async (wished: SettingValue | undefined): Promise<boolean> => {
    if (wished === undefined) {
      setError('must be a whole number')
      return false
    }
    const answer = await host.call('settings.set', { name, value: wished })
    setError(answer.ok ? undefined : answer.error.message)
    // Also after a fault: a listener that did not open is moved all the same.
    onChanged()
    return answer.ok
  }
  const fault = `${id}-fault`
  return (
    <div className="setting">
      <div className="setting-words">
        <label htmlFor={id} className="mono" title={`--${flag}, ${env}`}>
          {name}
        </label>
        <p className="dim">{description}</p>
      </div>
      <div className="setting-field">
        <Field id={id} info={info} fault={error === undefined ? undefined : fault} set={set} />
        {value !== original && (
          <button
            type="button"
            className="button quiet"
            title={`Back to the default: ${String(original) || 'none'}`}
            onClick={() => void set(original)}
          >
            Default
          </button>
        )}
      </div>
      <p className="dim setting-range">
        {rangeWords(info)}
        {' · '}
        {effect === 'now' ? 'holds at once' : 'holds from the next start'}
      </p>
      {waits(info) && <p className="warn">In force until the next start: {String(info.inForce) || 'none'}</p>}
      {given && (
        <p className="warn">
          Given as --{flag} or {env}, which wins at the next start.
        </p>
      )}
      {error !== undefined && (
        <p id={fault} className="bad" role="alert">
          {error}
        </p>
      )}
    </div>
  )
}

interface FieldProps {
  readonly id: string
  readonly info: SettingInfo
  /** ID of the words on what is wrong. */
  readonly fault: string | undefined
  readonly set: (value: SettingValue | undefined) => Promise<boolean>
}

function Field({ id, info, fault, set }: FieldProps) {
  const { name, kind, value, choices } = info
  const described = { 'aria-invalid': fault !== undefined, 'aria-describedby': fault }
  if (kind === 'boolean') return <Switch on={value === true} label={name} onChange={(on) => void set(on)} />
  if (choices)
    return (
      <select
        id={id}
        className="input"
        value={String(value)}
        onChange={(event) => void set(event.target.value)}
      >
        {choices.map((choice) => (
          <option key={choice}>{choice}</option>
        ))}
      </select>
    )
  return <TypedField key={String(value)} id={id} info={info} described={described} set={set} />
}

interface TypedProps extends Pick<FieldProps, 'id' | 'info' | 'set'> {
  readonly described: { readonly 'aria-invalid': boolean; readonly 'aria-describedby': string | undefined }
}

/** Enter or the button keeps what was typed; Esc takes it back. */
function TypedField({ id, info, described, set }: TypedProps) {
  const before = String(info.value)
  const [text, setText] = useState(before)
  const changed = text !== before
  const keep = () => void set(typedValue(info, text))
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && changed) keep()
    if (event.key === 'Escape') setText(before)
  }
  return (
    <>
      <input
        id={id}
        className={`input ${info.kind === 'integer' ? 'number' : 'mono'}`}
        inputMode={info.kind === 'integer' ? 'numeric' : 'text'}
        spellCheck={false}
        {...described}
        value={text}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={onKey}
      />
      {changed && (
        <button type="button" className="button main" onClick={keep}>
          Keep
        </button>
      )}
    </>
  )
}
