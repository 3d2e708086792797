/** A sheet with a title, a body and buttons; Esc or a click beside it closes it. */
import type { FormEvent, ReactNode } from 'react'
import { Icon } from '../ui/kit.tsx'
import { useModel } from './model.ts'
import { Overlay } from './overlay.tsx'

/** The first field; where there is none, the button that does it. */
const FIRST = '.dialog-body :is(input:not([hidden]), button), .main'

interface Props {
  readonly title: string
  readonly children: ReactNode
  /** For what is wider than a form. */
  readonly wide?: boolean
  /** Stands in the lower left. */
  readonly aside?: ReactNode
  /** Enter in a field does this; without it the sheet only has a button to close it. */
  readonly action?: {
    readonly title: string
    readonly disabled?: boolean
    /** It is done as often as one likes: the sheet stays open. */
    readonly again?: boolean
    readonly run: () => void
  }
}

export function Dialog({ title, children, action, aside, wide = false }: Props) {
  const model = useModel()
  const close = () => model.show('none')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!action?.disabled) action?.run()
  }
  return (
    <Overlay label={title} onClose={close} focus={FIRST}>
      <form className={`dialog ${wide ? 'is-wide' : ''}`} onSubmit={submit}>
        <header>
          <h2>{title}</h2>
          <button type="button" className="button quiet" aria-label="Close" onClick={close}>
            <Icon name="close" />
          </button>
        </header>
        <div className="dialog-body">{children}</div>
        <footer>
          {aside}
          {aside !== undefined && <span className="spacer" />}
          <button type="button" className="button" onClick={close}>
            {action && !action.again ? 'Cancel' : 'Done'}
          </button>
          {action && (
            <button type="submit" className="button main" disabled={action.disabled}>
              {action.title}
            </button>
          )}
        </footer>
      </form>
    </Overlay>
  )
}

/** A label above what it names; the remark says more below it. */
export function Labelled({
  label,
  remark,
  children,
}: {
  label: string
  remark?: ReactNode
  children: ReactNode
}) {
  return (
    <label className="labelled">
      <span>{label}</span>
      {children}
      {remark !== undefined && <small className="dim">{remark}</small>}
    </label>
  )
}
