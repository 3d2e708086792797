/**
 * The facts of which transactions are made, from a Msg that was only peeked at: what `factOf` says of a decoded
 * one, without decoding it, for captures with masses of them. Never throws.
 */
import { requestKinds, type RequestKind } from './kinds.ts'
import { msgTypes, type MsgType, type Range, type UspPeek } from './peek.ts'
import type { MsgFact, NotifyFact } from './transaction-facts.ts'
import { FIXED32, LENGTH_DELIMITED, utf8, WireReader } from './wire.ts'

/** UTF-16 units of what a Msg is known by; nothing that is longer is kept in memory. */
const MAX_TEXT = 1024

type MutableFact = { -readonly [K in keyof MsgFact]: MsgFact[K] }
type Role = Pick<MsgFact, 'part' | 'kind'>

const kindOf = (name: string): RequestKind | undefined =>
  requestKinds.find((kind) => kind.toUpperCase() === name.replaceAll('_', '').replace(/PROTO$/, 'PROTOCOL'))

const roles = new Map<MsgType, Role>(
  msgTypes.map((type): [MsgType, Role] => {
    if (type === 'ERROR') return [type, { part: 'error' }]
    const isResponse = type.endsWith('_RESP')
    const kind = kindOf(type.replace(/_RESP$/, ''))
    return [type, { part: isResponse ? 'response' : 'request', ...(kind && { kind }) }]
  }),
)

/** Fields that lead to the code of a result within a response, the last one being err_code. */
const RESULT = [1, 2]
const OPER_STATUS = [1, 2, 1, 1]
const codePaths: Partial<Record<MsgType, readonly number[]>> = {
  GET_RESP: RESULT,
  GET_INSTANCES_RESP: RESULT,
  GET_SUPPORTED_DM_RESP: RESULT,
  ADD_RESP: OPER_STATUS,
  SET_RESP: OPER_STATUS,
  DELETE_RESP: OPER_STATUS,
  REGISTER_RESP: OPER_STATUS,
  DEREGISTER_RESP: OPER_STATUS,
  OPERATE_RESP: [1, 4, 1],
}

/** `undefined` for a Msg without body or msg_id, and for one with names too long to be remembered. */
export function factOfPeek(
  bytes: Uint8Array,
  peek: UspPeek,
  where: Pick<MsgFact, 'time' | 'packet'>,
): MsgFact | undefined {
  const { fromId, toId, msgId, msgType, msgBody } = peek
  const role = msgType && roles.get(msgType)
  if (!msgId || !msgBody || !role) return undefined
  if (msgId.length > MAX_TEXT || fromId.length > MAX_TEXT || toId.length > MAX_TEXT) return undefined
  const { time, packet } = where
  const base: MutableFact = { time, packet, fromId, toId, msgId, part: role.part }
  if (role.kind !== undefined) base.kind = role.kind
  switch (msgType) {
    case 'ERROR':
      base.errorCode = peek.errCode ?? 0
      return base
    case 'NOTIFY':
      return Object.assign(base, ofNotify(bytes, peek, msgBody))
    case 'OPERATE':
      return Object.assign(base, ofOperate(bytes, msgBody))
    case 'OPERATE_RESP':
      base.begun = begunBy(bytes, msgBody)
  }
  const path = codePaths[msgType]
  const errorCode = path ? firstCode(bytes, msgBody, path, 0) : 0
  if (errorCode !== 0) base.errorCode = errorCode
  return base
}

function firstCode(bytes: Uint8Array, { start, end }: Range, path: readonly number[], depth: number): number {
  const reader = new WireReader(bytes, start, end)
  const last = depth === path.length - 1
  while (reader.next()) {
    if (reader.field !== path[depth]) continue
    if (last && reader.wireType === FIXED32 && reader.value !== 0) return reader.value
    if (last || reader.wireType !== LENGTH_DELIMITED) continue
    const code = firstCode(bytes, { start: reader.valueStart, end: reader.valueEnd }, path, depth + 1)
    if (code !== 0) return code
  }
  return 0
}

/** Texts of the length-delimited fields `1 …`, the last of each; what is longer than is kept becomes empty. */
function texts(bytes: Uint8Array, { start, end }: Range): string[] {
  const reader = new WireReader(bytes, start, end)
  const found: string[] = []
  while (reader.next()) {
    const { field, wireType, valueStart, valueEnd } = reader
    if (wireType !== LENGTH_DELIMITED || field > 4 || valueEnd - valueStart > MAX_TEXT) continue
    found[field] = utf8(bytes, valueStart, valueEnd)
  }
  return found
}

function flag(bytes: Uint8Array, { start, end }: Range, field: number): boolean {
  const reader = new WireReader(bytes, start, end)
  let set = false
  while (reader.next()) if (reader.field === field) set = reader.value !== 0
  return set
}

function ofNotify(
  bytes: Uint8Array,
  { notify, notifyBody }: UspPeek,
  body: Range,
): Pick<MsgFact, 'silent' | 'notify'> {
  const [, subscriptionId = ''] = texts(bytes, body)
  const silent = !flag(bytes, body, 2)
  // The same notification sent again is made of the same bytes.
  const content = notifyBody ? `${notify} ${digest(bytes, notifyBody)}` : ''
  const [, path = '', name = '', commandKey = ''] =
    notify === 'OperationComplete' && notifyBody ? texts(bytes, notifyBody) : []
  const completes: Pick<NotifyFact, 'completes'> =
    notify === 'OperationComplete' ? { completes: { command: path + name, commandKey } } : {}
  return { silent, notify: { subscriptionId, content, ...completes } }
}

function ofOperate(bytes: Uint8Array, body: Range): Pick<MsgFact, 'silent' | 'operate'> {
  const [, command = '', commandKey = ''] = texts(bytes, body)
  return { silent: !flag(bytes, body, 3), operate: { command, commandKey } }
}

/** Commands of an OperateResp that go on in the background: those with a req_obj_path. */
function begunBy(bytes: Uint8Array, { start, end }: Range): string[] {
  const reader = new WireReader(bytes, start, end)
  const begun: string[] = []
  while (reader.next()) {
    if (reader.field !== 1 || reader.wireType !== LENGTH_DELIMITED) continue
    const [, command = '', requestPath] = texts(bytes, { start: reader.valueStart, end: reader.valueEnd })
    if (requestPath !== undefined) begun.push(command)
  }
  return begun
}

/** 64 bits over a range: two FNV-1a, so that two notifications of one subscription are not taken for one. */
function digest(bytes: Uint8Array, { start, end }: Range): string {
  let a = 0x811c9dc5 | 0
  let b = 0x2f0b4c47 | 0
  for (let i = start; i < end; i++) {
    a = Math.imul(a ^ (bytes[i] as number), 0x01000193)
    b = Math.imul(b ^ (bytes[i] as number), 0x01000193) + a
  }
  return `${end - start}.${(a >>> 0).toString(36)}.${(b >>> 0).toString(36)}`
}
