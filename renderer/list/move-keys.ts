/** The keys that move in every list and tree: arrows, `j` and `k` as in vi, pages, both ends. */

/**
 * How far a key moves, in rows; to an end it is infinite. `undefined` for other keys, and for those that move by a
 * page where there is none.
 */
export function stepOf(key: string, page?: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
    case 'j':
      return 1
    case 'ArrowUp':
    case 'k':
      return -1
    case 'PageDown':
      return page
    case 'PageUp':
      return page && -page
    case 'Home':
      return -Infinity
    case 'End':
      return Infinity
    default:
      return undefined
  }
}

/** Row `at`, moved by a step, of `total` rows; from row -1, which is none, it begins at the first. */
export const rowAfter = (at: number, by: number, total: number): number =>
  Math.min(Math.max(0, at + by), total - 1)
