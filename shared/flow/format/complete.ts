/**
 * What may stand at a place of a flow, and what a key is for: read out of the format's own schema, so that whatever
 * the tables of the format say is offered.
 */
import { roleOf, type FieldRole } from '../../usp/forms/describe.ts'
import { functions } from '../language/functions.ts'
import { isList, isMap, member, type Json, type JsonMap } from '../json.ts'
import { bodyKind, mainFields } from '../messages.ts'
import { BUILT_IN, LOCAL } from './check.ts'
import type { TextPlace } from './place.ts'
import { flowSchema } from './schema.ts'

export interface FlowChoice {
  readonly label: string
  readonly kind: 'key' | 'value' | 'name' | 'function' | 'flow'
  /** What it is for. */
  readonly about: string
  /** It has to be there. */
  readonly required: boolean
}

/** What the flow itself and the bench know, beside the format. */
export interface KnownNames {
  readonly variables: readonly string[]
  readonly secrets: readonly string[]
  /** `id` of steps. */
  readonly ids: readonly string[]
  /** Names of flows that can be called. */
  readonly flows: readonly string[]
}

export interface PlaceMeaning {
  readonly choices: readonly FlowChoice[]
  /** A path of the data model may stand here, of this role. */
  readonly path?: FieldRole
}

/** A schema of those that may hold at a place. */
interface Alternative {
  readonly schema: JsonMap
  /** `usp.Get`: the message that it describes. */
  readonly message?: string
  /** In a map or list of values, a matcher may stand at each. */
  readonly isMatcher?: true
}

let schema: JsonMap | undefined
/** Made once, when first asked for. */
const root = (): JsonMap => (schema ??= flowSchema())

const MAX_DEPTH = 12

/** Every alternative, references followed. */
function alternatives(of: Json | undefined, message?: string, depth = 0): Alternative[] {
  if (!isMap(of) || depth > MAX_DEPTH) return []
  const reference = of['$ref']
  if (typeof reference === 'string') {
    const name = reference.replace('#/$defs/', '')
    const definitions = root()['$defs']
    const own = /^(?:send|expect)\.(usp\..+)$/.exec(name)?.[1]
    const found = alternatives(isMap(definitions) ? member(definitions, name) : undefined, own, depth + 1)
    return name === 'matcher' ? found.map((one) => ({ ...one, isMatcher: true })) : found
  }
  const any = of['anyOf']
  if (isList(any)) return any.flatMap((one) => alternatives(one, message, depth + 1))
  return [{ schema: of, ...(message !== undefined && { message }) }]
}

const MATCHER: JsonMap = { $ref: '#/$defs/matcher' }

const propertiesOf = ({ schema: of }: Alternative): JsonMap => {
  const properties = of['properties']
  return isMap(properties) ? properties : {}
}

/** Those that allow all the keys that are there; all of them where none does. */
function narrowed(found: readonly Alternative[], keys: readonly string[]): readonly Alternative[] {
  const maps = found.filter(({ schema: of }) => of['type'] === 'object')
  const fitting = maps.filter((one) => keys.every((key) => Object.hasOwn(propertiesOf(one), key)))
  return fitting.length > 0 ? fitting : maps
}

/** One step down. */
function below(found: readonly Alternative[], key: string | number): Alternative[] {
  return found.flatMap((one) => {
    const own = typeof key === 'number' ? one.schema['items'] : member(propertiesOf(one), key)
    const inner = own ?? (typeof key === 'number' ? undefined : one.schema['additionalProperties'])
    const isFree = inner === undefined && one.isMatcher === true && one.schema['type'] === 'object'
    return alternatives(isFree ? MATCHER : inner, one.message)
  })
}

function at(path: readonly (string | number)[]): Alternative[] {
  let found = alternatives(root())
  for (const key of path) {
    const next = below(found, key)
    // A single item may stand alone: what is in a list of one is meant then.
    found = next.length > 0 ? next : typeof key === 'number' ? found : []
  }
  return found
}

const describe = (of: Json | undefined): string => {
  const about = isMap(of) ? of['description'] : undefined
  return typeof about === 'string' ? about : ''
}

function keyChoices(found: readonly Alternative[], siblings: readonly string[]): FlowChoice[] {
  const choices = new Map<string, FlowChoice>()
  const open = narrowed(found, siblings)
  for (const one of open) {
    const needed = isList(one.schema['required']) ? one.schema['required'] : []
    // As long as it is open which of them it becomes, the key that decides it is wanted: the first that each needs.
    const wanted = open.length > 1 ? needed.slice(0, 1) : needed
    for (const [label, of] of Object.entries(propertiesOf(one))) {
      const required = wanted.includes(label)
      if (siblings.includes(label) || (choices.has(label) && !(required && !choices.get(label)?.required)))
        continue
      const about = describe(of) || (one.message === undefined ? (bodyKind(label)?.place ?? '') : '')
      choices.set(label, { label, kind: 'key', about, required })
    }
  }
  return [...choices.values()]
}

