/**
 * Text → expression, by recursive descent. `or` binds weakest, then `and`, then `not`.
 *
 *   or      := and (("or" | "||") and)*
 *   and     := not (("and" | "&&") not)*
 *   not     := ("not" | "!") not | "(" or ")" | test
 *   test    := field key? ( operator value | "not"? "in" "{" item ("," item)* "}" )?
 *   key     := "[" string "]"
 *   item    := value (".." value)?
 *
 * A value is a word or a string; the type of the field says how to read it. On its way the parser notes what
 * each token is (for colours) and what it could have gone on with at the end (for completion).
 */
import type { Expression, FieldReference, FilterError, Literal } from './ast.ts'
import { findField, suggestField } from './fields.ts'
import { tokenize, type Token } from './lexer.ts'
import { readLiteral } from './literals.ts'
import {
  CONNECTIVES,
  isKeyword,
  operatorOf,
  OPERATORS,
  type CompareOperator,
  type Operator,
} from './operators.ts'
import { compilePattern } from './regex.ts'
import { isTopicFilter, parseShared } from '../mqtt/topics.ts'

/** Parentheses and `not` inside each other: more is a mistake, and each takes stack. */
export const MAX_DEPTH = 64

export type TokenClass = 'field' | 'operator' | 'string' | 'number' | 'enum'
export interface Mark {
  readonly start: number
  readonly end: number
  readonly class: TokenClass
}

/** What could stand at the end of the text. */
export type Wanted =
  | { readonly kind: 'test' | 'connective' | 'close' }
  | { readonly kind: 'operator'; readonly of: FieldReference }
  | { readonly kind: 'value'; readonly of: FieldReference; readonly operator: Operator }
  | { readonly kind: 'key'; readonly of: FieldReference }

export interface ParseOutcome {
  readonly result:
    | { readonly ok: true; readonly expression: Expression }
    | { readonly ok: false; readonly error: FilterError }
  readonly marks: readonly Mark[]
  readonly wanted: readonly Wanted[]
}

/** Leaves the descent; never leaves this file. */
class Failure extends Error {
  readonly error: FilterError
  constructor(error: FilterError) {
    super(error.message)
    this.error = error
  }
}

/** Parses a text that is meant as an expression. Never throws. */
export function parseExpression(text: string): ParseOutcome {
  const parser = new Parser(tokenize(text))
  const { marks, wanted } = parser
  try {
    return { result: { ok: true, expression: parser.parse() }, marks, wanted }
  } catch (error) {
    if (error instanceof Failure) return { result: { ok: false, error: error.error }, marks, wanted }
    throw error
  }
}

class Parser {
  readonly marks: Mark[] = []
  readonly wanted: Wanted[] = []
  readonly #tokens: readonly Token[]
  #at = 0
  #depth = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  parse(): Expression {
    this.#want({ kind: 'test' })
    if (this.#isEnd()) return { kind: 'and', items: [] }
    const expression = this.#or()
    this.#want({ kind: 'connective' })
    if (!this.#isEnd()) this.#fail(...this.#unexpected())
    return expression
  }

  get #token(): Token {
    return this.#tokens[this.#at] as Token
  }

  #want(what: Wanted): void {
    if (this.#isEnd()) this.wanted.push(what)
  }

