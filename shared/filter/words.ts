/**
 * Plain words: a text without operators and fields, as one types it to look for something. Every word must be
 * found, in any letter case, in one of the texts of a row: packet type, topic, USP message, who it is.
 */
import type { FilterError } from './ast.ts'
import { looksLikeField } from './fields.ts'
import { quote, tokenize, type Token } from './lexer.ts'
import { isKeyword } from './operators.ts'

/** A row is judged by one bit a word. */
export const MAX_WORDS = 30

export type WordsResult =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'expression' }
  | { readonly kind: 'error'; readonly error: FilterError }

/** Words in lower case and each once, if the text is such a search. A phrase stands in quotes. Never throws. */
export function readWords(text: string): WordsResult {
  const tokens = tokenize(text).slice(0, -1)
  if (tokens.length === 0 || tokens.some(makesExpression)) return { kind: 'expression' }
  const words = new Set<string>()
  for (const { start, end, said } of join(tokens, text)) {
    words.add(said.toLowerCase())
    if (words.size > MAX_WORDS) {
      const message = `A search takes ${MAX_WORDS} different words at most.`
      return { kind: 'error', error: { message, start, end } }
    }
  }
  words.delete('')
  return { kind: 'words', words: [...words] }
}

const makesExpression = ({ kind, text }: Token): boolean =>
  kind === 'operator' || kind === 'invalid' || (kind === 'word' && (isKeyword(text) || looksLikeField(text)))

/** Tokens without a blank between them are one word: `Device.Reboot()`. A string alone says what is in it. */
function join(tokens: readonly Token[], text: string): { start: number; end: number; said: string }[] {
  const words: { start: number; end: number; said: string }[] = []
  for (const { kind, start, end, text: own } of tokens) {
    const last = words.at(-1)
    if (last?.end === start) {
      last.end = end
      last.said = text.slice(last.start, end)
    } else {
      words.push({ start, end, said: kind === 'string' ? own : text.slice(start, end) })
    }
  }
  return words
}

/** The words as a text that gives the same words. */
export const formatWords = (words: readonly string[]): string => words.map(formatWord).join(' ')

function formatWord(word: string): string {
  const read = readWords(word)
  const isPlain = read.kind === 'words' && read.words.length === 1 && read.words[0] === word
  return isPlain ? word : quote(word)
}
