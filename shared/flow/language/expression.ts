/**
 * The small language inside `${…}`, `if`, `check` and `$where`: values, names, comparisons, a little arithmetic.
 *
 *   or      := and (("or" | "||") and)*
 *   and     := not (("and" | "&&") not)*
 *   not     := ("not" | "!") not | test
 *   test    := sum (("==" | "!=" | "<" | "<=" | ">" | ">=" | "contains" | "matches" | "in") sum)?
 *   sum     := product (("+" | "-") product)*
 *   product := minus (("*" | "/" | "%") minus)*
 *   minus   := "-" minus | place
 *   place   := primary ("." name | "[" or "]")*
 *   primary := number | text | "true" | "false" | "null" | name ("(" list ")")? | "[" list "]" | "(" or ")"
 *
 * The filter language does not fit: there every name is a field of a packet, and its type says how to read what
 * stands beside it.
 */
import type { FilterError } from '../../filter/ast.ts'
import { nearest } from '../../filter/nearest.ts'
import type { Json } from '../json.ts'
import { functions, isFunction, type FunctionName } from './functions.ts'
import { tokenize, type Token } from './tokens.ts'

export const COMPARISONS = ['==', '!=', '<=', '>=', '<', '>', 'contains', 'matches', 'in'] as const
export type Comparison = (typeof COMPARISONS)[number]
export type Arithmetic = '+' | '-' | '*' | '/' | '%'

export type Expression =
  | { readonly kind: 'value'; readonly value: Json }
  | { readonly kind: 'name'; readonly name: string; readonly start: number; readonly end: number }
  | { readonly kind: 'member'; readonly of: Expression; readonly key: Expression }
  | { readonly kind: 'call'; readonly name: FunctionName; readonly args: readonly Expression[] }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'not' | 'minus'; readonly of: Expression }
  | {
      readonly kind: 'binary'
      readonly op: Comparison | Arithmetic | 'and' | 'or'
      readonly left: Expression
      readonly right: Expression
    }

export type ExpressionResult =
  { readonly ok: true; readonly expression: Expression } | { readonly ok: false; readonly error: FilterError }

/** UTF-16 units of one expression. */
export const MAX_EXPRESSION = 4000
const MAX_DEPTH = 64
/** Members, operators and items of one expression: evaluating recurses once for each in a row. */
const MAX_PARTS = 500

class Failure extends Error {
  readonly error: FilterError
  constructor(error: FilterError) {
    super(error.message)
    this.error = error
  }
}

/** Never throws: a text that is no expression gives the reason, at its characters. */
export function parseExpression(text: string): ExpressionResult {
  if (text.length > MAX_EXPRESSION) {
    const message = `An expression has ${MAX_EXPRESSION} characters at most; this one has ${text.length}.`
    return { ok: false, error: { message, start: MAX_EXPRESSION, end: text.length } }
  }
  try {
    return { ok: true, expression: new Parser(tokenize(text)).parse() }
  } catch (error) {
    if (error instanceof Failure) return { ok: false, error: error.error }
    throw error
  }
}

const words: Readonly<Record<string, string>> = { '&&': 'and', '||': 'or', '!': 'not' }
const constants = new Map<string, Json>([
  ['true', true],
  ['false', false],
  ['null', null],
])

class Parser {
  readonly #tokens: readonly Token[]
  #at = 0
  #depth = 0
  #parts = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  parse(): Expression {
    if (this.#isEnd()) this.#fail('An expression is missing.', 'Write for example a == "b".')
    const expression = this.#or()
    if (!this.#isEnd()) this.#unexpected()
    return expression
  }

  #isEnd(): boolean {
    return this.#token.kind === 'end'
  }

