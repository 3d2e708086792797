/** JSON values as CBOR (RFC 8949) in its deterministic form (section 4.2.1), except that members keep their order. */
import { textBytes } from '../mqtt/utf8.ts'

const [UNSIGNED, NEGATIVE, TEXT, ARRAY, MAP] = [0, 1, 3, 4, 5] as const
const [FALSE, TRUE, NULL] = [0xf4, 0xf5, 0xf6] as const
const [HALF, SINGLE, DOUBLE] = [0xf9, 0xfa, 0xfb] as const
/** As deep as the content view of CBOR reads. */
const MAX_DEPTH = 100

/** Throws a RangeError for a value that JSON does not have, and for one that is nested too deeply. */
export function encodeCbor(value: unknown): Uint8Array<ArrayBuffer> {
  const out: number[] = []
  write(out, value, 1)
  return Uint8Array.from(out)
}

function write(out: number[], value: unknown, depth: number): void {
  if (depth > MAX_DEPTH) throw new RangeError(`It is nested deeper than ${MAX_DEPTH} levels.`)
  if (value === null) out.push(NULL)
  else if (typeof value === 'boolean') out.push(value ? TRUE : FALSE)
  else if (typeof value === 'number') writeNumber(out, value)
  else if (typeof value === 'string') writeText(out, value)
  else if (Array.isArray(value)) {
    head(out, ARRAY, value.length)
    for (const item of value) write(out, item, depth + 1)
  } else if (typeof value === 'object') {
    const members = Object.entries(value)
    head(out, MAP, members.length)
    for (const [name, member] of members) {
      writeText(out, name)
      write(out, member, depth + 1)
    }
  } else throw new RangeError(`CBOR is made from JSON values; ${typeof value} is none.`)
}

function writeText(out: number[], text: string): void {
  const bytes = textBytes(text)
  head(out, TEXT, bytes.length)
  for (const byte of bytes) out.push(byte)
}

function writeNumber(out: number[], value: number): void {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
    return value < 0 ? head(out, NEGATIVE, -1 - value) : head(out, UNSIGNED, value)
  }
  const view = new DataView(new ArrayBuffer(8))
  const half = halfOf(value)
  if (half !== undefined) {
    out.push(HALF, half >> 8, half & 0xff)
  } else if (Math.fround(value) === value) {
    view.setFloat32(0, value)
    out.push(SINGLE, ...new Uint8Array(view.buffer, 0, 4))
  } else {
    view.setFloat64(0, value)
    out.push(DOUBLE, ...new Uint8Array(view.buffer))
  }
}

/** The 16 bits of a number that binary16 holds exactly. */
function halfOf(value: number): number | undefined {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0
  const size = Math.abs(value)
  if (size === 0) return sign
  if (size === Infinity) return sign | 0x7c00
  const exponent = Math.max(-14, Math.floor(Math.log2(size)))
  if (exponent > 15) return undefined
  const scaled = (size / 2 ** exponent) * 1024
  if (!Number.isInteger(scaled) || scaled >= 2048) return undefined
  return scaled < 1024 ? sign | scaled : sign | ((exponent + 15) << 10) | (scaled - 1024)
}

/** Initial byte and argument (section 3), in the fewest bytes. */
function head(out: number[], major: number, argument: number): void {
  const first = major << 5
  if (argument < 24) return void out.push(first | argument)
  const [info, size] =
    argument < 2 ** 8 ? [24, 1] : argument < 2 ** 16 ? [25, 2] : argument < 2 ** 32 ? [26, 4] : [27, 8]
  out.push(first | info)
  for (let at = size - 1; at >= 0; at--) out.push(Math.floor(argument / 2 ** (8 * at)) % 256)
}
