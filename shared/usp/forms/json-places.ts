/** Where each value of a JSON text stands, so that a remark on a value can be shown at its characters. */
import { placeName, type JsonPath } from './json-value.ts'

export interface TextRange {
  readonly from: number
  readonly to: number
}

/** Of a value, with its path from the root. */
export interface PlacedValue extends TextRange {
  readonly path: JsonPath
  /** A text: `from` and `to` are inside its quotes. */
  readonly isText: boolean
}

/** Deeper nesting is left alone. */
const MAX_DEPTH = 60
const token = /"(?:[^"\\]|\\.)*"?|[{}[\],:]|[^\s{}[\],:"]+/gy
const blank = /\s*/y

/** Values in the order of the text; of a text that is no JSON, those that can be made out. Never throws. */
export function placesOf(text: string): PlacedValue[] {
  const found: PlacedValue[] = []
  let pos = 0
  const next = (): TextRange | undefined => {
    blank.lastIndex = pos
    blank.exec(text)
    token.lastIndex = blank.lastIndex
    const match = token.exec(text)
    if (!match) return undefined
    pos = token.lastIndex
    return { from: match.index, to: pos }
  }
  const value = (path: JsonPath): void => {
    const first = next()
    if (!first || path.length > MAX_DEPTH) return
    const mark = text[first.from]
    const at = found.length
    if (mark === '"') {
      const closed = first.to > first.from + 1 && text[first.to - 1] === '"'
      found.push({ path, from: first.from + 1, to: closed ? first.to - 1 : first.to, isText: true })
      return
    }
    found.push({ path, ...first, isText: false })
    if (mark === '[') items(path)
    else if (mark === '{') members(path)
    else return
    found[at] = { path, from: first.from, to: pos, isText: false }
  }
  const peek = (): string | undefined => {
    const before = pos
    const one = next()
    pos = before
    return one && text[one.from]
  }
  const items = (path: JsonPath): void => {
    for (let index = 0; ; index++) {
      const mark = peek()
      if (mark === undefined) return
      if (mark === ']' || mark === '}') return void next()
      value([...path, index])
      if (peek() === ',') next()
    }
  }
  const members = (path: JsonPath): void => {
    for (;;) {
      const mark = peek()
      if (mark === undefined) return
      if (mark === '}' || mark === ']') return void next()
      const name = next() as TextRange
      if (mark !== '"') continue
      if (peek() === ':') next()
      else continue
      value([...path, unquote(text.slice(name.from, name.to))])
      if (peek() === ',') next()
    }
  }
  value([])
  return found
}

function unquote(text: string): string {
  try {
    return String(JSON.parse(text))
  } catch {
    return text.slice(1)
  }
}

/** Range of the value at a place, or of the nearest value around it. */
export function rangeOf(text: string, path: JsonPath): TextRange {
  const byName = new Map(placesOf(text).map((one) => [placeName(one.path), one]))
  for (let length = path.length; length >= 0; length--) {
    const found = byName.get(placeName(path.slice(0, length)))
    if (found) return { from: found.from, to: found.to }
  }
  return { from: 0, to: text.length }
}
