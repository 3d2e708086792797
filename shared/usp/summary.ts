/**
 * One line about a Record, for lists: `usp` says what it is (`NOTIFY Boot!`), `info` what matters in it. Lists
 * of paths show the first and how many more there are (`+4`); a very long line ends in `…`.
 */
import { describeErrorCode, errorCodeName } from './error-codes.ts'
import {
  peekMsg,
  peekRecord,
  type MsgPeek,
  type MsgType,
  type NotifyKind,
  type RecordKind,
  type UspPeek,
} from './peek.ts'
import { FIXED32, LENGTH_DELIMITED, utf8, varint64, VARINT, WireReader } from './wire.ts'

export interface UspSummary {
  readonly usp: string
  readonly info: string
}

/** What `usp` says of bytes that are called a Record and are none. */
export const MALFORMED_RECORD = 'malformed Record'

/** UTF-16 units of `info`; more does not fit on any screen. The whole is in the dissection. */
const maxInfo = 300

/** Sums up `bytes[start, end)`. `undefined` when that is not a Record (see `peekRecord`). Never throws. */
export function summarizeRecord(bytes: Uint8Array, start: number, end: number): UspSummary | undefined {
  const peek = peekRecord(bytes, start, end)
  return peek && summarizePeek(bytes, peek)
}

/** The same for who has peeked already, into the same bytes. */
export function summarizePeek(bytes: Uint8Array, peek: UspPeek): UspSummary {
  const info = peek.msgType ? infoOfMsg(bytes, peek, peek.msgType) : infoOfKind(bytes, peek, peek.kind)
  return {
    usp: titleOf(bytes, peek),
    info: info.length > maxInfo ? `${info.slice(0, maxInfo - 1)}…` : info,
  }
}

/** `usp` of a summary alone: an index wants no more, of masses of Records. */
export function titleOf(bytes: Uint8Array, peek: UspPeek): string {
  const { msgType, kind } = peek
  if (msgType === 'ERROR' && peek.msgBody) return words('ERROR', String(peek.errCode ?? ''))
  if (msgType === 'NOTIFY') {
    const { notify, notifyBody } = peek
    if (notify && notifyBody)
      return words('NOTIFY', notify === 'Event' ? string({ bytes, ...notifyBody }, 2) : notify)
  }
  if (msgType) return msgType
  if (kind !== 'mqtt_connect') return kind ?? 'Record'
  const version = Number(number(bodyOf(bytes, peek), 1))
  return `mqtt_connect ${mqttVersions[version] ?? version}`
}

/** A bare Msg, such as one that was put together from segments: its line, and what was peeked for it. */
export function summarizeMsgBytes(bytes: Uint8Array): UspSummary & Pick<MsgPeek, 'msgId'> {
  const peek = { version: '', toId: '', fromId: '', ...peekMsg(bytes, { start: 0, end: bytes.length }) }
  const summary = peek.msgType
    ? summarizePeek(bytes, peek)
    : { usp: 'Msg', info: peek.msg ? 'Msg without a type' : 'not a Msg' }
  return peek.msgId === undefined ? summary : { ...summary, msgId: peek.msgId }
}

/** A message in place, with what is needed to pick values out of it. */
interface Message {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
}

function messages({ bytes, start, end }: Message, field: number): Message[] {
  const reader = new WireReader(bytes, start, end)
  const found: Message[] = []
  while (reader.next()) {
    if (reader.field === field && reader.wireType === LENGTH_DELIMITED) {
      found.push({ bytes, start: reader.valueStart, end: reader.valueEnd })
    }
  }
  return found
}

/** The last one, as protobuf takes it. */
function message({ bytes, start, end }: Message, field: number): Message | undefined {
  const reader = new WireReader(bytes, start, end)
  let found: Message | undefined
  while (reader.next()) {
    if (reader.field === field && reader.wireType === LENGTH_DELIMITED)
      found = { bytes, start: reader.valueStart, end: reader.valueEnd }
  }
  return found
}

const strings = (of: Message, field: number): string[] =>
  messages(of, field).map(({ bytes, start, end }) => utf8(bytes, start, end))

function string(of: Message, field: number): string {
  const found = message(of, field)
  return found ? utf8(found.bytes, found.start, found.end) : ''
}

function number({ bytes, start, end }: Message, field: number): bigint {
  const reader = new WireReader(bytes, start, end)
  let value = 0n
  while (reader.next()) {
    if (reader.field !== field) continue
    if (reader.wireType === VARINT) value = varint64(bytes, reader.valueStart, reader.valueEnd)
    else if (reader.wireType === FIXED32) value = BigInt(reader.value)
  }
  return value
}

