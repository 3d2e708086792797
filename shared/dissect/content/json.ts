/**
 * JSON with a byte range for each member and element. The reader is tolerant: it says at its bytes what RFC 8259
 * does not allow, and goes on.
 */
import { isUtf8, utf8 } from '../../usp/wire.ts'
import type { Field } from '../field.ts'
import { ItemReader, itemsField, remark, remarkDuplicates, type Inside, type Item } from './item.ts'
import { layOutJson } from './json-layout.ts'
import { readableText } from './text.ts'
import { error, saysType, type ContentView } from './view.ts'

const RULE = 'RFC 8259'
const fault = (text: string) => error(text, RULE)

const [QUOTE, COMMA, COLON, BACKSLASH] = [0x22, 0x2c, 0x3a, 0x5c]
const [ARRAY, ARRAY_END, OBJECT, OBJECT_END] = [0x5b, 0x5d, 0x7b, 0x7d]
const isBlank = (byte: number) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
const marks = new Set([QUOTE, COMMA, COLON, ARRAY, ARRAY_END, OBJECT, OBJECT_END])

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const INTEGER = /^-?\d{1,40}$/
const words = new Map<string, boolean | string>([
  ['true', true],
  ['false', false],
  ['null', 'null'],
])

/** The values of a JSON text: one, and after a fault at its end a second one for the rest. Never throws. */
export function readJson(bytes: Uint8Array, start: number, end: number): Item[] {
  const reader = new JsonReader(bytes, start, end)
  const hasMark = bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf
  if (hasMark && end - start >= 3) reader.pos += 3
  const item = reader.value(1)
  if (hasMark) {
    remark(item, { severity: 'warning', text: 'A byte order mark stands before it', rule: 'RFC 8259 8.1' })
  }
  reader.skipBlanks()
  if (reader.pos >= end) return [item]
  return [item, reader.stop(reader.pos, fault('The value has ended, and this comes after it'))]
}

class JsonReader extends ItemReader {
  private get byte(): number {
    return this.pos < this.end ? (this.bytes[this.pos] as number) : -1
  }

  skipBlanks(): void {
    while (this.pos < this.end && isBlank(this.bytes[this.pos] as number)) this.pos++
  }

  value(depth: number): Item {
    this.skipBlanks()
    const limit = this.limit(depth)
    if (limit !== undefined) return limit
    switch (this.byte) {
      case OBJECT:
        return this.object(depth)
      case ARRAY:
        return this.array(depth)
      case QUOTE:
        return this.string()
      default:
        return this.word()
    }
  }

  private array(depth: number): Item {
    const inside: Inside = { open: '[', close: ']', pairs: false, noun: 'element', items: [] }
    const item: Item = { start: this.pos, end: this.end, text: 'array', inside }
    this.pos++
    for (;;) {
      if (this.closes(item, ARRAY_END)) return item
      const part = this.value(depth + 1)
      inside.items.push(part)
      this.separator(part, ARRAY_END)
    }
  }

  private object(depth: number): Item {
    const inside: Inside = { open: '{', close: '}', pairs: true, noun: 'member', items: [] }
    const item: Item = { start: this.pos, end: this.end, text: 'object', inside }
    this.pos++
    while (!this.closes(item, OBJECT_END)) {
      const key = this.value(depth + 1)
      if (!this.stopped && key.end > key.start && this.bytes[key.start] !== QUOTE) {
        key.finding = fault('The name of a member is a text in double quotes')
      }
      inside.items.push(key)
      this.skipBlanks()
      if (this.stopped) continue
      if (this.byte === COLON) this.pos++
      else remark(key, fault('A colon and a value are missing after this name'))
      const value = this.value(depth + 1)
      inside.items.push(value)
      this.separator(value, OBJECT_END)
    }
    remarkDuplicates(inside, 'RFC 8259 4')
    return item
  }

