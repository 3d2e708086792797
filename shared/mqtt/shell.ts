/** Words for a POSIX shell, safe to paste into a terminal. */
import { decodeText, textBytes } from './utf8.ts'

/** Needs no quotes, whatever the shell. */
const PLAIN = /^[\w@%+:,./-][\w@%+=:,./-]*$/

/** In single quotes nothing has a meaning but the quote itself. */
export const quote = (text: string): string =>
  PLAIN.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`

/**
 * Bytes as the format of `printf`, quoted. Octal, because that is what POSIX has (`\x` is not), and anything
 * that a shell, `printf` or the history of a terminal could take for its own is written so.
 */
export function printfFormat(bytes: Uint8Array): string {
  let format = ''
  for (const byte of bytes) {
    const char = String.fromCharCode(byte)
    format += /[\w ./:,=-]/.test(char) ? char : `\\${byte.toString(8).padStart(3, '0')}`
  }
  // A leading hyphen would be an option.
  return `'${format.replace(/^-/, String.raw`\055`)}'`
}

/**
 * Bytes as one argument. `undefined` where that cannot be: an argument holds no NUL, and a shell takes line ends
 * off what a command printed.
 */
export function byteArgument(bytes: Uint8Array): string | undefined {
  const text = decodeText(bytes, 0, bytes.length)
  if (text !== undefined && isCalm(text)) return quote(text)
  if (bytes.includes(0)) return undefined
  if (bytes.at(-1) === 0x0a) return text === undefined ? undefined : quote(text)
  return `"$(printf ${printfFormat(bytes)})"`
}

/** A text of MQTT (no U+0000) as one argument. */
export function textArgument(text: string): string {
  if (isCalm(text)) return quote(text)
  return byteArgument(textBytes(text)) ?? quote(text)
}

/** Control characters in a pasted line do things in a terminal; a line end within quotes does not. */
export const isCalm = (text: string): boolean => !/[\p{Cc}\p{Cf}]/u.test(text.replaceAll('\n', ''))