  get #token(): Token {
    return this.#tokens[this.#at] as Token
  }

  #fail(message: string, hint?: string, { start, end }: Token = this.#token): never {
    throw new Failure({ message, start, end, ...(hint !== undefined && { hint }) })
  }

  #unexpected(): never {
    const { kind, text, message } = this.#token
    if (kind === 'end') this.#fail('The expression ends too early.')
    if (kind === 'invalid') this.#fail(message ?? `${text} has no meaning here.`)
    if (text === '=') this.#fail('= is no operator.', 'Write == for "equals".')
    this.#fail(`${text} is not expected here.`)
  }

  /** Takes the operator when it is one of these. */
  #take<T extends string>(kind: 'operator' | 'any', ...texts: readonly T[]): T | undefined {
    const token = this.#token
    if (token.kind !== 'operator' && (kind === 'operator' || token.kind !== 'name')) return undefined
    const text = words[token.text] ?? token.text
    if (!(texts as readonly string[]).includes(text)) return undefined
    this.#at += 1
    return text as T
  }

  #expect(text: string): void {
    if (this.#take('operator', text) === undefined) {
      this.#fail(`${text} is missing here.`)
    }
  }

  #count(): void {
    this.#parts += 1
    if (this.#parts > MAX_PARTS) this.#fail(`An expression has ${MAX_PARTS} parts at most.`)
  }

  #nested<T>(read: () => T): T {
    this.#depth += 1
    if (this.#depth > MAX_DEPTH) this.#fail(`Expressions nest ${MAX_DEPTH} deep at most.`)
    const value = read()
    this.#depth -= 1
    return value
  }

  #row(ops: readonly (Arithmetic | 'and' | 'or')[], next: () => Expression): Expression {
    let left = next()
    for (;;) {
      const op = this.#take('any', ...ops)
      if (op === undefined) return left
      this.#count()
      left = { kind: 'binary', op, left, right: next() }
    }
  }

  #or(): Expression {
    return this.#nested(() => this.#row(['or'], () => this.#row(['and'], () => this.#not())))
  }

  #not(): Expression {
    if (this.#take('any', 'not') === undefined) return this.#test()
    return this.#nested(() => ({ kind: 'not', of: this.#not() }))
  }

  #test(): Expression {
    const left = this.#sum()
    const op = this.#take('any', ...COMPARISONS)
    if (op === undefined) return left
    this.#count()
    return { kind: 'binary', op, left, right: this.#sum() }
  }

  #sum(): Expression {
    return this.#row(['+', '-'], () => this.#row(['*', '/', '%'], () => this.#minus()))
  }

  #minus(): Expression {
    if (this.#take('operator', '-') === undefined) return this.#place()
    return this.#nested(() => ({ kind: 'minus', of: this.#minus() }))
  }

  #place(): Expression {
    let place = this.#primary()
    for (;;) {
      if (this.#take('operator', '.') !== undefined) {
        if (this.#token.kind !== 'name') this.#fail('A name is missing after the dot.')
        place = { kind: 'member', of: place, key: { kind: 'value', value: this.#token.text } }
        this.#at += 1
      } else if (this.#take('operator', '[') !== undefined) {
        place = { kind: 'member', of: place, key: this.#or() }
        this.#expect(']')
      } else return place
      this.#count()
    }
  }

  #primary(): Expression {
    this.#count()
    const token = this.#token
    if (this.#take('operator', '(') !== undefined) {
      const inner = this.#or()
      this.#expect(')')
      return inner
    }
    if (this.#take('operator', '[') !== undefined) return { kind: 'list', items: this.#items(']') }
    if (!['name', 'text', 'number'].includes(token.kind)) this.#unexpected()
    this.#at += 1
    if (token.kind === 'text') return { kind: 'value', value: token.text }
    if (token.kind === 'number') return { kind: 'value', value: Number(token.text) }
    const constant = constants.get(token.text)
    if (constant !== undefined) return { kind: 'value', value: constant }
    if (this.#take('operator', '(') === undefined) {
      return { kind: 'name', name: token.text, start: token.start, end: token.end }
    }
    return this.#call(token)
  }

  #call(token: Token): Expression {
    const name = token.text
    if (!isFunction(name)) {
      const like = nearest(name, Object.keys(functions))
      const known = `There are ${Object.keys(functions).join(', ')}.`
      this.#fail(`There is no function ${name}.`, like ? `Did you mean ${like}?` : known, token)
    }
    const args = this.#items(')')
    const { least, most, usage } = functions[name]
    if (args.length < least || args.length > most)
      this.#fail(`${name} is written ${usage}.`, undefined, token)
    return { kind: 'call', name, args }
  }

  #items(end: ')' | ']'): Expression[] {
    const items: Expression[] = []
    if (this.#take('operator', end) !== undefined) return items
    do items.push(this.#or())
    while (this.#take('operator', ',') !== undefined)
    this.#expect(end)
    return items
  }
}

/** What an expression is made of, one level down. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'value':
    case 'name':
      return []
    case 'member':
      return [expression.of, expression.key]
    case 'call':
      return expression.args
    case 'list':
      return expression.items
    case 'not':
    case 'minus':
      return [expression.of]
    case 'binary':
      return [expression.left, expression.right]
  }
}

/** Names that an expression asks for, with where they stand. */
export function namesIn(expression: Expression): Extract<Expression, { kind: 'name' }>[] {
  return expression.kind === 'name' ? [expression] : partsOf(expression).flatMap(namesIn)
}
