/**
 * Protobuf without its schema: the fields that are on the wire, by number. What a length-delimited field holds
 * cannot be known; the best guess is shown with how sure it is.
 */
import { countBytes } from '../../mqtt/fields.ts'
import { FIXED32, LENGTH_DELIMITED, utf8, VARINT, varint64, WireReader } from '../../usp/wire.ts'
import { toHex, treeText } from '../copy.ts'
import type { Field, Finding } from '../field.ts'
import { floatText, integer } from './notation.ts'
import { readableText } from './text.ts'
import {
  error,
  MAX_DEPTH,
  MAX_FIELDS,
  saysType,
  TOO_DEEP,
  TOO_MANY,
  type ContentView,
  type Draft,
} from './view.ts'

const NAME = 'data.protobuf.field'

class ProtobufWalker {
  private readonly bytes: Uint8Array
  private left = MAX_FIELDS

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  message(start: number, end: number, depth: number): Field[] {
    const reader = new WireReader(this.bytes, start, end)
    const fields: Field[] = []
    while (this.left > 0 && reader.next()) {
      this.left--
      fields.push(this.field(reader, depth))
    }
    if (reader.fault !== undefined) fields.push(rest(reader.start, end, error(faultText(reader))))
    else if (reader.pos < end) fields.push(rest(reader.pos, end, TOO_MANY))
    return fields
  }

  private field(reader: WireReader, depth: number): Field {
    const { field: number, start, valueStart, valueEnd } = reader
    const field: Draft = { name: NAME, label: `field ${number}`, text: '', start, end: valueEnd }
    if (reader.wireType === LENGTH_DELIMITED) {
      this.guessInto(field, valueStart, valueEnd, depth)
      return field
    }
    const { type, text, value } = numberLook(reader)
    field.label += ` (${type})`
    field.text = text
    field.value = value
    return field
  }

  private guessInto(field: Draft, start: number, end: number, depth: number): void {
    const { kind, score } = guess(this.bytes, start, end)
    field.label += ` (${kind}, ${Math.round(score * 100)} %)`
    if (kind === 'string') {
      field.text = field.value = utf8(this.bytes, start, end)
    } else if (kind === 'bytes') {
      field.text = toHex(this.bytes.subarray(start, end))
    } else {
      field.text = countBytes(end - start)
      if (depth >= MAX_DEPTH) field.finding = TOO_DEEP
      else field.children = this.message(start, end, depth + 1)
    }
  }
}

const rest = (start: number, end: number, finding: Finding): Field => ({
  name: 'data.malformed',
  label: finding.severity === 'error' ? 'malformed' : 'not listed',
  text: countBytes(end - start),
  start,
  end,
  finding,
})

/** The reader is that of USP, which has no groups. */
function faultText({ fault = '', wireType }: WireReader): string {
  const why = fault.startsWith('wire type')
    ? wireType === 3 || wireType === 4
      ? 'groups are not read'
      : `wire type ${wireType} does not exist`
    : fault
  return `Malformed protobuf: ${why}`
}

function numberLook(reader: WireReader): { type: string; text: string; value: number | bigint } {
  const { bytes, valueStart, valueEnd } = reader
  if (reader.wireType === VARINT) {
    const value = varint64(bytes, valueStart, valueEnd)
    const signed = BigInt.asIntN(64, value)
    return { type: 'varint', text: also(value, signed < 0n ? String(signed) : ''), value: integer(value) }
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + valueStart, valueEnd - valueStart)
  if (reader.wireType === FIXED32) {
    const value = view.getUint32(0, true)
    return { type: 'fixed32', text: also(value, `float ${floatText(view.getFloat32(0, true))}`), value }
  }
  const value = view.getBigUint64(0, true)
  const text = also(value, `double ${floatText(view.getFloat64(0, true))}`)
  return { type: 'fixed64', text, value: integer(value) }
}

const also = (value: number | bigint, other: string) => `${value}${other === '' ? '' : ` or ${other}`}`

interface Guess {
  readonly kind: 'string' | 'message' | 'bytes'
  readonly score: number
}

/** A long readable text is hardly anything else; a message is likely when it ends exactly where it should. */
function guess(bytes: Uint8Array, start: number, end: number): Guess {
  const length = end - start
  if (length === 0) return { kind: 'string', score: 0.4 }
  const content = bytes.subarray(start, end)
  // Field 1 of a message begins with a line feed, field 2 of another type with a tab.
  const leadIn = (content[0] as number) < 0x20 ? 0.5 : 1
  const text = readableText(content) === undefined ? 0 : Math.min(0.95, 0.6 + length * 0.05) * leadIn
  const message = messageScore(bytes, start, end)
  if (message > text) return { kind: 'message', score: message }
  return text > 0 ? { kind: 'string', score: text } : { kind: 'bytes', score: 0.5 }
}

/** 0 when the bytes are no message; up to 0.9 with field numbers that a person would give. */
function messageScore(bytes: Uint8Array, start: number, end: number): number {
  const reader = new WireReader(bytes, start, end)
  let count = 0
  let low = 0
  while (reader.next()) {
    count++
    if (reader.field <= 32) low++
  }
  if (reader.fault !== undefined || count === 0) return 0
  return 0.4 + 0.4 * (low / count) + (end - start > 8 ? 0.1 : 0)
}

const types = [
  'application/protobuf',
  'application/x-protobuf',
  'application/vnd.google.protobuf',
  'application/x-google-protobuf',
]

const dissect = (bytes: Uint8Array, start: number, end: number): Field[] => [
  {
    name: 'data.protobuf',
    label: 'Protobuf without schema',
    text: countBytes(end - start),
    start,
    end,
    children: new ProtobufWalker(bytes).message(start, end, 1),
  },
]

export const protobufView: ContentView = {
  id: 'protobuf',
  label: 'Protobuf',
  score(payload, hints) {
    if (saysType(hints, types, '+protobuf')) return 0.9
    // Many short runs of bytes are some message, so plain text and the other formats go before.
    return messageScore(payload, 0, payload.length) * 0.5
  },
  dissect,
  text: (payload) => treeText(dissect(payload, 0, payload.length)[0]?.children ?? []),
}
