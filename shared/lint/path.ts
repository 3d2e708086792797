/** The grammar of paths (TR-369, section on path names; R-ARC.7 to R-ARC.12). Values are not judged by type. */

/** What a path is to name. `any`: object, parameter, command or event, by its end. */
export type PathKind = 'any' | 'object' | 'table' | 'instance' | 'parameter' | 'command' | 'event'

interface Step {
  readonly kind: 'name' | 'number' | 'wildcard' | 'search' | 'placeholder'
  readonly text: string
}

const NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/
/** Reference following: `Param+`, `Param#2+`, `Param#*+`. */
const REFERENCE = /^[A-Za-z_][A-Za-z0-9_-]*(#([1-9][0-9]*|\*))?\+$/
const INSTANCE = /^[1-9][0-9]*$/
const COMPARISON = /^([^=!<>~]+?)(==|!=|<=|>=|~=|<|>)(.*)$/s

const MAX_STEPS = 200

/** Cuts at the dots that are not within an expression or a quoted text. */
function split(path: string): readonly string[] | string {
  const parts: string[] = []
  let from = 0
  let depth = 0
  let quoted = false
  for (let at = 0; at < path.length; at++) {
    const character = path[at]
    if (character === '"' && depth > 0) quoted = !quoted
    else if (quoted) continue
    else if (character === '[') depth += 1
    else if (character === ']') depth -= 1
    else if (character === '.' && depth === 0) {
      parts.push(path.slice(from, at))
      from = at + 1
    }
    if (depth < 0 || depth > 1) return 'has brackets that do not match'
  }
  if (quoted) return 'has a quotation mark that is not closed'
  if (depth !== 0) return 'has brackets that do not match'
  parts.push(path.slice(from))
  return parts
}

/** What is wrong with a path, as a phrase; `undefined` when nothing is. */
export function pathFault(path: string, kind: PathKind = 'any'): string | undefined {
  if (path === '') return 'is empty'
  const parts = split(path)
  if (typeof parts === 'string') return parts
  if (parts.length > MAX_STEPS) return `has more than ${MAX_STEPS} levels`
  const last = parts.at(-1) ?? ''
  const ends =
    last === '' ? 'object' : last.endsWith('()') ? 'command' : last.endsWith('!') ? 'event' : 'parameter'
  const steps = last === '' ? parts.slice(0, -1) : parts
  const root = steps[0] ?? ''
  if (!NAME.test(root)) return `begins with “${root}”, not with a name`
  for (const [i, text] of steps.entries()) {
    const isLast = i === steps.length - 1 && ends !== 'object'
    const fault = stepFault(text, isLast ? ends : 'object')
    if (fault !== undefined) return fault
    const before = steps[i - 1]
    if (before !== undefined && kindOf(text) !== 'name' && kindOf(before) !== 'name')
      return `has “${text}” behind “${before}”: an instance follows the name of a table`
  }
  return kindFault(ends, steps, kind)
}

function kindOf(text: string): Step['kind'] {
  if (text === '*') return 'wildcard'
  if (text === '{i}') return 'placeholder'
  if (text.startsWith('[')) return 'search'
  return /^[0-9]/.test(text) ? 'number' : 'name'
}

function stepFault(text: string, ends: 'object' | 'parameter' | 'command' | 'event'): string | undefined {
  if (text === '') return 'has two dots in a row'
  if (ends === 'command')
    return NAME.test(text.slice(0, -2)) ? undefined : `ends in “${text}”, which is no command`
  if (ends === 'event')
    return NAME.test(text.slice(0, -1)) ? undefined : `ends in “${text}”, which is no event`
  switch (kindOf(text)) {
    case 'wildcard':
    case 'placeholder':
      return ends === 'parameter' ? `ends in “${text}” without a dot` : undefined
    case 'number':
      if (!INSTANCE.test(text))
        return `has “${text}” for an instance number: it is positive, without leading zero`
      return undefined
    case 'search':
      return text.endsWith(']')
        ? searchFault(text.slice(1, -1))
        : `has “${text}”: nothing follows the bracket of an expression`
    case 'name':
      return NAME.test(text) || REFERENCE.test(text) ? undefined : `has “${text}”, which is no name`
  }
}

/** Only what holds for every value is judged: the published value rule is narrower than the standard's examples. */
function searchFault(expression: string): string | undefined {
  if (expression.trim() === '') return 'has an empty expression'
  const outside = expression.replaceAll(/"[^"]*"/g, '""')
  if (outside.includes('||')) return 'has “||” in an expression: there is no “or”'
  for (const comparison of outside.split('&&')) {
    const [, left = '', , right = ''] = COMPARISON.exec(comparison.trim()) ?? []
    if (left === '') return `has “${comparison.trim()}” in an expression, which compares nothing`
    if (right.trim() === '') return `has “${comparison.trim()}” in an expression, which has no value`
    if (
      !left
        .trim()
        .split('.')
        .every((name) => NAME.test(name) || REFERENCE.test(name))
    )
      return `has “${left.trim()}” on the left of a comparison, which is no parameter`
  }
  return undefined
}

const words: Readonly<Record<Exclude<PathKind, 'any'>, string>> = {
  object: 'an object path, which ends in a dot',
  table: 'the path of a table, which ends in a name and a dot',
  instance: 'an instance path, which ends in an instance number and a dot',
  parameter: 'a parameter path, without a dot at its end',
  command: 'a command path, which ends in ()',
  event: 'an event path, which ends in !',
}

function kindFault(ends: string, steps: readonly string[], kind: PathKind): string | undefined {
  const last = kindOf(steps.at(-1) ?? '')
  const fits =
    kind === 'any' ||
    kind === ends ||
    (kind === 'table' && ends === 'object' && last === 'name') ||
    (kind === 'instance' && ends === 'object' && last !== 'name')
  return fits ? undefined : `is not ${words[kind as Exclude<PathKind, 'any'>]}`
}

/** Holds a wildcard or an expression. */
export const isSearchPath = (path: string): boolean => /(^|\.)(\*|\[)/.test(path)
/** Names what is not one instance: `*`, `[…]`, `{i}` (R-MSG.3). */
export const isNotNumbered = (path: string): boolean => /(^|\.)(\*|\[|\{)/.test(path)
/** Blanks round the operator of an expression (R-ARC.9b). */
export function hasBlankInExpression(path: string): boolean {
  const expressions = path.match(/\[[^\]]*\]/g) ?? []
  return expressions.some((text) =>
    /\s(==|!=|<=|>=|~=|<|>)|(==|!=|<=|>=|~=|<|>)\s/.test(text.replaceAll(/"[^"]*"/g, '""')),
  )
}
