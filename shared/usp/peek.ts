/**
 * A quick look at bytes that may be a USP Record: enough for the columns of a list, without building a tree.
 *
 * Is it a Record? Every field up to the very end must be sound, those of the schema with their own wire type;
 * version and endpoint IDs must be printable. Then points are counted, 4 of 6 are enough: 2 for a version like
 * `1.3`, 1 for each endpoint ID, 2 for a record type. So any one thing may be missing or wrong, and JSON, text
 * or random bytes do not pass: `{`, `[`, `<` and letters are no tag of this schema.
 */
import { LENGTH_DELIMITED, utf8, VARINT, WireReader } from './wire.ts'

/** Members of the oneof `record_type` by field number, from `firstKind`. */
const recordKinds = [
  'no_session_context',
  'session_context',
  'websocket_connect',
  'mqtt_connect',
  'stomp_connect',
  'disconnect',
  'uds_connect',
] as const
const firstKind = 7
const lastField = 15
export type RecordKind = (typeof recordKinds)[number]

/** Values of `Header.MsgType`, by number. */
export const msgTypes = [
  'ERROR',
  'GET',
  'GET_RESP',
  'NOTIFY',
  'SET',
  'SET_RESP',
  'OPERATE',
  'OPERATE_RESP',
  'ADD',
  'ADD_RESP',
  'DELETE',
  'DELETE_RESP',
  'GET_SUPPORTED_DM',
  'GET_SUPPORTED_DM_RESP',
  'GET_INSTANCES',
  'GET_INSTANCES_RESP',
  'NOTIFY_RESP',
  'GET_SUPPORTED_PROTO',
  'GET_SUPPORTED_PROTO_RESP',
  'REGISTER',
  'REGISTER_RESP',
  'DEREGISTER',
  'DEREGISTER_RESP',
] as const
export type MsgType = (typeof msgTypes)[number]

/** Message types of `Request` and, with `_RESP`, of `Response`, by field number from 1. */
const requestTypes = [
  'GET',
  'GET_SUPPORTED_DM',
  'GET_INSTANCES',
  'SET',
  'ADD',
  'DELETE',
  'OPERATE',
  'NOTIFY',
  'GET_SUPPORTED_PROTO',
  'REGISTER',
  'DEREGISTER',
] as const
const responseTypes = requestTypes.map((type) => `${type}_RESP` as const)

/** Members of the oneof `notification` by field number, from `firstNotify`. */
const notifyKinds = [
  'Event',
  'ValueChange',
  'ObjectCreation',
  'ObjectDeletion',
  'OperationComplete',
  'OnBoardRequest',
] as const
const firstNotify = 3
export type NotifyKind = (typeof notifyKinds)[number]

/** A range of the bytes that were looked at, `end` exclusive. */
export interface Range {
  readonly start: number
  readonly end: number
}

export interface MsgPeek {
  /** The Msg itself. */
  readonly msg?: Range
  readonly msgId?: string
  /** Of the body; of the header when there is no body (R-MSG.10). */
  readonly msgType?: MsgType
  /** What the header says; ERROR when it says nothing, as that is the default. */
  readonly headerType?: MsgType
  /** The bytes of the Get, GetResp, …, Error inside the body. */
  readonly msgBody?: Range
  readonly notify?: NotifyKind
  /** The bytes of the Event, ValueChange … */
  readonly notifyBody?: Range
  /** Of an Error Msg, or the reason_code of a disconnect Record; absent when that is 0. */
  readonly errCode?: number
}

/** What is about the Msg is absent where it cannot be read: encrypted, in segments, malformed. */
export interface UspPeek extends MsgPeek {
  /** Absent when the Record has no record type (R-ENC.3). */
  readonly kind?: RecordKind
  /** The bytes of that record type. */
  readonly recordBody?: Range
  readonly version: string
  readonly toId: string
  readonly fromId: string
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Looks at `bytes[start, end)`. `undefined` when that is not a Record. Never throws. */
export function peekRecord(bytes: Uint8Array, start: number, end: number): UspPeek | undefined {
  const reader = new WireReader(bytes, start, end)
  const peek: Mutable<UspPeek> = { version: '', toId: '', fromId: '' }
  let plain = true
  let printable = true
  while (reader.next()) {
    const { field, wireType, valueStart, valueEnd } = reader
    if (field <= lastField && wireType !== (field === 4 ? VARINT : LENGTH_DELIMITED)) return undefined
    if (field <= 3) {
      if (!isPrintable(bytes, valueStart, valueEnd)) printable = false
      const text = utf8(bytes, valueStart, valueEnd)
      if (field === 1) peek.version = text
      else if (field === 2) peek.toId = text
      else peek.fromId = text
    } else if (field === 4) {
      plain = reader.value === 0
    } else if (field >= firstKind) {
      const kind = recordKinds[field - firstKind]
      if (kind) {
        peek.kind = kind
        peek.recordBody = { start: valueStart, end: valueEnd }
      }
    }
  }
  if (reader.fault !== undefined || !printable || score(peek) < 4) return undefined
  if (peek.recordBody) lookInside(bytes, peek, peek.recordBody, plain)
  return peek
}

function score({ version, toId, fromId, kind }: UspPeek): number {
  return (isVersion(version) ? 2 : 0) + (toId ? 1 : 0) + (fromId ? 1 : 0) + (kind ? 2 : 0)
}

const isVersion = (text: string) => text.length <= 9 && /^\d+\.\d+$/.test(text)

function isPrintable(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number
    if (byte < 0x20 || byte === 0x7f) return false
  }
  return true
}

