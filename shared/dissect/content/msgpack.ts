/** MessagePack, with a byte range for each value; text is the notation of CBOR, `ext(type, h'…')` beside it. */
import { countBytes } from '../../mqtt/fields.ts'
import { isUtf8, utf8 } from '../../usp/wire.ts'
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

/** The values in `bytes[start, end)`, one after the other. A fault ends the reading. Never throws. */
export function readMsgpack(bytes: Uint8Array, start: number, end: number): Item[] {
  const reader = new MsgpackReader(bytes, start, end)
  const items: Item[] = []
  while (reader.pos < end) items.push(reader.item(1))
  return items
}

type Kind = 'uint' | 'int' | 'float' | 'str' | 'bin' | 'ext' | 'array' | 'map'

/** What the first bytes 0xc4 … 0xdf mean, and how many bytes of number or length follow. */
const formats = new Map<number, readonly [kind: Kind, size: number]>([
  [0xc4, ['bin', 1]],
  [0xc5, ['bin', 2]],
  [0xc6, ['bin', 4]],
  [0xc7, ['ext', 1]],
  [0xc8, ['ext', 2]],
  [0xc9, ['ext', 4]],
  [0xca, ['float', 4]],
  [0xcb, ['float', 8]],
  [0xcc, ['uint', 1]],
  [0xcd, ['uint', 2]],
  [0xce, ['uint', 4]],
  [0xcf, ['uint', 8]],
  [0xd0, ['int', 1]],
  [0xd1, ['int', 2]],
  [0xd2, ['int', 4]],
  [0xd3, ['int', 8]],
  [0xd9, ['str', 1]],
  [0xda, ['str', 2]],
  [0xdb, ['str', 4]],
  [0xdc, ['array', 2]],
  [0xdd, ['array', 4]],
  [0xde, ['map', 2]],
  [0xdf, ['map', 4]],
])

const constants = new Map<number, readonly [text: string, value: boolean | string]>([
  [0xc0, ['null', 'null']],
  [0xc2, ['false', false]],
  [0xc3, ['true', true]],
])

class MsgpackReader extends ItemReader {
  item(depth: number): Item {
    const limit = this.limit(depth)
    if (limit !== undefined) return limit
    const start = this.pos
    if (start >= this.end) return this.malformed(start, 'the data ends where a value is due')
    const first = this.bytes[this.pos++] as number
    if (first < 0x80) return integerItem(start, this.pos, BigInt(first))
    if (first >= 0xe0) return integerItem(start, this.pos, BigInt(first - 0x100))
    if (first < 0x90) return this.container(start, true, first & 15, depth)
    if (first < 0xa0) return this.container(start, false, first & 15, depth)
    if (first < 0xc0) return this.string(start, 'str', first & 31)
    const constant = constants.get(first)
    if (constant !== undefined) return scalar(start, this.pos, ...constant)
    // fixext 1, 2, 4, 8, 16
    if (first >= 0xd4 && first <= 0xd8) return this.extension(start, 1 << (first - 0xd4))
    const format = formats.get(first)
    if (format === undefined) return this.malformed(start, 'the byte 0xc1 is never used')
    return this.formatted(start, format, depth)
  }

  private malformed(start: number, text: string): Item {
    return this.stop(start, error(`Malformed MessagePack: ${text}`))
  }

  private formatted(start: number, [kind, size]: readonly [Kind, number], depth: number): Item {
    if (this.end - this.pos < size) return this.malformed(start, 'the data ends inside a number')
    const view = new DataView(this.bytes.buffer, this.bytes.byteOffset + this.pos, size)
    this.pos += size
    if (kind === 'float')
      return floatItem(start, this.pos, size === 4 ? view.getFloat32(0) : view.getFloat64(0))
    let number = 0n
    for (let at = 0; at < size; at++) number = (number << 8n) | BigInt(view.getUint8(at))
    if (kind === 'uint') return integerItem(start, this.pos, number)
    if (kind === 'int') return integerItem(start, this.pos, BigInt.asIntN(size * 8, number))
    const length = Number(number)
    if (kind === 'ext') return this.extension(start, length)
    if (kind === 'str' || kind === 'bin') return this.string(start, kind, length)
    return this.container(start, kind === 'map', length, depth)
  }

  private string(start: number, kind: 'str' | 'bin', length: number): Item {
    const past = length - (this.end - this.pos)
    if (past > 0) return this.malformed(start, `the value runs ${countBytes(past)} past the end`)
    const from = this.pos
    this.pos += length
    if (kind === 'bin') return scalar(start, this.pos, bytesText(this.bytes.subarray(from, this.pos)))
    const text = utf8(this.bytes, from, this.pos)
    const item = scalar(start, this.pos, JSON.stringify(text), text)
    // Old writers put bytes into str; the format allows it.
    if (!isUtf8(text, this.bytes, from, this.pos)) {
      remark(item, { severity: 'warning', text: 'Not valid UTF-8' })
    }
    return item
  }

  private extension(start: number, length: number): Item {
    const past = length + 1 - (this.end - this.pos)
    if (past > 0) return this.malformed(start, `the value runs ${countBytes(past)} past the end`)
    const type = ((this.bytes[this.pos++] as number) << 24) >> 24
    const data = this.bytes.subarray(this.pos, this.pos + length)
    this.pos += length
    return scalar(start, this.pos, `ext(${type}, ${bytesText(data)})`)
  }

  private container(start: number, pairs: boolean, count: number, depth: number): Item {
    const inside: Inside = {
      open: pairs ? '{' : '[',
      close: pairs ? '}' : ']',
      pairs,
      noun: pairs ? 'pair' : 'element',
      items: [],
    }
    const item: Item = { start, end: this.end, text: pairs ? 'map' : 'array', inside }
    const due = pairs ? count * 2 : count
    while (inside.items.length < due && !this.stopped) inside.items.push(this.item(depth + 1))
    item.end = this.pos
    if (pairs) remarkDuplicates(inside)
    return item
  }
}

const types = ['application/msgpack', 'application/x-msgpack', 'application/vnd.msgpack']
const opensContainer = (first: number) => (first > 0x80 && first < 0xa0) || (first >= 0xdc && first <= 0xdf)

export const msgpackView: ContentView = {
  id: 'msgpack',
  label: 'MessagePack',
  score(payload, hints) {
    if (saysType(hints, types, '+msgpack')) return 0.95
    return opensContainer(payload[0] ?? 0) ? containerScore(payload, readMsgpack) : 0
  },
  dissect: (bytes, start, end) => {
    const items = readMsgpack(bytes, start, end)
    const view = { name: 'data.msgpack', label: 'MessagePack', text: itemsText(items) }
    return [itemsField(items, view, { start, end })]
  },
  text: (payload) => itemsText(readMsgpack(payload, 0, payload.length)),
}
