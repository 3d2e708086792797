/** Functions of the expression language: pure, each with a bounded cost. */
import { extentOf, isList, isMap, kindOf, mapOf, member, textOf, type Json } from '../json.ts'

/** Why an expression, a template or a matcher has no value; the message is for the person who wrote the flow. */
export class FlowFault extends Error {
  override readonly name = 'FlowFault'
}

/** UTF-16 units of a text, and items of a list, that an expression may make. */
export const MAX_MADE = 1_000_000

/** Characters. The answer of a device with 50,000 parameters is smaller. */
const MAX_SIZE = 4_000_000
const MAX_DEPTH = 200

/** Throws a FlowFault for a value that is larger, or nests deeper, than any that a flow needs. */
export function bounded<T extends Json>(value: T): T {
  const { size, depth } = extentOf(value)
  if (size > MAX_SIZE) throw new FlowFault(`the value is too large (about ${size} characters)`)
  if (depth > MAX_DEPTH) throw new FlowFault(`the value nests more than ${MAX_DEPTH} levels deep`)
  return value
}

/** A value as text, as long as an expression may make it. */
export function madeText(value: Json): string {
  if (extentOf(value).size > 2 * MAX_MADE) throw new FlowFault('the text is too large')
  return made(textOf(value))
}

interface FunctionRow {
  readonly usage: string
  readonly about: string
  readonly least: number
  readonly most: number
  readonly of: (...args: Json[]) => Json
}

export function numberOf(value: Json | undefined): number {
  if (typeof value === 'number') return value
  if (typeof value === 'string' && /^\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,3})?\s*$/i.test(value)) {
    return Number(value)
  }
  throw new FlowFault(`a number is needed, not ${kindOf(value)}`)
}

/** `true` and `1` are true, `false` and `0` false, also as texts (R-ENC.6). */
export function truthOf(value: Json | undefined): boolean {
  if (value === true || value === 1 || value === 'true' || value === '1') return true
  if (value === false || value === 0 || value === 'false' || value === '0') return false
  throw new FlowFault(`true or false is needed, not ${kindOf(value)}`)
}

export function made<T extends string | readonly Json[]>(value: T): T {
  if (value.length > MAX_MADE) throw new FlowFault(`the result is too large (${value.length})`)
  return value
}

const listOf = (value: Json): readonly Json[] => {
  if (isList(value)) return value
  throw new FlowFault(`a list is needed, not ${kindOf(value)}`)
}
const stringOf = (value: Json): string => {
  if (typeof value === 'object') throw new FlowFault(`a text is needed, not ${kindOf(value)}`)
  return String(value)
}

function lengthOf(value: Json): number {
  if (isMap(value)) return Object.keys(value).length
  return isList(value) ? value.length : stringOf(value).length
}

/** Where a GetResp keeps parameters: full path → value. */
export function paramsOf(answer: Json | undefined): Json {
  const body = isMap(answer) ? member(answer, 'get_resp') : undefined
  const found: [string, Json][] = []
  const items = (of: Json | undefined, name: string): readonly Json[] => {
    const list = isMap(of) ? member(of, name) : undefined
    return isList(list) ? list : []
  }
  for (const result of items(body, 'req_path_results')) {
    for (const object of items(result, 'resolved_path_results')) {
      if (!isMap(object)) continue
      const params = member(object, 'result_params')
      const path = textOf(member(object, 'resolved_path') ?? '')
      if (isMap(params)) for (const [name, value] of Object.entries(params)) found.push([path + name, value])
    }
  }
  return mapOf(found)
}

const row = (
  usage: string,
  about: string,
  of: (...args: Json[]) => Json,
  least: number,
  most = least,
): FunctionRow => ({ usage, about, of, least, most })

export const functions = {
  length: row('length(x)', 'characters of a text, items of a list, entries of a map', (x) => lengthOf(x), 1),
  number: row('number(x)', 'a text as a number', (x) => numberOf(x), 1),
  text: row('text(x)', 'a value as text', (x) => madeText(x), 1),
  lower: row('lower(x)', 'a text in lower case', (x) => stringOf(x).toLowerCase(), 1),
  upper: row('upper(x)', 'a text in upper case', (x) => stringOf(x).toUpperCase(), 1),
  trim: row('trim(x)', 'a text without blanks at its ends', (x) => stringOf(x).trim(), 1),
  first: row('first(x)', 'first item of a list', (x) => listOf(x)[0] ?? null, 1),
  last: row('last(x)', 'last item of a list', (x) => listOf(x).at(-1) ?? null, 1),
  keys: row('keys(x)', 'names of a map', (x) => (isMap(x) ? Object.keys(x) : []), 1),
  split: row(
    'split(text, separator)',
    'parts of a text',
    (x, by) => made(stringOf(x).split(stringOf(by))),
    2,
  ),
  join: row(
    'join(list, separator)',
    'items as one text',
    (x, by) => {
      const texts = listOf(x).map(madeText)
      const between = stringOf(by)
      const size = texts.reduce((sum, text) => sum + text.length + between.length, 0)
      if (size > MAX_MADE) throw new FlowFault('the result of join is too large')
      return texts.join(between)
    },
    2,
  ),
  round: row('round(x)', 'nearest whole number', (x) => Math.round(numberOf(x)), 1),
  min: row('min(x, y)', 'the smaller number', (x, y) => Math.min(numberOf(x), numberOf(y)), 2),
  max: row('max(x, y)', 'the larger number', (x, y) => Math.max(numberOf(x), numberOf(y)), 2),
  params: row('params(answer)', 'parameters of a GetResp by full path', (x) => paramsOf(x), 1),
  param: row(
    'param(answer, path)',
    'one parameter of a GetResp; null when it is not there',
    (x, path) => member(paramsOf(x) as Record<string, Json>, stringOf(path)) ?? null,
    2,
  ),
  instance: row(
    'instance(path)',
    'last instance number of a path',
    (x) => {
      const found = /\.(\d+)\.?$/.exec(stringOf(x))?.[1]
      if (found === undefined) throw new FlowFault(`${textOf(x)} does not end with an instance number`)
      return Number(found)
    },
    1,
  ),
} satisfies Readonly<Record<string, FunctionRow>>

export type FunctionName = keyof typeof functions
export const isFunction = (name: string): name is FunctionName => Object.hasOwn(functions, name)
