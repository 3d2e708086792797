/** Long values are folded, never cut: the head is shown, and what is behind it is counted. Pure. */

/** Characters of a value shown before it folds. */
export const FOLD_AT = 160

interface Folded {
  readonly head: string
  /** What unfolding shows, in words: `all 12,345 characters`; absent when the head is the whole. */
  readonly rest?: string
}

const hexPairs = /^[0-9a-f]{2}(?:[ :]?[0-9a-f]{2})*$/i

/** Folds at `limit` characters or at the first line break, whichever comes first. */
export function fold(text: string, limit = FOLD_AT): Folded {
  const line = text.search(/[\r\n]/)
  const end = line >= 0 && line < limit ? line : limit
  if (text.length <= end) return { head: text }
  return { head: text.slice(0, wholeCharacter(text, end)), rest: `all ${extent(text)}` }
}

/** How long a text is: bytes when it is a row of hex pairs, else characters. */
function extent(text: string): string {
  const hex = text.length > 8 && hexPairs.test(text)
  const n = hex ? text.replace(/[ :]/g, '').length / 2 : text.length
  return `${n.toLocaleString('en-US')} ${hex ? 'bytes' : 'characters'}`
}

/** The whole text in lines of at most `width` characters; line breaks of the text are kept. */
export function wrap(text: string, width = FOLD_AT): string[] {
  const lines: string[] = []
  for (const line of text.split(/\r\n|\r|\n/)) {
    let at = 0
    do {
      const end = wholeCharacter(line, at + width)
      lines.push(line.slice(at, end))
      at = end
    } while (at < line.length)
  }
  return lines
}

/** Text in lines of at most `width` characters, broken between words where there are any. */
export function wrapWords(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    const longer = line ? `${line} ${word}` : word
    if (longer.length <= width) {
      line = longer
      continue
    }
    if (line) lines.push(line)
    const pieces = wrap(word, width)
    line = pieces.pop() ?? ''
    lines.push(...pieces)
  }
  return line || lines.length === 0 ? [...lines, line] : lines
}

/** `at`, or one less when it would part a surrogate pair. */
function wholeCharacter(text: string, at: number): number {
  const code = text.charCodeAt(at - 1)
  return at < text.length && code >= 0xd800 && code <= 0xdbff ? at - 1 : at
}
