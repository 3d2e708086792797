/**
 * Patterns over what a client says of itself. Such texts come from outside and are judged on the broker's
 * thread, so a regular expression that could take seconds over a chosen text is refused when the list is read.
 */
import type { TextPattern } from './model.ts'

/** `unknown`: the pattern cannot be judged on this value. It then counts against the client: see `evaluate.ts`. */
export type Judgement = 'yes' | 'no' | 'unknown'

/** Longest value a regular expression is tried on, in UTF-16 units; a longer one is `unknown`. */
export const MAX_REGEX_VALUE = 256

/** Bits of choice a regular expression may have: 2^24 ways to try take about a fifth of a second. */
const MAX_REGEX_BITS = 24
/** What a repetition without an end, or a start anywhere, adds: one of MAX_REGEX_VALUE places. */
const UNBOUNDED_BITS = 8

export function preparePattern(pattern: TextPattern): (value: string) => Judgement {
  if ('exact' in pattern) return (value) => (value === pattern.exact ? 'yes' : 'no')
  if ('wildcard' in pattern) return (value) => (wildcardMatches(pattern.wildcard, value) ? 'yes' : 'no')
  const expression = new RegExp(pattern.regex, 'u')
  return (value) => (value.length > MAX_REGEX_VALUE ? 'unknown' : expression.test(value) ? 'yes' : 'no')
}

/** How texts show a pattern. */
export function patternText(pattern: TextPattern): string {
  if ('exact' in pattern) return JSON.stringify(pattern.exact)
  return 'wildcard' in pattern ? `like ${pattern.wildcard}` : `matching /${pattern.regex}/`
}

/** `*` is any characters, `?` one UTF-16 unit. At worst the product of both lengths in steps. */
export function wildcardMatches(pattern: string, value: string): boolean {
  let p = 0
  let v = 0
  let star = -1
  let retry = 0
  while (v < value.length) {
    const unit = pattern[p]
    if (unit === '*') {
      star = p++
      retry = v
    } else if (unit === '?' || unit === value[v]) {
      p++
      v++
    } else if (star >= 0) {
      // Only the last star needs to give way: what the former ones took can stay.
      p = star + 1
      v = ++retry
    } else {
      return false
    }
  }
  while (pattern[p] === '*') p++
  return p === pattern.length
}

/** Why a regular expression is refused, as a phrase after its name; `undefined` when it is taken. */
export function regexFault(source: string): string | undefined {
  const asItIs = compileFault(() => new RegExp(source, 'u'))
  if (asItIs !== undefined) return asItIs
  const bits = choiceBits(source)
  if (typeof bits === 'string') return bits
  if (bits > MAX_REGEX_BITS)
    return 'leaves too many ways to match: use fewer repetitions, or anchor it with ^'
  // The engine compiles at the first use; only then does it refuse what is too large.
  return compileFault(() => new RegExp(source, 'u').test(''))
}

function compileFault(attempt: () => unknown): string | undefined {
  try {
    attempt()
    return undefined
  } catch (error) {
    return `is no regular expression: ${error instanceof Error ? error.message : String(error)}`
  }
}

interface Group {
  /** Bits of choice of what came so far in this branch. */
  bits: number
  /** The branches before, and how many. */
  branches: number
  widest: number
}

/**
 * An upper estimate of how many ways a backtracking matcher may try, as a power of two. Repetition without an
 * end of something that has a choice of its own has none: that is the exponential case.
 */
function choiceBits(source: string): number | string {
  const stack: Group[] = [{ bits: source.startsWith('^') ? 0 : UNBOUNDED_BITS, branches: 1, widest: 0 }]
  const token =
    /\\(?:[1-9]|k<)|\\.|\[(?:\\.|[^\]\\])*\]|\(\?(?:[=!]|<[=!])|\((?:\?(?::|<[^>]*>))?|\)|\||[*+?]\??|\{(\d+)(,?)(\d*)\}\??|[^]/gu
  /** Bits of the last atom, which a repetition after it multiplies. */
  let last = 0
  for (const [text, from, comma, to] of source.matchAll(token)) {
    const group = stack.at(-1)!
    if (/^\\(?:[1-9]|k<)/.test(text)) return 'refers back to a group, which is not supported'
    if (/^\(\?<?[=!]/.test(text)) return 'looks ahead or behind, which is not supported'
    if (text.startsWith('(')) {
      stack.push({ bits: 0, branches: 1, widest: 0 })
    } else if (text === ')') {
      const closed = stack.pop()!
      last = Math.max(closed.widest, closed.bits) + Math.log2(closed.branches)
      stack.at(-1)!.bits += last
    } else if (text === '|') {
      group.widest = Math.max(group.widest, group.bits)
      group.bits = 0
      group.branches++
    } else if (/^[*+]/.test(text) || (comma === ',' && to === '')) {
      if (last > 0)
        return 'repeats without end what can match in several ways: say it without the inner choice'
      group.bits += UNBOUNDED_BITS
    } else if (text.startsWith('?')) {
      group.bits += 1
    } else if (from !== undefined) {
      const most = Number(to || from)
      group.bits += last * Math.max(0, most - 1) + Math.log2(most - Number(from) + 1)
    } else {
      last = 0
    }
  }
  const whole = stack[0]!
  // A branch after `|` is not held by the `^` of the first.
  const start = whole.branches > 1 ? UNBOUNDED_BITS : 0
  return Math.max(whole.widest, whole.bits) + Math.log2(whole.branches) + start
}
