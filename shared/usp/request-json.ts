/** Requests out of protobuf JSON, in the forms in which people keep them, and Msgs as JSON. */
import { fromJson, toJson, type DescMessage, type JsonValue as ProtobufJson } from '@bufbuild/protobuf'
import { makeMsg, type Msg } from './codec.ts'
import { Header_MsgType, MsgSchema, RequestSchema } from './gen/usp-msg_pb.ts'
import { checkJson, isObject, JsonFault, parseJson } from './json-check.ts'
import { requestFields, requestKinds, type JsonValue, type RequestKind } from './kinds.ts'

/** Values of Header.msg_type by kind of request. */
const msgTypeOf: Readonly<Record<RequestKind, Header_MsgType>> = {
  Get: Header_MsgType.GET,
  GetSupportedDM: Header_MsgType.GET_SUPPORTED_DM,
  GetInstances: Header_MsgType.GET_INSTANCES,
  Set: Header_MsgType.SET,
  Add: Header_MsgType.ADD,
  Delete: Header_MsgType.DELETE,
  Operate: Header_MsgType.OPERATE,
  Notify: Header_MsgType.NOTIFY,
  GetSupportedProtocol: Header_MsgType.GET_SUPPORTED_PROTO,
  Register: Header_MsgType.REGISTER,
  Deregister: Header_MsgType.DEREGISTER,
}

export interface RequestMsg {
  readonly kind: RequestKind
  readonly msg: Msg
}

/** As people write them: `get`, `Get`, `get_supported_dm`, `getSupportedDm`, `GetSupportedDM`. */
const plain = (name: string): string => name.replaceAll('_', '').toLowerCase()
const kindOf = (name: string): RequestKind | undefined =>
  requestKinds.find((kind) => plain(kind) === plain(name))

/** The content of a request within what a person wrote. */
export interface LocatedRequest {
  readonly kind: RequestKind
  readonly content: unknown
  /** Members that lead to it: `['body', 'request', 'get']`; empty when it stands alone. */
  readonly at: readonly string[]
  readonly msgId?: string
}

/**
 * Reads JSON text or a value: a Msg (`header`, `body`), a body (`request`), a request (`{"get": …}`), or, with
 * `kind`, what is in it. Throws a JsonFault that names the place.
 */
export function requestFromJson(
  input: unknown,
  kind?: RequestKind,
): RequestMsg & { readonly msgId?: string } {
  const { msgId, ...located } = locateRequest(input, kind)
  const read = { kind: located.kind, msg: toMsg(located) }
  return msgId === undefined ? read : { ...read, msgId }
}

/**
 * Finds the request without looking into it, in the same forms; a content that stands alone is recognised by its
 * fields where they are those of one kind only. Throws a JsonFault that names the place.
 */
export function locateRequest(input: unknown, kind?: RequestKind): LocatedRequest {
  const json = typeof input === 'string' ? parseJson(input) : input
  if (!isObject(json)) throw new JsonFault('', 'A request is a JSON object { … }.')
  const keys = Object.keys(json)
  if (keys.includes('body')) {
    const extra = keys.find((key) => key !== 'header' && key !== 'body')
    if (extra !== undefined) throw new JsonFault(extra, 'Msg has no such field; it has header, body')
    const msgId = headerId(json['header'])
    const found = inBody(json['body'], ['body'], kind)
    return msgId === undefined ? found : { ...found, msgId }
  }
  if (keys.length === 1 && ['request', 'response', 'error'].includes(keys[0] as string)) {
    return inBody(json, [], kind)
  }
  if (kind !== undefined) return { kind, content: json, at: [] }
  return inRequest(json, [])
}

function headerId(header: unknown): string | undefined {
  if (header === undefined || header === null) return undefined
  const desc = MsgSchema.fields.find(({ name }) => name === 'header')?.message
  if (desc) checkJson(desc, header, 'header')
  const { msg_id: id, msgId = id } = header as { readonly msg_id?: string; readonly msgId?: string }
  return msgId === '' ? undefined : msgId
}

const placeOf = (at: readonly string[]): string => at.join('.')

function inBody(body: unknown, at: readonly string[], kind: RequestKind | undefined): LocatedRequest {
  if (!isObject(body)) throw new JsonFault(placeOf(at), 'must be an object with a request')
  const other = Object.keys(body).find((key) => key !== 'request')
  if (other !== undefined) throw new JsonFault(placeOf([...at, other]), 'only requests can be sent this way')
  const inside = [...at, 'request']
  if (!isObject(body['request'])) throw new JsonFault(placeOf(inside), 'must be an object')
  const found = inRequest(body['request'], inside)
  if (kind === undefined || kind === found.kind) return found
  throw new JsonFault(placeOf(inside), `is a ${found.kind}, not the ${kind} that was chosen`)
}

function inRequest(request: Readonly<Record<string, unknown>>, at: readonly string[]): LocatedRequest {
  const keys = Object.keys(request)
  const [name = ''] = keys
  const kind = keys.length === 1 ? kindOf(name) : undefined
  if (kind !== undefined) return { kind, content: request[name], at: [...at, name] }
  const possible = at.length === 0 ? kindsWith(keys) : []
  if (possible[0] !== undefined && possible.length === 1) return { kind: possible[0], content: request, at }
  if (possible.length > 1) {
    const text = `These fields stand in ${possible.join(', ')}. Put them into the one you mean, as in {"${requestFields[possible[0] as RequestKind]}": { … }}.`
    throw new JsonFault('', text)
  }
  const found = keys.length === 0 ? 'It is empty' : `It has ${keys.slice(0, 5).join(', ')}`
  const text = `A request holds exactly one of ${Object.values(requestFields).join(', ')}. ${found}.`
  throw new JsonFault(placeOf(at), text)
}

/** The schema of what a kind of request holds. */
export function requestSchema(kind: RequestKind): DescMessage {
  const message = RequestSchema.fields.find(({ name }) => name === requestFields[kind])?.message
  if (!message) throw new Error(`The schema has no ${kind}`)
  return message
}

/** Kinds of request whose content may have all of these fields. */
function kindsWith(names: readonly string[]): RequestKind[] {
  if (names.length === 0) return []
  return requestKinds.filter((kind) => {
    const { fields } = requestSchema(kind)
    return names.every((key) => fields.some(({ name, jsonName }) => name === key || jsonName === key))
  })
}

function toMsg({ kind, content, at }: LocatedRequest): Msg {
  const desc = requestSchema(kind)
  checkJson(desc, content, placeOf(at))
  try {
    const request = fromJson(RequestSchema, { [requestFields[kind]]: content as ProtobufJson })
    return makeMsg({ body: { msgBody: { case: 'request', value: request } } })
  } catch (error) {
    throw new JsonFault(placeOf(at), (error as Error).message)
  }
}

/** The request as a Msg with this msg_id, and the msg_type that goes with its body (R-MSG.10). */
export const withHeader = ({ kind, msg }: RequestMsg, msgId: string): Msg =>
  makeMsg({ header: { msgId, msgType: msgTypeOf[kind] }, ...(msg.body ? { body: msg.body } : {}) })

/** With the field names of the .proto, as TR-369 and Oktopus write them; what is default is left out. */
export const msgToProtoJson = (msg: Msg): JsonValue => toJson(MsgSchema, msg, { useProtoFieldName: true })
