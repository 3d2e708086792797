/**
 * JSON laid out for reading without touching a single value: numbers keep their digits, double keys stay, and
 * what is not JSON keeps its characters. Parsing and printing anew would lose all of that.
 */
const INDENT = '  '
/** Lines are indented no further than this, or deep nesting would make a text that grows with its square. */
const MAX_INDENT = 64

/** Takes any text, in time proportional to its length. */
export function layOutJson(text: string): string {
  const out: string[] = []
  let depth = 0
  let last = ''
  const newLine = () => out.push('\n', INDENT.repeat(Math.min(Math.max(depth, 0), MAX_INDENT)))
  for (const token of tokens(text)) {
    const afterOpening = last === '{' || last === '['
    if (token === '}' || token === ']') {
      depth--
      if (!afterOpening) newLine()
    } else if (afterOpening || last === ',') {
      newLine()
    } else if (last !== '' && last !== ':' && token !== ',' && token !== ':') {
      // Only in text that is not JSON do two of these meet.
      out.push(' ')
    }
    if (token === '{' || token === '[') depth++
    out.push(token === ':' ? ': ' : token)
    last = token
  }
  return out.join('')
}

const STRUCTURE = new Set('{}[],:')
const BLANK = new Set(' \t\r\n')

/** Texts in quotes, marks, and runs of anything else; blanks between them are left out. */
function* tokens(text: string): Generator<string> {
  for (let at = 0; at < text.length;) {
    const char = text.charAt(at)
    if (BLANK.has(char)) {
      at++
      continue
    }
    const start = at++
    if (char === '"') {
      while (at < text.length && text.charAt(at) !== '"') at += text.charAt(at) === '\\' ? 2 : 1
      at = Math.min(at + 1, text.length)
    } else if (!STRUCTURE.has(char)) {
      while (at < text.length && !isBoundary(text.charAt(at))) at++
    }
    yield text.slice(start, at)
  }
}

const isBoundary = (char: string) => char === '"' || STRUCTURE.has(char) || BLANK.has(char)
