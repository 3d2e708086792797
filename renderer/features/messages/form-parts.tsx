/** What the fields of a form share: the message they change, the remarks on it, the row they stand in. */
import { createContext, useContext, type ReactNode } from 'react'
import type { PlacedRemark } from '../../../shared/usp/forms/check-request.ts'
import type { FormField } from '../../../shared/usp/forms/describe.ts'
import type { JsonPath } from '../../../shared/usp/forms/json-value.ts'
import type { SupportedIndex } from '../../../shared/usp/dm/supported-index.ts'
import { Icon } from '../../ui/kit.tsx'

export interface FormContext {
  readonly remarks: ReadonlyMap<string, PlacedRemark>
  readonly model: SupportedIndex | undefined
  readonly change: (change: (content: unknown) => unknown) => void
}
export const Form = createContext<FormContext | undefined>(undefined)

export function useForm(): FormContext {
  const form = useContext(Form)
  if (!form) throw new Error('A field stands in a RequestForm')
  return form
}

export interface FieldProps {
  readonly field: FormField
  readonly value: unknown
  readonly at: JsonPath
  readonly owner: string | undefined
}

interface RowProps {
  readonly name: string
  readonly help: string
  /** Groups need the whole width: their name stands above them. */
  readonly wide?: boolean
  readonly children: ReactNode
}

export function Row({ name, help, wide = false, children }: RowProps) {
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

export const RemoveButton = ({ label, onClick }: { label: string; onClick: () => void }) => (
  <button type="button" className="button quiet" aria-label={label} title={label} onClick={onClick}>
    <Icon name="close" />
  </button>
)
