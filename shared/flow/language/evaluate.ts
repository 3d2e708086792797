/** Works out what an expression says. Pure; throws a FlowFault, whose message tells what did not fit. */
import { equalJson, isList, isMap, kindOf, member, show, textOf, type Json } from '../json.ts'
import { parseExpression, type Comparison, type Expression } from './expression.ts'
import { bounded, FlowFault, functions, made, numberOf, truthOf } from './functions.ts'
import { patternOf } from './patterns.ts'

/** Where names get their values. */
export interface Scope {
  get(name: string): Json | undefined
}

/** Names of `inner` first, then those of `outer`. */
export const within = (outer: Scope, inner: Readonly<Record<string, Json>>): Scope => ({
  get: (name) => member(inner, name) ?? outer.get(name),
})
export const scopeOf = (values: Readonly<Record<string, Json>>): Scope => ({
  get: (name) => member(values, name),
})

export function evaluate(expression: Expression, scope: Scope): Json {
  switch (expression.kind) {
    case 'value':
      return expression.value
    case 'name': {
      const value = scope.get(expression.name)
      if (value === undefined) throw new FlowFault(`${expression.name} has no value yet`)
      return value
    }
    case 'member':
      return memberOf(evaluate(expression.of, scope), evaluate(expression.key, scope))
    case 'call': {
      const args = expression.args.map((arg) => evaluate(arg, scope))
      try {
        return (functions[expression.name].of as (...args: Json[]) => Json)(...args)
      } catch (error) {
        if (error instanceof FlowFault) throw new FlowFault(`${expression.name}: ${error.message}`)
        throw error
      }
    }
    case 'list':
      return bounded(expression.items.map((item) => evaluate(item, scope)))
    case 'not':
      return !truthOf(evaluate(expression.of, scope))
    case 'minus':
      return -numberOf(evaluate(expression.of, scope))
    case 'binary':
      return binary(expression, scope)
  }
}

/** Parses and evaluates; for texts that were checked when the flow was read. */
export function evaluateText(text: string, scope: Scope): Json {
  const parsed = parseExpression(text)
  if (!parsed.ok) throw new FlowFault(parsed.error.message)
  return evaluate(parsed.expression, scope)
}

/** A missing member is null, so that `answer.error == null` can be asked; a member of nothing is a fault. */
function memberOf(of: Json, key: Json): Json {
  if (isMap(of)) return member(of, textOf(key)) ?? null
  if (isList(of)) return of.at(numberOf(key)) ?? null
  throw new FlowFault(`${kindOf(of)} has no ${show(key)}`)
}

function binary({ op, left, right }: Extract<Expression, { kind: 'binary' }>, scope: Scope): Json {
  if (op === 'and') return truthOf(evaluate(left, scope)) && truthOf(evaluate(right, scope))
  if (op === 'or') return truthOf(evaluate(left, scope)) || truthOf(evaluate(right, scope))
  const one = evaluate(left, scope)
  const other = evaluate(right, scope)
  switch (op) {
    case '+':
      return plus(one, other)
    case '-':
      return finite(numberOf(one) - numberOf(other))
    case '*':
      return finite(numberOf(one) * numberOf(other))
    case '/':
      return finite(numberOf(one) / numberOf(other))
    case '%':
      return finite(numberOf(one) % numberOf(other))
    default:
      return compare(op, one, other)
  }
}

function plus(one: Json, other: Json): Json {
  if (isList(one) && isList(other)) return bounded(made([...one, ...other]))
  if (typeof one === 'number' && typeof other === 'number') return finite(one + other)
  if (typeof one !== 'object' && typeof other !== 'object') return made(String(one) + String(other))
  throw new FlowFault(`${kindOf(one)} and ${kindOf(other)} cannot be added`)
}

function finite(value: number): number {
  if (Number.isFinite(value)) return value
  throw new FlowFault('the result is no number')
}

function compare(op: Comparison, one: Json, other: Json): boolean {
  switch (op) {
    case '==':
      return sameValue(one, other)
    case '!=':
      return !sameValue(one, other)
    case 'contains':
      return holds(one, other)
    case 'in':
      return holds(other, one)
    case 'matches':
      return patternOf(textOf(other)).test(textOf(one))
    default: {
      const order = orderOf(one, other)
      if (op === '<') return order < 0
      if (op === '>') return order > 0
      return op === '<=' ? order <= 0 : order >= 0
    }
  }
}

function holds(all: Json, part: Json): boolean {
  if (isList(all)) return all.some((item) => sameValue(item, part))
  if (isMap(all)) return Object.hasOwn(all, textOf(part))
  return textOf(all).includes(textOf(part))
}

/** Numbers by value, also where one or both are texts; other texts by their characters, so that dates work. */
export function orderOf(one: Json, other: Json): number {
  try {
    return numberOf(one) - numberOf(other)
  } catch {
    if (typeof one === 'string' && typeof other === 'string') return one < other ? -1 : one > other ? 1 : 0
    throw new FlowFault(`${kindOf(one)} and ${kindOf(other)} cannot be put in order`)
  }
}

/**
 * Equal as a person reads it: USP carries every value as a text (R-ENC.6), so a number or truth value equals its
 * text: `5` is "5" and "5.0", `true` is "true" and "1".
 */
export function sameValue(one: Json, other: Json): boolean {
  if (typeof one === typeof other || one === null || other === null) return equalJson(one, other)
  if (typeof one === 'object' || typeof other === 'object') return false
  try {
    if (typeof one === 'boolean' || typeof other === 'boolean') return truthOf(one) === truthOf(other)
    return numberOf(one) === numberOf(other)
  } catch {
    return false
  }
}