  /** Takes the end of a container, whatever ends it. */
  private closes(item: Item, mark: number): boolean {
    this.skipBlanks()
    const { byte } = this
    if (this.pos >= this.end) {
      if (!this.stopped) remark(item, fault(`It is not closed: ${String.fromCharCode(mark)} is missing`))
      item.end = this.end
      return true
    }
    if (byte !== ARRAY_END && byte !== OBJECT_END) return false
    if (byte !== mark) {
      const [seen, due] = [byte, mark].map((code) => String.fromCharCode(code))
      remark(item, fault(`${seen} closes it where ${due} is due`))
    }
    item.end = ++this.pos
    return true
  }

  /** Takes the comma after a part. Only a comma may stand there, and only a part after it. */
  private separator(part: Item, mark: number): void {
    this.skipBlanks()
    if (this.stopped) return
    if (this.byte === COMMA) {
      this.pos++
      this.skipBlanks()
      if (this.byte === mark) remark(part, fault('A comma stands after the last part'))
    } else if (this.byte === COLON) {
      this.pos++
      remark(part, fault('A colon stands after it where a comma is due'))
    } else if (this.pos < this.end && this.byte !== ARRAY_END && this.byte !== OBJECT_END) {
      remark(part, fault('A comma is missing after it'))
    }
  }

  private string(): Item {
    const start = this.pos++
    let plain = true
    while (this.pos < this.end && this.byte !== QUOTE) {
      if (this.byte < 0x20 || this.byte === BACKSLASH) plain = false
      // What is escaped cannot end the text.
      if (this.byte === BACKSLASH) this.pos++
      this.pos++
    }
    const closed = this.pos < this.end
    this.pos = Math.min(this.pos + 1, this.end)
    const text = utf8(this.bytes, start, this.pos)
    const item: Item = { start, end: this.pos, text }
    if (!closed) remark(item, fault('The text is not closed: " is missing'))
    else if (!isUtf8(text, this.bytes, start, this.pos)) remark(item, fault('Not valid UTF-8'))
    item.value = plain ? text.slice(1, closed ? -1 : undefined) : this.unescape(item, text, closed)
    return item
  }

  private unescape(item: Item, text: string, closed: boolean): string {
    try {
      return JSON.parse(text) as string
    } catch {
      remark(item, fault('A control character or an unknown escape stands in the text'))
      return text.slice(1, closed ? -1 : undefined)
    }
  }

  /** A number, true, false, null – or what is none of them. Empty where a value is missing. */
  private word(): Item {
    const start = this.pos
    while (this.pos < this.end && !marks.has(this.byte) && !isBlank(this.byte)) this.pos++
    const text = utf8(this.bytes, start, this.pos)
    const item: Item = { start, end: this.pos, text }
    if (text === '') {
      remark(item, fault('A value is missing'))
    } else if (NUMBER.test(text)) {
      item.value = numberOf(text)
    } else {
      item.value = words.get(text) ?? text
      if (!words.has(text)) remark(item, fault(`${text.slice(0, 40)} is no value of JSON`))
    }
    return item
  }
}

/** Whole numbers that a double cannot hold keep their digits. */
function numberOf(text: string): number | bigint {
  const number = Number(text)
  return Number.isSafeInteger(number) || !INTEGER.test(text) ? number : BigInt(text)
}

const looksLikeJson = /^\s*(?:\{\s*["}]|\[\s*["[{\]\d-])/

export const jsonView: ContentView = {
  id: 'json',
  label: 'JSON',
  score(payload, hints) {
    const says = saysType(hints, ['application/json', 'text/json'], '+json')
    const text = readableText(payload)
    if (text === undefined) return says ? 0.6 : 0
    if (says) return 0.95
    if (!/^\s*[[{]/.test(text)) return 0
    try {
      JSON.parse(text)
      return 0.9
    } catch {
      return looksLikeJson.test(text) ? 0.6 : 0
    }
  },
  dissect: (bytes, start, end): Field[] => [
    itemsField(
      readJson(bytes, start, end),
      { name: 'data.json', label: 'JSON', text: layOutJson(utf8(bytes, start, end)) },
      { start, end },
    ),
  ],
  text: (payload) => layOutJson(utf8(payload, 0, payload.length)),
}
