/**
 * What may stand in a flow, as values: a shape reads nodes into typed values with an error at the place, writes such
 * a value back, and describes itself as JSON Schema. The format is a table of shapes (keys.ts); reading, writing and
 * the schema for editors come from that one table.
 */
import { nearest } from '../../filter/nearest.ts'
import { formatDuration, parseDuration } from '../../filter/moments.ts'
import type { Json, JsonMap } from '../json.ts'
import { valueOf, type Entry, type MapNode, type Node, type Remarks } from './source.ts'

export interface Shape<T> {
  /** `undefined` when the node is none of these; why is told to the remarks. */
  read(node: Node, remarks: Remarks): T | undefined
  write(value: T): Json
  schema(): JsonMap
}

export const MAX_TEXT = 20_000
const MS = 1e6

export const isTemplate = (node: Node): boolean =>
  node.kind === 'scalar' && typeof node.value === 'string' && node.value.includes('${')

/** A value that is written as it is. `read` answers `undefined` for what does not fit; `wanted` says what would. */
function plain<T extends Json>(
  wanted: string,
  read: (value: Json) => T | undefined,
  schema: JsonMap,
): Shape<T> {
  return {
    read(node, remarks) {
      const value = node.kind === 'scalar' ? read(node.value) : undefined
      if (value === undefined) remarks.error(node, `Here stands ${wanted}.`)
      return value
    },
    write: (value) => value,
    schema: () => schema,
  }
}

/** Numbers and truth values count as the text they are written as. */
export const text = (wanted = 'a text'): Shape<string> =>
  plain(
    wanted,
    (value) => {
      if (value === null || typeof value === 'object') return undefined
      const said = String(value)
      return said.length <= MAX_TEXT ? said : undefined
    },
    { type: ['string', 'number', 'boolean'] },
  )

export const bool: Shape<boolean> = plain(
  'true or false',
  (value) => (typeof value === 'boolean' ? value : undefined),
  { type: 'boolean' },
)

export const whole = (min: number, max: number): Shape<number> =>
  plain(
    `a whole number from ${min} to ${max}`,
    (value) =>
      typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
        ? value
        : undefined,
    { type: 'integer', minimum: min, maximum: max },
  )

const NAME = '[\\p{L}_][\\p{L}\\p{N}_]*'
const isName = new RegExp(`^${NAME}$`, 'u')
/** What `${…}` can ask for. */
export const name: Shape<string> = plain(
  'a name: letters, digits and _',
  (value) => (typeof value === 'string' && value.length <= 100 && isName.test(value) ? value : undefined),
  { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]*$' },
)

export const oneOf = <T extends string>(...words: readonly T[]): Shape<T> =>
  plain(`one of ${words.join(', ')}`, (value) => words.find((word) => word === value), { enum: words })

const LONG_UNITS = [
  [3_600_000, 'h'],
  [60_000, 'm'],
] as const

/** In the largest unit that is whole: `2m`, `90s`. */
function writeDuration(ms: number): string {
  const unit = LONG_UNITS.find(([size]) => ms > 0 && ms % size === 0)
  return unit ? `${ms / unit[0]}${unit[1]}` : formatDuration(Math.round(ms * MS))
}

/** `5s`, `250ms`, `2m`; a plain number is seconds. Held in milliseconds. */
export const duration: Shape<number> = {
  read(node, remarks) {
    const written = node.kind === 'scalar' && node.value !== null ? String(node.value) : ''
    const value = parseDuration(written)
    if (value !== undefined && value >= 0) return value / MS
    remarks.error(node, 'Here stands a duration.', 'Write 500ms, 5s, 2m or 1h; a plain number is seconds.')
    return undefined
  },
  write: writeDuration,
  schema: () => ({
    anyOf: [
      { type: 'number', minimum: 0 },
      { type: 'string', pattern: '^\\d+(\\.\\d+)?(ns|us|ms|s|m|h|d)?$' },
    ],
  }),
}

/** The shape, or a template that gives it when the flow runs. */
export const orTemplate = <T>(shape: Shape<T>): Shape<T | string> => ({
  read: (node, remarks) =>
    isTemplate(node) ? String((node as { value: Json }).value) : shape.read(node, remarks),
  write: (value) => (typeof value === 'string' && value.includes('${') ? value : shape.write(value as T)),
  schema: () => ({ anyOf: [shape.schema(), { type: 'string', pattern: '\\$\\{' }] }),
})

export const anyValue: Shape<Json> = { read: valueOf, write: (value) => value, schema: () => ({}) }

