/** The text of a filter in coloured pieces, and mending it by the hint of an error. Pure. */
import type { FilterError } from '../../shared/filter/ast.ts'
import type { HighlightedToken, Highlighting } from '../../shared/filter/highlight.ts'

export interface Segment {
  readonly text: string
  readonly class: HighlightedToken['class'] | 'plain'
}

/** All of the text, in order; every segment has at least one character. */
export function segments(text: string, { tokens }: Highlighting): Segment[] {
  const pieces: Segment[] = []
  let at = 0
  const add = (end: number, as: Segment['class']) => {
    if (end > at) pieces.push({ text: text.slice(at, end), class: as })
    at = Math.max(at, end)
  }
  for (const token of tokens) {
    add(token.start, 'plain')
    add(token.end, token.class)
  }
  add(text.length, 'plain')
  return pieces
}

/** Hints that say what to put in place of the wrong characters. */
const replacements = [/^Did you mean (\S+)\?$/, /^Write (\S+)\.$/]

/** The text as the hint would have it; undefined when the hint tells of something else. */
export function mended(text: string, { hint, start, end }: FilterError): string | undefined {
  const found = replacements.map((pattern) => pattern.exec(hint ?? '')?.[1]).find(Boolean)
  return found === undefined ? undefined : text.slice(0, start) + found + text.slice(end)
}
