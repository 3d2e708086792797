/**
 * A field for a filter: coloured while it is typed, with completion, what is wrong under its characters, and the
 * filters used before. The colours lie on a layer under an input whose own text is transparent, so typing, undo
 * and reading aloud are those of a plain input.
 */
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import type { CaptureId } from '../../shared/contract/model.ts'
import { MAX_LENGTH } from '../../shared/filter/filter.ts'
import { highlight } from '../../shared/filter/highlight.ts'
import { Icon } from '../ui/kit.tsx'
import { completionChoices, storedChoices, type Choice, type SavedFilter } from './choices.ts'
import { ChoiceList } from './choice-list.tsx'
import { keyQuestionFor, questionFor, useKnownValues, type Question } from './known-values.ts'
import { mended, segments } from './segments.ts'
import './filter.css'

interface Props {
  readonly id: string
  readonly label: string
  readonly placeholder: string
  readonly value: string
  /** Whose topics and devices complete a value. */
  readonly capture: CaptureId
  readonly saved?: readonly SavedFilter[]
  /** Newest first. */
  readonly recent?: readonly string[]
  readonly autoFocus?: boolean
  readonly onChange: (value: string, atOnce?: boolean) => void
  /** Enter, when nothing is being chosen and nothing is wrong. */
  readonly onEnter?: () => void
  /** Esc in an empty field. */
  readonly onLeave?: () => void
}

type Popup = 'none' | 'complete' | 'stored'

export function FilterEditor(props: Props) {
  const { id, label, placeholder, value, onChange, onEnter, onLeave } = props
  const listId = useId()
  const errorId = useId()
  const input = useRef<HTMLInputElement>(null)
  const colours = useRef<HTMLDivElement>(null)
  const [popup, setPopup] = useState<Popup>('none')
  const [chosen, setChosen] = useState(-1)
  const highlighting = useMemo(() => highlight(value), [value])
  const { error } = highlighting
  const [caret, setCaret] = useState(value.length)
  const choices = useChoices(props, popup, caret)
  const open = choices.length > 0
  const current = Math.min(chosen, choices.length - 1)

  /** The coloured layer scrolls with the input. */
  const align = () => {
    if (colours.current && input.current) colours.current.scrollLeft = input.current.scrollLeft
  }
  useLayoutEffect(align)

  const show = (next: Popup) => {
    setPopup(next)
    setChosen(-1)
  }
  const clear = () => {
    onChange('', true)
    show('none')
  }
  const take = (choice: Choice) => {
    const whole = choice.kind === 'saved' || choice.kind === 'recent'
    onChange(choice.text, whole)
    show(whole ? 'none' : 'complete')
    // The text is in the field by then; before, the caret would be put at its end.
    requestAnimationFrame(() => {
      input.current?.setSelectionRange(choice.caret, choice.caret)
      setCaret(choice.caret)
    })
  }
  const handle = (event: KeyboardEvent): boolean => {
    const { key } = event
    if (event.altKey || (event.ctrlKey && key !== ' ') || event.metaKey) return false
    if (event.ctrlKey) show('complete')
    else if (key === 'ArrowDown' || key === 'ArrowUp') {
      if (open) {
        const count = choices.length
        setChosen(key === 'ArrowDown' ? (current + 1) % count : (Math.max(current, 0) + count - 1) % count)
      } else if (key === 'ArrowDown') show(value.trim() === '' ? 'stored' : 'complete')
      else return false
    } else if (key === 'Tab' && open && !event.shiftKey) take(choices[Math.max(current, 0)] as Choice)
    else if (key === 'Enter' && open && current >= 0) take(choices[current] as Choice)
    else if (key === 'Enter') {
      show('none')
      if (error) return true
      onChange(value, true)
      onEnter?.()
    } else if (key === 'Escape' && open) show('none')
    else if (key === 'Escape' && value !== '') clear()
    else if (key === 'Escape' && onLeave) onLeave()
    else return false
    return true
  }
  const fix = error && mended(value, error)
  const tone = value.trim() === '' ? '' : error ? 'is-wrong' : 'is-right'
  return (
    <div className="filter-editor">
      <div className={`filter-box ${tone}`}>
        <div className="filter-colours" aria-hidden="true" ref={colours}>
          {segments(value, highlighting).map((segment, index) => (
            <span key={index} className={`token-${segment.class}`}>
              {segment.text}
            </span>
          ))}
        </div>
        <input
          ref={input}
          id={id}
          type="text"
          role="combobox"
          spellCheck={false}
          autoComplete="off"
          autoFocus={props.autoFocus}
          aria-label={label}
          aria-expanded={open}
          aria-controls={listId}
          aria-autocomplete="list"
          aria-activedescendant={open && current >= 0 ? `${listId}-${current}` : undefined}
          aria-invalid={error !== undefined}
          aria-describedby={error && errorId}
          placeholder={placeholder}
          value={value}
          maxLength={MAX_LENGTH}
          onChange={(event) => {
            onChange(event.target.value)
            setCaret(event.target.selectionStart ?? event.target.value.length)
            show(event.target.value.trim() === '' ? 'none' : 'complete')
          }}
          onKeyDown={(event) => {
            if (event.nativeEvent.isComposing || !handle(event)) return
            event.preventDefault()
            event.stopPropagation()
          }}
          onScroll={align}
          onSelect={(event) => {
            setCaret(event.currentTarget.selectionStart ?? 0)
            align()
          }}
          onBlur={() => show('none')}
        />
        {value && (
          <button
            type="button"
            className="button quiet filter-clear"
            aria-label="Clear the filter"
            onClick={clear}
          >
            <Icon name="close" />
          </button>
        )}
      </div>
      {open && (
        <ChoiceList id={listId} choices={choices} chosen={current} onHover={setChosen} onTake={take} />
      )}
      {error && !open && (
        <p className="filter-error" id={errorId} role="status">
          <Icon name="error" />
          <span>{error.message}</span>
          {fix === undefined ? (
            error.hint && <span className="dim">{error.hint}</span>
          ) : (
            <button
              type="button"
              className="link"
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => onChange(fix, true)}
            >
              {error.hint}
            </button>
          )}
        </p>
      )}
    </div>
  )
}

interface Offer {
  readonly choices: readonly Choice[]
  /** What the capture could add. */
  readonly questions: readonly Question[]
}
const noOffer: Offer = { choices: [], questions: [] }

/** What the popup offers; it is offered anew when the capture has answered. */
function useChoices(
  { value, capture, saved, recent }: Props,
  popup: Popup,
  caret: number,
): readonly Choice[] {
  const { answers, ask } = useKnownValues(capture)
  const { choices, questions } = useMemo((): Offer => {
    if (popup === 'none') return noOffer
    if (popup === 'stored') return { choices: storedChoices(saved ?? [], recent ?? []), questions: [] }
    const asked: Question[] = []
    const answerTo = (question: Question | undefined) => {
      if (question) asked.push(question)
      return (question && answers.get(question.key)) ?? []
    }
    const known = {
      values: (field: string, typed: string) => answerTo(questionFor(field, typed)),
      keys: (field: string, typed: string) => answerTo(keyQuestionFor(field, typed)),
    }
    return { choices: completionChoices(value, Math.min(caret, value.length), known), questions: asked }
  }, [popup, value, caret, answers, saved, recent])
  useEffect(() => questions.forEach(ask), [questions, ask])
  return choices
}
