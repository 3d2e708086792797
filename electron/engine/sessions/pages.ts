/** Reading what the broker gives page by page as one list. */
import { MAX_PAGE, type Page } from '../broker/sessions/overview.ts'

/** Every row, a page at a time. Nothing may be changed meanwhile: collect first, then act. */
export function* everyRow<R>(page: (from: number, count: number) => Page<R>): Generator<R> {
  for (let from = 0; ; from += MAX_PAGE) {
    const { rows, total } = page(from, MAX_PAGE)
    yield* rows
    if (from + MAX_PAGE >= total) return
  }
}

/** Do all words, in lower case, occur in one of the texts? */
export function hasWords(words: readonly string[], texts: readonly (string | undefined)[]): boolean {
  if (words.length === 0) return true
  const all = texts.filter(Boolean).join('\n').toLowerCase()
  return words.every((word) => all.includes(word))
}

export const wordsOf = (text: string): readonly string[] => text.toLowerCase().split(/\s+/).filter(Boolean)
