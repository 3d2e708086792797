/** Cuts a filter text into tokens. Never throws: what is no token is one of kind `invalid`, with the reason. */

export type TokenKind = 'word' | 'string' | 'operator' | 'bracket' | 'invalid' | 'end'

export interface Token {
  readonly kind: TokenKind
  /** UTF-16 units `[start, end)` of the text. */
  readonly start: number
  readonly end: number
  /** As written; of a string what it says, escapes resolved. */
  readonly text: string
  /** Of an invalid token. */
  readonly message?: string
  readonly hint?: string
}

/** What a token may look like, the first that fits; all are sticky. */
const BLANK = /\s+/y
const OPERATOR = /===|!==|==|!=|>=|<=|&&|\|\||[<>~]|!/y
const BRACKET = /\.\.|[()[\]{},]/y
/** Begins `"`, or `r"` for one without escapes. */
const STRING = /"((?:[^"\\]|\\[^])*)"|r"([^"]*)"/y
const OPEN_STRING = /r?"[^]*/y
/**
 * All that is left: names, numbers, addresses, topics without blanks. A `..` ends it. A `!` belongs to it unless
 * it begins an operator, because names of events end in one: `Boot!`.
 */
const WORD = /(?:(?!\.\.)[^\s()[\]{},"=!<>~&|]|(?<=[^\s()[\]{},"=!<>~&|])!(?!=))+/y
const SINGLE = /[^]/y

const slips: Readonly<Record<string, readonly [message: string, hint: string]>> = {
  '=': ['= is no operator.', 'Write == for "equals".'],
  '&': ['& is no operator.', 'Write && or and.'],
  '|': ['| is no operator.', 'Write || or or.'],
}

/** The tokens in order, an `end` token last. */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = []
  const read = (expression: RegExp, at: number): RegExpExecArray | null => {
    expression.lastIndex = at
    return expression.exec(text)
  }
  for (let at = 0; at < text.length;) {
    const blank = read(BLANK, at)
    if (blank) {
      at += blank[0].length
      continue
    }
    const token = readToken(at, read)
    tokens.push(token)
    at = token.end
  }
  return [...tokens, { kind: 'end', start: text.length, end: text.length, text: '' }]
}

type Read = (expression: RegExp, at: number) => RegExpExecArray | null

function readToken(start: number, read: Read): Token {
  const token = (kind: TokenKind, found: string, text = found): Token => ({
    kind,
    start,
    end: start + found.length,
    text,
  })
  const string = read(STRING, start)
  if (string) return token('string', string[0], string[2] ?? unescape(string[1] ?? ''))
  const open = read(OPEN_STRING, start)
  if (open) {
    const said = open[0].replace(/^r?"/, '')
    return { ...token('invalid', open[0], said), message: 'This text has no closing ".' }
  }
  const operator = read(OPERATOR, start)
  if (operator) return token('operator', operator[0])
  const bracket = read(BRACKET, start)
  if (bracket) return token('bracket', bracket[0])
  const word = read(WORD, start)
  if (word) return token('word', word[0])
  const character = read(SINGLE, start)?.[0] ?? ''
  const [message, hint] = slips[character] ?? [`${character} has no meaning here.`, 'Put text into "…".']
  return { ...token('invalid', character), message, hint }
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' }
const ESCAPE = /\\(?:x([\da-f]{2})|u([\da-f]{4})|([^]))/gi

/** A `\` before any other character stays, so that `"\d+"` is the pattern it looks like. */
function unescape(text: string): string {
  return text.replace(ESCAPE, (whole, byte?: string, unit?: string, character?: string) => {
    const code = byte ?? unit
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16))
    return escapes[character ?? ''] ?? whole
  })
}

/** The text as a string token. */
export function quote(text: string): string {
  const written = text.replace(/["\\\n\r\t]/g, (character) => {
    const name = Object.entries(escapes).find(([, meant]) => meant === character)?.[0] ?? character
    return `\\${name}`
  })
  return `"${written}"`
}
