/**
 * JSON laid out for reading without touching a single value: numbers keep their digits and double keys stay,
 * which parsing and printing anew would lose.
 */
const INDENT = '  '

/** `undefined` when the text is not JSON, or holds nothing that could be laid out (a bare number or word). */
export function layOutJson(text: string): string | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined
  try {
    JSON.parse(text)
  } catch {
    return undefined
  }
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/g) ?? []
  const out: string[] = []
  let depth = 0
  tokens.forEach((token, i) => {
    const newLine = () => out.push('\n', INDENT.repeat(depth))
    if (token === '{' || token === '[') {
      out.push(token)
      depth += 1
      if (!isClosing(tokens[i + 1])) newLine()
    } else if (isClosing(token)) {
      depth -= 1
      if (!isOpening(tokens[i - 1])) newLine()
      out.push(token)
    } else if (token === ',') {
      out.push(token)
      newLine()
    } else {
      out.push(token === ':' ? ': ' : token)
    }
  })
  return out.join('')
}

const isOpening = (token: string | undefined) => token === '{' || token === '['
const isClosing = (token: string | undefined) => token === '}' || token === ']'
