/** CBOR (RFC 8949), also a sequence of items (RFC 8742), with a byte range for each; text is diagnostic notation. */
import { isUtf8, utf8 } from '../../usp/wire.ts'
import type { Field } from '../field.ts'
import {
  containerScore,
  ItemReader,
  itemsField,
  itemsText,
  remark,
  remarkDuplicates,
  type Inside,
  type Item,
} from './item.ts'
import { bytesText, floatItem, integerItem, scalar } from './notation.ts'
import { error, saysType, type ContentView } from './view.ts'

/** Major types (RFC 8949 section 3.1). */
const [UNSIGNED, NEGATIVE, BYTES, TEXT, ARRAY, MAP, TAG] = [0, 1, 2, 3, 4, 5, 6] as const
/** Additional information 31: of indefinite length, or with major type 7 the end of that. */
const INDEFINITE = 31
const BREAK = 0xff

const simpleValues = new Map<number, readonly [text: string, value: boolean | string]>([
  [20, ['false', false]],
  [21, ['true', true]],
  [22, ['null', 'null']],
  [23, ['undefined', 'undefined']],
])

const POSITIVE_BIGNUM = 2n
const NEGATIVE_BIGNUM = 3n
/** Longer bignums are shown as bytes: their decimal digits would cost time that grows with the square. */
const MAX_BIGNUM = 64

const tagNames = new Map<bigint, string>([
  [0n, 'date/time text'],
  [1n, 'epoch time'],
  [2n, 'unsigned bignum'],
  [3n, 'negative bignum'],
  [4n, 'decimal fraction'],
  [5n, 'bigfloat'],
  [21n, 'to be base64url'],
  [22n, 'to be base64'],
  [23n, 'to be base16'],
  [24n, 'encoded CBOR'],
  [32n, 'URI'],
  [33n, 'base64url'],
  [34n, 'base64'],
  [36n, 'MIME message'],
  [37n, 'UUID'],
  [55799n, 'self-described CBOR'],
])

/** The items in `bytes[start, end)`. What is not well-formed ends the reading. Never throws. */
export function readCbor(bytes: Uint8Array, start: number, end: number): Item[] {
  const reader = new CborReader(bytes, start, end)
  const items: Item[] = []
  while (reader.pos < end) items.push(reader.item(1))
  return items
}

interface Head {
  readonly start: number
  readonly major: number
  readonly info: number
  /** Value, length, count or tag number; of `INDEFINITE` 0. */
  readonly argument: bigint
}

class CborReader extends ItemReader {
  item(depth: number): Item {
    return this.limit(depth) ?? this.read(depth)
  }

  private read(depth: number): Item {
    const head = this.head()
    if (!('major' in head)) return head
    const { start, major, argument } = head
    switch (major) {
      case UNSIGNED:
        return integerItem(start, this.pos, argument)
      case NEGATIVE:
        return integerItem(start, this.pos, -1n - argument)
      case BYTES:
      case TEXT:
        return head.info === INDEFINITE ? this.chunks(head) : this.string(head)
      case ARRAY:
      case MAP:
        return this.container(head, depth)
      case TAG:
        return this.tagged(head, depth)
      default:
        return this.simple(head)
    }
  }

  private malformed(start: number, text: string): Item {
    return this.stop(start, error(`Malformed CBOR: ${text}`, 'RFC 8949 3'))
  }

  private head(): Head | Item {
    const start = this.pos
    if (start >= this.end) return this.malformed(start, 'the data ends where an item is due')
    const initial = this.bytes[this.pos++] as number
    const [major, info] = [initial >> 5, initial & 31]
    if (info < 24) return { start, major, info, argument: BigInt(info) }
    if (info === INDEFINITE) {
      if (major >= BYTES && major <= MAP) return { start, major, info, argument: 0n }
      const why = initial === BREAK ? 'a break outside of an item of indefinite length' : 'no length'
      return this.malformed(start, why)
    }
    if (info > 27) return this.malformed(start, `additional information ${info} is reserved`)
    const size = 1 << (info - 24)
    if (this.end - this.pos < size) return this.malformed(start, 'the data ends inside the head of an item')
    let argument = 0n
    for (const after = this.pos + size; this.pos < after; this.pos++) {
      argument = (argument << 8n) | BigInt(this.bytes[this.pos] as number)
    }
    return { start, major, info, argument }
  }

  private string({ start, major, argument }: Head): Item {
    const past = argument - BigInt(this.end - this.pos)
    if (past > 0n) {
      return this.malformed(start, `the string runs ${past} byte${past === 1n ? '' : 's'} past the end`)
    }
    const from = this.pos
    this.pos += Number(argument)
    if (major === BYTES) return scalar(start, this.pos, bytesText(this.bytes.subarray(from, this.pos)))
    const text = utf8(this.bytes, from, this.pos)
    const item = scalar(start, this.pos, JSON.stringify(text), text)
    if (!isUtf8(text, this.bytes, from, this.pos)) remark(item, error('Not valid UTF-8', 'RFC 8949 3.1'))
    return item
  }

