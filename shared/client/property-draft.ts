/** Properties as people write them, and as values. Their order is kept, whatever they are. Pure. */
import type { PropertyDraft } from '../contract/mqtt-client.ts'
import { propertyValueFault } from '../mqtt/decode-properties.ts'
import { hex as toHex } from '../mqtt/fields.ts'
import type { Properties, Property } from '../mqtt/packets.ts'
import { propertyByName, type PropertyDefinition } from '../mqtt/properties.ts'
import { decodeText, textBytes } from '../mqtt/utf8.ts'
import { readHex } from '../text/hex.ts'
import { at, DraftFault } from './draft-fault.ts'

/** Puts the values of variables in; may throw. */
export type Fill = (text: string) => string
export const asItIs: Fill = (text) => text

/** Throws a DraftFault that names the entry, `<place>[2]`. Where a property may stand is for the encoder to say. */
export function readProperties(
  drafts: readonly PropertyDraft[],
  fill: Fill = asItIs,
  place = 'properties',
): Properties {
  return drafts.map((draft, index) => at(`${place}[${index}]`, () => readProperty(draft, fill)))
}

function readProperty(draft: PropertyDraft, fill: Fill): Property {
  const definition = propertyByName(draft.name)
  if (definition === undefined) throw new DraftFault('', `There is no property ${draft.name}.`)
  const property = { name: draft.name, value: valueOf(draft, definition, fill) } as Property
  const fault = propertyValueFault(definition, property.value)
  if (fault !== undefined) throw new DraftFault('', `${fault}.`)
  return property
}

function valueOf(draft: PropertyDraft, { type, label, max }: PropertyDefinition, fill: Fill) {
  const value = fill(draft.value)
  if (type === 'utf8') return value
  if (type === 'utf8Pair') return [fill(draft.key ?? ''), value] as const
  if (type === 'binary') return bytesOf(value, draft.hex === true)
  const number = /^\d{1,10}$/.test(value.trim()) ? Number(value) : Number.NaN
  if (number <= max) return number
  throw new DraftFault('', `${label} must be a whole number of at most ${max}; “${value}” is none.`)
}

export function bytesOf(text: string, isHex: boolean): Uint8Array {
  if (!isHex) return textBytes(text)
  const { bytes, fault } = readHex(text)
  if (fault !== undefined) throw new DraftFault('', fault)
  return bytes
}

/** The drafts that say these properties. Bytes that are no plain text are written in hexadecimal. */
export const draftProperties = (properties: Properties): PropertyDraft[] => properties.map(draftOf)

function draftOf({ name, value }: Property): PropertyDraft {
  if (typeof value === 'number') return { name, value: String(value) }
  if (typeof value === 'string') return { name, value }
  if (!(value instanceof Uint8Array)) return { name, key: value[0], value: value[1] }
  const text = decodeText(value, 0, value.length)
  if (text !== undefined && !/[\p{Cc}\p{Cf}]/u.test(text)) return { name, value: text }
  return { name, value: toHex(value), hex: true }
}
