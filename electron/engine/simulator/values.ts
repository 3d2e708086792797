/** Parameter values: text in the form of their type (R-ENC.6). Pure. */
import { isTrue } from '../../../shared/usp/boolean.ts'
import type { ValueType } from '../../../shared/usp/value-types.ts'
import { CODE, UspFault } from './fault.ts'

/** Longer values are refused, as OB-USP-A does. */
export const MAX_VALUE = 4096

const within = (from: bigint, to: bigint) => (text: string) => {
  if (!/^[+-]?\d{1,20}$/.test(text)) return false
  const value = BigInt(text.replace(/^\+/, ''))
  return value >= from && value <= to
}

const isSound: Readonly<Record<ValueType, (text: string) => boolean>> = {
  base64: (text) => /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text),
  boolean: (text) => ['true', 'false', '1', '0'].includes(text),
  dateTime: (text) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?$/.test(text),
  decimal: (text) => /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/.test(text),
  hexBinary: (text) => /^(?:[0-9A-Fa-f]{2})*$/.test(text),
  int: within(-(2n ** 31n), 2n ** 31n - 1n),
  long: within(-(2n ** 63n), 2n ** 63n - 1n),
  string: () => true,
  unsignedInt: within(0n, 2n ** 32n - 1n),
  unsignedLong: within(0n, 2n ** 64n - 1n),
}

/** What a parameter of this type has when nobody said anything. */
export function initialValue(type: ValueType): string {
  if (type === 'boolean') return 'false'
  if (type === 'dateTime') return '0001-01-01T00:00:00Z'
  return type === 'string' || type === 'base64' || type === 'hexBinary' ? '' : '0'
}

/** The value as it is kept (`1` of a boolean is `true`). Throws 7011 for another type, 7012 for a value not allowed. */
export function checkValue(text: string, type: ValueType, allowed: readonly string[] | undefined): string {
  if (text.length > MAX_VALUE)
    throw new UspFault(CODE.invalidValue, `The value is longer than ${MAX_VALUE} characters`)
  if (!isSound[type](text)) throw new UspFault(CODE.invalidType, `“${text}” is not of type ${type}`)
  if (allowed && !allowed.includes(text)) {
    throw new UspFault(CODE.invalidValue, `“${text}” is none of ${allowed.join(', ')}`)
  }
  return type === 'boolean' ? String(isTrue(text)) : text
}

/** Whether `actual <operator> expected` holds; strings, booleans and lists know no order. */
export function compareValues(actual: string, operator: string, expected: string, type: ValueType): boolean {
  if (operator === '~=') return splitList(actual).includes(expected)
  const order = orderOf(actual, expected, type)
  if (operator === '==') return order === 0
  if (operator === '!=') return order !== 0
  if (order === undefined) return false
  return operator === '<'
    ? order < 0
    : operator === '>'
      ? order > 0
      : operator === '<='
        ? order <= 0
        : order >= 0
}

/** Negative, 0 or positive; `undefined` where two values are different and neither is the greater. */
function orderOf(a: string, b: string, type: ValueType): number | undefined {
  if (type === 'boolean') return isTrue(a) === isTrue(b) ? 0 : undefined
  if (type === 'dateTime') return difference(Date.parse(a), Date.parse(b))
  if (type === 'string' || type === 'base64' || type === 'hexBinary') return a === b ? 0 : undefined
  if (type === 'decimal') return difference(Number(a), Number(b))
  return isSound.long(a) && isSound.long(b) ? Number(BigInt(a) - BigInt(b)) : a === b ? 0 : undefined
}

const difference = (a: number, b: number) => (Number.isNaN(a - b) ? undefined : a - b)

/** The items of a comma-separated list. */
export const splitList = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
