/** Bodies of USP messages in a flow's text, checked name by name: what is sent, and what is expected. */
import { nearest } from '../../filter/nearest.ts'
import { enumTable } from '../../usp/fields.ts'
import {
  bodyKind,
  bodyKinds,
  fieldsOf,
  findField,
  isSetting,
  mainFields,
  type MessageField,
} from '../messages.ts'
import { isList, isMap, type Json, type JsonMap } from '../json.ts'
import { isMatcher, isWord } from '../matchers.ts'
import { readMatcher } from './matcher-shape.ts'
import { isTemplate, unknownKey, type Shape } from './shape.ts'
import { valueOf, type Entry, type MapNode, type Node, type Remarks } from './source.ts'

/** `expect`: matchers may stand in place of values, and `params` beside a GetResp. */
type Mode = 'send' | 'expect'

export const sentBody: Shape<JsonMap> = bodyShape('send')
export const expectedBody: Shape<JsonMap> = bodyShape('expect')
/** A Notify alone: `{ value_change: { … } }`. */
export const expectedNotify: Shape<Json> = {
  read: (node, remarks) => new BodyReader('expect', remarks).message('usp.Notify', node),
  write: (value) => writeMessage('usp.Notify', value, 'expect'),
  schema: () => ({ $ref: '#/$defs/expect.usp.Notify' }),
}

function bodyShape(mode: Mode): Shape<JsonMap> {
  return {
    read: (node, remarks) => new BodyReader(mode, remarks).body(node),
    write: (value) =>
      Object.fromEntries(
        Object.entries(value).map(([name, content]) => [name, writeContent(name, content, mode)]),
      ),
    schema: () => ({ $ref: `#/$defs/${mode}` }),
  }
}

const isMatcherNode = (node: Node): boolean =>
  node.kind === 'map'
    ? node.entries.some(({ key }) => key.startsWith('$') && !key.startsWith('${'))
    : isWord(valueOf(node))

class BodyReader {
  readonly #mode: Mode
  readonly #remarks: Remarks

  constructor(mode: Mode, remarks: Remarks) {
    this.#mode = mode
    this.#remarks = remarks
  }

