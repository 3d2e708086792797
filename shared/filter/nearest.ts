/** Finds what somebody probably meant. */

/** Steps from one text to the other: a letter changed, left out, put in, or two neighbours swapped. */
export function distance(one: string, other: string): number {
  let before: number[] = []
  let last = Array.from({ length: other.length + 1 }, (_, i) => i)
  for (let i = 1; i <= one.length; i++) {
    const row = [i]
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1] ? 0 : 1
      let steps = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same)
      const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]
      if (swapped) steps = Math.min(steps, (before[j - 2] ?? 0) + 1)
      row.push(steps)
    }
    before = last
    last = row
  }
  return last[other.length] ?? 0
}

/** Longer texts are no slips of the finger, and comparing takes time. */
const MAX_LENGTH = 60

/**
 * The candidate that is closest to `text`, letter case aside: at most a third of it away, or one of which it is
 * the last part (`topic` of `mqtt.topic`). `undefined` when nothing is close.
 */
export function nearest(text: string, candidates: Iterable<string>): string | undefined {
  const wanted = text.toLowerCase()
  if (wanted === '' || wanted.length > MAX_LENGTH) return undefined
  let best: string | undefined
  let least = Math.floor(wanted.length / 3) + 1
  for (const candidate of candidates) {
    const lower = candidate.toLowerCase()
    if (Math.abs(lower.length - wanted.length) >= least && !lower.endsWith(`.${wanted}`)) continue
    const steps = lower.endsWith(`.${wanted}`) ? 1 : distance(wanted, lower)
    if (steps < least) [best, least] = [candidate, steps]
  }
  return best
}
