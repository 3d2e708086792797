/**
 * Turns protobuf bytes of a USP message into a tree of fields. A field's range is its tag, its length and its
 * value. Nothing throws: what is wrong is a finding at its bytes, and what follows is still shown where it can
 * be. The messages of USP are not recursive, so the depth of the tree is bounded by the schema and every byte
 * is looked at once per level.
 */
import type { Field, Finding } from '../dissect/field.ts'
import { describeErrorCode, errorCodeName } from './error-codes.ts'
import { enumName, mapKeyName, mapValueName, messageSpecs, type FieldSpec } from './schema.ts'
import {
  FIXED32,
  isUtf8,
  LENGTH_DELIMITED,
  utf8,
  VARINT,
  varint64,
  WireReader,
  wireTypeNames,
} from './wire.ts'

/** What a value adds to its field. */
export type Look = Pick<Field, 'text' | 'value' | 'children' | 'finding'>

/** Asked for every bytes field, so that a payload can be opened in place; `undefined` leaves it as hex or text. */
export type BytesView = (name: string, start: number, end: number) => Look | undefined

/**
 * Fields that one dissection lists. The whole data model of a large device takes some tens of thousands; more can
 * only be meant to cost time and memory.
 */
export const MAX_FIELDS = 100_000

/** How many fields are left; shared by what is dissected together. */
export interface FieldBudget {
  left: number
}

/**
 * Fields of `bytes[start, end)` as a message of the schema (`usp_record.Record`, `usp.Msg`, …), in wire order.
 * Bytes beyond the budget are one field that says so. With `only`, fields of the schema that are not in it are
 * left out (see `specsFor`). Throws only for a message name that the schema does not have.
 */
export function walkMessage(
  bytes: Uint8Array,
  start: number,
  end: number,
  messageName: string,
  view?: BytesView,
  budget: FieldBudget = { left: MAX_FIELDS },
  only?: ReadonlySet<FieldSpec>,
): Field[] {
  const specs = messageSpecs.get(messageName)
  if (!specs) throw new Error(`No message ${messageName} in the USP schema`)
  const reader = new WireReader(bytes, start, end)
  const fields: Field[] = []
  // Field numbers of USP are below 32, so the ones that came fit into the bits of one number.
  let seen = 0
  // No message of USP has a second oneof.
  let member: FieldSpec | undefined
  while (budget.left > 0 && reader.next()) {
    budget.left -= 1
    const spec = specs.get(reader.field)
    if (!spec) {
      fields.push(unknownField(reader))
      continue
    }
    if (only !== undefined && !only.has(spec)) {
      seen |= 1 << spec.number
      continue
    }
    const look =
      spec.wireType === reader.wireType
        ? lookAt(reader, spec, view, budget, only)
        : wrongWireType(reader, spec)
    const finding = look.finding ?? repetition(spec, seen, member)
    seen |= 1 << spec.number
    if (spec.oneof !== undefined) member = spec
    fields.push(
      makeField(
        spec.filterName,
        spec.name,
        reader.start,
        reader.valueEnd,
        finding ? { ...look, finding } : look,
      ),
    )
  }
  if (reader.fault !== undefined) fields.push(malformed(reader.start, end, reader.fault))
  else if (reader.pos < end) fields.push(unlisted(reader.pos, end))
  else for (const field of defaults(messageName, specs, seen, end, only)) fields.push(field)
  return fields
}

/** Spelled out, as spreading a `Look` into each field took half of the time of a dissection. */
function makeField(name: string, label: string, start: number, end: number, look: Look): Field {
  const field: { -readonly [K in keyof Field]: Field[K] } = { name, label, text: look.text, start, end }
  if (look.value !== undefined) field.value = look.value
  if (look.children !== undefined) field.children = look.children
  if (look.finding !== undefined) field.finding = look.finding
  return field
}

function malformed(start: number, end: number, fault: string): Field {
  const count = end - start
  return {
    name: 'usp.malformed',
    label: 'malformed',
    text: `${count} byte${count === 1 ? '' : 's'} that cannot be read`,
    start,
    end,
    finding: { severity: 'error', text: `Malformed protobuf: ${fault}`, rule: 'R-ENC.1' },
  }
}

function unlisted(start: number, end: number): Field {
  const text = `More than ${MAX_FIELDS} fields: from here on not listed one by one`
  return {
    name: 'usp.unlisted',
    label: 'not listed',
    text: `${end - start} bytes`,
    start,
    end,
    finding: { severity: 'warning', text },
  }
}

function unknownField(reader: WireReader): Field {
  return {
    name: 'usp.unknown',
    label: `field ${reader.field}`,
    text: rawText(reader),
    start: reader.start,
    end: reader.valueEnd,
    finding: { severity: 'note', text: `Field ${reader.field} is not in USP 1.5` },
  }
}

function wrongWireType(reader: WireReader, spec: FieldSpec): Look {
  const expected = wireTypeNames[spec.wireType]
  const text = `Wire type ${wireTypeNames[reader.wireType]} where ${spec.name} is ${expected}`
  return { text: rawText(reader), finding: { severity: 'error', text, rule: 'R-ENC.1' } }
}

/** A value without its schema: wire type and content. */
function rawText(reader: WireReader): string {
  const { bytes, wireType, valueStart, valueEnd } = reader
  const content =
    wireType === VARINT
      ? varint64(bytes, valueStart, valueEnd)
      : wireType === FIXED32
        ? reader.value
        : bytesText(bytes, valueStart, valueEnd)
  return `${wireTypeNames[wireType]}: ${content}`
}

