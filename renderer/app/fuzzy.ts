/** Fuzzy search: the letters of the query in order; word starts and runs count more. Pure. */

export interface Match {
  readonly score: number
  /** Indexes of the letters found. */
  readonly at: readonly number[]
}

/** How well `text` matches, or undefined. Spaces of the query are ignored; an empty query matches all alike. */
export function fuzzy(query: string, text: string): Match | undefined {
  const wanted = query.toLowerCase().replace(/\s+/g, '')
  const within = text.toLowerCase()
  // Starting at each place the first letter stands, so that an early stray letter does not spoil a later word.
  let best: Match | undefined
  for (let start = 0; start <= within.length; start++) {
    if (wanted && within[start] !== wanted[0]) continue
    const match = from(start, wanted, within)
    if (match && (!best || match.score > best.score)) best = match
    if (!wanted) break
  }
  return best
}

function from(start: number, wanted: string, within: string): Match | undefined {
  const at: number[] = []
  let score = 0
  let next = start
  for (const letter of wanted) {
    const found = within.indexOf(letter, next)
    if (found < 0) return undefined
    const startsWord = found === 0 || !/[a-z0-9]/.test(within[found - 1] ?? '')
    const runsOn = found === next && at.length > 0
    score += (startsWord ? 8 : 0) + (runsOn ? 5 : 0) - Math.min(found - next, 5)
    at.push(found)
    next = found + 1
  }
  return { score, at }
}