/** Entries of a map, or `param = value` settings: both are messages with the key in 1 and the value in 2. */
const pairs = (of: Message, field: number): string[] =>
  messages(of, field).map((entry) => `${string(entry, 1)}=${string(entry, 2)}`)

const count = (n: number, noun: string) => `${n} ${noun}${n === 1 ? '' : 's'}`

/** The first of a list and how many more. */
const firstOf = (list: readonly string[]): string =>
  list.length > 1 ? `${list[0]} +${list.length - 1}` : (list[0] ?? '')

/** The first three of a list and how many more. */
const someOf = (list: readonly string[]): string =>
  list.slice(0, 3).join(', ') + (list.length > 3 ? ` +${list.length - 3}` : '')

/** Without those that are empty. */
function words(...parts: readonly string[]): string {
  let text = ''
  for (const part of parts) if (part !== '') text = text === '' ? part : `${text} ${part}`
  return text
}

/** `7004 Invalid arguments: message` of a message with a code and a text in these fields; empty for code 0. */
function failure(of: Message, codeField: number, textField: number): string {
  const code = Number(number(of, codeField))
  const text = string(of, textField)
  return code === 0 ? '' : describeErrorCode(code) + (text ? `: ${text}` : '')
}

const mqttVersions = ['3.1.1', '5.0']
const sarStates = ['', 'BEGIN', 'INPROCESS', 'COMPLETE']

const bodyOf = (bytes: Uint8Array, { recordBody }: UspPeek): Message => ({
  bytes,
  ...(recordBody ?? { start: 0, end: 0 }),
})

function infoOfKind(bytes: Uint8Array, peek: UspPeek, kind: RecordKind | undefined): string {
  const body = bodyOf(bytes, peek)
  switch (kind) {
    case 'mqtt_connect':
    case 'stomp_connect':
      return string(body, 2)
    case 'disconnect':
      return failure(body, 2, 1) || string(body, 1)
    case 'session_context': {
      const state = sarStates[Number(number(body, 5))] ?? ''
      return words(`session ${number(body, 1)}, sequence ${number(body, 2)}`, state)
    }
    case 'no_session_context':
      return peek.msg ? 'Msg without a body' : 'the payload is no Msg'
    default:
      return kind ? '' : 'no record type'
  }
}

function infoOfMsg(bytes: Uint8Array, { msgBody, notify, notifyBody }: UspPeek, type: MsgType): string {
  if (!msgBody) return 'Msg without a body'
  const body = { bytes, ...msgBody }
  if (type === 'ERROR') return errorInfo(body)
  if (type !== 'NOTIFY') return msgInfo[type](body)
  return notify && notifyBody ? notifyInfo[notify]({ bytes, ...notifyBody }) : string(body, 1)
}

/** The code itself stands in `usp`. */
function errorInfo(error: Message): string {
  const name = errorCodeName(Number(number(error, 1))) ?? ''
  const cause = [name, string(error, 2)].filter((part) => part !== '').join(': ')
  const details = messages(error, 3).map((detail) => words(string(detail, 1), failure(detail, 2, 3)))
  return [cause, firstOf(details)].filter((part) => part !== '').join('; ')
}

const notifyInfo: Readonly<Record<NotifyKind, (note: Message) => string>> = {
  Event: eventInfo,
  ValueChange: (note) => `${string(note, 1)} = ${string(note, 2)}`,
  ObjectCreation: (note) => words(string(note, 1), someOf(pairs(note, 2))),
  ObjectDeletion: (note) => string(note, 1),
  OperationComplete: (note) => {
    const failed = message(note, 5)
    const outputs = message(note, 4)
    const result = failed ? failure(failed, 1, 2) : outputs ? someOf(pairs(outputs, 1)) : ''
    const key = string(note, 3)
    return words(string(note, 1) + string(note, 2), key && `key=${key}`, result)
  },
  OnBoardRequest: (note) => words(string(note, 1), string(note, 2), string(note, 3)),
}

/** Boot! tells its cause and a firmware change; other events their arguments. */
function eventInfo(note: Message): string {
  const args = pairs(note, 3)
  if (string(note, 2) !== 'Boot!') return words(string(note, 1), someOf(args))
  const argument = (name: string) => args.find((arg) => arg.startsWith(`${name}=`))?.slice(name.length + 1)
  const updated = /^(true|1)$/.test(argument('FirmwareUpdated') ?? '')
  return words(argument('Cause') ?? '', updated ? '(firmware updated)' : '')
}

