/** Matchers and expectations in a flow's text, and texts that are expressions, patterns or filters. */
import { parseFilter } from '../../filter/filter.ts'
import type { FilterError } from '../../filter/ast.ts'
import { parseExpression } from '../language/expression.ts'
import { FlowFault } from '../language/functions.ts'
import { patternOf } from '../language/patterns.ts'
import { parseTemplate } from '../language/template.ts'
import { type Json } from '../json.ts'
import { isOperator, operandFault, operators, WORDS, type OperatorName } from '../matchers.ts'
import { isTemplate, unknownKey, type Shape } from './shape.ts'
import { valueOf, type Entry, type Node, type Remarks } from './source.ts'

/** Reads what stands inside a matcher in place of the whole value, or of one item of it. */
type ReadInner = (node: Node) => Json

/** Any expectation: a value, a matcher, a map or list of such. Templates in it are checked elsewhere (check.ts). */
export function readMatcher(node: Node, remarks: Remarks, inner?: ReadInner, item?: ReadInner): Json {
  const again: ReadInner = (one) => readMatcher(one, remarks)
  if (node.kind === 'list') return node.items.map(again)
  if (node.kind === 'scalar') {
    const { value } = node
    if (
      typeof value === 'string' &&
      value.startsWith('$') &&
      !/^\$\$?\{/.test(value) &&
      !Object.hasOwn(WORDS, value)
    ) {
      const hint = isOperator(value)
        ? `Write { ${value}: … }.`
        : 'Write { $is: "$…" } for a text that begins with $.'
      remarks.error(node, `${value} is none of ${Object.keys(WORDS).join(', ')}.`, hint)
    }
    return value
  }
  const marked = node.entries.filter(({ key }) => key.startsWith('$') && !key.startsWith('${'))
  if (marked.length === 0)
    return Object.fromEntries(node.entries.map(({ key, value }) => [key, again(value)]))
  const read = node.entries.flatMap((entry): [string, Json][] => {
    const { key, place, value } = entry
    if (!key.startsWith('$')) {
      remarks.error(
        place,
        `${key} stands beside ${marked[0]?.key}: a matcher has only names that begin with $.`,
      )
      return []
    }
    if (isOperator(key)) return [[key, readOperand(key, value, remarks, inner ?? again, item ?? again)]]
    unknownKey(entry, Object.keys(operators), 'A matcher', remarks)
    return []
  })
  checkTogether(node.entries, remarks)
  return Object.fromEntries(read)
}

function readOperand(
  name: OperatorName,
  node: Node,
  remarks: Remarks,
  inner: ReadInner,
  item: ReadInner,
): Json {
  if (name === '$only' || name === '$not') return inner(node)
  if (name === '$all' && node.kind === 'list') return node.items.map(inner)
  if (name === '$each') return item(node)
  if (name === '$length') return readMatcher(node, remarks)
  const value = valueOf(node)
  const fault = operandFault(name, value)
  if (fault !== undefined) remarks.error(node, fault)
  else if (name === '$where') checkExpression(String(value), node, remarks)
  else if (name === '$pattern' && !isTemplate(node)) checkPattern(String(value), node, remarks)
  else if (name === '$bind' && !/^[\p{L}_][\p{L}\p{N}_]*$/u.test(String(value))) {
    remarks.error(node, 'A variable has a name of letters, digits and _.')
  }
  return value
}

function checkTogether(entries: readonly Entry[], remarks: Remarks): void {
  const find = (key: string) => entries.find((entry) => entry.key === key)
  const [near, tolerance, least, most] = ['$near', '$tolerance', '$min', '$max'].map(find)
  if (tolerance && !near) remarks.error(tolerance.place, '$tolerance stands beside $near.')
  const [low, high] = [least, most].map((entry) => entry && valueOf(entry.value))
  if (typeof low === 'number' && typeof high === 'number' && low > high) {
    remarks.error((least as Entry).place, `Nothing is at least ${low} and at most ${high}.`)
  }
}

/**
 * Tells an error in a text at its character, where the text stands in the source as it is; at the whole text where
 * escapes or line breaks move it.
 */
export function textError(error: FilterError, text: string, node: Node, remarks: Remarks): void {
  const { message, hint, start, end } = error
  const raw = node.end - node.start
  const quotes = raw === text.length + 2 ? 1 : raw === text.length ? 0 : undefined
  const exact = quotes !== undefined && !text.includes('\n')
  const at = exact ? node.start + quotes : 0
  const place = exact ? { start: at + start, end: Math.max(at + end, at + start) } : node
  remarks.error(place, message, hint)
}

/** An expression, which may be written with or without `${…}` around it. */
export function checkExpression(text: string, node: Node, remarks: Remarks): boolean {
  const parsed = parseExpression(text)
  if (!parsed.ok) textError(parsed.error, text, node, remarks)
  return parsed.ok
}

function checkPattern(text: string, node: Node, remarks: Remarks): void {
  try {
    patternOf(text)
  } catch (error) {
    if (!(error instanceof FlowFault)) throw error
    remarks.error(node, `${error.message.slice(0, 1).toUpperCase()}${error.message.slice(1)}`)
  }
}

const unwrap = (text: string): string => {
  const trimmed = text.trim()
  return trimmed.startsWith('${') && trimmed.endsWith('}') && trimmed.indexOf('${', 2) < 0
    ? trimmed.slice(2, -1).trim()
    : text
}

/** Held without `${…}`. */
export const expression: Shape<string> = {
  read(node, remarks) {
    if (node.kind !== 'scalar' || node.value === null) {
      remarks.error(node, 'Here stands an expression.', 'For example latency < 2.')
      return undefined
    }
    const text = String(node.value)
    const inner = unwrap(text)
    // Its place is moved by the `${`, so only a bare one is told at its character.
    return checkExpression(inner === text ? text : inner, node, remarks) ? inner : undefined
  },
  write: (value) => value,
  schema: () => ({ type: ['string', 'boolean', 'number'], description: 'an expression' }),
}

/** A filter of the filter language; templates in it are filled before it is parsed. */
export const filter: Shape<string> = {
  read(node, remarks) {
    if (node.kind !== 'scalar' || typeof node.value !== 'string' || node.value.trim() === '') {
      remarks.error(node, 'Here stands a filter.', 'For example mqtt.msgtype == DISCONNECT.')
      return undefined
    }
    const text = node.value
    if (text.includes('${')) return text
    const parsed = parseFilter(text)
    if (parsed.ok) return text
    textError(parsed.error, text, node, remarks)
    return undefined
  },
  write: (value) => value,
  schema: () => ({ type: 'string' }),
}

export const matcher: Shape<Json> = {
  read: (node, remarks) => readMatcher(node, remarks),
  write: (value) => value,
  schema: () => ({ $ref: '#/$defs/matcher' }),
}

/** Why a text is no template, told at its character. */
export function checkTemplate(text: string, node: Node, remarks: Remarks): boolean {
  const parsed = parseTemplate(text)
  if (!parsed.ok) textError(parsed.error, text, node, remarks)
  return parsed.ok
}
