/** From what columns and dissectors have to values that tests take. */
import type { Field } from '../dissect/field.ts'
import type { ColumnUse, FieldDefinition, RawValue, Scalar, UNKNOWN } from './definition.ts'
import { parseAddress } from './ip.ts'
import { codeOf, hexBytes } from './literals.ts'
import { parseTime, SECOND } from './moments.ts'

/**
 * A value of a column, which has nanoseconds for durations; `undefined` when it says that there is none, UNKNOWN
 * when it cannot say.
 */
export function columnValue(
  use: ColumnUse,
  field: FieldDefinition,
  raw: number | bigint | string,
): Scalar | typeof UNKNOWN | undefined {
  if (raw === '' && use.mayBeEmpty !== true) return undefined
  if (use.read !== undefined && typeof raw !== 'bigint') return use.read(raw)
  return typeof raw === 'string' ? textValue(raw, field) : raw
}

/** The value of a field in a tree, where durations are seconds; `undefined` when it has none. */
export function treeValue(field: FieldDefinition, found: Field, bytes: () => Uint8Array): Scalar | undefined {
  if (field.tree.read) return field.tree.read(found, bytes())
  const raw: RawValue | undefined = found.value
  if (raw === undefined) return undefined
  if (typeof raw === 'boolean') return raw ? 1 : 0
  if (typeof raw === 'string') return textValue(raw, field)
  return field.type === 'duration' ? Number(raw) * SECOND : raw
}

/** What a text means for a field of this type. */
function textValue(text: string, field: FieldDefinition): Scalar | undefined {
  switch (field.type) {
    case 'string':
    case 'topic':
    case 'presence':
      return text
    case 'bytes':
      return hexBytes(text)
    case 'ip':
      return parseAddress(text)
    case 'time':
      return parseTime(text)?.low
    case 'enum':
      return codeOf(field.names ?? [], text) ?? plainNumber(text)
    case 'number':
    case 'bool':
    case 'duration':
      return plainNumber(text)
  }
}

const plainNumber = (text: string): number | undefined => (/^\d+$/.test(text) ? Number(text) : undefined)
