/** Kinds of values that a matcher may ask for with `$type`: those of TR-106 (R-ENC.6), and some shapes of texts. */
import { parseNetwork } from '../filter/ip.ts'
import { isList, isMap, type Json } from './json.ts'

type Test = (value: Json) => boolean

/** USP has values as texts; JSON may have them as themselves. */
const text =
  (form: RegExp): Test =>
  (value) =>
    typeof value !== 'object' && form.test(String(value))

const integer =
  (low: bigint, high: bigint): Test =>
  (value) => {
    if (typeof value === 'object' || !/^[+-]?\d{1,20}$/.test(String(value))) return false
    const number = BigInt(String(value).replace('+', ''))
    return low <= number && number <= high
  }

const ip =
  (mark: string): Test =>
  (value) =>
    typeof value === 'string' &&
    !value.includes('/') &&
    value.includes(mark) &&
    parseNetwork(value) !== undefined

const DATE_TIME = /^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-6]\d(?:\.\d{1,9})?(?:Z|[+-][0-2]\d:[0-5]\d)?$/
const ENDPOINT = /^[a-z]+:[0-9A-Za-z._-]*:(?:[0-9A-Za-z._-]|%[\dA-Fa-f]{2}){1,50}$/

export const valueTypes = {
  string: (value) => typeof value === 'string',
  boolean: text(/^(?:true|false|1|0)$/),
  int: integer(-(2n ** 31n), 2n ** 31n - 1n),
  unsignedInt: integer(0n, 2n ** 32n - 1n),
  long: integer(-(2n ** 63n), 2n ** 63n - 1n),
  unsignedLong: integer(0n, 2n ** 64n - 1n),
  decimal: text(/^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/),
  dateTime: text(DATE_TIME),
  base64: text(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/),
  hexBinary: text(/^(?:[\dA-Fa-f]{2})*$/),
  ip: (value) => ip('.')(value) || ip(':')(value),
  ipv4: ip('.'),
  ipv6: ip(':'),
  mac: text(/^[\dA-Fa-f]{2}(?::[\dA-Fa-f]{2}){5}$/),
  uuid: text(/^[\dA-Fa-f]{8}-(?:[\dA-Fa-f]{4}-){3}[\dA-Fa-f]{12}$/),
  endpoint: text(ENDPOINT),
  path: text(
    /^Device\.(?:[A-Za-z_][\w-]*(?:\(\)|!)?|[1-9]\d{0,9})?(?:\.(?:[A-Za-z_][\w-]*(?:\(\)|!)?|[1-9]\d{0,9}))*\.?$/,
  ),
  list: isList,
  map: isMap,
} satisfies Readonly<Record<string, Test>>

export type ValueType = keyof typeof valueTypes
export const isValueType = (name: string): name is ValueType => Object.hasOwn(valueTypes, name)
