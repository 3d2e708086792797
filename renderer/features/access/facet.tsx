/** Values with their counts, one of which can be chosen to narrow a list. */
import { count } from '../../ui/format.ts'

interface Item<T> {
  readonly id: T
  readonly title: string
  readonly count: number
}

interface Props<T> {
  readonly title: string
  readonly items: readonly Item<T>[]
  /** What is counted but has no value of its own here. */
  readonly more?: number
  readonly selected: T | undefined
  readonly onSelect: (id: T | undefined) => void
}

/** Largest first; pressing the chosen one again chooses none. */
export function Facet<T extends string | number>({ title, items, more = 0, selected, onSelect }: Props<T>) {
  const shown = items.filter((item) => item.count > 0 || item.id === selected)
  return (
    <section className="facet" aria-label={title}>
      <h3>{title}</h3>
      <ul>
        {shown
          .toSorted((a, b) => b.count - a.count)
          .map((item) => (
            <li key={item.id}>
              <button
                type="button"
                aria-pressed={item.id === selected}
                title={item.title}
                onClick={() => onSelect(item.id === selected ? undefined : item.id)}
              >
                <span>{item.title}</span>
                <span className="number dim">{count(item.count)}</span>
              </button>
            </li>
          ))}
        {more > 0 && <li className="dim">and {count(more)} of others</li>}
      </ul>
    </section>
  )
}