/** Proto3 lets the last one win, so a second one is hardly what the sender meant. */
function repetition(spec: FieldSpec, seen: number, member: FieldSpec | undefined): Finding | undefined {
  if (spec.oneof !== undefined && member !== undefined) {
    const text = `${spec.name} beside ${member.name}: ${spec.oneof} may have one member only`
    return { severity: 'error', text, rule: 'R-ENC.3' }
  }
  if (!spec.repeated && (seen & (1 << spec.number)) !== 0) {
    return { severity: 'warning', text: `${spec.name} stands here again; readers merge or take the last one` }
  }
  return undefined
}

function lookAt(
  reader: WireReader,
  spec: FieldSpec,
  view: BytesView | undefined,
  budget: FieldBudget,
  only: ReadonlySet<FieldSpec> | undefined,
): Look {
  const { bytes, valueStart, valueEnd } = reader
  switch (spec.kind) {
    case 'string':
      return stringLook(bytes, valueStart, valueEnd)
    case 'bytes':
      return view?.(spec.name, valueStart, valueEnd) ?? { text: bytesText(bytes, valueStart, valueEnd) }
    case 'bool': {
      const value = varint64(bytes, valueStart, valueEnd) !== 0n
      return { text: String(value), value }
    }
    case 'uint64': {
      const value = varint64(bytes, valueStart, valueEnd)
      return { text: String(value), value }
    }
    case 'fixed32':
      return spec.name.endsWith('_code') ? errorCodeLook(reader.value) : numberLook(reader.value)
    case 'enum':
      return enumLook(spec, reader.value)
    case 'message':
      return { text: '', children: walkMessage(bytes, valueStart, valueEnd, spec.type, view, budget, only) }
    case 'map':
      return mapEntryLook(bytes, valueStart, valueEnd, budget)
  }
}

function stringLook(bytes: Uint8Array, start: number, end: number): Look {
  const text = utf8(bytes, start, end)
  if (isUtf8(text, bytes, start, end)) return { text, value: text }
  return { text, value: text, finding: { severity: 'error', text: 'Not valid UTF-8', rule: 'R-ENC.1' } }
}

const numberLook = (value: number): Look => ({ text: String(value), value })

function errorCodeLook(value: number): Look {
  const look: Look = { text: describeErrorCode(value), value }
  if (value === 0 || errorCodeName(value) !== undefined) return look
  return { ...look, finding: { severity: 'warning', text: `${value} is not an error code of USP` } }
}

function enumLook(spec: FieldSpec, number: number): Look {
  const name = enumName(spec.type, number)
  if (name !== undefined) return { text: `${name} (${number})`, value: name }
  const text = `${spec.name} has no value ${number}`
  return {
    text: `unknown (${number})`,
    value: String(number),
    finding: { severity: 'error', text, rule: 'R-ENC.2' },
  }
}

/** An entry of a map is a message with the key in 1 and the value in 2; either may be left out when empty. */
function mapEntryLook(bytes: Uint8Array, start: number, end: number, budget: FieldBudget): Look {
  const reader = new WireReader(bytes, start, end)
  const children: Field[] = []
  let key = ''
  let value = ''
  while (budget.left > 0 && reader.next()) {
    budget.left -= 1
    if (reader.field > 2) {
      children.push(unknownField(reader))
      continue
    }
    const label = reader.field === 1 ? 'key' : 'value'
    const name = reader.field === 1 ? mapKeyName : mapValueName
    if (reader.wireType !== LENGTH_DELIMITED) {
      const finding: Finding = {
        severity: 'error',
        text: `Wire type ${wireTypeNames[reader.wireType]} where a ${label} is length-delimited`,
        rule: 'R-ENC.1',
      }
      children.push(makeField(name, label, reader.start, reader.valueEnd, { text: rawText(reader), finding }))
      continue
    }
    const look = stringLook(bytes, reader.valueStart, reader.valueEnd)
    if (reader.field === 1) key = look.text
    else value = look.text
    children.push(makeField(name, label, reader.start, reader.valueEnd, look))
  }
  if (reader.fault !== undefined) children.push(malformed(reader.start, end, reader.fault))
  else if (reader.pos < end) children.push(unlisted(reader.pos, end))
  const text = `${key} = ${value}`
  return { text, value: text, children }
}

/**
 * Fields whose absence says something: proto3 leaves a default off the wire, yet "3.1.1", "ERROR" and
 * "plaintext" are what the message means.
 */
const shownDefaults: Readonly<Record<string, readonly number[]>> = {
  'usp_record.Record': [4],
  'usp_record.MQTTConnectRecord': [1],
  'usp_record.STOMPConnectRecord': [1],
  'usp.Header': [2],
}

function defaults(
  messageName: string,
  specs: ReadonlyMap<number, FieldSpec>,
  seen: number,
  at: number,
  only: ReadonlySet<FieldSpec> | undefined,
): Field[] {
  const numbers = shownDefaults[messageName]
  if (numbers === undefined) return []
  return numbers.flatMap((number) => {
    const spec = specs.get(number)
    if (!spec || (seen & (1 << number)) !== 0 || only?.has(spec) === false) return []
    const look = enumLook(spec, 0)
    return [makeField(spec.filterName, spec.name, at, at, { ...look, text: `${look.text} (default)` })]
  })
}

/** Bytes that are readable as text (a PEM certificate) as such, all others as hex. */
function bytesText(bytes: Uint8Array, start: number, end: number): string {
  const text = utf8(bytes, start, end)
  // oxlint-disable-next-line no-control-regex -- they are what tells binary from text
  return /^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]+$/.test(text) ? text : hex(bytes, start, end)
}

const hexByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

function hex(bytes: Uint8Array, start: number, end: number): string {
  let text = ''
  for (let at = start; at < end; at++) text += hexByte[bytes[at] as number]
  return text
}
