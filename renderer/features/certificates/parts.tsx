/** Small parts of the certificates view: a choice out of few, lines to copy, facts, a path. */
import { useId, useState, type ReactNode } from 'react'
import { CopyButton } from '../../ui/kit.tsx'
import type { ChoiceWords } from './words.ts'

interface ChoiceProps<T extends string> {
  readonly label: string
  readonly choices: Readonly<Record<T, ChoiceWords>>
  readonly value: T
  /** Choices that are drawn as a danger once made. */
  readonly isBad?: (id: T) => boolean
  readonly onChoose: (id: T) => Promise<unknown>
}

/** Radio buttons side by side, so that arrow keys, labels and screen readers work as everywhere. */
export function Choice<T extends string>({ label, choices, value, isBad, onChoose }: ChoiceProps<T>) {
  const name = useId()
  const [wished, setWished] = useState<T>()
  const shown = wished ?? value
  const choose = async (id: T) => {
    setWished(id)
    await onChoose(id)
    setWished(undefined)
  }
  return (
    <div className="certificate-choice" role="radiogroup" aria-label={label}>
      {(Object.entries(choices) as [T, ChoiceWords][]).map(([id, { title, text }]) => (
        <label key={id} className={isBad?.(id) ? 'is-bad' : ''} title={text}>
          <input
            type="radio"
            name={name}
            value={id}
            checked={id === shown}
            onChange={() => void choose(id)}
          />
          <span>{title}</span>
        </label>
      ))}
    </div>
  )
}

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