  /** A string of indefinite length: definite ones of the same type up to a break. */
  private chunks({ start, major }: Head): Item {
    const inside: Inside = { open: '(_ ', close: ')', pairs: false, noun: 'chunk', items: [] }
    const item: Item = { start, end: this.end, text: major === TEXT ? 'text' : 'bytes', inside }
    while (!this.takeBreak()) {
      const chunk = this.chunk(major)
      inside.items.push(chunk)
      if (this.stopped) return item
    }
    item.end = this.pos
    if (major === TEXT) item.value = inside.items.map(({ value }) => String(value)).join('')
    return item
  }

  private chunk(major: number): Item {
    const limit = this.limit(1)
    if (limit !== undefined) return limit
    const head = this.head()
    if (!('major' in head)) return head
    if (head.major === major && head.info !== INDEFINITE) return this.string(head)
    return this.malformed(head.start, 'a chunk must be a string of the same type and of definite length')
  }

  private container({ start, major, info, argument }: Head, depth: number): Item {
    const pairs = major === MAP
    const indefinite = info === INDEFINITE
    const inside: Inside = {
      open: (pairs ? '{' : '[') + (indefinite ? '_ ' : ''),
      close: pairs ? '}' : ']',
      pairs,
      noun: pairs ? 'pair' : 'element',
      items: [],
    }
    const item: Item = { start, end: this.end, text: pairs ? 'map' : 'array', inside }
    // The count may be any number up to 2^64 - 1: memory follows what really comes.
    const due = pairs ? argument * 2n : argument
    while (indefinite ? this.pairOpen(inside) || !this.takeBreak() : BigInt(inside.items.length) < due) {
      inside.items.push(this.item(depth + 1))
      if (this.stopped) break
    }
    item.end = this.pos
    if (pairs) remarkDuplicates(inside, 'RFC 8949 5.6')
    return item
  }

  /** A key waits for its value: a break may not stand there, and read as an item it is the fault it is. */
  private pairOpen({ pairs, items }: Inside): boolean {
    return pairs && items.length % 2 === 1
  }

  private takeBreak(): boolean {
    if (this.bytes[this.pos] !== BREAK || this.pos >= this.end) return false
    this.pos++
    return true
  }

  private tagged({ start, argument }: Head, depth: number): Item {
    const content = this.item(depth + 1)
    const bignum = argument === POSITIVE_BIGNUM || argument === NEGATIVE_BIGNUM
    if (bignum && typeof content.value === 'string' && content.text.startsWith("h'")) {
      const digits = content.value.slice(2, -1)
      if (digits.length <= MAX_BIGNUM * 2) {
        const magnitude = BigInt(`0x${digits || '0'}`)
        return integerItem(start, this.pos, argument === NEGATIVE_BIGNUM ? -1n - magnitude : magnitude)
      }
    }
    const name = tagNames.get(argument)
    const item: Item = {
      start,
      end: this.pos,
      text: `tag ${argument}${name === undefined ? '' : ` (${name})`}`,
      inside: { open: `${argument}(`, close: ')', pairs: false, noun: 'item', items: [content] },
    }
    if (content.value !== undefined) item.value = content.value
    return item
  }

  /** Major type 7: floats and simple values. */
  private simple({ start, info, argument }: Head): Item {
    if (info >= 25) {
      const view = new DataView(this.bytes.buffer, this.bytes.byteOffset + start + 1)
      const value =
        info === 25 ? half(view.getUint16(0)) : info === 26 ? view.getFloat32(0) : view.getFloat64(0)
      return floatItem(start, this.pos, value)
    }
    const number = Number(argument)
    if (info === 24 && number < 32) {
      return this.malformed(start, `simple value ${number} does not stand in two bytes`)
    }
    const [text, value] = simpleValues.get(number) ?? [`simple(${number})`, `simple(${number})`]
    return scalar(start, this.pos, text, value)
  }
}

/** IEEE 754 binary16 (RFC 8949 appendix D). */
function half(bits: number): number {
  const exponent = (bits >> 10) & 31
  const mantissa = bits & 0x3ff
  const sign = bits & 0x8000 ? -1 : 1
  if (exponent === 0) return sign * mantissa * 2 ** -24
  if (exponent === 31) return mantissa === 0 ? sign * Infinity : NaN
  return sign * (mantissa + 1024) * 2 ** (exponent - 25)
}

/** Arrays and maps that hold something. */
const opensContainer = (first: number) => first > 0x80 && first < 0xc0 && first !== 0xa0

const SELF_DESCRIBED = [0xd9, 0xd9, 0xf7]

export const cborView: ContentView = {
  id: 'cbor',
  label: 'CBOR',
  score(payload, hints) {
    if (saysType(hints, ['application/cbor', 'application/cbor-seq'], '+cbor')) return 0.95
    if (SELF_DESCRIBED.every((byte, at) => payload[at] === byte)) return 0.95
    return opensContainer(payload[0] ?? 0) ? containerScore(payload, readCbor) : 0
  },
  dissect: (bytes, start, end): Field[] => {
    const items = readCbor(bytes, start, end)
    return [itemsField(items, { name: 'data.cbor', label: 'CBOR', text: itemsText(items) }, { start, end })]
  },
  text: (payload) => itemsText(readCbor(payload, 0, payload.length)),
}
