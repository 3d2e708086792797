/** The list below a filter field. */
import type { Choice } from './choices.ts'

const kindNames: Readonly<Record<Choice['kind'], string>> = {
  field: 'field',
  operator: 'operator',
  value: 'value',
  key: 'entry',
  saved: 'saved',
  recent: 'recent',
}

interface Props {
  readonly id: string
  readonly choices: readonly Choice[]
  readonly chosen: number
  readonly onHover: (index: number) => void
  readonly onTake: (choice: Choice) => void
}

export function ChoiceList({ id, choices, chosen, onHover, onTake }: Props) {
  return (
    <ul className="choices" role="listbox" id={id} aria-label="Completions">
      {choices.map((choice, index) => (
        <li
          key={index}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === chosen}
          className={choice.kind === 'value' || choice.kind === 'recent' ? 'is-long' : ''}
          ref={index === chosen ? (item) => item?.scrollIntoView({ block: 'nearest' }) : null}
          onPointerMove={() => onHover(index)}
          // The field keeps the focus.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onTake(choice)}
        >
          <span className={`cut mono token-${choice.kind}`}>{choice.label}</span>
          <span className="cut dim">{choice.description}</span>
          <span className="choice-kind">{kindNames[choice.kind]}</span>
        </li>
      ))}
    </ul>
  )
}
