/** One value of a message: a text, a number, a flag or a choice. */
import { isPathRole } from '../../../shared/usp/forms/check-request.ts'
import type { FormField } from '../../../shared/usp/forms/describe.ts'
import { placeName, type JsonPath } from '../../../shared/usp/forms/json-value.ts'
import type { SupportedIndex } from '../../../shared/usp/dm/supported-index.ts'
import { objectTemplate } from '../../../shared/usp/forms/path-check.ts'
import {
  completePath,
  offer,
  parameterChoice,
  type Completion,
} from '../../../shared/usp/forms/path-complete.ts'
import { useForm, type FieldProps } from './form-parts.tsx'
import { PathInput, RemarkLine } from './path-input.tsx'

/** ID of the element that tells the remark on a place. */
export const remarkId = (place: JsonPath): string => `remark-${placeName(place).replace(/\W+/g, '-')}`

interface ScalarProps extends FieldProps {
  /** The remark on it stands elsewhere, where there is more room. */
  readonly remarkBelow?: boolean
  readonly onChange: (to: unknown) => void
}

export function Scalar({ field, value, at, owner, remarkBelow = false, onChange }: ScalarProps) {
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
  model: SupportedIndex,
): ((text: string, caret: number) => Completion) | undefined {
  const { role } = field
  if (isPathRole(role)) return (text, caret) => completePath(text, caret, role, model)
  if (role !== 'setting' || owner === undefined) return undefined
  const template = objectTemplate(owner)
  const object = template === undefined ? undefined : model.object(template)
  const writable = object?.parameters.filter(({ access }) => access !== 'read-only').map(parameterChoice)
  return (text, caret) => {
    const typed = text.slice(0, caret).toLowerCase()
    const choices = (writable ?? []).filter((choice) => choice.text.toLowerCase().includes(typed))
    return offer(0, text.length, choices.some((one) => one.text === text) ? [] : choices)
  }
}