  #isEnd(): boolean {
    return this.#token.kind === 'end'
  }

  #fail(message: string, hint?: string, token = this.#token): never {
    const { start, end } = token
    throw new Failure({ message, start, end, ...(hint !== undefined && { hint }) })
  }

  /** Takes the token, noting what it is. */
  #take(as: TokenClass): Token {
    const token = this.#token
    this.marks.push({ start: token.start, end: token.end, class: as })
    this.#at += 1
    return token
  }

  #isBracket(text: string): boolean {
    return this.#token.kind === 'bracket' && this.#token.text === text
  }

  #expectBracket(text: string, message: string): void {
    if (!this.#isBracket(text)) this.#fail(message)
    this.#take('operator')
  }

  #connective(): 'and' | 'or' | 'not' | undefined {
    const { kind, text } = this.#token
    if (kind !== 'word' && kind !== 'operator') return undefined
    return Object.hasOwn(CONNECTIVES, text) ? CONNECTIVES[text] : undefined
  }

  #or(): Expression {
    return this.#chain('or', () => this.#chain('and', () => this.#not()))
  }

  #chain(kind: 'and' | 'or', part: () => Expression): Expression {
    const items = [part()]
    while (this.#connective() === kind) {
      this.#take('operator')
      items.push(part())
    }
    if (items.length === 1) return items[0] as Expression
    // `a and (b and c)` is `a and b and c`.
    return { kind, items: items.flatMap((item) => (item.kind === kind ? item.items : [item])) }
  }

  #not(): Expression {
    if (this.#connective() !== 'not') return this.#test()
    return this.#deeper(() => {
      this.#take('operator')
      return { kind: 'not', item: this.#not() }
    })
  }

  #deeper(part: () => Expression): Expression {
    if (this.#depth === MAX_DEPTH) this.#fail(`Parentheses and nots lie more than ${MAX_DEPTH} deep.`)
    this.#depth += 1
    const expression = part()
    this.#depth -= 1
    return expression
  }

  #test(): Expression {
    this.#want({ kind: 'test' })
    if (this.#isBracket('(')) return this.#deeper(() => this.#parentheses())
    const of = this.#reference()
    if (of.key === undefined) this.#want({ kind: 'operator', of })
    const negated = this.#connective() === 'not' && this.#tokens[this.#at + 1]?.text === 'in'
    if (negated) this.#take('operator')
    const { kind, text } = this.#token
    const operator = kind === 'word' || kind === 'operator' ? operatorOf(text) : undefined
    if (operator === undefined) return { kind: 'exists', of }
    this.#checkFit(of, operator)
    this.#take('operator')
    if (operator.name !== 'in') {
      return { kind: 'compare', of, op: operator.name, value: this.#operand(of, operator, operator.name) }
    }
    const test: Expression = { kind: 'in', of, set: this.#set(of, operator) }
    return negated ? { kind: 'not', item: test } : test
  }

  #parentheses(): Expression {
    const open = this.#take('operator')
    const expression = this.#or()
    this.#want({ kind: 'connective' })
    this.#want({ kind: 'close' })
    if (this.#isEnd()) this.#fail('This ( is not closed.', undefined, open)
    if (!this.#isBracket(')')) this.#fail(...this.#unexpected())
    this.#take('operator')
    return expression
  }

  #reference(): FieldReference {
    const { kind, text } = this.#token
    if (kind !== 'word' || isKeyword(text)) this.#fail(...this.#unexpected('A field is missing here.'))
    const field = findField(text)
    if (field === undefined) this.#fail(...unknownField(text))
    this.#take('field')
    if (!this.#isBracket('[')) return { field }
    if (field.entry === undefined) this.#fail(`${field.name} has no entries to pick from with [ ].`)
    this.#take('operator')
    this.#want({ kind: 'key', of: { field } })
    if (this.#token.kind !== 'string') this.#fail('The name of an entry is missing here.', 'Write ["name"].')
    const key = this.#take('string').text
    this.#expectBracket(']', 'A ] is missing here.')
    const of = { field, key }
    this.#want({ kind: 'operator', of })
    return of
  }

  #checkFit({ field }: FieldReference, { name, types }: Operator): void {
    if (types.has(field.type)) return
    if (field.type === 'presence') {
      this.#fail(`${field.name} has no value to compare.`, 'Its name alone asks whether it is there.')
    }
    const fitting = OPERATORS.filter((operator) => operator.types.has(field.type)).map(({ name }) => name)
    this.#fail(`${name} does not fit ${field.name}.`, `Use ${fitting.join(', ')}.`)
  }

  #operand(of: FieldReference, operator: Operator, op: CompareOperator): Literal {
    const token = this.#token
    const wantsText = op === 'matches' || op === '~'
    const value = this.#value(of, operator, wantsText)
    if (value.kind !== 'text') return value
    const fault =
      op === '~' ? filterFault(value.text) : op === 'matches' ? patternFault(value.text) : undefined
    if (fault !== undefined) this.#fail(fault, undefined, token)
    return value
  }

  #set(of: FieldReference, operator: Operator): Literal[] {
    this.#expectBracket('{', 'A set in { } is missing here.')
    const set = [this.#item(of, operator)]
    while (this.#isBracket(',')) {
      this.#take('operator')
      set.push(this.#item(of, operator))
    }
    this.#expectBracket('}', 'A , or a } is missing here.')
    return set
  }

  #item(of: FieldReference, operator: Operator): Literal {
    const start = this.#token
    const low = this.#value(of, operator, false)
    if (!this.#isBracket('..')) return low
    this.#take('operator')
    const high = this.#value(of, operator, false)
    if (low.kind !== 'number' || high.kind !== 'number') {
      this.#fail(`${of.field.name} has no ranges.`, 'List the values one by one.', start)
    }
    if (high.high < low.low) this.#fail('This range runs backwards.', undefined, start)
    return { kind: 'number', low: low.low, high: high.high }
  }

  /** A word or a string, read as `of` wants it, or as plain text. */
  #value(of: FieldReference, operator: Operator, asText: boolean): Literal {
    this.#want({ kind: 'value', of, operator })
    const token = this.#token
    const { field } = of
    if (token.kind !== 'word' && token.kind !== 'string') {
      this.#fail(...this.#unexpected(`A value for ${field.name} is missing here.`))
    }
    const isText = asText || field.type === 'string' || field.type === 'topic'
    if (isText && token.kind === 'word' && findField(token.text) !== undefined) {
      this.#fail(
        `${token.text} is a field, and fields are compared with values.`,
        'For the text put it into "…".',
      )
    }
    const read = asText
      ? { ok: true as const, literal: { kind: 'text' as const, text: token.text } }
      : readLiteral(token, field)
    if (!read.ok) this.#fail(read.message, read.hint)
    this.#take(token.kind === 'string' || isText ? 'string' : valueClass(field.type))
    return read.literal
  }

  /** What is wrong with the token, and what to do. */
  #unexpected(missing?: string): [message: string, hint?: string] {
    const { kind, text, message, hint } = this.#token
    if (kind === 'invalid') return hint === undefined ? [message ?? ''] : [message ?? '', hint]
    if (kind === 'end' || (missing !== undefined && kind !== 'string')) {
      return [missing ?? 'The expression ends too early.']
    }
    if (missing !== undefined) return [missing, 'To search for text, write contains behind a field.']
    const like = likelyOperator(text)
    if (like !== undefined) return [`"${text}" is no operator.`, `Write ${like}.`]
    return [`"${text}" is not expected here.`, 'Join tests with and or or.']
  }
}

