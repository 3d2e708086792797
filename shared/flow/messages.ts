/**
 * USP messages as flows write them: what is in the body, under its name in the .proto, `{ get: { param_paths: […] } }`.
 * The table of fields (shared/usp/fields.ts) says which names there are and what stands behind them.
 */
import type { Msg } from '../usp/codec.ts'
import { enumTable, messageTable } from '../usp/fields.ts'
import { msgToProtoJson } from '../usp/request-json.ts'
import { FlowFault, paramsOf, truthOf, numberOf } from './language/functions.ts'
import { isList, isMap, kindOf, member, show, textOf, type Json, type JsonMap } from './json.ts'

export interface MessageField {
  readonly name: string
  /** Full name of a message or enum, or the scalar type. */
  readonly type: string
  readonly kind: 'message' | 'enum' | 'map' | 'string' | 'bytes' | 'bool' | 'number'
  readonly repeated: boolean
}

function fieldKind(type: string): MessageField['kind'] {
  if (type.startsWith('map<')) return 'map'
  if (Object.hasOwn(messageTable, type)) return 'message'
  if (Object.hasOwn(enumTable, type)) return 'enum'
  return type === 'string' || type === 'bytes' || type === 'bool' ? type : 'number'
}

const fieldsByMessage = new Map(
  Object.entries(messageTable).map(([message, rows]) => [
    message,
    rows.map(([, name, type, label]): MessageField => ({
      name,
      type,
      kind: fieldKind(type),
      repeated: label === 'repeated',
    })),
  ]),
)
export const fieldsOf = (message: string): readonly MessageField[] => fieldsByMessage.get(message) ?? []

/** `paramPaths` of protobuf JSON and `param_paths` of the .proto are the same name. */
const plainName = (name: string): string => name.replaceAll('_', '').toLowerCase()
export const findField = (message: string, name: string): MessageField | undefined =>
  fieldsOf(message).find((field) => plainName(field.name) === plainName(name))

export type BodyPlace = 'request' | 'response' | 'error'
export interface BodyKind {
  readonly name: string
  readonly place: BodyPlace
  readonly type: string
  /** As in `Header.msg_type`. */
  readonly msgType: string
}

const msgTypeOf = (name: string): string =>
  name.replace('supported_protocol', 'supported_proto').toUpperCase()
const members = (place: 'request' | 'response', message: string): BodyKind[] =>
  fieldsOf(message).map(({ name, type }) => ({ name, place, type, msgType: msgTypeOf(name) }))

/** Everything that a Msg can be. */
export const bodyKinds: readonly BodyKind[] = [
  ...members('request', 'usp.Request'),
  ...members('response', 'usp.Response'),
  { name: 'error', place: 'error', type: 'usp.Error', msgType: 'ERROR' },
]
export const bodyKind = (name: string): BodyKind | undefined =>
  bodyKinds.find((kind) => plainName(kind.name) === plainName(name))

/** The field that a body is mostly about: `get: Device.DeviceInfo.` needs no more. */
export const mainFields: Readonly<Record<string, string>> = {
  get: 'param_paths',
  get_instances: 'obj_paths',
  get_supported_dm: 'obj_paths',
  delete: 'obj_paths',
  operate: 'command',
  get_supported_protocol: 'controller_supported_protocol_versions',
  notify_resp: 'subscription_id',
}

/** Settings of an Add or a Set, which may be written `{ Enable: true }`: such a parameter is `required`. */
export const isSetting = (message: string): boolean =>
  ['param', 'value', 'required'].every((name) => findField(message, name) !== undefined)

/** The only body in the map and what is in it; `undefined` when it is not exactly one. */
export function bodyIn(body: JsonMap): { readonly kind: BodyKind; readonly content: Json } | undefined {
  const names = Object.keys(body).filter((name) => bodyKind(name) !== undefined)
  const kind = names.length === 1 ? bodyKind(names[0] as string) : undefined
  return kind && { kind, content: body[names[0] as string] as Json }
}

/**
 * The Msg, in protobuf JSON, of a body whose templates are filled. Values become what their fields take: a number in
 * a text field its text, one value in a repeated field a list of it. Throws a FlowFault that names the field.
 */
export function makeMsgJson(body: JsonMap, msgId: string): JsonMap {
  const found = bodyIn(body)
  if (found === undefined) throw new FlowFault('a message has exactly one body')
  const { kind, content } = found
  const fitted = fitMessage(kind.type, content, kind.name)
  const inside = kind.place === 'error' ? fitted : { [kind.name]: fitted }
  return { header: { msg_id: msgId, msg_type: kind.msgType }, body: { [kind.place]: inside } }
}

function fitMessage(message: string, value: Json, at: string): JsonMap {
  if (value === null) return {}
  if (!isMap(value)) throw new FlowFault(`${at} must be a map, not ${kindOf(value)}`)
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      const field = findField(message, name)
      if (field === undefined) throw new FlowFault(`${at} has no ${name}`)
      const place = `${at}.${field.name}`
      if (!field.repeated) return [field.name, fitField(field, item, place)]
      // A template among the items may have given a list of them.
      const items = isList(item) ? item.flat() : [item]
      return [field.name, items.map((one, index) => fitField(field, one, `${place}[${index}]`))]
    }),
  )
}

function fitField({ kind, type }: MessageField, value: Json, at: string): Json {
  if (kind === 'message') return fitMessage(type, value, at)
  if (kind === 'map') {
    if (!isMap(value)) throw new FlowFault(`${at} must be a map, not ${kindOf(value)}`)
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, fitText(item, `${at}.${name}`)]),
    )
  }
  if (kind === 'string' || kind === 'bytes') return fitText(value, at)
  try {
    if (kind === 'bool') return truthOf(value)
    if (kind === 'number') return type === 'uint64' ? textOf(value) : numberOf(value)
  } catch (error) {
    throw new FlowFault(`${at}: ${(error as Error).message}`)
  }
  return value
}

function fitText(value: Json, at: string): string {
  if (typeof value === 'object') throw new FlowFault(`${at} must be a text, not ${show(value)}`)
  return String(value)
}

/** A Msg as flows see it, in protobuf JSON with the names of the .proto; defaults are left out. */
export const msgJson = (msg: Msg): JsonMap => msgToProtoJson(msg) as JsonMap

/**
 * What is in the body of a Msg, `{ get_resp: { … } }`. A GetResp has its parameters by full path beside it, under
 * `params`: what one mostly wants to know of it. Empty for a Msg without a body.
 */
export function bodyOf(msg: JsonMap): JsonMap {
  const body = member(msg, 'body')
  if (!isMap(body)) return {}
  const error = member(body, 'error')
  if (isMap(error)) return { error }
  const inside = member(body, 'request') ?? member(body, 'response')
  if (!isMap(inside)) return {}
  return Object.hasOwn(inside, 'get_resp') ? { ...inside, params: paramsOf(inside) } : inside
}

export const msgIdOf = (msg: JsonMap): string => {
  const header = member(msg, 'header')
  return isMap(header) ? textOf(member(header, 'msg_id') ?? '') : ''
}
