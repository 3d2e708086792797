/**
 * What an expectation may say beside plain values. A matcher is a map whose names begin with `$`, so that flows
 * stay plain YAML and JSON: `{ $min: 1, $max: 5 }`. All its entries must hold. Three of them need no more than
 * their name: `$any`, `$present`, `$absent`.
 */
import { isList, isMap, type Json, type JsonMap } from './json.ts'
import { asTemplate } from './language/template.ts'
import { isValueType, valueTypes } from './value-types.ts'

/** How the value of an operator is written. */
export type OperandForm =
  'value' | 'text' | 'number' | 'pattern' | 'type' | 'set' | 'list' | 'expression' | 'name' | 'matcher'

interface OperatorRow {
  readonly form: OperandForm
  readonly about: string
}

export const operators = {
  $is: { form: 'value', about: 'equal to this value, also where it begins with $' },
  $not: { form: 'matcher', about: 'does not match this' },
  $in: { form: 'set', about: 'equal to one of these values' },
  $pattern: { form: 'pattern', about: 'a regular expression that is found in it; ^ and $ for the whole' },
  $contains: { form: 'text', about: 'a text within it' },
  $type: { form: 'type', about: `its type: ${Object.keys(valueTypes).join(', ')}` },
  $min: { form: 'number', about: 'at least this number' },
  $max: { form: 'number', about: 'at most this number' },
  $near: { form: 'number', about: 'this number, give or take $tolerance' },
  $tolerance: { form: 'number', about: 'how far from $near it may be; "5%" of $near' },
  $length: { form: 'matcher', about: 'characters of a text, items of a list, entries of a map' },
  $where: { form: 'expression', about: 'an expression over `value` and what is known so far' },
  $each: { form: 'matcher', about: 'every item of the list matches this' },
  $only: { form: 'value', about: 'this map or list and nothing beside it, a list in this order' },
  $all: { form: 'list', about: 'matches each of these' },
  $bind: { form: 'name', about: 'keeps the value in this variable' },
  $sample: { form: 'value', about: 'the value of the recording; says nothing, but is answered as an agent' },
} as const satisfies Readonly<Record<string, OperatorRow>>

export type OperatorName = keyof typeof operators
export const isOperator = (name: string): name is OperatorName => Object.hasOwn(operators, name)

/** Matchers without an operand. */
export const WORDS = {
  $any: 'anything, and nothing as well',
  $present: 'anything that is there',
  $absent: 'not there',
} as const
export type MatcherWord = keyof typeof WORDS
export const isWord = (value: Json | undefined): value is MatcherWord =>
  typeof value === 'string' && Object.hasOwn(WORDS, value)

/** Is the map a matcher, and not a map of values? */
export const isMatcher = (value: Json | undefined): value is JsonMap =>
  isMap(value) && Object.keys(value).some((name) => name.startsWith('$') && !name.startsWith('${'))

/** A value in which nothing is taken for a matcher or a template. */
export function literal(value: Json): Json {
  if (typeof value === 'string') {
    const text = asTemplate(value)
    return isWord(text) ? { $is: text } : text
  }
  if (isList(value)) return value.map(literal)
  if (!isMap(value)) return value
  const map = Object.fromEntries(
    Object.entries(value).map(([name, item]) => [asTemplate(name), literal(item)]),
  )
  return isMatcher(map) ? { $is: value } : map
}

const isPercent = (value: Json): boolean => typeof value === 'string' && /^\d+(?:\.\d+)?%$/.test(value)
const isTemplate = (value: Json): boolean => typeof value === 'string' && value.includes('${')

/** Why a value cannot stand behind an operator, as a sentence; `undefined` when it can. */
export function operandFault(name: OperatorName, value: Json): string | undefined {
  if (isTemplate(value)) return undefined
  const form: OperandForm = operators[name].form
  switch (form) {
    case 'number':
      if (typeof value === 'number' || (name === '$tolerance' && isPercent(value))) return undefined
      return `${name} needs a number${name === '$tolerance' ? ' or a percentage such as "5%"' : ''}.`
    case 'text':
    case 'pattern':
    case 'expression':
    case 'name':
      return typeof value === 'string' ? undefined : `${name} needs a text.`
    case 'type':
      if (typeof value === 'string' && isValueType(value)) return undefined
      return `${name} is one of ${Object.keys(valueTypes).join(', ')}.`
    case 'set':
    case 'list':
      return isList(value) && value.length > 0 ? undefined : `${name} needs a list that is not empty.`
    default:
      return undefined
  }
}
