/** What a row is within its session context: segment of a Msg, the Msg that it makes whole, and findings. */
import type { Field } from '../../../shared/dissect/field.ts'
import { dissectMsg } from '../../../shared/usp/record.ts'
import type { Part } from '../../../shared/usp/session-context.ts'
import { bytesOf, countBytes, type Parts } from './rows.ts'
import { isLast, type Segment, segmentText } from './sessions.ts'

/**
 * The Msg of which `no` is the last segment. `undefined` for other rows, for an encrypted one, and when a segment
 * of it is not in the capture any more.
 */
export function segmentedMsg(parts: Parts, no: number): Uint8Array | undefined {
  const segment = parts.sessions.segment(no)
  if (segment === undefined || !isLast(segment) || segment.msg.encrypted) return undefined
  const { msg } = segment
  if (msg.rows.some((row) => !parts.columns.has(row))) return undefined
  const bytes = new Uint8Array(msg.length)
  let at = 0
  for (const { packet, start, end } of msg.parts) {
    bytes.set(bytesOf(parts, packet).subarray(start, end), at)
    at += end - start
  }
  return bytes
}

/** Empty for a row of which there is nothing to say. RangeError when the row is not held. */
export function sessionFields(parts: Parts, no: number): Field[] {
  const segment = parts.sessions.segment(no)
  const findings = parts.sessions.findings(no)
  if (segment === undefined && findings.length === 0) return []
  const children = findings.map((finding): Field => {
    const { packet: _, ...remark } = finding
    return { ...inferred('usp.session.finding', remark.severity, remark.text), finding: remark }
  })
  if (segment === undefined) return [{ ...inferred('usp.session', 'Session context', ''), children }]
  const text = segmentText(segment)
  const field = inferred('usp.segment', 'Segment', text)
  return [
    { ...inferred('usp.session', 'Session context', text), children: [field, ...children] },
    ...whole(parts, no, segment),
  ]
}

function whole(parts: Parts, no: number, segment: Segment): Field[] {
  if (!isLast(segment) || segment.msg.encrypted) return []
  const bytes = segmentedMsg(parts, no)
  const from = `from packets ${segment.msg.rows.join(', ')}`
  if (bytes === undefined) {
    const text = 'A segment is not in the capture any more: the Msg cannot be shown'
    const finding = { severity: 'warning', text } as const
    return [{ ...inferred(NAME, LABEL, `${countBytes(segment.msg.length)} ${from}`), finding }]
  }
  const field = dissectMsg(bytes, NAME, LABEL)
  const here = placesIn(segment.msg.parts, no)
  return [{ ...moved(field, here), text: `${field.text} ${from}` }]
}

const NAME = 'usp.reassembled'
const LABEL = 'Reassembled Msg'

/** A piece of the Msg that stands in the packet of the row: from `start` of the Msg on, at `at` of the packet. */
interface Piece {
  readonly start: number
  readonly end: number
  readonly at: number
}

function placesIn(parts: readonly Part[], no: number): Piece[] {
  const pieces: Piece[] = []
  let start = 0
  for (const part of parts) {
    const end = start + part.end - part.start
    if (part.packet === no) pieces.push({ start, end, at: part.start })
    start = end
  }
  return pieces
}

/** With the ranges of what stands in this packet; a field that stands in others is known from elsewhere. */
function moved(field: Field, here: readonly Piece[]): Field {
  const first = here.find(({ start, end }) => field.start < end && field.end > start)
  const last = here.findLast(({ start, end }) => field.start < end && field.end > start)
  const start = first === undefined ? 0 : first.at + Math.max(0, field.start - first.start)
  const end = last === undefined ? 0 : last.at + Math.min(last.end, field.end) - last.start
  const { children } = field
  return { ...field, start, end, ...(children && { children: children.map((child) => moved(child, here)) }) }
}

/** Known from other packets, not from these bytes. */
const inferred = (name: string, label: string, text: string): Field => ({
  name,
  label,
  text,
  value: text,
  start: 0,
  end: 0,
})