function lookInside(bytes: Uint8Array, peek: Mutable<UspPeek>, body: Range, plain: boolean): void {
  if (peek.kind === 'no_session_context') {
    const payload = plain ? lastMember(bytes, body, 2) : undefined
    if (payload) fillMsg(bytes, peek, payload)
  } else if (peek.kind === 'session_context') {
    const payload = plain ? wholePayload(bytes, body) : undefined
    if (payload) fillMsg(bytes, peek, payload)
  } else if (peek.kind === 'disconnect') {
    const reader = new WireReader(bytes, body.start, body.end)
    while (reader.next()) if (reader.field === 2 && reader.value !== 0) peek.errCode = reader.value
  }
}

/** The payload of a session context Record that holds one whole Msg: one payload, no segments. */
export function wholePayload(bytes: Uint8Array, { start, end }: Range): Range | undefined {
  const reader = new WireReader(bytes, start, end)
  let payload: Range | undefined
  while (reader.next()) {
    const segmented = (reader.field === 5 || reader.field === 6) && reader.value !== 0
    if (segmented) return undefined
    if (reader.field !== 7 || reader.wireType !== LENGTH_DELIMITED) continue
    if (payload) return undefined
    payload = { start: reader.valueStart, end: reader.valueEnd }
  }
  return reader.fault === undefined ? payload : undefined
}

/** The last length-delimited field of this number, as protobuf takes it. */
function lastMember(bytes: Uint8Array, { start, end }: Range, field: number): Range | undefined {
  const reader = new WireReader(bytes, start, end)
  let found: Range | undefined
  while (reader.next()) {
    if (reader.field === field && reader.wireType === LENGTH_DELIMITED) {
      found = { start: reader.valueStart, end: reader.valueEnd }
    }
  }
  return reader.fault === undefined ? found : undefined
}

/** Looks at a Msg. Empty when that is malformed. Never throws. */
export function peekMsg(bytes: Uint8Array, msg: Range): MsgPeek {
  const peek: MsgPeek = {}
  fillMsg(bytes, peek, msg)
  return peek
}

function fillMsg(bytes: Uint8Array, peek: Mutable<MsgPeek>, msg: Range): void {
  let header: Range | undefined
  let body: Range | undefined
  const reader = new WireReader(bytes, msg.start, msg.end)
  while (reader.next()) {
    if (reader.wireType !== LENGTH_DELIMITED) continue
    if (reader.field === 1) header = { start: reader.valueStart, end: reader.valueEnd }
    else if (reader.field === 2) body = { start: reader.valueStart, end: reader.valueEnd }
  }
  if (reader.fault !== undefined) return
  peek.msg = msg
  if (header) peekHeader(bytes, peek, header, body !== undefined)
  if (body) peekBody(bytes, peek, body)
}

function peekHeader(
  bytes: Uint8Array,
  peek: Mutable<MsgPeek>,
  { start, end }: Range,
  hasBody: boolean,
): void {
  const reader = new WireReader(bytes, start, end)
  let type: MsgType | undefined = 'ERROR'
  while (reader.next()) {
    if (reader.field === 1 && reader.wireType === LENGTH_DELIMITED) {
      peek.msgId = utf8(bytes, reader.valueStart, reader.valueEnd)
    } else if (reader.field === 2 && reader.wireType === VARINT) {
      type = msgTypes[reader.value]
      if (type && !hasBody) peek.msgType = type
    }
  }
  if (type) peek.headerType = type
}

function peekBody(bytes: Uint8Array, peek: Mutable<MsgPeek>, { start, end }: Range): void {
  const outer = new WireReader(bytes, start, end)
  while (outer.next()) {
    if (outer.wireType !== LENGTH_DELIMITED) continue
    if (outer.field === 3) {
      peek.msgType = 'ERROR'
      peek.msgBody = { start: outer.valueStart, end: outer.valueEnd }
    } else if (outer.field === 1 || outer.field === 2) {
      const types: readonly MsgType[] = outer.field === 1 ? requestTypes : responseTypes
      const inner = new WireReader(bytes, outer.valueStart, outer.valueEnd)
      while (inner.next()) {
        const type = inner.wireType === LENGTH_DELIMITED ? types[inner.field - 1] : undefined
        if (!type) continue
        peek.msgType = type
        peek.msgBody = { start: inner.valueStart, end: inner.valueEnd }
      }
    }
  }
  if (peek.msgType === 'NOTIFY' && peek.msgBody) peekNotify(bytes, peek, peek.msgBody)
  if (peek.msgType === 'ERROR' && peek.msgBody) peekError(bytes, peek, peek.msgBody)
}

function peekNotify(bytes: Uint8Array, peek: Mutable<MsgPeek>, { start, end }: Range): void {
  const reader = new WireReader(bytes, start, end)
  while (reader.next()) {
    const kind = reader.wireType === LENGTH_DELIMITED ? notifyKinds[reader.field - firstNotify] : undefined
    if (!kind) continue
    peek.notify = kind
    peek.notifyBody = { start: reader.valueStart, end: reader.valueEnd }
  }
}

function peekError(bytes: Uint8Array, peek: Mutable<MsgPeek>, { start, end }: Range): void {
  const reader = new WireReader(bytes, start, end)
  while (reader.next()) if (reader.field === 1 && reader.value !== 0) peek.errCode = reader.value
}
