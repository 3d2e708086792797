/** The property block of a 5.0 packet. */
import { MALFORMED_PACKET, PROTOCOL_ERROR } from './error.ts'
import { countBytes, FIELDS, showProperty, type FieldRow, type FieldValue } from './fields.ts'
import type { Properties, Property } from './packets.ts'
import {
  NO_PROPERTIES,
  PROPERTY_LIST,
  propertyById,
  type PropertyDefinition,
  type PropertyPlace,
} from './properties.ts'
import { hexByte } from './reason-codes.ts'
import type { Reader } from './reader.ts'
import { firstWildcard } from './topics.ts'

/** Reads Property Length and the properties of it that may stand in `place`. */
export function readProperties(reader: Reader, place: PropertyPlace): Properties {
  const start = reader.pos
  const group = place === 'WILL' ? FIELDS.willProperties : FIELDS.properties
  reader.trace?.open(group, start)
  const length = reader.varint(FIELDS.propertyLength)
  const end = reader.pos + length
  if (end > reader.end) {
    const message = `Property Length says ${length}, but only ${countBytes(reader.end - reader.pos)} are left`
    reader.fatal(MALFORMED_PACKET, message, start, reader.pos)
  }
  const properties = length === 0 ? NO_PROPERTIES : readList(reader, place, end)
  reader.trace?.close(end)
  return properties
}

function readList(reader: Reader, place: PropertyPlace, end: number): Properties {
  const packetEnd = reader.end
  // A property may not reach over the end of the block, even where the packet goes on.
  reader.end = end
  const list: Property[] = []
  // Identifiers reach 0x2A, too many for one word of flags.
  let seenLow = 0
  let seenHigh = 0
  while (reader.pos < end) {
    const start = reader.pos
    const id = reader.bytes[start]!
    const definition = propertyById(id)
    if (definition === undefined) {
      return reader.fatal(MALFORMED_PACKET, `No property has the identifier ${hexByte(id)}`, start, end)
    }
    reader.trace?.open(rowOf(definition, place), start)
    reader.u8(FIELDS.propertyId)
    const value = readValue(reader, definition)
    reader.trace?.close(reader.pos, value)

    if (!definition.places.includes(place)) {
      const where = place === 'WILL' ? 'the Will Properties' : place
      reader.violation(PROTOCOL_ERROR, `${definition.label} is not allowed in ${where}`, start, reader.pos)
    }
    const bit = 1 << (id & 31)
    const seen = id < 32 ? seenLow & bit : seenHigh & bit
    if (seen !== 0 && !(definition.repeatsIn?.includes(place) ?? false)) {
      reader.violation(PROTOCOL_ERROR, `${definition.label} stands more than once`, start, reader.pos)
    }
    if (id < 32) seenLow |= bit
    else seenHigh |= bit
    const fault = propertyValueFault(definition, value)
    if (fault !== undefined) {
      const code = definition.reasonCode ?? PROTOCOL_ERROR
      reader.report(reader.error(code, fault, start, reader.pos, definition.statement))
    }
    // The table ties each name to the type that `readValue` read.
    list.push({ name: definition.property, value } as Property)
  }
  reader.end = packetEnd
  return list
}

/** What the trace is told of a property: [in a packet, in Will Properties]. */
const rows = new Map(
  PROPERTY_LIST.map((definition) => {
    const show = (value: FieldValue): string => showProperty(definition, value)
    const { name, willName, label } = definition
    const row = { label, show, ...(definition.secret && { secret: definition.secret }) }
    return [definition, { packet: { ...row, name }, will: { ...row, name: willName } }]
  }),
)
function rowOf(definition: PropertyDefinition, place: PropertyPlace): FieldRow {
  const row = rows.get(definition)!
  return place === 'WILL' ? row.will : row.packet
}

function readValue(reader: Reader, definition: PropertyDefinition): FieldValue {
  const { label } = definition
  switch (definition.type) {
    case 'byte':
      return reader.u8(FIELDS.propertyNumber, label)
    case 'twoByte':
      return reader.u16(FIELDS.propertyNumber, label)
    case 'fourByte':
      return reader.u32(FIELDS.propertyNumber, label)
    case 'varint':
      return reader.varint(FIELDS.propertyNumber, label)
    case 'utf8':
      return reader.text(FIELDS.propertyText, label)
    case 'binary':
      return reader.binary(definition.secret ? FIELDS.propertySecret : FIELDS.propertyBytes, label)
    case 'utf8Pair': {
      const name = reader.text(FIELDS.pairName, `${label} name`)
      return [name, reader.text(FIELDS.pairValue, `${label} value`)]
    }
  }
}

/** Why a value that fits its type is still not allowed, as a sentence; `undefined` when it is. */
export function propertyValueFault(definition: PropertyDefinition, value: FieldValue): string | undefined {
  const { label, min, max } = definition
  if (typeof value === 'number' && (value < min || value > max)) {
    if (max === 1) return `${label} is ${value}, but must be 0 or 1`
    return value < min
      ? `${label} is ${value}, but must not be 0`
      : `${label} is ${value}, but at most ${max}`
  }
  if (definition.topicName && typeof value === 'string') {
    if (value === '') return `${label} is empty`
    const wildcard = firstWildcard(value)
    if (wildcard !== undefined) return `${label} holds the wildcard ${wildcard}`
  }
  return undefined
}
