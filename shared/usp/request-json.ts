/** Requests out of protobuf JSON, in the forms in which people keep them, and Msgs as JSON. */
import { fromJson, toJson, type JsonValue as ProtobufJson } from '@bufbuild/protobuf'
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

/**
 * Reads JSON text or a value: a Msg (`header`, `body`), a body (`request`), a request (`{"get": …}`), or, with
 * `kind`, what is in it. Throws a JsonFault that names the place.
 */
export function requestFromJson(
  input: unknown,
  kind?: RequestKind,
): RequestMsg & { readonly msgId?: string } {
  const json = typeof input === 'string' ? parseJson(input) : input
  if (!isObject(json)) throw new JsonFault('', 'A request is a JSON object { … }.')
  const keys = Object.keys(json)
  if (keys.includes('body')) {
    const extra = keys.find((key) => key !== 'header' && key !== 'body')
    if (extra !== undefined) throw new JsonFault(extra, 'Msg has no such field; it has header, body')
    const msgId = headerId(json['header'])
    const read = fromBody(json['body'], 'body', kind)
    return msgId === undefined ? read : { ...read, msgId }
  }
  if (keys.length === 1 && ['request', 'response', 'error'].includes(keys[0] as string)) {
    return fromBody(json, '', kind)
  }
  if (kind !== undefined) return fromContent(json, kind, '')
  return fromRequest(json, '')
}

function headerId(header: unknown): string | undefined {
  if (header === undefined || header === null) return undefined
  const desc = MsgSchema.fields.find(({ name }) => name === 'header')?.message
  if (desc) checkJson(desc, header, 'header')
  const { msg_id: id, msgId = id } = header as { readonly msg_id?: string; readonly msgId?: string }
  return msgId === '' ? undefined : msgId
}

function fromBody(body: unknown, at: string, kind: RequestKind | undefined): RequestMsg {
  const place = (name: string): string => (at === '' ? name : `${at}.${name}`)
  if (!isObject(body)) throw new JsonFault(at, 'must be an object with a request')
  const other = Object.keys(body).find((key) => key !== 'request')
  if (other !== undefined) throw new JsonFault(place(other), 'only requests can be sent this way')
  if (!isObject(body['request'])) throw new JsonFault(place('request'), 'must be an object')
  const read = fromRequest(body['request'], place('request'))
  if (kind === undefined || kind === read.kind) return read
  throw new JsonFault(place('request'), `is a ${read.kind}, not the ${kind} that was chosen`)
}

function fromRequest(request: Readonly<Record<string, unknown>>, at: string): RequestMsg {
  const keys = Object.keys(request)
  const [name = ''] = keys
  const kind = keys.length === 1 ? kindOf(name) : undefined
  if (kind !== undefined) return fromContent(request[name], kind, at === '' ? name : `${at}.${name}`)
  const found = keys.length === 0 ? 'It is empty' : `It has ${keys.slice(0, 5).join(', ')}`
  const text = `A request holds exactly one of ${Object.values(requestFields).join(', ')}. ${found}.`
  throw new JsonFault(at, text)
}

function fromContent(content: unknown, kind: RequestKind, at: string): RequestMsg {
  const field = RequestSchema.fields.find(({ name }) => name === requestFields[kind])
  if (!field?.message) throw new Error(`The schema has no ${kind}`)
  checkJson(field.message, content, at)
  try {
    const request = fromJson(RequestSchema, { [field.jsonName]: content as ProtobufJson })
    return { kind, msg: makeMsg({ body: { msgBody: { case: 'request', value: request } } }) }
  } catch (error) {
    throw new JsonFault(at, (error as Error).message)
  }
}

/** The request as a Msg with this msg_id, and the msg_type that goes with its body (R-MSG.10). */
export const withHeader = ({ kind, msg }: RequestMsg, msgId: string): Msg =>
  makeMsg({ header: { msgId, msgType: msgTypeOf[kind] }, ...(msg.body ? { body: msg.body } : {}) })

/** With the field names of the .proto, as TR-369 and Oktopus write them; what is default is left out. */
export const msgToProtoJson = (msg: Msg): JsonValue => toJson(MsgSchema, msg, { useProtoFieldName: true })
