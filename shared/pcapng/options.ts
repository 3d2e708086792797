/** Options at the end of a pcapng block: code, length, value padded to 32 bits. */
import { decodeLenient, writeText } from '../mqtt/utf8.ts'
import { OptionCode } from './format.ts'

/**
 * Calls `take` for each option in bytes [start, end) and answers where reading stopped: behind the end mark, or
 * at an option that does not fit.
 */
export function eachOption(
  view: DataView,
  start: number,
  end: number,
  little: boolean,
  take: (code: number, at: number, length: number) => void,
): number {
  let at = start
  while (at + 4 <= end) {
    const code = view.getUint16(at, little)
    const length = view.getUint16(at + 2, little)
    if (code === OptionCode.end) return at + 4
    if (at + 4 + length > end) return end
    take(code, at + 4, length)
    at += 4 + padded(length)
  }
  return end
}

/** The next multiple of four. */
export const padded = (length: number): number => (length + 3) & ~3

/** A string of an option or name record; some writers end it with NUL, which is no part of it. */
export function readText(bytes: Uint8Array, at: number, length: number): string {
  let end = at + length
  while (end > at && bytes[end - 1] === 0) end--
  return decodeLenient(bytes, at, end)
}

/** UTF-8 of a text; half a surrogate pair becomes U+FFFD. */
export function encodeText(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3)
  return bytes.slice(0, writeText(text, bytes, 0))
}
