/** XML as configuration files use it: elements, text, comments, entities of XML itself. No DTD, no namespaces. */

export interface Element {
  readonly name: string
  /** Line of its start tag, from 1. */
  readonly line: number
  readonly children: readonly Element[]
  /** The text directly in it, trimmed. */
  readonly text: string
}

export class XmlError extends Error {
  readonly line: number
  constructor(message: string, line: number) {
    super(message)
    this.name = 'XmlError'
    this.line = line
  }
}

/** Deeper than any configuration; keeps what works on the tree recursively safe. */
const MAX_DEPTH = 50

/** Comment, CDATA, declaration or instruction, closing tag, start tag, text. */
const TOKEN =
  /<!--([^]*?)-->|<!\[CDATA\[([^]*?)\]\]>|<\?([^]*?)\?>|<\/([\w.:-]+)\s*>|<([\w.:-]+)((?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/y

interface Open {
  name: string
  line: number
  children: Element[]
  text: string
}

/** The root element. Throws an `XmlError`; attributes are read over, since none matters here. */
export function parseXml(source: string): Element {
  const text = source.replace(/^\ufeff/, '')
  const root: Open = { name: '', line: 1, children: [], text: '' }
  const stack = [root]
  let line = 1
  let at = 0
  while (at < text.length) {
    TOKEN.lastIndex = at
    const found = TOKEN.exec(text)
    if (found === null) {
      const doctype = text.startsWith('<!DOCTYPE', at)
      throw new XmlError(doctype ? 'A DOCTYPE is not read here: remove it.' : 'This is no XML.', line)
    }
    const [whole, , data, , closed, opened, , empty, plain] = found
    const top = stack.at(-1)!
    if (data !== undefined) top.text += data
    else if (plain !== undefined) top.text += decode(plain, line)
    else if (opened !== undefined) {
      const element: Open = { name: opened, line, children: [], text: '' }
      if (stack.length > MAX_DEPTH) throw new XmlError('The elements are nested too deeply.', line)
      if (empty === '/') top.children.push(element)
      else stack.push(element)
    } else if (closed !== undefined) {
      if (stack.length === 1 || top.name !== closed)
        throw new XmlError(`</${closed}> closes nothing: <${top.name}> of line ${top.line} is open.`, line)
      stack.pop()
      stack.at(-1)!.children.push({ ...top, text: top.text.trim() })
    }
    at += whole.length
    for (const character of whole) if (character === '\n') line++
  }
  const open = stack.at(-1)!
  if (stack.length > 1) throw new XmlError(`<${open.name}> is never closed.`, open.line)
  const [first, second] = root.children
  if (first === undefined || second !== undefined || root.text.trim() !== '')
    throw new XmlError('A file holds exactly one outermost element.', second?.line ?? 1)
  return first
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

const decode = (text: string, line: number): string =>
  text.replaceAll(/&([^;\s&]{0,20});?/g, (whole, name: string) => {
    const code = /^#x[\da-f]+$/i.test(name)
      ? Number.parseInt(name.slice(2), 16)
      : /^#\d+$/.test(name)
        ? Number(name.slice(1))
        : undefined
    if (code !== undefined && code <= 0x10ffff) return String.fromCodePoint(code)
    if (whole.endsWith(';') && Object.hasOwn(ENTITIES, name)) return ENTITIES[name]!
    throw new XmlError(`The entity &${name}; is not known: write & as &amp;.`, line)
  })

export const encodeXml = (text: string): string =>
  text.replaceAll(/[<>&]/g, (one) => (one === '<' ? '&lt;' : one === '>' ? '&gt;' : '&amp;'))
