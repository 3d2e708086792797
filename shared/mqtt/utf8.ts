/** UTF-8 as MQTT wants it (section 1.5.4): well-formed, without U+0000, a leading U+FEFF kept. */

// Both are in every runtime of ours; the ES library alone does not declare them.
declare const TextDecoder: new (
  label: string,
  options: { fatal: boolean; ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string }
declare const TextEncoder: new () => {
  encodeInto(text: string, into: Uint8Array): { read: number; written: number }
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const lenient = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true })
const encoder = new TextEncoder()

/** Below this length building a string by hand beats the call into TextDecoder (measured: about 40 bytes). */
const SHORT = 40

/** The text of bytes [start, end), or `undefined` when they are not well-formed UTF-8 or hold U+0000. */
export function decodeText(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start <= SHORT) {
    const text = shortAscii(bytes, start, end)
    if (text !== undefined) return text
  }
  try {
    const text = strict.decode(bytes.subarray(start, end))
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}

/** As `decodeText`, but what is not well-formed becomes U+FFFD. For showing, never for routing. */
export const decodeLenient = (bytes: Uint8Array, start: number, end: number): string =>
  lenient.decode(bytes.subarray(start, end))

function shortAscii(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = ''
  let i = start
  // Eight at a time: the calls to fromCharCode are what costs.
  for (; i + 8 <= end; i += 8) {
    const a = bytes[i]!
    const b = bytes[i + 1]!
    const c = bytes[i + 2]!
    const d = bytes[i + 3]!
    const e = bytes[i + 4]!
    const f = bytes[i + 5]!
    const g = bytes[i + 6]!
    const h = bytes[i + 7]!
    if ((a | b | c | d | e | f | g | h) > 0x7f) return undefined
    if (a === 0 || b === 0 || c === 0 || d === 0 || e === 0 || f === 0 || g === 0 || h === 0) return undefined
    text += String.fromCharCode(a, b, c, d, e, f, g, h)
  }
  for (; i < end; i++) {
    const a = bytes[i]!
    if (a === 0 || a > 0x7f) return undefined
    text += String.fromCharCode(a)
  }
  return text
}

interface CachedText {
  readonly bytes: Uint8Array
  readonly text: string
}
/** One entry a slot, so the cache cannot grow: at most 256 texts of 128 bytes. */
const SLOTS = 256
const LONGEST_CACHED = 128
const cache: (CachedText | undefined)[] = Array.from({ length: SLOTS })

/**
 * `decodeText` for topic names: few of them come again and again, and comparing bytes is cheaper than making
 * a string. The same string also spares its receiver to flatten and hash it anew.
 */
export function decodeTopic(bytes: Uint8Array, start: number, end: number): string | undefined {
  const length = end - start
  if (length > LONGEST_CACHED || length < 8) return decodeText(bytes, start, end)
  // Topics of one bench differ near their end, where the endpoint ID stands.
  let hash = length
  for (let i = end - 8; i < end; i++) hash = (Math.imul(hash, 31) + bytes[i]!) | 0
  const slot = (hash ^ (hash >>> 8)) & (SLOTS - 1)
  const cached = cache[slot]
  if (cached !== undefined && cached.bytes.length === length) {
    const known = cached.bytes
    let i = 0
    while (i < length && known[i] === bytes[start + i]) i++
    if (i === length) return cached.text
  }
  const text = decodeText(bytes, start, end)
  if (text !== undefined) cache[slot] = { bytes: Uint8Array.from(bytes.subarray(start, end)), text }
  return text
}

export interface TextFault {
  readonly start: number
  readonly end: number
  readonly kind: 'nul' | 'utf8'
}

/** The first fault in bytes that `decodeText` refused. Follows table 3-7 of the Unicode Standard. */
export function findTextFault(bytes: Uint8Array, start: number, end: number): TextFault | undefined {
  let i = start
  while (i < end) {
    const lead = bytes[i]!
    if (lead === 0) return { start: i, end: i + 1, kind: 'nul' }
    const length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0
    if (length === 0) return { start: i, end: i + 1, kind: 'utf8' }
    // The second byte alone tells overlong forms, surrogates and code points above U+10FFFF.
    let low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
    let high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
    for (let k = 1; k < length; k++) {
      const next = i + k < end ? bytes[i + k]! : 0
      if (next < low || next > high) return { start: i, end: Math.min(i + k + 1, end), kind: 'utf8' }
      low = 0x80
      high = 0xbf
    }
    i += length
  }
  return undefined
}

/** A half of a surrogate pair alone: the one thing a JavaScript string can hold that UTF-8 cannot. */
export const isWellFormed = (text: string): boolean => {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0xd800 || unit > 0xdfff) continue
    const next = text.charCodeAt(i + 1)
    if (unit > 0xdbff || !(next >= 0xdc00 && next <= 0xdfff)) return false
    i++
  }
  return true
}

/** Writes `text` at `at` and answers the bytes written. `into` must have three bytes a UTF-16 unit to spare. */
export function writeText(text: string, into: Uint8Array, at: number): number {
  const length = text.length
  let i = 0
  for (; i < length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 0x7f) break
    into[at + i] = unit
  }
  if (i === length) return length
  return i + encoder.encodeInto(text.slice(i), into.subarray(at + i)).written
}

/** The bytes of a text. Surrogates that stand alone become U+FFFD: see `isWellFormed`. */
export function textBytes(text: string): Uint8Array<ArrayBuffer> {
  const into = new Uint8Array(text.length * 3)
  return into.slice(0, encoder.encodeInto(text, into).written)
}

/** Is it well-formed? U+0000, which strings of MQTT may not hold, is a character like others in a payload. */
export function isUtf8(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes)
    return true
  } catch {
    return false
  }
}
