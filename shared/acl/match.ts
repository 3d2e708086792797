/**
 * Sets of topics: does one filter take every topic that another takes (`covers`), is there a topic that both
 * take (`overlaps`)? Exact for MQTT 5.0 section 4.7, but for its limit of 65,535 bytes a topic: that one only
 * makes `covers` say no and `overlaps` say yes more often, which is the careful side in both.
 */

export interface FilterShape {
  /** Literal levels and `+`. `#` is `+` with `rest`, and `/#` is an empty level and `+` with `rest`. */
  readonly levels: readonly string[]
  /** Ends in `#`: further levels may follow, none too. */
  readonly rest: boolean
}

/** The shape of a valid topic filter that is not shared. A Topic Name is a filter without wildcards. */
export function filterShape(filter: string): FilterShape {
  const levels = filter.split('/')
  const rest = levels.at(-1) === '#'
  if (!rest) return { levels, rest }
  levels.pop()
  // A topic has one level at least, and if that is empty two, since it may not be empty itself.
  if (levels.length === 0 || (levels.length === 1 && levels[0] === '')) levels.push('+')
  return { levels, rest }
}

/** A wildcard at the first level takes no level that begins with `$` [MQTT-4.7.2-1]. */
const hidden = (level: string, index: number): boolean => index === 0 && level.startsWith('$')

/** Does every topic that falls under `inner` fall under `outer`, too? */
export function covers(outer: FilterShape, inner: FilterShape): boolean {
  const n = outer.levels.length
  const m = inner.levels.length
  if (outer.rest ? m < n : m !== n || inner.rest) return false
  for (let i = 0; i < n; i++) {
    const wide = outer.levels[i]!
    const narrow = inner.levels[i]!
    if (wide === '+' ? hidden(narrow, i) : wide !== narrow) return false
  }
  return true
}

/** Is there a topic that falls under both? */
export function overlaps(a: FilterShape, b: FilterShape): boolean {
  const n = a.levels.length
  const m = b.levels.length
  if ((n < m && !a.rest) || (m < n && !b.rest)) return false
  for (let i = 0; i < n && i < m; i++) {
    const one = a.levels[i]!
    const other = b.levels[i]!
    if (one === other) continue
    if (one === '+' ? hidden(other, i) : other !== '+' || hidden(one, i)) return false
  }
  return true
}
