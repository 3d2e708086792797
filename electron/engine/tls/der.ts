/** Distinguished encoding rules (ITU-T X.690), as far as certificates need them: elements written and read. Pure. */

/** Universal tags (X.680, 8.6), with the constructed bit where it belongs. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

export function element(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  return Buffer.concat([Buffer.from([tag, ...lengthBytes(length)]), ...parts])
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length]
  const bytes: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest & 0xff)
  return [0x80 | bytes.length, ...bytes]
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => element(TAG.sequence, ...parts)
export const octetString = (bytes: Uint8Array): Buffer => element(TAG.octetString, bytes)
export const utf8String = (text: string): Buffer => element(TAG.utf8String, Buffer.from(text))
export const boolean = (value: boolean): Buffer => element(TAG.boolean, Buffer.from([value ? 0xff : 0]))
export const nothing = (): Buffer => element(TAG.null)

/** `[number]` of a structure: constructed when it holds elements, primitive when it stands for their content. */
export const explicit = (number: number, ...parts: readonly Uint8Array[]): Buffer =>
  element(0xa0 | number, ...parts)
export const implicit = (number: number, content: Uint8Array): Buffer => element(0x80 | number, content)

/** A number from 0, or its big-endian bytes; shortest form, never negative. */
export function integer(value: number | Uint8Array): Buffer {
  const bytes = typeof value === 'number' ? Buffer.from(evenHex(value), 'hex') : Buffer.from(value)
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start++
  const magnitude = bytes.subarray(start)
  return element(
    TAG.integer,
    (magnitude[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), magnitude]) : magnitude,
  )
}

function evenHex(value: number): string {
  const hex = value.toString(16)
  return hex.length % 2 ? `0${hex}` : hex
}

/** Whole bytes. */
export const bitString = (bytes: Uint8Array): Buffer => element(TAG.bitString, Buffer.of(0), bytes)

/** Named bits, 0 the leftmost; trailing zero bits are left out (X.690, 11.2.2). */
export function namedBits(bits: readonly number[]): Buffer {
  const last = Math.max(...bits)
  const bytes = Buffer.alloc((last >> 3) + 1)
  for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (0x80 >> (bit & 7))
  return element(TAG.bitString, Buffer.of(7 - (last & 7)), bytes)
}

/** Object identifier in dots: `2.5.29.17`. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return element(TAG.oid, Buffer.from([first * 40 + second, ...rest].flatMap(base128)))
}

function base128(value: number): number[] {
  const bytes = [value & 0x7f]
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) bytes.unshift(0x80 | (rest & 0x7f))
  return bytes
}

/** UTCTime until 2049, GeneralizedTime from then on, in whole seconds (RFC 5280, 4.1.2.5). */
export function time(date: Date): Buffer {
  const digits = `${date.toISOString().replaceAll(/[-T:]|\.\d+Z$/g, '')}Z`
  return date.getUTCFullYear() < 2050
    ? element(TAG.utcTime, Buffer.from(digits.slice(2)))
    : element(TAG.generalizedTime, Buffer.from(digits))
}

export interface Element {
  readonly tag: number
  /** Header and content. */
  readonly whole: Buffer
  readonly content: Buffer
}

/** The elements that follow each other in `bytes`. Throws a RangeError when they do not fill it exactly. */
export function elements(bytes: Buffer): Element[] {
  const found: Element[] = []
  for (let at = 0; at < bytes.length;) {
    const tag = bytes.readUInt8(at)
    const first = bytes.readUInt8(at + 1)
    const more = first & 0x80 ? first & 0x7f : 0
    if (more > 4 || first === 0x80) throw new RangeError(`no DER length at byte ${at + 1}`)
    const start = at + 2 + more
    const end = start + (more === 0 ? first : bytes.readUIntBE(at + 2, more))
    if (end > bytes.length) throw new RangeError(`the element at byte ${at} ends behind the data`)
    found.push({ tag, whole: bytes.subarray(at, end), content: bytes.subarray(start, end) })
    at = end
  }
  return found
}

/** The parts of the one constructed element that `bytes` is. */
export function parts(bytes: Buffer): Element[] {
  const [outer, ...others] = elements(bytes)
  if (outer === undefined || others.length > 0) throw new RangeError('not one DER element')
  return elements(outer.content)
}
