/** Values as flows have them: plain JSON, so that flows and results can be stored and sent anywhere. */

import type { JsonValue } from '../usp/kinds.ts'

export type Json = JsonValue
export interface JsonMap {
  readonly [name: string]: Json
}

export const isMap = (value: Json | undefined): value is JsonMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
export const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value)

/** A member that the value itself has: `constructor` and the like are none. */
export const member = (map: JsonMap, name: string): Json | undefined =>
  Object.hasOwn(map, name) ? map[name] : undefined

/** A map of these entries, whatever their names: `__proto__` is an ordinary one. */
export const mapOf = (entries: Iterable<readonly [string, Json]>): JsonMap => Object.fromEntries(entries)

/** Text of a value: a text itself, anything else as JSON. */
export const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))

const SHOWN = 120

/** A value in a sentence: texts in quotes, long ones shortened with their full length. */
export function show(value: Json | undefined): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value)
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}… (${text.length} characters)`
}

/** What kind of value it is, as a phrase. */
export function kindOf(value: Json | undefined): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (isList(value)) return 'a list'
  if (typeof value === 'object') return 'a map'
  return { string: 'a text', number: 'a number', boolean: 'true or false' }[
    typeof value as 'string' | 'number' | 'boolean'
  ]
}

/** How large a value is when it is written out, about in characters, and how deep it nests. */
export interface Extent {
  readonly size: number
  readonly depth: number
}

/** Values do not change, so what stands in many places is measured once. */
const extents = new WeakMap<object, Extent>()

/** What stands in it twice counts twice, but takes no more time: a list of a list of a list may be larger than any memory. */
export function extentOf(value: Json): Extent {
  if (typeof value !== 'object' || value === null) {
    return { size: typeof value === 'string' ? value.length + 2 : 6, depth: 0 }
  }
  const known = extents.get(value)
  if (known) return known
  const inside = isList(value) ? value.map(extentOf) : Object.values(value).map(extentOf)
  const names = isList(value) ? 0 : Object.keys(value).reduce((sum, name) => sum + name.length + 3, 0)
  const extent = {
    size: inside.reduce((sum, { size }) => sum + size + 1, names + 2),
    depth: 1 + inside.reduce((most, { depth }) => Math.max(most, depth), 0),
  }
  extents.set(value, extent)
  return extent
}

/** Same value, whatever the order of a map's entries. */
export function equalJson(one: Json | undefined, other: Json | undefined): boolean {
  if (one === other) return true
  if (isList(one)) {
    return isList(other) && one.length === other.length && one.every((item, at) => equalJson(item, other[at]))
  }
  if (!isMap(one) || !isMap(other)) return false
  const names = Object.keys(one)
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && equalJson(one[name], other[name]))
  )
}

/** Every text in the value replaced; the names of maps too. */
export function mapTexts(value: Json, change: (text: string) => Json): Json {
  if (typeof value === 'string') return change(value)
  if (isList(value)) return value.map((item) => mapTexts(item, change))
  if (!isMap(value)) return value
  return mapOf(Object.entries(value).map(([name, item]) => [textOf(change(name)), mapTexts(item, change)]))
}
