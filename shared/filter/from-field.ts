/** "Filter by this": from a field of a dissected packet to an expression. */
import type { Field } from '../dissect/field.ts'
import type { FieldReference, Literal } from './ast.ts'
import type { FieldDefinition, Scalar } from './definition.ts'
import { findField } from './fields.ts'
import { MAX_LENGTH } from './filter.ts'
import { formatExpression } from './format.ts'
import { codeOf } from './literals.ts'
import { operatorOf, type CompareOperator } from './operators.ts'
import { treeValue } from './values.ts'

/** A value is no pattern and no topic filter. */
export type FieldOperator = Exclude<CompareOperator, 'matches' | '~'>

/**
 * The expression that holds for packets which have this field with this value, or with `op` what is said of
 * that value; for a field without a value, that it is there. `bytes` is the packet, which payloads are read
 * from. `undefined` when the filter language does not know the field, when `op` does not fit its type, or when
 * the value is too long for a filter.
 */
export function fromField(found: Field, op: FieldOperator, bytes: Uint8Array): string | undefined {
  const field = findField(found.name)
  if (field === undefined) return undefined
  const { of, value } = pick(found, field, bytes)
  if (value === undefined) return formatExpression({ kind: 'exists', of })
  if (operatorOf(op)?.types.has(field.type) !== true) return undefined
  const text = formatExpression({ kind: 'compare', of, op, value: literalOf(value) })
  return text.length > MAX_LENGTH ? undefined : text
}

function pick(
  found: Field,
  field: FieldDefinition,
  bytes: Uint8Array,
): { of: FieldReference; value?: Scalar } {
  const { entry } = field
  if (entry !== undefined) {
    const child = (name: string) => found.children?.find((part) => part.name === name)?.value
    const [key, value] = [child(entry.key) ?? '', child(entry.value) ?? '']
    if (typeof key === 'string' && typeof value === 'string') return { of: { field, key }, value }
  }
  if (field.type === 'presence') return { of: { field } }
  const value = treeValue(field, found, () => bytes) ?? leadingName(found, field)
  return { of: { field }, ...(value !== undefined && { value }) }
}

/** Some fields explain their value behind it: `in (to the bench)`. */
function leadingName({ value }: Field, { names = [] }: FieldDefinition): number | undefined {
  return typeof value === 'string' ? codeOf(names, value.split(' ', 1)[0] ?? '') : undefined
}

function literalOf(value: Scalar): Literal {
  if (typeof value === 'string') return { kind: 'text', text: value }
  if (value instanceof Uint8Array) return { kind: 'bytes', bytes: value }
  return { kind: 'number', low: value, high: value }
}
