/** Small parts of the certificates view: lines to copy, and facts. */
import type { ReactNode } from 'react'
import { CopyButton } from '../../ui/kit.tsx'

/** Lines to be taken over as they are. */
export function Lines({ label, text }: { label: string; text: string }) {
  return (
    <div className="certificate-lines">
      <pre tabIndex={0} aria-label={label}>
        {text}
      </pre>
      <CopyButton text={text} label={`Copy ${label}`} />
    </div>
  )
}

export function Facts({ children }: { children: ReactNode }) {
  return <dl className="certificate-facts">{children}</dl>
}

/** `copy`: what a button beside it copies. */
export function Fact({ label, copy, children }: { label: string; copy?: string; children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        <span>{children}</span>
        {copy !== undefined && <CopyButton text={copy} label={`Copy ${label.toLowerCase()}`} />}
      </dd>
    </div>
  )
}