function valueChoices(found: readonly Alternative[]): FlowChoice[] {
  const values = new Map<string, FlowChoice>()
  const add = (value: Json, about = '') => {
    const label = String(value)
    if (!values.has(label)) values.set(label, { label, kind: 'value', about, required: false })
  }
  for (const { schema: of } of found) {
    if (of['const'] !== undefined) add(of['const'], describe(of))
    for (const value of isList(of['enum']) ? of['enum'] : []) add(value)
    if (of['type'] === 'boolean') for (const value of ['true', 'false']) add(value)
  }
  return [...values.values()]
}

const isExpression = (found: readonly Alternative[]): boolean =>
  found.some(({ schema: of }) => of['description'] === 'an expression')

/** Keys whose value is an expression, wherever they stand. */
const EXPRESSIONS = new Set(['when', 'check', 'until', 'if', '$where'])

/** Names that an expression may have at the caret; behind a dot those of what stands before it. */
function nameChoices(before: string, known: KnownNames): FlowChoice[] {
  const name = (label: string, about = '', kind: FlowChoice['kind'] = 'name'): FlowChoice => ({
    label,
    kind,
    about,
    required: false,
  })
  const owner = /(\w+)\.\w*$/.exec(before)?.[1]
  if (owner === 'steps') return known.ids.map((id) => name(id, 'a step'))
  if (owner === 'secret') return known.secrets.map((secret) => name(secret, 'a secret'))
  if (owner === 'run') return [name('id', 'another text for each run'), name('now', 'seconds since 1970')]
  if (owner !== undefined) {
    const facts = ['answer', 'message', 'packet', 'latency', 'at', 'msg_id', 'request']
    return known.ids.includes(owner) ? facts.map((fact) => name(fact)) : []
  }
  return [
    ...known.variables.map((variable) => name(variable, 'a variable of this flow')),
    ...Object.entries({ ...BUILT_IN, ...LOCAL }).map(([label, about]) => name(label, about)),
    ...Object.entries(functions).map(([label, { usage, about }]) =>
      name(label, `${usage}: ${about}`, 'function'),
    ),
  ]
}

/** What may stand at a place, as the format has it. */
export function meaningOf(place: TextPlace, known: KnownNames): PlaceMeaning {
  const { path, at: kind, typed, siblings } = place
  if (kind === 'none') return { choices: [] }
  const open = typed.lastIndexOf('${')
  if (open >= 0 && typed.indexOf('}', open) < 0) return { choices: nameChoices(typed.slice(open + 2), known) }
  const found = at(path)
  const last = path.at(-1)
  if (kind === 'key') return { choices: keyChoices(found, siblings), ...pathOfKeys(path) }
  if (kind === 'value' && (isExpression(found) || EXPRESSIONS.has(String(last))))
    return { choices: nameChoices(typed, known) }
  if (kind === 'value' && last === 'call')
    return { choices: known.flows.map((label) => ({ label, kind: 'flow', about: '', required: false })) }
  if (kind === 'value' && last === 'answer')
    return { choices: known.ids.map((label) => ({ label, kind: 'name', about: 'a step', required: false })) }
  const role = roleAt(path)
  const choices = [...valueChoices(found), ...(kind === 'item' ? keyChoices(found, []) : [])]
  return { choices, ...(role && { path: role }) }
}

/** Keys that are paths themselves: `params: { Device.DeviceInfo.Manufacturer: … }`. */
const pathOfKeys = (path: readonly (string | number)[]): { readonly path?: FieldRole } =>
  path.at(-1) === 'params' ? { path: 'readable' } : {}

/** What a text at this place means for a data model. */
function roleAt(path: readonly (string | number)[]): FieldRole | undefined {
  const field = path.findLast((key) => typeof key === 'string')
  if (field === undefined) return undefined
  const before = path.slice(0, path.lastIndexOf(field))
  const body = bodyKind(String(field))
  const main = mainFields[String(field)]
  // `get: Device.`: the field that the message is mostly about.
  const isShort = body !== undefined && main !== undefined
  const messages = isShort
    ? [body.type]
    : at(before).flatMap(({ message }) => (message === undefined ? [] : [message]))
  for (const message of messages) {
    const role = roleOf(message, isShort ? main : String(field))
    if (role !== 'text') return role
  }
  return undefined
}

/** What a key is for; undefined where the format has nothing to say. */
export function aboutKey(place: TextPlace, key: string): string | undefined {
  if (place.at !== 'key' && place.at !== 'item') return undefined
  for (const one of narrowed(at(place.path), [key, ...place.siblings])) {
    const about = describe(member(propertiesOf(one), key))
    if (about !== '') return about
  }
  return undefined
}
