/**
 * Where the caret stands in a flow's text, while that is being typed: a reader of just as much YAML as lines, indents,
 * brackets and quotes say, which does not mind what is not finished. Never throws.
 */

export interface TextPlace {
  /**
   * Keys and places in lists on the way to the caret; ends with the key whose value it is in, for a value. In a long
   * list of steps they are counted from the step of the caret.
   */
  readonly path: readonly (string | number)[]
  /** `item`: begins an item of a list, which may be a value or the first key of a map. `none`: in a comment or block text. */
  readonly at: 'key' | 'value' | 'item' | 'none'
  /** The word or text before the caret, and where it begins; without its quote. */
  readonly typed: string
  readonly from: number
  /** End of that text behind the caret. */
  readonly to: number
  readonly quote: '"' | "'" | ''
  /** Keys of the map the caret is in, but for the one at the caret. */
  readonly siblings: readonly string[]
  /** Inside of brackets: there keys and values end at commas. */
  readonly inline: boolean
}

interface MapFrame {
  readonly kind: 'map'
  /** Column of its keys; -1 inside of brackets. */
  readonly indent: number
  key: string | undefined
  readonly keys: Set<string>
}
interface ListFrame {
  readonly kind: 'list'
  readonly indent: number
  index: number
}
type Frame = MapFrame | ListFrame

const mapAt = (indent: number): MapFrame => ({ kind: 'map', indent, key: undefined, keys: new Set() })

/** `caret` counts UTF-16 units. */
export function placeAt(text: string, caret: number): TextPlace {
  const { head, from } = startFor(text, caret)
  const moved = from - head.length
  const place = new Scanner(from === 0 ? text : head + text.slice(from), caret - moved).scan()
  return { ...place, from: place.from + moved, to: place.to + moved }
}

/** Texts up to this length are read from their start. */
const SHORT = 20_000

/**
 * Where reading may begin in a long text: at the step that the caret is in, with the key of its list before it. What
 * stands before means nothing to it.
 */
function startFor(text: string, caret: number): { readonly head: string; readonly from: number } {
  if (caret < SHORT) return { head: '', from: 0 }
  let head = caret
  // The last line above that begins with a key of the flow itself.
  do head = text.lastIndexOf('\n', head - 1)
  while (head > 0 && !/^\n[a-z_]+:/.test(text.slice(head, head + 40)))
  const newline = text.indexOf('\n', head + 1)
  const dash = /^ *- /.exec(text.slice(newline + 1, newline + 80))?.[0]
  const item = dash === undefined ? -1 : text.lastIndexOf(`\n${dash}`, caret - 1)
  if (head <= 0 || item < newline) return { head: '', from: 0 }
  return { head: text.slice(head + 1, newline + 1), from: item + 1 }
}

const NOWHERE = { path: [], siblings: [], inline: false } as const

class Scanner {
  readonly #text: string
  readonly #caret: number
  /** Block frames, then those of brackets. */
  #frames: Frame[] = []
  #found: Omit<TextPlace, 'siblings'> | undefined
  /** The map of the caret: keys behind it are still gathered. */
  #map: MapFrame | undefined

  constructor(text: string, caret: number) {
    this.#text = text
    this.#caret = caret
  }

  scan(): TextPlace {
    const { length } = this.#text
    let at = 0
    while (at <= length && !(this.#found && !this.#isOpen())) {
      const newline = this.#text.indexOf('\n', at)
      const end = newline < 0 ? length : newline
      at = this.#line(at, end)
    }
    const found = this.#found ?? this.#none()
    const own = found.at === 'key' ? found.typed : undefined
    // The key that is being typed is there as often as it is read.
    const siblings = [...(this.#map?.keys ?? [])].filter((key) => key !== own && key !== '')
    return { ...found, siblings }
  }

  /** Keys of the map of the caret may still come. */
  #isOpen(): boolean {
    return this.#map !== undefined && this.#frames.includes(this.#map)
  }

  #none(): Omit<TextPlace, 'siblings'> {
    return { ...NOWHERE, at: 'none', typed: '', from: this.#caret, to: this.#caret, quote: '' }
  }

  /** Reads from the begin of a line; answers where the next one begins. */
  #line(start: number, end: number): number {
    const text = this.#text.slice(start, end)
    const indent = text.length - text.trimStart().length
    const content = text.trim()
    const holdsCaret = this.#found === undefined && this.#caret >= start && this.#caret <= end
    if (content === '' || content.startsWith('#')) {
      if (holdsCaret) this.#blank(start, content === '' ? this.#caret - start : -1)
      return end + 1
    }
    return this.#block(start + indent, end, indent)
  }

  /** The caret on an empty line, at that column; -1 for a comment. Nothing of the structure changes by it. */
  #blank(start: number, column: number): void {
    if (column < 0) {
      this.#found = this.#none()
      return
    }
    const frames = this.#frames.filter((frame) => frame.indent <= column)
    const top = frames.at(-1)
    const path = pathOf(frames.slice(0, -1))
    const here = { typed: '', from: start + column, to: start + column, quote: '' as const, inline: false }
    if (top?.kind === 'map' && top.indent === column) {
      this.#map = top
      this.#found = { ...here, at: 'key', path }
    } else if (top?.kind === 'list' && top.indent === column) {
      this.#found = { ...here, at: 'item', path: [...path, top.index + 1] }
    } else this.#found = { ...here, at: top ? 'item' : 'key', path: pathOf(frames) }
  }