  body(node: Node): JsonMap | undefined {
    const names = bodyKinds.map(({ name }) => name)
    const known = this.#mode === 'expect' ? [...names, 'params'] : names
    if (node.kind !== 'map' || node.entries.length === 0) {
      const wanted =
        this.#mode === 'send' ? 'a message to send: get, set, add, …' : 'the message that is expected'
      this.#remarks.error(node, `Here stands ${wanted}.`, 'For example { get: Device.DeviceInfo. }.')
      return undefined
    }
    const bodies: Entry[] = []
    const read = node.entries.flatMap((entry): [string, Json][] => {
      if (this.#mode === 'expect' && entry.key === 'params') {
        return [['params', readMatcher(entry.value, this.#remarks)]]
      }
      const kind = bodyKind(entry.key)
      if (kind === undefined) {
        unknownKey(entry, known, 'A message', this.#remarks)
        return []
      }
      bodies.push(entry)
      return [[kind.name, this.#content(kind.name, kind.type, entry.value)]]
    })
    const [, second] = bodies
    if (second) this.#remarks.error(second.place, 'A message has one body (R-ENC.3): this is the second.')
    return read.length === 0 ? undefined : Object.fromEntries(read)
  }

  #content(name: string, type: string, node: Node): Json {
    const main = mainFields[name]
    const isShort =
      main !== undefined && node.kind !== 'map' && !(this.#mode === 'expect' && isMatcherNode(node))
    if (isShort && !(node.kind === 'scalar' && node.value === null)) {
      const field = findField(type, main) as MessageField
      return { [main]: this.#field(field, node) }
    }
    return this.message(type, node)
  }

  message(type: string, node: Node): Json {
    if (this.#mode === 'expect' && isMatcherNode(node)) {
      return readMatcher(node, this.#remarks, (inner) => this.message(type, inner))
    }
    if (node.kind === 'scalar' && node.value === null) return {}
    if (isTemplate(node)) return valueOf(node)
    if (node.kind !== 'map') {
      const names = fieldsOf(type).map((field) => field.name)
      this.#remarks.error(node, `Here stands a map of ${names.join(', ') || 'nothing'}.`)
      return {}
    }
    return Object.fromEntries(node.entries.flatMap((entry) => this.#entry(type, entry)))
  }

  #entry(type: string, entry: Entry): [string, Json][] {
    const field = findField(type, entry.key)
    if (field === undefined) {
      unknownKey(
        entry,
        fieldsOf(type).map(({ name }) => name),
        type.split('.').at(-1) ?? type,
        this.#remarks,
      )
      return []
    }
    return [[field.name, this.#field(field, entry.value)]]
  }

  #field(field: MessageField, node: Node): Json {
    const matches = this.#mode === 'expect' && isMatcherNode(node)
    if (matches)
      return readMatcher(
        node,
        this.#remarks,
        (inner) => this.#field(field, inner),
        (item) => this.#one(field, item),
      )
    if (!field.repeated) return this.#one(field, node)
    // Of what is expected it may be the whole list; in what is sent, items that are lists are taken apart.
    if (isTemplate(node) && this.#mode === 'expect') return valueOf(node)
    const isSettings = this.#mode === 'send' && isSetting(field.type) && node.kind === 'map'
    if (isSettings && !node.entries.some(({ key }) => key === 'param')) return this.#settings(field, node)
    const items = node.kind === 'list' ? node.items : [node]
    return items.map((item) => this.#one(field, item))
  }

  #settings(field: MessageField, node: MapNode): Json {
    const value = findField(field.type, 'value') as MessageField
    return node.entries.map((entry) => ({
      param: entry.key,
      value: this.#one(value, entry.value),
      required: true,
    }))
  }

  #one(field: MessageField, node: Node): Json {
    if (field.kind === 'message') return this.message(field.type, node)
    if (this.#mode === 'expect' && isMatcherNode(node)) return readMatcher(node, this.#remarks)
    if (isTemplate(node)) return valueOf(node)
    if (field.kind === 'map') return this.#map(node)
    if (node.kind !== 'scalar' || node.value === null) {
      this.#remarks.error(node, `${field.name} is a single value.`)
      return ''
    }
    this.#check(field, node.value, node)
    return node.value
  }

  #map(node: Node): Json {
    if (node.kind !== 'map') {
      this.#remarks.error(node, 'Here stands a map of names and values.')
      return {}
    }
    if (this.#mode === 'expect') return readMatcher(node, this.#remarks)
    for (const { value } of node.entries) {
      if (value.kind !== 'scalar' || value.value === null)
        this.#remarks.error(value, 'Here stands a single value.')
    }
    return valueOf(node)
  }

  #check({ name, kind, type }: MessageField, value: boolean | number | string, node: Node): void {
    if (kind === 'enum') {
      const names = (enumTable[type] ?? []).map(([, known]) => known)
      if (names.includes(String(value))) return
      const like = nearest(String(value), names)
      this.#remarks.error(node, `${name} is one of ${names.join(', ')}.`, like && `Did you mean ${like}?`)
    } else if (kind === 'bool' && typeof value !== 'boolean') {
      this.#remarks.error(node, `${name} is true or false.`)
    } else if (kind === 'number' && !/^\d{1,20}$/.test(String(value))) {
      this.#remarks.error(node, `${name} is a whole number from 0 on.`)
    }
  }
}

function writeContent(name: string, content: Json, mode: Mode): Json {
  const type = bodyKind(name)?.type
  if (type === undefined || (mode === 'expect' && isMatcher(content))) return content
  const main = mainFields[name]
  const only =
    main !== undefined && isMap(content) && Object.keys(content).join() === main ? content[main] : undefined
  if (only === undefined || isMatcher(only)) return writeMessage(type, content, mode)
  return isList(only) && only.length === 1 ? (only[0] as Json) : only
}

/** Settings in their short form where that says the same. */
function writeMessage(type: string, value: Json, mode: Mode): Json {
  if (!isMap(value) || (mode === 'expect' && isMatcher(value))) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      const field = findField(type, name)
      if (field?.kind !== 'message') return [name, item]
      if (!isList(item)) return [name, writeMessage(field.type, item, mode)]
      const short = mode === 'send' && isSetting(field.type) ? shortSettings(item) : undefined
      return [name, short ?? item.map((one) => writeMessage(field.type, one, mode))]
    }),
  )
}

function shortSettings(items: readonly Json[]): JsonMap | undefined {
  const short: [string, Json][] = []
  for (const item of items) {
    const { param, value, required, ...rest } = isMap(item) ? item : {}
    const fits = typeof param === 'string' && param !== 'param' && value !== undefined && required === true
    if (!fits || Object.keys(rest).length > 0) return undefined
    short.push([param, value])
  }
  const isClear = short.length > 0 && new Set(short.map(([param]) => param)).size === short.length
  return isClear ? Object.fromEntries(short) : undefined
}
