/** Compiled regular expressions, the last ones kept: a flow asks for the same few again and again. */
import { compilePattern, type Pattern } from '../../filter/regex.ts'
import { FlowFault } from './functions.ts'

const MAX_KEPT = 200
const kept = new Map<string, Pattern>()

/** Letter case counts here, unlike in filters: `(?i)` at the beginning ignores it. Throws a FlowFault. */
export function patternOf(source: string): Pattern {
  const known = kept.get(source)
  if (known) return known
  const result = compilePattern(source.startsWith('(?') ? source.replace(/^\(\?i\)/, '') : `(?-i)${source}`)
  if (!result.ok) throw new FlowFault(`the pattern ${source} cannot be used: ${result.message}`)
  if (kept.size >= MAX_KEPT) kept.delete(kept.keys().next().value ?? '')
  kept.set(source, result.pattern)
  return result.pattern
}
