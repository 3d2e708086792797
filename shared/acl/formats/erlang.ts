/** Erlang terms as `file:consult` reads them: as many as configuration files use, with the line of each. */

export type Term = { readonly line: number } & (
  | { readonly kind: 'atom'; readonly name: string }
  /** A string "…" or a binary <<"…">>. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'integer'; readonly value: number }
  | { readonly kind: 'tuple' | 'list'; readonly items: readonly Term[] }
)

export class ErlangError extends Error {
  readonly line: number
  constructor(message: string, line: number) {
    super(message)
    this.name = 'ErlangError'
    this.line = line
  }
}

interface Token {
  readonly kind: 'atom' | 'string' | 'integer' | 'mark' | 'end'
  readonly text: string
  readonly line: number
}

/** Deeper than any access rule; keeps the recursion short. */
const MAX_DEPTH = 50

/** Reads terms that each end with a full stop. Throws an `ErlangError` at the first that is none. */
export function parseTerms(text: string): Term[] {
  const reader = new TermReader(tokens(text))
  const terms: Term[] = []
  while (!reader.atEnd) {
    terms.push(reader.term(0))
    reader.expect('.')
  }
  return terms
}

/** White space, comment, string, quoted atom, binary marks, integer, atom, mark. */
const TOKEN =
  /(\s+)|(%[^\n]*)|"((?:[^"\\]|\\[^])*)"|'((?:[^'\\]|\\[^])*)'|(<<|>>)|(-?\d+)|([a-z][A-Za-z0-9_@]*)|([{}[\],./#=>])/uy

function* tokens(text: string): Generator<Token> {
  let line = 1
  TOKEN.lastIndex = 0
  let at = 0
  while (at < text.length) {
    TOKEN.lastIndex = at
    const found = TOKEN.exec(text)
    if (found === null) {
      const shown = String.fromCodePoint(text.codePointAt(at)!)
      throw new ErlangError(`The character ${JSON.stringify(shown)} begins no Erlang term.`, line)
    }
    const [whole, , , string, quoted, binary, integer, atom, mark] = found
    at += whole.length
    if (string !== undefined) yield { kind: 'string', text: unescape(string), line }
    else if (quoted !== undefined) yield { kind: 'atom', text: unescape(quoted), line }
    else if (integer !== undefined) yield { kind: 'integer', text: integer, line }
    else if (atom !== undefined) yield { kind: 'atom', text: atom, line }
    else if (binary !== undefined || mark !== undefined) yield { kind: 'mark', text: binary ?? mark!, line }
    for (const character of whole) if (character === '\n') line++
  }
  yield { kind: 'end', text: 'the end of the file', line }
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  v: '\v',
  s: ' ',
  e: '\x1b',
  d: '\x7f',
}

const unescape = (text: string): string =>
  text.replaceAll(
    /\\(?:x\{([\da-f]{1,6})\}|x([\da-f]{2})|([0-7]{1,3})|([^]))/giu,
    (_, long, short, octal, one) => {
      const code = long ?? short
      if (code !== undefined) return fromCode(Number.parseInt(code, 16))
      return octal === undefined ? (ESCAPES[one] ?? one) : fromCode(Number.parseInt(octal, 8))
    },
  )

const fromCode = (code: number): string => (code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code))

class TermReader {
  readonly #tokens: Iterator<Token, void>
  #next: Token

  constructor(list: Iterator<Token, void>) {
    this.#tokens = list
    this.#next = this.#read()
  }

  /** The last token is `end`, and nobody reads past it. */
  #read(): Token {
    const { done, value } = this.#tokens.next()
    return done === true ? this.#next : value
  }

  /** The token that was next. */
  #step(): Token {
    const token = this.#next
    this.#next = this.#read()
    return token
  }

  get atEnd(): boolean {
    return this.#next.kind === 'end'
  }

  expect(mark: string): void {
    const { text, line } = this.#next
    if (!this.#take(mark))
      throw new ErlangError(`Here should be "${mark}" instead of "${text.slice(0, 50)}".`, line)
  }

  #take(mark: string): boolean {
    const { kind, text } = this.#next
    if (kind !== 'mark' || text !== mark) return false
    this.#step()
    return true
  }

  term(depth: number): Term {
    const { kind, text, line } = this.#next
    if (depth > MAX_DEPTH) throw new ErlangError('The term is nested too deeply.', line)
    if (kind === 'mark') {
      if (this.#take('{')) return { kind: 'tuple', items: this.#items('}', depth), line }
      if (this.#take('[')) return { kind: 'list', items: this.#items(']', depth), line }
      if (this.#take('<<')) return this.#binary(line)
    }
    if (kind === 'mark' || kind === 'end')
      throw new ErlangError(`Here should be a term instead of "${text.slice(0, 50)}".`, line)
    this.#step()
    if (kind === 'integer') return { kind, value: Number(text), line }
    if (kind === 'atom') return { kind, name: text, line }
    // Strings that follow one another are one.
    let whole = text
    while (this.#next.kind === 'string') whole += this.#step().text
    return { kind: 'text', text: whole, line }
  }

  #items(close: string, depth: number): Term[] {
    const items: Term[] = []
    if (this.#take(close)) return items
    do items.push(this.term(depth + 1))
    while (this.#take(','))
    this.expect(close)
    return items
  }

  /** `<<"text">>` and `<<"text"/utf8>>`. */
  #binary(line: number): Term {
    if (this.#take('>>')) return { kind: 'text', text: '', line }
    const { kind, text } = this.#next
    if (kind !== 'string') throw new ErlangError('A binary here holds one string: <<"text">>.', line)
    this.#step()
    if (this.#take('/')) this.#step()
    this.expect('>>')
    return { kind: 'text', text, line }
  }
}

/** A string as Erlang source. */
export const erlangString = (text: string): string =>
  `"${text.replaceAll(/["\\\p{Cc}]/gu, (one) => (one === '"' || one === '\\' ? `\\${one}` : `\\x{${one.codePointAt(0)!.toString(16)}}`))}"`
