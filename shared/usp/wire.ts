/**
 * Reads protobuf wire data field by field, without a schema. It never throws: what is broken ends the walk and
 * is told in `fault`.
 */

// The language library of this layer has no web types; these are in every place the code runs.
declare const TextDecoder: new (
  label: string,
  options: { readonly fatal: boolean; readonly ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string }

export const VARINT = 0
export const FIXED64 = 1
export const LENGTH_DELIMITED = 2
export const FIXED32 = 5

/** By wire type. Groups are not used in USP, 6 and 7 do not exist. */
export const wireTypeNames = ['varint', 'fixed64', 'length-delimited', 'start group', 'end group', 'fixed32']

/** A cursor over the fields between `pos` and `end`. After `next()` answered true the members tell of that field. */
export class WireReader {
  bytes: Uint8Array
  end: number
  /** Where the next field begins. */
  pos: number
  /** Field number, 1 … 536,870,911. */
  field = 0
  wireType = 0
  /** First byte of the tag. */
  start = 0
  /** The value's bytes; a length prefix is not part of them. */
  valueStart = 0
  valueEnd = 0
  /** Varint (its low 32 bits, see `varint64`) or fixed32, unsigned; otherwise 0. */
  value = 0
  /** What is wrong with the bytes from `start` on; nothing after it can be read. */
  fault: string | undefined
  /** The last varint had more than 32 bits. */
  private wide = false

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.bytes = bytes
    this.pos = start
    this.end = end
  }

  /** Begins anew, over `start … end` of other bytes. */
  begin(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes
    this.restart(start, end)
  }

  /** Begins anew, over `start … end` of the same bytes: an index looks at millions of small messages. */
  restart(start: number, end: number): void {
    this.pos = start
    this.end = end
    this.fault = undefined
  }

  /** Moves to the next field. False at the end and at a fault. */
  next(): boolean {
    if (this.pos >= this.end || this.fault !== undefined) return false
    this.start = this.pos
    const tag = this.varint()
    if (this.fault !== undefined) return false
    if (this.wide) return this.fail('a tag has more than 32 bits')
    this.field = tag >>> 3
    this.wireType = tag & 7
    if (this.field === 0) return this.fail('field number 0 is not allowed')
    this.valueStart = this.pos
    this.value = 0
    switch (this.wireType) {
      case VARINT:
        this.value = this.varint()
        if (this.fault !== undefined) return false
        break
      case LENGTH_DELIMITED: {
        const length = this.varint()
        if (this.fault !== undefined) return false
        if (this.wide) return this.fail('a length has more than 32 bits')
        this.valueStart = this.pos
        return this.skip(length)
      }
      case FIXED32:
        if (!this.skip(4)) return false
        this.value = fixed32(this.bytes, this.valueStart)
        return true
      case FIXED64:
        return this.skip(8)
      default:
        return this.fail(
          `wire type ${this.wireType} (${wireTypeNames[this.wireType] ?? 'unknown'}) is not used in USP`,
        )
    }
    this.valueEnd = this.pos
    return true
  }

  private skip(length: number): boolean {
    const past = this.pos + length - this.end
    if (past > 0) return this.fail(`the value runs ${past} byte${past === 1 ? '' : 's'} past the end`)
    this.pos += length
    this.valueEnd = this.pos
    return true
  }

  private fail(fault: string): false {
    this.fault = fault
    return false
  }

  /** Low 32 bits of the varint at `pos`; `wide` tells whether there are more. */
  private varint(): number {
    this.wide = false
    let result = 0
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.pos >= this.end) {
        this.fail('the data ends inside a varint')
        return 0
      }
      const byte = this.bytes[this.pos++] as number
      if (shift < 28) result |= (byte & 0x7f) << shift
      else if (shift === 28) {
        result |= (byte & 0x0f) << 28
        this.wide = (byte & 0x70) !== 0
      } else if ((byte & 0x7f) !== 0) this.wide = true
      if (byte < 0x80) return result >>> 0
    }
    this.fail('a varint is longer than 10 bytes')
    return 0
  }
}

/** The whole 64 bits of a varint that `WireReader` has found to be sound. */
export function varint64(bytes: Uint8Array, start: number, end: number): bigint {
  let result = 0n
  for (let at = end - 1; at >= start; at--) result = (result << 7n) | BigInt((bytes[at] ?? 0) & 0x7f)
  return BigInt.asUintN(64, result)
}

function fixed32(bytes: Uint8Array, at: number): number {
  const [a, b, c, d] = [bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0, bytes[at + 3] ?? 0]
  return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0
}

const decoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true })
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Below this length building a string by hand beats the call into TextDecoder. */
const SHORT = 48

/** Text of UTF-8 bytes; a wrong byte becomes U+FFFD. */
export function utf8(bytes: Uint8Array, start: number, end: number): string {
  const text = end - start <= SHORT ? shortAscii(bytes, start, end) : undefined
  return text ?? decoder.decode(bytes.subarray(start, end))
}

/** Nearly every text in USP is short ASCII. Four at a time, because the calls to fromCharCode are what costs. */
function shortAscii(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = ''
  let at = start
  for (; at + 4 <= end; at += 4) {
    const a = bytes[at] as number
    const b = bytes[at + 1] as number
    const c = bytes[at + 2] as number
    const d = bytes[at + 3] as number
    if ((a | b | c | d) >= 0x80) return undefined
    text += String.fromCharCode(a, b, c, d)
  }
  for (; at < end; at++) {
    const byte = bytes[at] as number
    if (byte >= 0x80) return undefined
    text += String.fromCharCode(byte)
  }
  return text
}

/** Whether bytes are sound UTF-8. `text` is what `utf8` made of them; most answers need no second look. */
export function isUtf8(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (!text.includes('\ufffd')) return true
  try {
    strictDecoder.decode(bytes.subarray(start, end))
    return true
  } catch {
    return false
  }
}
