/** A filter field: typing filters, Enter goes on into the list, Esc clears and then leaves. */
import { useId } from 'react'
import { Icon } from '../ui/kit.tsx'

interface FilterInputProps {
  readonly id: string
  readonly label: string
  readonly placeholder: string
  readonly value: string
  /** Filters used before, newest first. */
  readonly recent?: readonly string[]
  readonly onChange: (value: string, atOnce?: boolean) => void
  /** The list that is filtered. */
  readonly listId: string
}

export function FilterInput(props: FilterInputProps) {
  const { id, label, placeholder, value, recent = [], onChange, listId } = props
  const recentId = useId()
  return (
    <div className={`filter ${value.trim() ? 'is-set' : ''}`}>
      <input
        id={id}
        className="input mono"
        type="text"
        spellCheck={false}
        autoComplete="off"
        aria-label={label}
        aria-controls={listId}
        aria-keyshortcuts="/"
        placeholder={placeholder}
        list={recent.length > 0 ? recentId : undefined}
        value={value}
        maxLength={2000}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onChange(value, true)
          else if (event.key === 'Escape' && value) onChange('', true)
          else if (event.key !== 'Escape' && event.key !== 'ArrowDown') return
          // With an empty field the arrow belongs to the list of recent filters.
          if (event.key === 'ArrowDown' && (!value || recent.length > 0)) return
          event.preventDefault()
          if (event.key !== 'Escape' || !value) document.getElementById(listId)?.focus()
        }}
      />
      {value && (
        <button
          type="button"
          className="button quiet filter-clear"
          aria-label="Clear the filter"
          onClick={() => onChange('', true)}
        >
          <Icon name="close" />
        </button>
      )}
      <datalist id={recentId}>
        {recent.map((text) => (
          <option key={text} value={text} />
        ))}
      </datalist>
    </div>
  )
}
