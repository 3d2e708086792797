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

/** One Record is looked at after the other, and there are masses of them: they share their readers. */
const outer = new WireReader(new Uint8Array(0), 0, 0)
const inner = new WireReader(new Uint8Array(0), 0, 0)
const NOTHING: Uint8Array = new Uint8Array(0)

/**
 * A look that can be taken again and again: what it tells lasts until the next one, and its texts are read when they
 * are asked for, so the bytes must be there until then. Ranges are pairs of numbers, -1 where there is none, and an
 * object only for who asks: an index takes a look at each of a million packets.
 */
export class RecordPeek implements UspPeek {
  #bytes = NOTHING
  #version: string | undefined = undefined
  #toId: string | undefined = undefined
  #fromId: string | undefined = undefined
  #msgId: string | undefined = undefined
  versionStart = 0
  versionEnd = 0
  toIdStart = 0
  toIdEnd = 0
  fromIdStart = 0
  fromIdEnd = 0
  kind: RecordKind | undefined = undefined
  recordStart = -1
  recordEnd = -1
  msgStart = -1
  msgEnd = -1
  msgIdStart = -1
  msgIdEnd = -1
  msgType: MsgType | undefined = undefined
  headerType: MsgType | undefined = undefined
  bodyStart = -1
  bodyEnd = -1
  notify: NotifyKind | undefined = undefined
  notifyStart = -1
  notifyEnd = -1
  errCode: number | undefined = undefined

