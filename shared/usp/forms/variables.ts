/**
 * Variables in messages: `${name}` anywhere in a text of the JSON. A text that is nothing but one variable may stand
 * for a number or a flag. `$${` is a plain `${`.
 */
import type { FormField } from './describe.ts'
import { isObject } from '../json-check.ts'

export type Variables = Readonly<Record<string, string>>

/** A variable that has no value. */
export class UnknownVariable extends Error {
  readonly variable: string
  constructor(variable: string) {
    super(`The variable ${variable} has no value.`)
    this.name = 'UnknownVariable'
    this.variable = variable
  }
}

export const variableName = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/
const use = /\$?\$\{([A-Za-z_][A-Za-z0-9_]{0,63})\}/g
const whole = /^\$\{[A-Za-z_][A-Za-z0-9_]{0,63}\}$/

/** The variable that every message has: the endpoint ID of the device it goes to. */
export const ENDPOINT_VARIABLE = 'endpoint'

/** A text that says the same when values are put in, whatever stands in it. */
export const withoutVariables = (text: string): string => text.replace(use, (match) => `$${match}`)

/** Names of the variables that a text uses, each once, in their order. */
export function variablesIn(text: string): string[] {
  const found = [...text.matchAll(use)].filter(([match]) => !match.startsWith('$$'))
  return [...new Set(found.map(([, name]) => name as string))]
}

/** Puts the values in; throws an UnknownVariable. */
export function fillText(text: string, values: Variables): string {
  return text.replace(use, (match, name: string) => {
    if (match.startsWith('$$')) return match.slice(1)
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    if (value === undefined) throw new UnknownVariable(name)
    return value
  })
}

/**
 * A copy of the content of a request with the values put in, also in the names of arguments. Throws an
 * UnknownVariable.
 */
export function fillContent(content: unknown, fields: readonly FormField[], values: Variables): unknown {
  if (!isObject(content)) return content
  return Object.fromEntries(
    Object.entries(content).map(([name, value]) => {
      const field = fields.find((one) => one.name === name || camelName(one.name) === name)
      return [name, field ? fillField(value, field, values) : fillAny(value, values)]
    }),
  )
}

/** lowerCamelCase as protobuf JSON has it: `param_paths` is `paramPaths`. */
export const camelName = (name: string): string =>
  name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

function fillField(value: unknown, field: FormField, values: Variables): unknown {
  if (Array.isArray(value)) return value.map((item) => fillField(item, field, values))
  if (field.input === 'group') return fillContent(value, field.fields, values)
  if (typeof value !== 'string') return fillAny(value, values)
  const filled = fillText(value, values)
  if (!whole.test(value)) return filled
  if (field.input === 'flag' && (filled === 'true' || filled === 'false')) return filled === 'true'
  if (field.input === 'number' && /^\d{1,15}$/.test(filled)) return Number(filled)
  return filled
}

function fillAny(value: unknown, values: Variables): unknown {
  if (typeof value === 'string') return fillText(value, values)
  if (Array.isArray(value)) return value.map((item) => fillAny(item, values))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [fillText(name, values), fillAny(inner, values)]),
  )
}
