/** Putting filters together as text. Pure. */
import { parseFilter } from '../../shared/filter/filter.ts'

export type Joint = 'replace' | 'and' | 'or'

/**
 * `current` with `added` behind it. Undefined when the two cannot be joined: one of them has an error, or is a
 * search for words, which the language does not mix with expressions.
 */
export function joinFilters(current: string, joint: Joint, added: string): string | undefined {
  if (joint === 'replace' || current.trim() === '') return added
  const [before, behind] = [part(current.trim(), joint), part(added.trim(), joint)]
  return before === undefined || behind === undefined ? undefined : `${before} ${joint} ${behind}`
}

/** In parentheses where the other connective would take it apart, or a reader would wonder. */
function part(filter: string, joint: 'and' | 'or'): string | undefined {
  const parsed = parseFilter(filter)
  if (!parsed.ok || parsed.filter.expression.kind === 'words') return undefined
  const { kind } = parsed.filter.expression
  return (kind === 'and' || kind === 'or') && kind !== joint ? `(${filter})` : filter
}
