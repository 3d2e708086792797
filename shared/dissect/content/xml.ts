/**
 * XML as elements with byte ranges, and laid out a tag a line. The reader is tolerant and opens nothing: a
 * document type is shown, never followed, and no entity is expanded.
 */
import { countBytes } from '../../mqtt/fields.ts'
import { utf8 } from '../../usp/wire.ts'
import type { Field, Finding } from '../field.ts'
import { readableText } from './text.ts'
import {
  error,
  MAX_DEPTH,
  MAX_FIELDS,
  saysType,
  TOO_DEEP,
  TOO_MANY,
  type ContentView,
  type Draft,
} from './view.ts'

/** A part of the document. */
interface Part {
  readonly kind: 'element' | 'attribute' | 'text' | 'markup' | 'rest'
  /** Tag or attribute name; of other parts what they are. */
  readonly label: string
  /** The source of what has no parts of its own, of an element its start tag. */
  readonly source: string
  readonly value: string
  readonly start: number
  end: number
  /** Source of the end tag; empty when the element is empty, or was not closed. */
  endTag: string
  readonly attributes: readonly Part[]
  readonly parts: Part[]
  finding?: Finding
}

const decoded = (bytes: Uint8Array, start: number, end: number) => utf8(bytes, start, end)
const fault = (text: string) => error(text, 'XML 1.0')

/** Markup that ends with a fixed text, by how it begins. A document type has an end of its own. */
const markups = [
  { open: '<!--', close: '-->', label: 'comment' },
  { open: '<![CDATA[', close: ']]>', label: 'CDATA' },
  { open: '<?', close: '?>', label: 'processing instruction' },
  { open: '<!', close: '>', label: 'document type' },
] as const

