/** Dissects a USP Record, with the Msg inside it opened in place. */
import type { Field, Finding } from '../dissect/field.ts'
import { peekMsg, wholePayload, type Range } from './peek.ts'
import { MALFORMED_RECORD, summarizeRecord } from './summary.ts'
import type { FieldSpec } from './schema.ts'
import { type BytesView, MAX_FIELDS, walkMessage, type FieldBudget, type Look } from './walk.ts'
import { LENGTH_DELIMITED, WireReader } from './wire.ts'

/**
 * The Record in `bytes[start, end)` as one field `usp` with everything below it. Bytes that are none give
 * findings; nothing throws. The Msg is decoded where it is whole and readable: without session context, and
 * within one when it is neither encrypted nor cut into segments.
 */
export function dissectRecord(bytes: Uint8Array, start: number, end: number): Field[] {
  const { encrypted, whole, hasType } = scan(bytes, start, end)
  const budget = { left: MAX_FIELDS }
  const view: BytesView = (name, from, to) => {
    if (name !== 'payload') return undefined
    return openPayload(bytes, { start: from, end: to }, encrypted, whole, budget)
  }
  const children = walkMessage(bytes, start, end, 'usp_record.Record', view, budget)
  const finding = recordFinding(start === end, hasType)
  return [
    {
      name: 'usp',
      label: 'USP Record',
      text: summarizeRecord(bytes, start, end)?.usp ?? MALFORMED_RECORD,
      start,
      end,
      children,
      ...(finding && { finding }),
    },
  ]
}

/**
 * Of the same Record only the fields in `only` and what they stand in, without findings: a tree to look them up
 * in. Good for Records that do not reach the limit of fields; `mayReachLimit` tells.
 */
export function partOfRecord(
  bytes: Uint8Array,
  start: number,
  end: number,
  only: ReadonlySet<FieldSpec>,
): Field[] {
  const { encrypted, whole } = scan(bytes, start, end)
  const budget = { left: MAX_FIELDS }
  const view: BytesView = (name, from, to) => {
    const isMsg = name === 'payload' && holdsMsg(to - from, encrypted, whole)
    return {
      text: '',
      ...(isMsg && { children: walkMessage(bytes, from, to, 'usp.Msg', undefined, budget, only) }),
    }
  }
  return walkMessage(bytes, start, end, 'usp_record.Record', view, budget, only)
}

/** A field takes two bytes at least. */
export const mayReachLimit = (length: number): boolean => length >= 2 * MAX_FIELDS

/** A bare Msg as one field, such as one that was put together from segments. Nothing throws. */
export function dissectMsg(bytes: Uint8Array, name: string, label: string): Field {
  const whole = { start: 0, end: bytes.length }
  const look = openMsg(bytes, whole, countBytes(bytes.length), { left: MAX_FIELDS })
  return { name, label, start: 0, end: bytes.length, ...look }
}

interface RecordFacts {
  readonly encrypted: boolean
  readonly hasType: boolean
  /** Within a session context: the payload that holds a whole Msg. `none` when it is in segments. */
  readonly whole: Range | 'none' | undefined
}

/** What must be known before the payload is reached; fields may come in any order. */
function scan(bytes: Uint8Array, start: number, end: number): RecordFacts {
  const reader = new WireReader(bytes, start, end)
  let encrypted = false
  let hasType = false
  let whole: RecordFacts['whole']
  while (reader.next()) {
    if (reader.field === 4) encrypted = reader.value !== 0
    if (reader.field >= 7 && reader.field <= 13 && reader.wireType === LENGTH_DELIMITED) hasType = true
    if (reader.field === 8 && reader.wireType === LENGTH_DELIMITED) {
      whole = wholePayload(bytes, { start: reader.valueStart, end: reader.valueEnd }) ?? 'none'
    }
  }
  return { encrypted, hasType, whole }
}

function recordFinding(empty: boolean, hasType: boolean): Finding | undefined {
  if (empty) return { severity: 'error', text: 'Empty: a Record was expected', rule: 'R-MQTT.18' }
  if (!hasType) return { severity: 'error', text: 'No record type', rule: 'R-ENC.3' }
  return undefined
}

/** Whether a payload of this length is a whole Msg that can be read. */
const holdsMsg = (length: number, encrypted: boolean, whole: RecordFacts['whole']): boolean =>
  length > 0 && !encrypted && whole !== 'none'

function openPayload(
  bytes: Uint8Array,
  payload: Range,
  encrypted: boolean,
  whole: RecordFacts['whole'],
  budget: FieldBudget,
): Look {
  const length = payload.end - payload.start
  const size = countBytes(length)
  if (holdsMsg(length, encrypted, whole)) return openMsg(bytes, payload, size, budget)
  if (whole !== undefined) {
    if (encrypted) return { text: `${size}, encrypted` }
    return { text: length === 0 ? size : `${size}, one segment of a Msg` }
  }
  if (encrypted) {
    const text = 'payload_security TLS12 is only for records with a session context'
    return { text: `${size}, encrypted`, finding: { severity: 'error', text, rule: 'R-E2E.41' } }
  }
  return { text: size, finding: { severity: 'error', text: 'The payload is empty', rule: 'R-E2E.26' } }
}

const countBytes = (n: number): string => `${n} byte${n === 1 ? '' : 's'}`

function openMsg(bytes: Uint8Array, { start, end }: Range, size: string, budget: FieldBudget): Look {
  const fields = walkMessage(bytes, start, end, 'usp.Msg', undefined, budget)
  const { headerType, msgType, msgId = '' } = peekMsg(bytes, { start, end })
  const header = fields.some((field) => field.name === 'usp.header')
  const body = fields.some((field) => field.name === 'usp.body')
  const finding = msgFinding(header, body, msgId)
  const mismatch = headerType !== undefined && msgType !== undefined && headerType !== msgType
  return {
    text: `Msg of ${size}`,
    children: mismatch ? fields.map((field) => markType(field, msgType)) : fields,
    ...(finding && { finding }),
  }
}

function msgFinding(header: boolean, body: boolean, msgId: string): Finding | undefined {
  if (!header) return { severity: 'error', text: 'The Msg has no header', rule: 'R-MSG.6' }
  if (!body) return { severity: 'error', text: 'The Msg has no body', rule: 'R-MSG.7' }
  if (msgId === '') return { severity: 'error', text: 'The header has no msg_id', rule: 'R-MSG.8' }
  return undefined
}

/** Puts the disagreement of msg_type and body at the msg_type. The body decides. */
function markType(field: Field, msgType: string): Field {
  if (field.name !== 'usp.header' || !field.children) return field
  const text = `The body is ${msgType}, and the body decides`
  const finding: Finding = { severity: 'warning', text, rule: 'R-MSG.10' }
  return {
    ...field,
    children: field.children.map((child) => (child.name === 'usp.type' ? { ...child, finding } : child)),
  }
}
