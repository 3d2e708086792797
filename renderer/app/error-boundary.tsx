/** Keeps an error while drawing one view from taking the window with it. */
import { Component, type ReactNode } from 'react'
import { CopyButton } from '../ui/kit.tsx'
import { messageOf, reportOf } from './notices.ts'
import { ViewNotLoaded } from './views.tsx'

interface Props {
  readonly children: ReactNode
  readonly onError: (error: unknown) => void
}

export class ErrorBoundary extends Component<Props, { readonly error: unknown }> {
  override state: { readonly error: unknown } = { error: undefined }

  static getDerivedStateFromError(error: unknown) {
    return { error: error ?? new Error('A view failed without saying why.') }
  }

  override componentDidCatch(error: unknown): void {
    this.props.onError(error)
  }

  override render(): ReactNode {
    const { error } = this.state
    if (error === undefined) return this.props.children
    const lacksFiles = error instanceof ViewNotLoaded
    return (
      <div className="empty" role="alert">
        <p>
          This view could not be drawn: {messageOf(error)}. The bench and its recording go on; the other views
          still work.
        </p>
        <span className="buttons">
          <button
            type="button"
            className="button main"
            onClick={() => (lacksFiles ? location.reload() : this.setState({ error: undefined }))}
          >
            {lacksFiles ? 'Load the page again' : 'Try again'}
          </button>
          <CopyButton text={reportOf(error)} label="Copy error" className="">
            Copy error
          </CopyButton>
        </span>
      </div>
    )
  }
}
