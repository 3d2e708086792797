/** A labelled field with its fault below. */
import { useId, type ReactNode } from 'react'
import './fields.css'

interface Described {
  readonly id: string
  readonly 'aria-invalid': boolean
  readonly 'aria-describedby': string | undefined
}

interface FieldRowProps {
  readonly label: string
  /** A sentence: what is wrong and what would be right. */
  readonly fault?: string | undefined
  readonly below?: ReactNode
  /** Makes the field with what ties it to its label and its fault. */
  readonly children: (described: Described) => ReactNode
}

export function FieldRow({ label, fault, below, children }: FieldRowProps) {
  const id = useId()
  const problem = `${id}-problem`
  return (
    <div className="access-field">
      <label htmlFor={id}>{label}</label>
      <div>
        {children({
          id,
          'aria-invalid': fault !== undefined,
          'aria-describedby': fault === undefined ? undefined : problem,
        })}
        {below}
        {fault !== undefined && (
          <p id={problem} className="bad field-fault" role="status">
            {fault}
          </p>
        )}
      </div>
    </div>
  )
}
