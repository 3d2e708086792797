/** What the list below a filter field offers. Pure. */
import { complete, type KnownValues } from '../../shared/filter/complete.ts'

export interface Choice {
  readonly label: string
  readonly kind: 'field' | 'operator' | 'value' | 'key' | 'saved' | 'recent'
  readonly description: string
  /** The whole text after it was chosen, and where the caret is then. */
  readonly text: string
  readonly caret: number
}

export interface SavedFilter {
  readonly name: string
  readonly filter: string
}

/** More than anybody looks through; typing on finds the others. */
export const MAX_CHOICES = 100

/** What can stand at the caret; nothing when the text is complete there. */
export function completionChoices(text: string, caret: number, known: KnownValues): Choice[] {
  const { from, to, items } = complete(text, caret, known)
  const typed = text.slice(from, to)
  const choices = items.slice(0, MAX_CHOICES).map(({ text: put, label, kind, description }) => {
    // A space invites what follows; behind a bracket or in front of something there is no place for one.
    const gap = kind === 'value' || kind === 'key' || text[to] === ' ' ? '' : ' '
    const before = text.slice(0, from) + put + gap
    return { label, kind, description, text: before + text.slice(to), caret: before.length }
  })
  const [only] = items
  return items.length === 1 && only?.text === typed ? [] : choices
}

/** Filters by name, then those used before. */
export function storedChoices(saved: readonly SavedFilter[], recent: readonly string[]): Choice[] {
  return [
    ...saved.map(({ name, filter }) => stored('saved', name, filter, filter)),
    ...recent.map((filter) => stored('recent', filter, 'used before', filter)),
  ]
}

const stored = (kind: 'saved' | 'recent', label: string, description: string, text: string): Choice => ({
  kind,
  label,
  description,
  text,
  caret: text.length,
})
