/** Cuts an expression into tokens. Never throws: what is no token is `invalid`, with the reason. */

export type TokenKind = 'name' | 'text' | 'number' | 'operator' | 'invalid' | 'end'

export interface Token {
  readonly kind: TokenKind
  /** UTF-16 units `[start, end)`. */
  readonly start: number
  readonly end: number
  /** As written; of a text what it says, escapes resolved. */
  readonly text: string
  readonly message?: string
}

const forms: readonly (readonly [TokenKind, RegExp])[] = [
  ['name', /[\p{L}_][\p{L}\p{N}_]*/uy],
  ['number', /(?:0x[\da-fA-F]{1,13}|\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?)/y],
  ['text', /"(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*'/y],
  ['operator', /==|!=|<=|>=|&&|\|\||[<>!+\-*/%.,()[\]=]/y],
]
const BLANK = /\s*/y
const ANY = /[^]/uy

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

/** The tokens in order, an `end` token last. */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = []
  const read = (form: RegExp, at: number): string => {
    form.lastIndex = at
    return form.exec(text)?.[0] ?? ''
  }
  for (let at = read(BLANK, 0).length; at < text.length;) {
    const token = tokenAt(at, read)
    tokens.push(token)
    at = token.end + read(BLANK, token.end).length
  }
  return [...tokens, { kind: 'end', start: text.length, end: text.length, text: '' }]
}

function tokenAt(start: number, read: (form: RegExp, at: number) => string): Token {
  for (const [kind, form] of forms) {
    const found = read(form, start)
    if (found === '') continue
    const said = kind === 'text' ? unescape(found.slice(1, -1)) : found
    return { kind, start, end: start + found.length, text: said }
  }
  const found = read(ANY, start)
  const message = /["']/.test(found)
    ? `This text has no closing ${found}.`
    : `${found} has no meaning here. Put text into "…".`
  return { kind: 'invalid', start, end: start + found.length, text: found, message }
}

/** A `\` before any other character stays, so that `"\d+"` is the pattern it looks like. */
const unescape = (text: string): string =>
  text.replaceAll(/\\([^])/g, (whole, character: string) =>
    /["'\\]/.test(character) ? character : (escapes[character] ?? whole),
  )