  get version(): string {
    return (this.#version ??= utf8(this.#bytes, this.versionStart, this.versionEnd))
  }
  get toId(): string {
    return (this.#toId ??= utf8(this.#bytes, this.toIdStart, this.toIdEnd))
  }
  get fromId(): string {
    return (this.#fromId ??= utf8(this.#bytes, this.fromIdStart, this.fromIdEnd))
  }
  get recordBody(): Range | undefined {
    return rangeOf(this.recordStart, this.recordEnd)
  }
  get msg(): Range | undefined {
    return rangeOf(this.msgStart, this.msgEnd)
  }
  get msgId(): string | undefined {
    return this.msgIdStart < 0
      ? undefined
      : (this.#msgId ??= utf8(this.#bytes, this.msgIdStart, this.msgIdEnd))
  }
  get msgIdAt(): Range | undefined {
    return rangeOf(this.msgIdStart, this.msgIdEnd)
  }
  get msgBody(): Range | undefined {
    return rangeOf(this.bodyStart, this.bodyEnd)
  }
  get notifyBody(): Range | undefined {
    return rangeOf(this.notifyStart, this.notifyEnd)
  }

  /** Looks at `bytes[start, end)`: false when that is not a Record. Never throws. */
  look(bytes: Uint8Array, start: number, end: number): boolean {
    this.begin(bytes)
    const reader = outer
    reader.begin(bytes, start, end)
    let plain = true
    let printable = true
    while (reader.next()) {
      const { field, wireType, valueStart, valueEnd } = reader
      if (field <= lastField && wireType !== (field === 4 ? VARINT : LENGTH_DELIMITED)) return false
      if (field <= 3) {
        if (!isPrintable(bytes, valueStart, valueEnd)) printable = false
        if (field === 1) {
          this.versionStart = valueStart
          this.versionEnd = valueEnd
        } else if (field === 2) {
          this.toIdStart = valueStart
          this.toIdEnd = valueEnd
        } else {
          this.fromIdStart = valueStart
          this.fromIdEnd = valueEnd
        }
      } else if (field === 4) {
        plain = reader.value === 0
      } else if (field >= firstKind) {
        const kind = recordKinds[field - firstKind]
        if (kind) {
          this.kind = kind
          this.recordStart = valueStart
          this.recordEnd = valueEnd
        }
      }
    }
    if (reader.fault !== undefined || !printable || score(bytes, this) < 4) return false
    if (this.recordStart >= 0) lookInside(reader, this, plain)
    return true
  }

  /** Forgets what it told. */
  begin(bytes: Uint8Array): void {
    this.#bytes = bytes
    this.#version = this.#toId = this.#fromId = this.#msgId = undefined
    this.versionStart = this.versionEnd = 0
    this.toIdStart = this.toIdEnd = 0
    this.fromIdStart = this.fromIdEnd = 0
    this.kind = this.msgType = this.headerType = this.notify = this.errCode = undefined
    this.recordStart = this.msgStart = this.msgIdStart = this.bodyStart = this.notifyStart = -1
    this.recordEnd = this.msgEnd = this.msgIdEnd = this.bodyEnd = this.notifyEnd = -1
  }
}

const rangeOf = (start: number, end: number): Range | undefined => (start < 0 ? undefined : { start, end })

/** One look, to be kept: as `RecordPeek.look`, `undefined` when `bytes[start, end)` is not a Record. */
export function peekRecord(bytes: Uint8Array, start: number, end: number): UspPeek | undefined {
  const peek = new RecordPeek()
  return peek.look(bytes, start, end) ? peek : undefined
}

function score(bytes: Uint8Array, peek: RecordPeek): number {
  const { versionStart, versionEnd, toIdStart, toIdEnd, fromIdStart, fromIdEnd, kind } = peek
  const points = (toIdEnd > toIdStart ? 1 : 0) + (fromIdEnd > fromIdStart ? 1 : 0) + (kind ? 2 : 0)
  return points + (isVersion(bytes, versionStart, versionEnd) ? 2 : 0)
}

/** Digits, a dot, digits; nine characters at most. */
function isVersion(bytes: Uint8Array, start: number, end: number): boolean {
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

function lookInside(reader: WireReader, peek: RecordPeek, plain: boolean): void {
  const { recordStart, recordEnd } = peek
  if (peek.kind === 'no_session_context') {
    if (!plain) return
    reader.restart(recordStart, recordEnd)
    let start = -1
    let end = -1
    // The last one counts, as protobuf takes it.
    while (reader.next()) {
      if (reader.field !== 2 || reader.wireType !== LENGTH_DELIMITED) continue
      start = reader.valueStart
      end = reader.valueEnd
    }
    if (reader.fault === undefined && start >= 0) fillMsg(reader, peek, start, end)
  } else if (peek.kind === 'session_context') {
    const payload = plain ? wholePayload(reader.bytes, { start: recordStart, end: recordEnd }) : undefined
    if (payload) fillMsg(reader, peek, payload.start, payload.end)
  } else if (peek.kind === 'disconnect') {
    reader.restart(recordStart, recordEnd)
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

/** Looks at a Msg. Empty when that is malformed. Never throws. */
export function peekMsg(bytes: Uint8Array, { start, end }: Range): MsgPeek {
  const peek = new RecordPeek()
  peek.begin(bytes)
  outer.begin(bytes, start, end)
  fillMsg(outer, peek, start, end)
  const { msg, msgId, msgIdAt, msgType, headerType, msgBody, notify, notifyBody, errCode } = peek
  return { msg, msgId, msgIdAt, msgType, headerType, msgBody, notify, notifyBody, errCode }
}

function fillMsg(reader: WireReader, peek: RecordPeek, start: number, end: number): void {
  let [headerStart, headerEnd, bodyStart, bodyEnd] = [-1, -1, -1, -1]
  reader.restart(start, end)
  while (reader.next()) {
    if (reader.wireType !== LENGTH_DELIMITED) continue
    if (reader.field === 1) {
      headerStart = reader.valueStart
      headerEnd = reader.valueEnd
    } else if (reader.field === 2) {
      bodyStart = reader.valueStart
      bodyEnd = reader.valueEnd
    }
  }
  if (reader.fault !== undefined) return
  peek.msgStart = start
  peek.msgEnd = end
  if (headerStart >= 0) peekHeader(reader, peek, headerStart, headerEnd, bodyStart >= 0)
  if (bodyStart >= 0) peekBody(reader, peek, bodyStart, bodyEnd)
}

function peekHeader(
  reader: WireReader,
  peek: RecordPeek,
  start: number,
  end: number,
  hasBody: boolean,
): void {
  reader.restart(start, end)
  let type: MsgType | undefined = 'ERROR'
  while (reader.next()) {
    if (reader.field === 1 && reader.wireType === LENGTH_DELIMITED) {
      peek.msgIdStart = reader.valueStart
      peek.msgIdEnd = reader.valueEnd
    } else if (reader.field === 2 && reader.wireType === VARINT) {
      type = msgTypes[reader.value]
      if (type && !hasBody) peek.msgType = type
    }
  }
  if (type) peek.headerType = type
}

function peekBody(reader: WireReader, peek: RecordPeek, start: number, end: number): void {
  reader.restart(start, end)
  inner.begin(reader.bytes, 0, 0)
  while (reader.next()) {
    if (reader.wireType !== LENGTH_DELIMITED) continue
    if (reader.field === 3) {
      peek.msgType = 'ERROR'
      peek.bodyStart = reader.valueStart
      peek.bodyEnd = reader.valueEnd
    } else if (reader.field === 1 || reader.field === 2) {
      const types: readonly MsgType[] = reader.field === 1 ? requestTypes : responseTypes
      inner.restart(reader.valueStart, reader.valueEnd)
      while (inner.next()) {
        const type = inner.wireType === LENGTH_DELIMITED ? types[inner.field - 1] : undefined
        if (!type) continue
        peek.msgType = type
        peek.bodyStart = inner.valueStart
        peek.bodyEnd = inner.valueEnd
      }
    }
  }
  if (peek.bodyStart < 0) return
  if (peek.msgType === 'NOTIFY') peekNotify(inner, peek)
  if (peek.msgType === 'ERROR') peekError(inner, peek)
}

function peekNotify(reader: WireReader, peek: RecordPeek): void {
  reader.restart(peek.bodyStart, peek.bodyEnd)
  while (reader.next()) {
    const kind = reader.wireType === LENGTH_DELIMITED ? notifyKinds[reader.field - firstNotify] : undefined
    if (!kind) continue
    peek.notify = kind
    peek.notifyStart = reader.valueStart
    peek.notifyEnd = reader.valueEnd
  }
}

function peekError(reader: WireReader, peek: RecordPeek): void {
  reader.restart(peek.bodyStart, peek.bodyEnd)
  while (reader.next()) if (reader.field === 1 && reader.value !== 0) peek.errCode = reader.value
}
