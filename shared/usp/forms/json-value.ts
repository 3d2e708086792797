/** Changing one place of a JSON value without touching the others. Places are members and indexes from the root. */
import { isObject } from '../json-check.ts'

export type JsonPath = readonly (string | number)[]

/** `update_objs[0].param_settings[1].value`, as faults name places; empty for the whole. */
export function placeName(path: JsonPath): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else if (/^\w+$/.test(step)) text += text === '' ? step : `.${step}`
    else text += `[${JSON.stringify(step)}]`
  }
  return text
}

/** The value at a place, or undefined. */
export function valueAt(value: unknown, path: JsonPath): unknown {
  let found = value
  for (const step of path) {
    if (Array.isArray(found)) found = found[Number(step)]
    else if (isObject(found) && Object.hasOwn(found, step)) found = found[step]
    else return undefined
  }
  return found
}

/**
 * A copy with another value at a place; objects and lists on the way are made where they are missing. `undefined`
 * takes the member or item out.
 */
export function withValue(value: unknown, path: JsonPath, to: unknown): unknown {
  const [step, ...rest] = path
  if (step === undefined) return to
  if (typeof step === 'number') {
    const list: unknown[] = Array.isArray(value) ? [...value] : []
    if (rest.length === 0 && to === undefined) list.splice(step, 1)
    else list[step] = withValue(list[step], rest, to)
    return list
  }
  const members = Object.entries(isObject(value) ? value : {})
  const at = members.findIndex(([name]) => name === step)
  const inner = withValue(at < 0 ? undefined : members[at]?.[1], rest, to)
  if (inner === undefined) members.splice(at, at < 0 ? 0 : 1)
  else if (at < 0) members.push([step, inner])
  else members[at] = [step, inner]
  return Object.fromEntries(members)
}

/** A copy in which a member has another name and its place among the others. */
export function withName(value: unknown, path: JsonPath, name: string): unknown {
  const before = path.at(-1)
  const parent = valueAt(value, path.slice(0, -1))
  if (!isObject(parent) || typeof before !== 'string') return value
  const members = Object.entries(parent).filter(([other]) => other === before || other !== name)
  const renamed = Object.fromEntries(members.map(([key, one]) => [key === before ? name : key, one]))
  return withValue(value, path.slice(0, -1), renamed)
}
