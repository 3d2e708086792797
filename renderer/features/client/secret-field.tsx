/** A secret: it can be set and forgotten, and is never shown. */
import { useId } from 'react'
import { ConfirmButton } from '../../ui/kit.tsx'

interface Props {
  readonly label: string
  /** One is kept already. */
  readonly held: boolean
  /** A text that sets it, `null` to forget it, undefined to leave it. */
  readonly change: string | null | undefined
  readonly placeholder: string
  readonly lines?: number
  readonly onChange: (change: string | null | undefined) => void
}

export function SecretField({ label, held, change, placeholder, lines, onChange }: Props) {
  const id = useId()
  const isKept = held && change === undefined
  const props = {
    id,
    className: 'input mono',
    spellCheck: false,
    placeholder: isKept ? 'kept; type to replace it' : placeholder,
    value: change ?? '',
    onChange: (event: { readonly target: { readonly value: string } }) =>
      onChange(event.target.value === '' ? undefined : event.target.value),
  }
  return (
    <div className="labelled">
      <label htmlFor={id} className="dim">
        {label}
      </label>
      <span className="client-secret">
        {lines === undefined ? (
          <input {...props} type="password" autoComplete="new-password" />
        ) : (
          <textarea {...props} rows={lines} />
        )}
        {isKept && (
          <ConfirmButton question="Forget it?" onConfirm={() => onChange(null)}>
            Forget
          </ConfirmButton>
        )}
      </span>
      {change === null && <small className="warn">It is forgotten when you save.</small>}
    </div>
  )
}
