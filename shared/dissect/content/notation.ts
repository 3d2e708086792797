/** Scalars in the diagnostic notation of CBOR (RFC 8949 section 8), which serves MessagePack as well. */
import { toHex } from '../copy.ts'
import type { Item } from './item.ts'

/** A float always has a point: `1.0`, `1.0e+300`. */
export function floatText(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  const [mantissa = '', exponent] = (Object.is(value, -0) ? '-0' : String(value)).split('e')
  const pointed = mantissa.includes('.') ? mantissa : `${mantissa}.0`
  return exponent === undefined ? pointed : `${pointed}e${exponent}`
}

export const bytesText = (bytes: Uint8Array): string => `h'${toHex(bytes)}'`

/** A number where that is exact, so that it compares with one. */
export const integer = (value: bigint): number | bigint => {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/** An item of one value. */
export const scalar = (start: number, end: number, text: string, value: Item['value'] = text): Item => ({
  start,
  end,
  text,
  value,
})

export const floatItem = (start: number, end: number, value: number): Item =>
  scalar(start, end, floatText(value), value)

export const integerItem = (start: number, end: number, value: bigint): Item =>
  scalar(start, end, String(value), integer(value))
