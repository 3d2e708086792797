/** The operators as one table: how they are written, what they mean, and for which types of fields. */
import type { FieldType } from './definition.ts'

export type CompareOperator =
  '==' | '!=' | '===' | '!==' | '>' | '>=' | '<' | '<=' | 'contains' | 'matches' | '~'

export interface Operator {
  readonly name: CompareOperator | 'in'
  /** Other ways to write it. */
  readonly words: readonly string[]
  readonly description: string
  readonly types: ReadonlySet<FieldType>
}

const TEXTS: ReadonlySet<FieldType> = new Set(['string', 'topic'])
const TEXTS_AND_BYTES: ReadonlySet<FieldType> = new Set([...TEXTS, 'bytes'])
const VALUES: ReadonlySet<FieldType> = new Set([
  ...TEXTS_AND_BYTES,
  ...(['number', 'enum', 'bool', 'ip', 'duration', 'time'] as const),
])
const ORDERED: ReadonlySet<FieldType> = new Set([...VALUES].filter((type) => type !== 'bool'))

/**
 * As in Wireshark 4: a comparison is true when any of the values of that name in the packet makes it true, but
 * `!=` and `===` ask for all of them. Nothing is true of a field that the packet does not have.
 */
export const OPERATORS: readonly Operator[] = [
  { name: '==', words: ['eq', 'any_eq'], description: 'a value equals', types: VALUES },
  { name: '!=', words: ['ne', 'all_ne'], description: 'all values differ', types: VALUES },
  { name: '>', words: ['gt'], description: 'greater than', types: ORDERED },
  { name: '>=', words: ['ge'], description: 'greater than or equal', types: ORDERED },
  { name: '<', words: ['lt'], description: 'less than', types: ORDERED },
  { name: '<=', words: ['le'], description: 'less than or equal', types: ORDERED },
  { name: 'contains', words: [], description: 'holds this text or these bytes', types: TEXTS_AND_BYTES },
  {
    name: 'matches',
    words: [],
    description: 'fits a regular expression, letter case aside',
    types: TEXTS_AND_BYTES,
  },
  { name: '~', words: [], description: 'falls under an MQTT topic filter', types: TEXTS },
  { name: 'in', words: [], description: 'is one of a set: {a, b, 1..5}', types: VALUES },
  { name: '===', words: ['all_eq'], description: 'all values equal', types: VALUES },
  { name: '!==', words: ['any_ne'], description: 'a value differs', types: VALUES },
]

const bySpelling = new Map(
  OPERATORS.flatMap((operator) => [operator.name, ...operator.words].map((word) => [word, operator])),
)

export const operatorOf = (spelling: string): Operator | undefined => bySpelling.get(spelling)

/** Spellings of the connectives. */
export const CONNECTIVES: Readonly<Record<string, 'and' | 'or' | 'not'>> = {
  and: 'and',
  '&&': 'and',
  or: 'or',
  '||': 'or',
  not: 'not',
  '!': 'not',
}

/** Words that make a text an expression. */
export const isKeyword = (word: string): boolean => Object.hasOwn(CONNECTIVES, word) || bySpelling.has(word)
