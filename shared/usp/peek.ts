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
  readonly msg?: Range | undefined
  readonly msgId?: string | undefined
  /** The bytes of it. */
  readonly msgIdAt?: Range | undefined
  /** Of the body; of the header when there is no body (R-MSG.10). */
  readonly msgType?: MsgType | undefined
  /** What the header says; ERROR when it says nothing, as that is the default. */
  readonly headerType?: MsgType | undefined
  /** The bytes of the Get, GetResp, …, Error inside the body. */
  readonly msgBody?: Range | undefined
  readonly notify?: NotifyKind | undefined
  /** The bytes of the Event, ValueChange … */
  readonly notifyBody?: Range | undefined
  /** Of an Error Msg, or the reason_code of a disconnect Record; absent when that is 0. */
  readonly errCode?: number | undefined
}

/** What is about the Msg is absent where it cannot be read: encrypted, in segments, malformed. */
export interface UspPeek extends MsgPeek {
  /** Absent when the Record has no record type (R-ENC.3). */
  readonly kind?: RecordKind | undefined
  /** The bytes of that record type. */
  readonly recordBody?: Range | undefined
  readonly version: string
  readonly toId: string
  readonly fromId: string
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

const EMPTY: Range = { start: 0, end: 0 }

/** One Record is looked at after the other, and there are masses of them: they share their readers. */
const outer = new WireReader(new Uint8Array(0), 0, 0)
const inner = new WireReader(new Uint8Array(0), 0, 0)

/** All members from the start, and texts only for who asks: there is one of these a packet. */
class Peek implements UspPeek {
  versionAt = EMPTY
  toIdAt = EMPTY
  fromIdAt = EMPTY
  kind: RecordKind | undefined = undefined
  recordBody: Range | undefined = undefined
  msg: Range | undefined = undefined
  msgIdAt: Range | undefined = undefined
  msgType: MsgType | undefined = undefined
  headerType: MsgType | undefined = undefined
  msgBody: Range | undefined = undefined
  notify: NotifyKind | undefined = undefined
  notifyBody: Range | undefined = undefined
  errCode: number | undefined = undefined
  readonly #bytes: Uint8Array
  #version: string | undefined = undefined
  #toId: string | undefined = undefined
  #fromId: string | undefined = undefined
  #msgId: string | undefined = undefined

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get version(): string {
    return (this.#version ??= this.#text(this.versionAt))
  }
  get toId(): string {
    return (this.#toId ??= this.#text(this.toIdAt))
  }
  get fromId(): string {
    return (this.#fromId ??= this.#text(this.fromIdAt))
  }

  get msgId(): string | undefined {
    return this.msgIdAt && (this.#msgId ??= this.#text(this.msgIdAt))
  }

  #text({ start, end }: Range): string {
    return utf8(this.#bytes, start, end)
  }
}

/**
 * Looks at `bytes[start, end)`. `undefined` when that is not a Record. Never throws. The texts of the answer are
 * read when they are asked for, and the bytes must be there until then.
 */
export function peekRecord(bytes: Uint8Array, start: number, end: number): UspPeek | undefined {
  const reader = outer
  reader.begin(bytes, start, end)
  const peek = new Peek(bytes)
  let plain = true
  let printable = true
  while (reader.next()) {
    const { field, wireType, valueStart, valueEnd } = reader
    if (field <= lastField && wireType !== (field === 4 ? VARINT : LENGTH_DELIMITED)) return undefined
    if (field <= 3) {
      if (!isPrintable(bytes, valueStart, valueEnd)) printable = false
      const place = { start: valueStart, end: valueEnd }
      if (field === 1) peek.versionAt = place
      else if (field === 2) peek.toIdAt = place
      else peek.fromIdAt = place
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
  if (reader.fault !== undefined || !printable || score(bytes, peek) < 4) return undefined
  if (peek.recordBody) lookInside(reader, peek, peek.recordBody, plain)
  return peek
}

function score(bytes: Uint8Array, { versionAt, toIdAt, fromIdAt, kind }: Peek): number {
  const points = (isText(toIdAt) ? 1 : 0) + (isText(fromIdAt) ? 1 : 0) + (kind ? 2 : 0)
  return points + (isVersion(bytes, versionAt) ? 2 : 0)
}

const isText = ({ start, end }: Range): boolean => end > start

/** Digits, a dot, digits; nine characters at most. */
function isVersion(bytes: Uint8Array, { start, end }: Range): boolean {
  let dot = -1
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number
    if (byte === DOT && dot < 0) dot = at
    else if (byte < ZERO || byte > NINE) return false
  }
  return dot > start && dot < end - 1 && end - start <= 9
}
const [DOT, ZERO, NINE] = [0x2e, 0x30, 0x39]

function isPrintable(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number
    if (byte < 0x20 || byte === 0x7f) return false
  }
  return true
}

function lookInside(reader: WireReader, peek: Mutable<UspPeek>, body: Range, plain: boolean): void {
  if (peek.kind === 'no_session_context') {
    const payload = plain ? lastMember(reader, body, 2) : undefined
    if (payload) fillMsg(reader, peek, payload)
  } else if (peek.kind === 'session_context') {
    const payload = plain ? wholePayload(reader.bytes, body) : undefined
    if (payload) fillMsg(reader, peek, payload)
  } else if (peek.kind === 'disconnect') {
    reader.restart(body.start, body.end)
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
function lastMember(reader: WireReader, { start, end }: Range, field: number): Range | undefined {
  reader.restart(start, end)
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
  const peek: Mutable<MsgPeek> = {}
  outer.begin(bytes, msg.start, msg.end)
  fillMsg(outer, peek, msg)
  const { msgIdAt } = peek
  if (msgIdAt) peek.msgId = utf8(bytes, msgIdAt.start, msgIdAt.end)
  return peek
}

function fillMsg(reader: WireReader, peek: Mutable<MsgPeek>, msg: Range): void {
  let header: Range | undefined
  let body: Range | undefined
  reader.restart(msg.start, msg.end)
  while (reader.next()) {
    if (reader.wireType !== LENGTH_DELIMITED) continue
    if (reader.field === 1) header = { start: reader.valueStart, end: reader.valueEnd }
    else if (reader.field === 2) body = { start: reader.valueStart, end: reader.valueEnd }
  }
  if (reader.fault !== undefined) return
  peek.msg = msg
  if (header) peekHeader(reader, peek, header, body !== undefined)
  if (body) peekBody(reader, peek, body)
}

function peekHeader(
  reader: WireReader,
  peek: Mutable<MsgPeek>,
  { start, end }: Range,
  hasBody: boolean,
): void {
  reader.restart(start, end)
  let type: MsgType | undefined = 'ERROR'
  while (reader.next()) {
    if (reader.field === 1 && reader.wireType === LENGTH_DELIMITED) {
      peek.msgIdAt = { start: reader.valueStart, end: reader.valueEnd }
    } else if (reader.field === 2 && reader.wireType === VARINT) {
      type = msgTypes[reader.value]
      if (type && !hasBody) peek.msgType = type
    }
  }
  if (type) peek.headerType = type
}

function peekBody(reader: WireReader, peek: Mutable<MsgPeek>, { start, end }: Range): void {
  reader.restart(start, end)
  inner.begin(reader.bytes, 0, 0)
  while (reader.next()) {
    if (reader.wireType !== LENGTH_DELIMITED) continue
    if (reader.field === 3) {
      peek.msgType = 'ERROR'
      peek.msgBody = { start: reader.valueStart, end: reader.valueEnd }
    } else if (reader.field === 1 || reader.field === 2) {
      const types: readonly MsgType[] = reader.field === 1 ? requestTypes : responseTypes
      inner.restart(reader.valueStart, reader.valueEnd)
      while (inner.next()) {
        const type = inner.wireType === LENGTH_DELIMITED ? types[inner.field - 1] : undefined
        if (!type) continue
        peek.msgType = type
        peek.msgBody = { start: inner.valueStart, end: inner.valueEnd }
      }
    }
  }
  if (peek.msgType === 'NOTIFY' && peek.msgBody) peekNotify(inner, peek, peek.msgBody)
  if (peek.msgType === 'ERROR' && peek.msgBody) peekError(inner, peek, peek.msgBody)
}

function peekNotify(reader: WireReader, peek: Mutable<MsgPeek>, { start, end }: Range): void {
  reader.restart(start, end)
  while (reader.next()) {
    const kind = reader.wireType === LENGTH_DELIMITED ? notifyKinds[reader.field - firstNotify] : undefined
    if (!kind) continue
    peek.notify = kind
    peek.notifyBody = { start: reader.valueStart, end: reader.valueEnd }
  }
}

function peekError(reader: WireReader, peek: Mutable<MsgPeek>, { start, end }: Range): void {
  reader.restart(start, end)
  while (reader.next()) if (reader.field === 1 && reader.value !== 0) peek.errCode = reader.value
}
