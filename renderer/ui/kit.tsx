/** The small parts every view is made of. */
import { useEffect, useRef, useState, type ReactNode, type Ref } from 'react'
import { copyText } from './clipboard.ts'
import { keyCaps } from './key-caps.ts'

export type Tone = 'ok' | 'warn' | 'bad' | 'off'

/** A state: a dot and always the word beside it. */
export function State({
  tone,
  children,
  title,
}: {
  tone: Tone
  children: ReactNode
  title?: string | undefined
}) {
  return (
    <span className="state" title={title}>
      <span className={`dot is-${tone}`} aria-hidden="true" />
      {children}
    </span>
  )
}

const paths = {
  right: 'M4.5 2.5 8 6 4.5 9.5',
  down: 'M2.5 4.5 6 8l3.5-3.5',
  in: 'M2 6h8M7 3l3 3-3 3',
  out: 'M10 6H2M5 3 2 6l3 3',
  close: 'm3 3 6 6m0-6-6 6',
  copy: 'M4.5 4.5h5v5h-5zM2.5 7.5v-5h5',
  check: 'm2.5 6.5 2.5 2.5 4.5-6',
  warning: 'M6 2 1.5 10h9zM6 5.2v2.3M6 9v.1',
  error: 'M6 1.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M6 3.6v3M6 8.3v.1',
  note: 'M6 1.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M6 5.4v3M6 3.6v.1',
  pin: 'M4 1.5h4M4.6 1.5v3.4L3 7h6L7.4 4.9V1.5M6 7v3.5',
  edit: 'M7.6 2.4l2 2L4.4 9.6l-2.6.6.6-2.6z',
  mark: 'M3.5 2h5v8L6 8l-2.5 2z',
} as const
export type IconName = keyof typeof paths

export function Icon({ name, label }: { name: IconName; label?: string }) {
  const spoken = label ? { role: 'img', 'aria-label': label } : { 'aria-hidden': true }
  return (
    <svg className="icon" viewBox="0 0 12 12" {...spoken}>
      <path d={paths[name]} />
    </svg>
  )
}

interface CardProps {
  readonly title: string
  readonly aside?: ReactNode
  readonly bodyRef?: Ref<HTMLDivElement>
  readonly children: ReactNode
}

export function Card({ title, aside, bodyRef, children }: CardProps) {
  return (
    <section className="card" aria-label={title}>
      <header className="card-head">
        <h2>{title}</h2>
        {aside !== undefined && <small>{aside}</small>}
      </header>
      <div className="card-body" ref={bodyRef}>
        {children}
      </div>
    </section>
  )
}

/** What went wrong, read aloud as it comes; nothing where nothing did. */
export function Alert({ text }: { text: string | undefined }) {
  return text ? (
    <p className="bad" role="alert">
      {text}
    </p>
  ) : null
}

/** One sentence on what will stand here, and the button that makes it so. */
export function Empty({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className="empty">
      <p>{children}</p>
      {action}
    </div>
  )
}

export function Keys({ chord }: { chord: string }) {
  return (
    <span className="keys">
      {keyCaps(chord).map((cap, index) => (
        <kbd className="key" key={index}>
          {cap}
        </kbd>
      ))}
    </span>
  )
}

export function Switch(props: {
  on: boolean
  label: string
  disabled?: boolean
  onChange: (on: boolean) => void
}) {
  return (
    <button
      type="button"
      role="switch"
      className="switch"
      aria-checked={props.on}
      aria-label={props.label}
      disabled={props.disabled}
      onClick={() => props.onChange(!props.on)}
    />
  )
}

interface TabsProps<T extends string> {
  readonly label: string
  readonly tabs: readonly (readonly [id: T, title: string])[]
  readonly selected: T
  readonly onSelect: (id: T) => void
}

/** Arrow keys move between tabs, as the ARIA practice for tabs has it. */
export function Tabs<T extends string>({ label, tabs, selected, onSelect }: TabsProps<T>) {
  const list = useRef<HTMLDivElement>(null)
  const step = (by: number) => {
    const index = tabs.findIndex(([id]) => id === selected)
    const next = (index + by + tabs.length) % tabs.length
    const id = tabs[next]?.[0]
    if (id === undefined) return
    onSelect(id)
    list.current?.querySelectorAll<HTMLElement>('[role=tab]')[next]?.focus()
  }
  return (
    <div
      className="tabs"
      role="tablist"
      aria-label={label}
      ref={list}
      onKeyDown={(event) => {
        const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
        if (!by) return
        event.preventDefault()
        step(by)
      }}
    >
      {tabs.map(([id, title]) => (
        <button
          key={id}
          type="button"
          role="tab"
          className="tab"
          aria-selected={id === selected}
          tabIndex={id === selected ? 0 : -1}
          onClick={() => onSelect(id)}
        >
          {title}
        </button>
      ))}
    </div>
  )
}

/** Milliseconds in which a question waits for the second press. */
const ASKS = 3000

/** For what cannot be undone: the first press asks, the second does it. */
export function ConfirmButton(props: {
  question: string
  children: ReactNode
  disabled?: boolean
  onConfirm: () => void
}) {
  const [asking, setAsking] = useState(false)
  useEffect(() => {
    if (!asking) return
    const timer = setTimeout(() => setAsking(false), ASKS)
    return () => clearTimeout(timer)
  }, [asking])
  return (
    <button
      type="button"
      className={`button ${asking ? 'is-asking' : ''}`}
      disabled={props.disabled}
      onBlur={() => setAsking(false)}
      onClick={() => {
        if (asking) props.onConfirm()
        setAsking(!asking)
      }}
    >
      {asking ? props.question : props.children}
    </button>
  )
}

/** Milliseconds a copy button says what became of the copy. */
const SAYS = 1500

/** `text` may be made at the press, for what is costly to write down. */
export function CopyButton(props: {
  text: string | (() => string)
  label: string
  children?: ReactNode
  className?: string
}) {
  const [said, setSaid] = useState<'copied' | 'refused'>()
  useEffect(() => {
    if (!said) return
    const timer = setTimeout(() => setSaid(undefined), SAYS)
    return () => clearTimeout(timer)
  }, [said])
  const copy = async () => {
    const done = await copyText(typeof props.text === 'string' ? props.text : props.text())
    setSaid(done ? 'copied' : 'refused')
  }
  return (
    <button
      type="button"
      className={`button ${props.className ?? 'quiet'}`}
      aria-label={props.label}
      title={props.label}
      onClick={() => void copy()}
    >
      <Icon name={said === 'copied' ? 'check' : said === 'refused' ? 'error' : 'copy'} />
      {props.children}
      <span className="only-read" role="status">
        {said === 'copied' ? 'Copied' : said === 'refused' ? 'The clipboard refused the text' : ''}
      </span>
    </button>
  )
}
