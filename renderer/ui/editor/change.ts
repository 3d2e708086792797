/** What differs between two texts. */

/** Compared at once: to look at each character of a long text would take longer than a key may. */
const CHUNK = 2048

/** The one stretch that differs, so that caret, folds and undo keep their places. */
export function changeBetween(before: string, after: string): { from: number; to: number; insert: string } {
  const shorter = Math.min(before.length, after.length)
  let from = 0
  while (from + CHUNK <= shorter && before.startsWith(after.slice(from, from + CHUNK), from)) from += CHUNK
  while (from < shorter && before[from] === after[from]) from++
  const most = shorter - from
  const ends = (back: number, length: number): boolean =>
    before.endsWith(after.slice(after.length - back - length, after.length - back), before.length - back)
  let back = 0
  while (back + CHUNK <= most && ends(back, CHUNK)) back += CHUNK
  while (back < most && before[before.length - 1 - back] === after[after.length - 1 - back]) back++
  return { from, to: before.length - back, insert: after.slice(from, after.length - back) }
}