  /** A line with something in it, from its first character on. */
  #block(start: number, end: number, indent: number): number {
    let at = start
    let column = indent
    while (this.#text[at] === '-' && (at + 1 >= end || this.#text[at + 1] === ' ')) {
      this.#item(column)
      const rest = this.#text.slice(at + 1, end)
      const blanks = rest.length - rest.trimStart().length
      if (this.#isCaret(at + 1, at + 1 + blanks) && rest.trim() === '') {
        const path = pathOf(this.#frames)
        this.#found = {
          path,
          at: 'item',
          typed: '',
          from: this.#caret,
          to: this.#caret,
          quote: '',
          inline: false,
        }
      }
      at += 1 + blanks
      column += 1 + blanks
      if (at >= end) return end + 1
    }
    const key = keyEnd(this.#text, at, end)
    if (key === undefined) return this.#scalarOrOpen(at, end, column)
    const map = this.#mapAt(column)
    const name = unquoted(this.#text.slice(at, key))
    map.key = name
    map.keys.add(name)
    if (this.#isCaret(at, key)) {
      this.#map = map
      const path = pathOf(this.#frames.slice(0, -1))
      this.#found = { path, at: 'key', ...this.#span(at, key), inline: false }
    }
    return this.#value(key + 1, end, column)
  }

  /** What stands behind `key:`. */
  #value(start: number, end: number, column: number): number {
    let at = start
    while (this.#text[at] === ' ' && at < end) at += 1
    const first = this.#text[at] ?? ''
    if (at < end && (first === '|' || first === '>')) return this.#blockText(at, end, column)
    if (at < end && (first === '{' || first === '[')) return this.#brackets(at)
    this.#scalar(start, at, end, 'value')
    return end + 1
  }

  /** A line without a key: an item of a list that is a text, brackets, or a key that is not finished. */
  #scalarOrOpen(at: number, end: number, column: number): number {
    const first = this.#text[at] ?? ''
    if (first === '{' || first === '[') return this.#brackets(at)
    const top = this.#frames.at(-1)
    if (!this.#isCaret(at, end)) return end + 1
    const isItem = top?.kind === 'list' && top.indent < column
    if (isItem) this.#scalar(at, at, end, 'item')
    else {
      const map = this.#mapAt(column)
      this.#map = map
      this.#scalar(at, at, end, 'key')
    }
    return end + 1
  }

  /** Notes the caret in a text that ends with its line. */
  #scalar(start: number, at: number, end: number, as: 'key' | 'value' | 'item'): void {
    if (!this.#isCaret(start, end)) return
    const isQuoted = quoteAt(this.#text, at) !== ''
    const comment = isQuoted ? null : /(?:^| )#/.exec(this.#text.slice(at, end))
    const stop = at + (comment?.index ?? this.#text.slice(at, end).trimEnd().length)
    if (comment && this.#caret > stop) {
      this.#found = this.#none()
      return
    }
    const frames = as === 'key' ? this.#frames.slice(0, -1) : this.#frames
    this.#found = { path: pathOf(frames), at: as, ...this.#span(at, stop), inline: false }
  }

  /** What is replaced of a key or value that stands from … to, with or without quotes. */
  #span(from: number, to: number): Pick<TextPlace, 'typed' | 'from' | 'to' | 'quote'> {
    const quote = quoteAt(this.#text, from)
    const inside = from + quote.length
    const begin = Math.min(this.#caret, inside)
    const isClosed = quote !== '' && to > inside && this.#text[to - 1] === quote
    const end = Math.max(this.#caret, isClosed ? to - 1 : to)
    return { typed: this.#text.slice(begin, this.#caret), from: begin, to: end, quote }
  }

  /** `|` or `>`: all lines that are indented further are text. */
  #blockText(at: number, end: number, column: number): number {
    if (this.#isCaret(at, end)) this.#found = this.#none()
    let next = end + 1
    while (next <= this.#text.length) {
      const newline = this.#text.indexOf('\n', next)
      const stop = newline < 0 ? this.#text.length : newline
      const line = this.#text.slice(next, stop)
      if (line.trim() !== '' && line.length - line.trimStart().length <= column) break
      if (this.#isCaret(next, stop) && line.trim() !== '') this.#found = this.#none()
      // An empty line at the end of it may begin something else.
      if (stop === this.#text.length) return stop + 1
      next = stop + 1
    }
    return next
  }

  /** `{ … }` or `[ … ]`, which may go over lines; answers where the line behind it begins. */
  #brackets(start: number): number {
    const depth = this.#frames.length
    const { length } = this.#text
    let at = start
    /** Where the key or value began that is being read. */
    let begun = start
    const ended = (from: number, to: number) => {
      if (this.#isCaret(from, to)) this.#inline(from, to)
    }
    while (at < length) {
      const sign = this.#text[at] as string
      const top = this.#frames.at(-1)
      if (sign === '"' || sign === "'") {
        at = quoteEnd(this.#text, at)
        continue
      }
      if (sign === '{' || sign === '[') {
        this.#frames.push(sign === '{' ? mapAt(-1) : { kind: 'list', indent: -1, index: 0 })
        begun = at + 1
      } else if (
        sign === ':' &&
        top?.kind === 'map' &&
        top.key === undefined &&
        /[\s,}\]]|$/.test(this.#text[at + 1] ?? '')
      ) {
        ended(begun, at)
        const name = unquoted(this.#text.slice(begun, at).trim())
        top.key = name
        top.keys.add(name)
        begun = at + 1
      } else if (sign === ',' || sign === '}' || sign === ']') {
        ended(begun, at)
        begun = at + 1
        if (top?.kind === 'map' && top.key === undefined)
          top.keys.add(unquoted(this.#text.slice(begun, at).trim()))
        if (sign === ',') {
          if (top?.kind === 'map') top.key = undefined
          else if (top) top.index += 1
        } else {
          this.#frames.pop()
          if (this.#frames.length === depth) break
        }
      } else if (sign === '\n' && startsBlock(this.#text, at + 1)) break
      at += 1
    }
    // Brackets that were never closed end where the text goes on at the margin.
    if (this.#frames.length > depth) {
      ended(begun, Math.min(at, length))
      this.#frames.length = depth
    }
    const newline = this.#text.indexOf('\n', at)
    return newline < 0 ? length + 1 : newline + 1
  }

  /** The caret in brackets, in the key or value that stands from … to. */
  #inline(from: number, to: number): void {
    let start = from
    while (start < this.#caret && /\s/.test(this.#text[start] as string)) start += 1
    const top = this.#frames.at(-1)
    const isKey = top?.kind === 'map' && top.key === undefined
    const stop = start + this.#text.slice(start, to).trimEnd().length
    if (isKey) this.#map = top
    this.#found = {
      path: pathOf(isKey ? this.#frames.slice(0, -1) : this.#frames),
      at: isKey ? 'key' : top?.kind === 'list' ? 'item' : 'value',
      ...this.#span(start, stop),
      inline: true,
    }
  }

  #isCaret(from: number, to: number): boolean {
    return this.#found === undefined && from <= this.#caret && this.#caret <= to
  }

  /** The map whose keys stand at this column; what was deeper has ended. */
  #mapAt(column: number): MapFrame {
    this.#frames = this.#frames.filter((frame) => frame.indent <= column)
    const top = this.#frames.at(-1)
    if (top?.kind === 'map' && top.indent === column) return top
    // A list may stand at the column of the key it belongs to.
    if (top?.kind === 'list' && top.indent === column) {
      this.#frames.pop()
      return this.#mapAt(column)
    }
    const map = mapAt(column)
    this.#frames.push(map)
    return map
  }

  #item(column: number): void {
    this.#frames = this.#frames.filter((frame) => frame.indent <= column)
    const top = this.#frames.at(-1)
    if (top?.kind === 'list' && top.indent === column) top.index += 1
    else this.#frames.push({ kind: 'list', indent: column, index: 0 })
  }
}

const pathOf = (frames: readonly Frame[]): (string | number)[] =>
  frames.flatMap((frame): (string | number)[] =>
    frame.kind === 'list' ? [frame.index] : frame.key === undefined ? [] : [frame.key],
  )

const quoteAt = (text: string, at: number): '"' | "'" | '' => {
  const sign = text[at]
  return sign === '"' || sign === "'" ? sign : ''
}

const unquoted = (text: string): string => {
  const quote = quoteAt(text, 0)
  return quote !== '' && text.endsWith(quote) && text.length > 1 ? text.slice(1, -1) : text
}

/** Behind the quoted text that begins at `at`; the end of the line when it is not closed. */
function quoteEnd(text: string, at: number): number {
  const quote = text[at]
  for (let next = at + 1; next < text.length; next++) {
    if (text[next] === '\\' && quote === '"') next += 1
    else if (text[next] === quote && text[next + 1] === quote && quote === "'") next += 1
    else if (text[next] === quote) return next + 1
    else if (text[next] === '\n') return next
  }
  return text.length
}

/** Where the colon of `key:` stands; `undefined` for a line that is no key. */
function keyEnd(text: string, at: number, end: number): number | undefined {
  const from = quoteAt(text, at) === '' ? at : quoteEnd(text, at)
  for (let next = from; next < end; next++) {
    const sign = text[next]
    if (sign === ':' && (next + 1 >= end || text[next + 1] === ' ')) return next
    if (sign === '#' && text[next - 1] === ' ') return undefined
    if (next === at && (sign === '{' || sign === '[')) return undefined
  }
  return undefined
}

/** A line that begins with a key or a dash belongs to no bracket that was left open. */
const startsBlock = (text: string, at: number): boolean =>
  /^(?:[A-Za-z_]+:(?: |$)| *- )/my.test(text.slice(at, at + 80))