const valueClass = (type: string): TokenClass => (type === 'enum' || type === 'bool' ? 'enum' : 'number')

function unknownField(word: string): [message: string, hint?: string] {
  const like = suggestField(word)
  if (like !== undefined) return [`There is no field ${word}.`, `Did you mean ${like}?`]
  return [`There is no field ${word}.`, 'To search for words, write them without and, or, not and operators.']
}

/** Words of other languages. */
const likely: Readonly<Record<string, string>> = {
  is: '==',
  equals: '==',
  like: 'contains',
  has: 'contains',
  includes: 'contains',
  match: 'matches',
  regex: 'matches',
  xor: 'and, or and not',
  '<>': '!=',
}
const likelyOperator = (word: string): string | undefined => {
  const lower = word.toLowerCase()
  if (Object.hasOwn(likely, lower)) return likely[lower]
  return operatorOf(lower)?.name ?? (Object.hasOwn(CONNECTIVES, lower) ? lower : undefined)
}

function filterFault(filter: string): string | undefined {
  if (parseShared(filter) !== undefined) {
    return 'A shared subscription is no filter of topics: write what stands behind its share name.'
  }
  const validity = isTopicFilter(filter)
  return validity.valid ? undefined : `The topic filter ${validity.reason}.`
}

function patternFault(pattern: string): string | undefined {
  const compiled = compilePattern(pattern)
  return compiled.ok ? undefined : compiled.message
}
