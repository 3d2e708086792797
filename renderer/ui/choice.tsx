/** A few values side by side, of which one is chosen. */
import { useId, useState } from 'react'
import './choice.css'

interface ChoiceProps<T extends string> {
  readonly label: string
  /** `hint` says more than the title. */
  readonly options: readonly (readonly [value: T, title: string, hint?: string])[]
  readonly value: T
  /** Values that are drawn as a danger once chosen. */
  readonly isBad?: (value: T) => boolean
  /** While a promise is under way, what was chosen is shown already. */
  readonly onChange: (value: T) => void | Promise<unknown>
}

/** Radio buttons, so that arrow keys, labels and screen readers work as everywhere. */
export function Choice<T extends string>({ label, options, value, isBad, onChange }: ChoiceProps<T>) {
  const name = useId()
  const [wished, setWished] = useState<T>()
  const shown = wished ?? value
  const choose = async (option: T) => {
    const done = onChange(option)
    if (!(done instanceof Promise)) return
    setWished(option)
    await done
    setWished(undefined)
  }
  return (
    <span className="choice" role="radiogroup" aria-label={label}>
      {options.map(([option, title, hint]) => (
        <label key={option} className={isBad?.(option) ? 'is-bad' : `is-${option}`} title={hint}>
          <input
            type="radio"
            name={name}
            value={option}
            checked={option === shown}
            onChange={() => void choose(option)}
          />
          <span>{title}</span>
        </label>
      ))}
    </span>
  )
}
