/** Colours for a filter bar. The parser says what each token is; behind an error the looks of a token must do. */
import type { FilterError } from './ast.ts'
import { parseText } from './filter.ts'
import { findField } from './fields.ts'
import { tokenize, type Token } from './lexer.ts'
import { isKeyword } from './operators.ts'
import type { Mark, TokenClass } from './parser.ts'

export interface HighlightedToken {
  /** UTF-16 units `[start, end)` of the text. */
  readonly start: number
  readonly end: number
  readonly class: TokenClass | 'error'
}

export interface Highlighting {
  /** In order, side by side; what lies between is plain. Plain words have no tokens. */
  readonly tokens: readonly HighlightedToken[]
  readonly error?: FilterError
}

/** Never throws. */
export function highlight(text: string): Highlighting {
  const { result, marks } = parseText(text)
  if (result.ok) return { tokens: marks }
  const { error } = result
  const read = marks.at(-1)?.end ?? 0
  const rest = tokenize(text)
    .filter(({ start }) => start >= read)
    .flatMap(looks)
  const around = [...marks, ...rest].filter(({ start, end }) => end <= error.start || start >= error.end)
  const wrong: HighlightedToken[] =
    error.start < error.end ? [{ start: error.start, end: error.end, class: 'error' }] : []
  const tokens = [...around, ...wrong].sort((one, other) => one.start - other.start)
  return { tokens, error }
}

function looks({ kind, start, end, text }: Token): Mark[] {
  const mark = (as: TokenClass): Mark[] => [{ start, end, class: as }]
  if (kind === 'string') return mark('string')
  if (kind === 'operator' || kind === 'bracket' || isKeyword(text)) return mark('operator')
  if (kind !== 'word') return []
  if (findField(text) !== undefined) return mark('field')
  return /^\d/.test(text) ? mark('number') : []
}
