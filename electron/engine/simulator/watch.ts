/** Which events a subscription is for, and which values it watches. Pure. */
import { faultOf } from './fault.ts'
import type { DataModel, Place } from './data-model.ts'
import { readPath, resolve } from './resolve.ts'
import type { ParameterType } from './schema.ts'
import type { Subscription } from './subscription-rows.ts'

/** Values that one agent watches for changes; more are not watched. */
export const MAX_WATCHED = 2000

export interface Value {
  readonly path: string
  readonly place: Place
  readonly parameter: ParameterType
}

/** The parameters that a path means, those of objects below included; nothing for a path that means none. */
export function valuesOf(model: DataModel, text: string): Value[] {
  const found: Value[] = []
  const collect = (place: Place): void => {
    if (found.length >= MAX_WATCHED) return
    const { parameters } = place.type
    if (!place.isTable) for (const one of parameters.values()) found.push(valueOf(place, one))
    for (const below of model.below(place)) collect(below)
  }
  faultOf(() => {
    const path = readPath(text)
    for (const place of resolve(model, path)) {
      const parameter = place.type.parameters.get(path.leaf)
      if (path.kind === 'object') collect(place)
      else if (parameter && !place.isTable) found.push(valueOf(place, parameter))
    }
  })
  return found
}

const valueOf = (place: Place, parameter: ParameterType): Value => ({
  path: place.path + parameter.name,
  place,
  parameter,
})

/**
 * Whether a path in a ReferenceList is for what happened at `path` (a row, an event or a command, with instance
 * numbers). `*` stands for rows that are gone or yet to come as well; expressions are about rows that are there.
 */
export function covers(
  model: DataModel,
  reference: string,
  path: string,
  reach: 'rows' | 'all below',
): boolean {
  if (reference.includes('[')) return coversBySearch(model, reference, path)
  const own = reference.replace(/\.$/, '').split('.')
  const steps = path.replace(/\.$/, '').split('.')
  const isObject = !/[!)]$/.test(reference)
  const more = steps.length - own.length
  const reaches = more === 0 || (isObject && more > 0 && (reach === 'all below' || more === 1))
  return reaches && own.every((step, at) => step === '*' || step === steps[at])
}

function coversBySearch(model: DataModel, reference: string, path: string): boolean {
  let found = false
  faultOf(() => {
    const parsed = readPath(/[.!)]$/.test(reference) ? reference : `${reference}.`)
    found = resolve(model, parsed).some((place) => place.path + parsed.leaf === path)
  })
  return found
}

/** Subscriptions of a type for what happened at a path. */
export const interested = (
  model: DataModel,
  list: readonly Subscription[],
  type: Subscription['type'],
  path: string,
): Subscription[] => {
  const reach = type === 'ObjectCreation' || type === 'ObjectDeletion' ? 'rows' : 'all below'
  return list.filter(
    (one) => one.type === type && one.references.some((reference) => covers(model, reference, path, reach)),
  )
}
