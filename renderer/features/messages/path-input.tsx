/** A field for a path: completed from the supported model of the device, and with what is wrong below it. */
import { useId, useMemo, useRef, useState, type CSSProperties, type KeyboardEvent } from 'react'
import { plural } from '../../ui/format.ts'
import type { PlacedRemark } from '../../../shared/usp/forms/check-request.ts'
import type { Completion, PathChoice } from '../../../shared/usp/forms/path-complete.ts'

interface Props {
  readonly label: string
  readonly value: string
  readonly placeholder?: string
  readonly remark?: PlacedRemark | undefined
  /** The remark stands in the element with this ID; absent: below the field. */
  readonly describedBy?: string
  /** What may stand at the caret; absent without a model. */
  readonly complete?: ((text: string, caret: number) => Completion) | undefined
  readonly onChange: (value: string) => void
}

const nothing: Completion = { from: 0, to: 0, choices: [], left: 0 }

export function PathInput(props: Props) {
  const { label, value, placeholder, remark, describedBy, complete, onChange } = props
  const listId = useId()
  const remarkId = useId()
  const input = useRef<HTMLInputElement>(null)
  const [isOpen, setOpen] = useState(false)
  const [chosen, setChosen] = useState(0)
  const [caret, setCaret] = useState(0)
  const [place, setPlace] = useState<CSSProperties>({})
  const { from, to, choices, left } = useMemo(
    () => (isOpen && complete ? complete(value, Math.min(caret, value.length)) : nothing),
    [isOpen, complete, value, caret],
  )
  const open = choices.length > 0
  const current = Math.min(chosen, choices.length - 1)

  const show = (on: boolean) => {
    setOpen(on)
    setChosen(0)
    if (on) setPlace(placeAt(input.current))
  }
  const take = (choice: PathChoice) => {
    const next = value.slice(0, from) + choice.text + value.slice(to)
    // Between the quotes of a key there is something to type.
    const quotes = choice.text.indexOf('""')
    const at = from + (quotes < 0 ? choice.text.length : quotes + 1)
    onChange(next)
    show(choice.more)
    requestAnimationFrame(() => {
      input.current?.setSelectionRange(at, at)
      setCaret(at)
    })
  }
  const handle = ({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): boolean => {
    if (altKey || metaKey) return false
    if (ctrlKey) {
      if (key !== ' ') return false
      show(true)
    } else if (key === 'ArrowDown' && !open) show(true)
    else if (key === 'ArrowDown') setChosen((current + 1) % choices.length)
    else if (key === 'ArrowUp' && open) setChosen((current + choices.length - 1) % choices.length)
    else if ((key === 'Enter' || (key === 'Tab' && !shiftKey)) && open) take(choices[current] as PathChoice)
    else if (key === 'Escape' && open) show(false)
    else return false
    return true
  }
  return (
    <div className="path-input">
      <input
        ref={input}
        className={`input mono ${remark ? `is-${remark.severity}` : ''}`}
        type="text"
        role="combobox"
        spellCheck={false}
        autoComplete="off"
        aria-label={label}
        aria-expanded={open}
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={open ? `${listId}-${current}` : undefined}
        aria-invalid={remark?.severity === 'error'}
        aria-describedby={remark && (describedBy ?? remarkId)}
        placeholder={placeholder}
        value={value}
        maxLength={4096}
        onChange={(event) => {
          onChange(event.target.value)
          setCaret(event.target.selectionStart ?? event.target.value.length)
          show(true)
        }}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing || !handle(event)) return
          event.preventDefault()
          event.stopPropagation()
        }}
        onSelect={(event) => setCaret(event.currentTarget.selectionStart ?? 0)}
        onBlur={() => show(false)}
      />
      {open && (
        <ul className="choices" role="listbox" id={listId} aria-label="Completions" style={place}>
          {choices.map((choice, index) => (
            <li
              key={choice.text}
              id={`${listId}-${index}`}
              role="option"
              aria-selected={index === current}
              ref={index === current ? (item) => item?.scrollIntoView?.({ block: 'nearest' }) : null}
              onPointerMove={() => setChosen(index)}
              // The field keeps the focus.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => take(choice)}
            >
              <span className="cut mono">{choice.text}</span>
              <span className="cut dim">{choice.detail}</span>
              <span className="choice-kind">{choice.kind}</span>
            </li>
          ))}
          {left > 0 && <li className="dim">{plural(left, 'more', 'more')}: type on.</li>}
        </ul>
      )}
      {describedBy === undefined && !open && <RemarkLine remark={remark} id={remarkId} />}
    </div>
  )
}

/** Room a list needs below its field, in pixels; with less it stands above. */
const ROOM = 250
const LEAST_WIDTH = 440

/** Where the list stands in the window: the panes around the field would cut it off. */
function placeAt(input: HTMLInputElement | null): CSSProperties {
  const box = input?.getBoundingClientRect()
  if (!box) return {}
  const width = Math.max(box.width, LEAST_WIDTH)
  const left = Math.max(4, Math.min(box.left, window.innerWidth - width - 4))
  const below = box.bottom + ROOM < window.innerHeight || box.top < ROOM
  return below
    ? { left, width, top: box.bottom + 3 }
    : { left, width, top: 'auto', bottom: window.innerHeight - box.top + 3 }
}

export function RemarkLine({ remark, id }: { remark: PlacedRemark | undefined; id?: string }) {
  if (!remark) return null
  return (
    <p className={`field-remark ${remark.severity === 'error' ? 'bad' : 'warn'}`} id={id} role="status">
      {remark.text}
    </p>
  )
}