/** A list; a single item may stand alone. */
export const list = <T>(item: Shape<T>, most: number): Shape<readonly T[]> => ({
  read(node, remarks) {
    const nodes = node.kind === 'list' ? node.items : [node]
    if (nodes.length > most) remarks.error(node, `Here stand ${most} items at most, not ${nodes.length}.`)
    const items = nodes.slice(0, most).map((one) => item.read(one, remarks))
    return items.filter((one) => one !== undefined) as T[]
  },
  write: (value) => value.map((one) => item.write(one)),
  schema: () => ({ anyOf: [item.schema(), { type: 'array', items: item.schema(), maxItems: most }] }),
})

/** Names and values; every name must have the shape of one. */
export const mapTo = <T>(item: Shape<T>, key?: Shape<string>): Shape<Readonly<Record<string, T>>> => ({
  read(node, remarks) {
    if (node.kind !== 'map') {
      remarks.error(node, 'Here stands a map of names and values.')
      return undefined
    }
    const read = node.entries.flatMap((entry) => {
      const named = key?.read({ kind: 'scalar', value: entry.key, ...entry.place }, remarks) ?? entry.key
      const value = item.read(entry.value, remarks)
      return value === undefined ? [] : [[named, value] as const]
    })
    return Object.fromEntries(read)
  },
  write: (value) => Object.fromEntries(Object.entries(value).map(([name, one]) => [name, item.write(one)])),
  schema: () => ({ type: 'object', additionalProperties: item.schema() }),
})

export const lazy = <T>(shape: () => Shape<T>, reference: string): Shape<T> => ({
  read: (node, remarks) => shape().read(node, remarks),
  write: (value) => shape().write(value),
  schema: () => ({ $ref: `#/$defs/${reference}` }),
})

export interface Key<T> {
  readonly shape: Shape<T>
  /** For editors: what it is for. */
  readonly about: string
  readonly required?: true
}
/** A key for each member of the type: the compiler sees that none is forgotten. */
export type Keys<T> = { readonly [K in keyof T]-?: Key<Exclude<T[K], undefined>> }

/** Reads a map by its table of keys. An unknown key is told with the one that was probably meant. */
export function object<T>(keys: Keys<T>, what: string): Shape<T> {
  const table = new Map(Object.entries(keys) as [string, Key<unknown>][])
  return {
    read(node, remarks) {
      if (node.kind !== 'map') {
        remarks.error(node, `Here stands ${what}: a map of ${[...table.keys()].join(', ')}.`)
        return undefined
      }
      const value = readKeys(node, table, what, remarks)
      const lacking = [...table].filter(
        ([key, row]) => row.required && !node.entries.some((entry) => entry.key === key),
      )
      for (const [key] of lacking) remarks.error(firstPlace(node), `${what} needs ${key}.`)
      return lacking.length > 0 ? undefined : (value as T)
    },
    write: (value) => writeKeys(value as Readonly<Record<string, unknown>>, table),
    schema: () => objectSchema(table),
  }
}

/** Where to point at when something is missing: at the first key, not the whole map. */
export const firstPlace = (node: MapNode) => node.entries[0]?.place ?? node

export function readKeys(
  node: MapNode,
  table: ReadonlyMap<string, Key<unknown>>,
  what: string,
  remarks: Remarks,
): Record<string, unknown> {
  const value: [string, unknown][] = []
  for (const entry of node.entries) {
    const row = table.get(entry.key)
    if (row === undefined) unknownKey(entry, table.keys(), what, remarks)
    const read = row?.shape.read(entry.value, remarks)
    if (read !== undefined) value.push([entry.key, read])
  }
  return Object.fromEntries(value)
}

export function unknownKey(
  { key, place }: Entry,
  known: Iterable<string>,
  what: string,
  remarks: Remarks,
): void {
  const names = [...known]
  const like = nearest(key, names)
  remarks.error(
    place,
    `${what} has no ${key}.`,
    like ? `Did you mean ${like}?` : `It may have ${names.join(', ')}.`,
  )
}

export const writeKeys = (
  value: Readonly<Record<string, unknown>>,
  table: ReadonlyMap<string, Key<unknown>>,
): JsonMap =>
  Object.fromEntries(
    [...table].flatMap(([key, { shape }]) =>
      value[key] === undefined ? [] : [[key, shape.write(value[key])]],
    ),
  )

export function objectSchema(table: ReadonlyMap<string, Key<unknown>>): JsonMap {
  const required = [...table].filter(([, row]) => row.required).map(([key]) => key)
  return {
    type: 'object',
    properties: Object.fromEntries(
      [...table].map(([key, { shape, about }]) => [key, { ...shape.schema(), description: about }]),
    ),
    additionalProperties: false,
    ...(required.length > 0 && { required }),
  }
}