/** Objects of a Set or an Add, one text for each parameter. */
const settings = (of: Message, field: number): string[] =>
  messages(of, field).flatMap((object) => {
    const path = string(object, 1)
    const params = messages(object, 2).map((p) => `${path}${string(p, 1)} = ${string(p, 2)}`)
    return params.length > 0 ? params : [path]
  })

/** Results of the shape { requested path 1, status 2 { failure 1 { code 1, text 2 }, success 2 } }. */
function operInfo(of: Message, succeeded: (success: Message) => readonly string[]): string {
  const done: string[] = []
  const failed: string[] = []
  for (const result of messages(of, 1)) {
    const status = message(result, 2)
    const failing = status && message(status, 1)
    const success = status && message(status, 2)
    if (success) done.push(...succeeded(success))
    else failed.push(words(string(result, 1), failing ? failure(failing, 1, 2) : 'without a status'))
  }
  return failed.length > 0
    ? words(`${failed.length} failed:`, firstOf(failed))
    : firstOf(done) || 'nothing affected'
}

/** Results of the shape { requested path 1, code 2, text 3, things … }, and how many things there are. */
function resultInfo(of: Message, things: (result: Message) => number, noun: string): string {
  const results = messages(of, 1)
  const total = results.reduce((sum, result) => sum + things(result), 0)
  const failed = results
    .map((result) => ({ path: string(result, 1), text: failure(result, 2, 3) }))
    .filter(({ text }) => text !== '')
    .map(({ path, text }) => words(path, text))
  const counted = [count(results.length, 'result'), ...(total === results.length ? [] : [count(total, noun)])]
  return counted.join(', ') + (failed.length > 0 ? `, ${failed.length} failed: ${firstOf(failed)}` : '')
}

function getRespInfo(of: Message): string {
  const found = messages(of, 1).flatMap((result) => messages(result, 4))
  const params = found.flatMap((object) => messages(object, 2).map((param) => ({ object, param })))
  const only = params.length === 1 && messages(of, 1).length === 1 ? params[0] : undefined
  if (only) return `${string(only.object, 1)}${string(only.param, 1)} = ${string(only.param, 2)}`
  const paramCount = (result: Message) =>
    messages(result, 4).reduce((sum, object) => sum + messages(object, 2).length, 0)
  return resultInfo(of, paramCount, 'parameter')
}

function operateRespInfo(of: Message): string {
  const results = messages(of, 1).map((result) => {
    const failed = message(result, 4)
    const outputs = message(result, 3)
    const answer = failed ? failure(failed, 1, 2) : outputs ? someOf(pairs(outputs, 1)) : string(result, 2)
    return words(string(result, 1), answer && `→ ${answer}`)
  })
  return firstOf(results)
}

const paths = (field: number) => (of: Message) => firstOf(strings(of, field))

const msgInfo: Readonly<Record<Exclude<MsgType, 'ERROR' | 'NOTIFY'>, (body: Message) => string>> = {
  GET: paths(1),
  GET_RESP: getRespInfo,
  SET: (of) => firstOf(settings(of, 2)),
  SET_RESP: (of) => operInfo(of, (success) => messages(success, 1).map((instance) => string(instance, 1))),
  ADD: (of) => firstOf(messages(of, 2).map((object) => words(string(object, 1), someOf(pairs(object, 2))))),
  ADD_RESP: (of) => operInfo(of, (success) => strings(success, 1)),
  DELETE: paths(2),
  DELETE_RESP: (of) => operInfo(of, (success) => strings(success, 1)),
  OPERATE: (of) => {
    const key = string(of, 2)
    return words(string(of, 1), key && `key=${key}`, someOf(pairs(of, 4)))
  },
  OPERATE_RESP: operateRespInfo,
  NOTIFY_RESP: (of) => string(of, 1),
  GET_SUPPORTED_DM: paths(1),
  GET_SUPPORTED_DM_RESP: (of) => resultInfo(of, (result) => messages(result, 5).length, 'object'),
  GET_INSTANCES: paths(1),
  GET_INSTANCES_RESP: (of) => resultInfo(of, (result) => messages(result, 4).length, 'instance'),
  GET_SUPPORTED_PROTO: (of) => string(of, 1),
  GET_SUPPORTED_PROTO_RESP: (of) => string(of, 1),
  REGISTER: (of) => firstOf(messages(of, 2).map((path) => string(path, 1))),
  REGISTER_RESP: (of) => operInfo(of, (success) => strings(success, 1)),
  DEREGISTER: paths(1),
  DEREGISTER_RESP: (of) => operInfo(of, (success) => strings(success, 1)),
}
