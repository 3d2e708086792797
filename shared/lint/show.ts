/** Values within a sentence of a finding. */

const MAX = 200

/** Quoted; a very long text says how long it is. */
export const show = (text: string): string =>
  text.length <= MAX ? `“${text}”` : `“${text.slice(0, MAX)}…” (${text.length} characters)`

const MAX_LISTED = 5

/** The first few of a list, and how many more there are. */
export function list(items: readonly string[]): string {
  const shown = items.slice(0, MAX_LISTED).join(', ')
  return items.length > MAX_LISTED ? `${shown} and ${items.length - MAX_LISTED} more` : shown
}

export const seconds = (value: number): string => `${value >= 100 ? Math.round(value) : value.toFixed(1)} s`

/** “missing” without an article for a list of names. */
export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
