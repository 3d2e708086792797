/** The one stretch that differs, so that caret, folds and undo keep their places. */
export function changeBetween(before: string, after: string): { from: number; to: number; insert: string } {
  const shorter = Math.min(before.length, after.length)
  let from = 0
  while (from < shorter && before[from] === after[from]) from++
  let back = 0
  while (back < shorter - from && before[before.length - 1 - back] === after[after.length - 1 - back]) back++
  return { from, to: before.length - back, insert: after.slice(from, after.length - back) }
}