const NAME = /[^\s<>/="'?]+/y
const ATTRIBUTE = /\s+([^\s<>/="'?]+)\s*=\s*("[^"<]*"|'[^'<]*')/y
const TAG_END = /\s*(\/?)>/y
const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

const unescape = (text: string): string =>
  text.replaceAll(/&(lt|gt|amp|quot|apos);/g, (_, name: string) => entities[name] ?? '')

/** U+FEFF in UTF-8, a character a byte. */
const BYTE_ORDER_MARK = '\u00ef\u00bb\u00bf'

class XmlReader {
  readonly roots: Part[] = []
  private readonly bytes: Uint8Array
  private readonly start: number
  private readonly end: number
  /** One character a byte, so that an index is an offset. */
  private readonly source: string
  private readonly open: Part[] = []
  private at = 0
  private left = MAX_FIELDS

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.bytes = bytes
    this.start = start
    this.end = end
    this.source = byteChars(bytes, start, end)
    if (this.source.startsWith(BYTE_ORDER_MARK)) this.at = BYTE_ORDER_MARK.length
  }

  read(): Part[] {
    while (this.at < this.source.length) {
      if (this.left <= 0) this.giveUp(TOO_MANY)
      else if (this.open.length >= MAX_DEPTH) this.giveUp(TOO_DEEP)
      else if (this.source[this.at] !== '<') this.text()
      else if (this.source[this.at + 1] === '/') this.endTag()
      else this.markup() || this.startTag()
    }
    for (const part of this.open) {
      part.end = this.end
      part.finding ??= fault(`<${part.label}> is not closed`)
    }
    return this.roots
  }

  private add(kind: Part['kind'], label: string, length: number, more: Partial<Part> = {}): Part {
    const start = this.start + this.at
    const source = decoded(this.bytes, start, start + length)
    const part: Part = {
      kind,
      label,
      source,
      value: '',
      start,
      end: start + length,
      endTag: '',
      attributes: [],
      parts: [],
      ...more,
    }
    this.at += length
    this.left -= 1 + part.attributes.length
    const siblings = this.open.at(-1)?.parts ?? this.roots
    siblings.push(part)
    return part
  }

  private giveUp(finding: Finding): void {
    this.add('rest', 'rest', this.source.length - this.at, { finding })
  }

  private text(): void {
    const next = this.source.indexOf('<', this.at)
    const end = next < 0 ? this.source.length : next
    if (/^\s*$/.test(this.source.slice(this.at, end))) {
      this.at = end
      return
    }
    const part = this.add('text', 'text', end - this.at)
    if (this.open.length === 0) part.finding = fault('Text outside of an element')
  }

  private markup(): boolean {
    const markup = markups.find(({ open }) => this.source.startsWith(open, this.at))
    if (markup === undefined) return false
    const end = markup.open === '<!' ? this.doctypeEnd() : this.endOf(markup.close, markup.open.length)
    if (end === undefined) this.giveUp(fault(`The ${markup.label} is not closed: ${markup.close} is missing`))
    else this.add('markup', markup.label, end - this.at)
    return true
  }

  private endOf(close: string, after: number): number | undefined {
    const found = this.source.indexOf(close, this.at + after)
    return found < 0 ? undefined : found + close.length
  }

  /** A document type may hold declarations in brackets. */
  private doctypeEnd(): number | undefined {
    const close = this.endOf('>', 2)
    const bracket = this.at + this.source.slice(this.at, close).indexOf('[')
    if (close === undefined || bracket < this.at) return close
    const inner = this.source.indexOf(']', bracket)
    const end = inner < 0 ? -1 : this.source.indexOf('>', inner)
    return end < 0 ? undefined : end + 1
  }

  private startTag(): void {
    const name = this.match(NAME, this.at + 1)
    let pos = this.at + 1 + (name?.[0].length ?? 0)
    const attributes: Part[] = []
    for (let found = this.match(ATTRIBUTE, pos); found !== undefined; found = this.match(ATTRIBUTE, pos)) {
      if (attributes.length >= this.left) {
        this.giveUp(TOO_MANY)
        return
      }
      attributes.push(this.attribute(found, pos))
      pos += found[0].length
    }
    const tagEnd = this.match(TAG_END, pos)
    if (name === undefined || tagEnd === undefined) {
      this.giveUp(fault(name === undefined ? 'A < that opens no tag' : `The tag <${name[0]} is not sound`))
      return
    }
    const length = pos + tagEnd[0].length - this.at
    const label = decoded(this.bytes, this.start + this.at + 1, this.start + this.at + 1 + name[0].length)
    const part = this.add('element', label, length, { attributes })
    if (tagEnd[1] === '') this.open.push(part)
  }

  private attribute(found: RegExpExecArray, pos: number): Part {
    const [whole, name = '', quoted = ''] = found
    const end = this.start + pos + whole.length
    const nameStart = this.start + pos + whole.indexOf(name)
    return {
      kind: 'attribute',
      label: decoded(this.bytes, nameStart, nameStart + name.length),
      source: '',
      value: unescape(decoded(this.bytes, end - quoted.length + 1, end - 1)),
      start: nameStart,
      end,
      endTag: '',
      attributes: [],
      parts: [],
    }
  }

  private endTag(): void {
    const close = this.endOf('>', 2)
    const [from, to] = [this.start + this.at + 2, this.start + (close ?? 1) - 1]
    if (close === undefined) {
      this.giveUp(fault('The end tag is not closed: > is missing'))
      return
    }
    const name = decoded(this.bytes, from, to).trim()
    const index = this.open.findLastIndex(({ label }) => label === name)
    const part = this.open[index]
    if (part === undefined) {
      const stray = this.add('markup', 'end tag', close - this.at)
      stray.finding = fault(`</${name}> closes no open element`)
      return
    }
    for (const unclosed of this.open.splice(index).slice(1)) {
      unclosed.end = this.start + this.at
      unclosed.finding ??= fault(`<${unclosed.label}> is not closed before </${name}>`)
    }
    part.endTag = decoded(this.bytes, this.start + this.at, this.start + close)
    part.end = this.start + close
    this.at = close
  }

  private match(pattern: RegExp, at: number): RegExpExecArray | undefined {
    pattern.lastIndex = at
    return pattern.exec(this.source) ?? undefined
  }
}

const CHUNK = 8192

function byteChars(bytes: Uint8Array, start: number, end: number): string {
  let text = ''
  for (let at = start; at < end; at += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(at, Math.min(at + CHUNK, end)))
  }
  return text
}

function partField(part: Part): Field {
  const { kind, label, start, end, finding } = part
  const field: Draft = { name: `data.xml.${kind}`, label, text: '', start, end }
  if (kind === 'element') {
    const only = part.parts.length === 1 ? part.parts[0] : undefined
    if (only?.kind === 'text') field.text = field.value = unescape(only.source.trim())
    const children = [...part.attributes, ...part.parts].map(partField)
    if (children.length > 0) field.children = children
  } else if (kind === 'rest') {
    field.text = countBytes(end - start)
  } else {
    field.text = field.value = kind === 'attribute' ? part.value : unescape(part.source.trim())
  }
  if (finding !== undefined) field.finding = finding
  return field
}

const INDENT = '  '

function layOut(parts: readonly Part[], lines: string[], depth: number): void {
  const indent = INDENT.repeat(depth)
  for (const { source, endTag, parts: inner } of parts) {
    const only = inner.length === 1 ? inner[0] : undefined
    if (inner.length === 0 || only?.kind === 'text') {
      lines.push(indent + source.trim() + (only?.source.trim() ?? '') + endTag)
      continue
    }
    lines.push(indent + source.trim())
    layOut(inner, lines, depth + 1)
    if (endTag !== '') lines.push(indent + endTag)
  }
}

function layOutXml(parts: readonly Part[]): string {
  const lines: string[] = []
  layOut(parts, lines, 0)
  return lines.join('\n')
}

export const xmlView: ContentView = {
  id: 'xml',
  label: 'XML',
  score(payload, hints) {
    const text = readableText(payload)
    const says = saysType(hints, ['application/xml', 'text/xml'], '+xml')
    if (text === undefined) return says ? 0.6 : 0
    if (says) return 0.95
    if (/^\s*<\?xml\s/.test(text)) return 0.85
    return /^\s*<[A-Za-z_]/.test(text) && text.trimEnd().endsWith('>') && /<\/|\/>/.test(text) ? 0.7 : 0
  },
  dissect(bytes, start, end) {
    const parts = new XmlReader(bytes, start, end).read()
    const children = parts.map(partField)
    return [{ name: 'data.xml', label: 'XML', text: layOutXml(parts), start, end, children }]
  },
  text: (payload) => layOutXml(new XmlReader(payload, 0, payload.length).read()),
}
