/**
 * User names as keys of a NATS bucket.
 *
 * A key may hold `A-Z a-z 0-9 - _ / = .`, with no dot at either end and no two dots in a row. A user name that is
 * such a key stays as it is, so what Oktopus wrote reads as it is. Any other name becomes `=` followed by its UTF-8
 * bytes, where everything but `A-Z a-z 0-9 - _` is written `=XX` (hexadecimal, upper case):
 *
 *     router-17             router-17
 *     os::00256D-A1         =os=3A=3A00256D-A1
 *     a b                   =a=20b
 *
 * A name that itself looks exactly like such an escaped one is escaped once more. So every key stands for one name
 * and every name has one key: `decodeKey(encodeKey(name)) === name` and `encodeKey(decodeKey(key)) === key`.
 */

/** Longer keys do not fit into a line of the NATS protocol together with what else stands there. */
export const MAX_KEY_LENGTH = 1024

const key = /^[\w/=-]+(?:\.[\w/=-]+)*$/
const MARK = '='
const plain = /^[\w-]$/
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Throws a RangeError saying what is wrong with a name that can have no key. */
export function encodeKey(name: string): string {
  if (name === '') throw new RangeError('a user name must not be empty')
  if (!name.isWellFormed()) throw new RangeError('the user name is not valid Unicode')
  const encoded = isKey(name) && readEscaped(name) === undefined ? name : MARK + escape(name)
  if (encoded.length > MAX_KEY_LENGTH) {
    throw new RangeError(
      `the user name is too long: as a NATS key it has ${encoded.length} of ${MAX_KEY_LENGTH} characters`,
    )
  }
  return encoded
}

/** The user name that a key stands for. Total: whatever is no escaped name is a plain one. */
export function decodeKey(encoded: string): string {
  return readEscaped(encoded) ?? encoded
}

const isKey = (text: string): boolean => key.test(text)

/** The name in an escaped key; undefined when `encodeKey` would not have written it so. */
function readEscaped(text: string): string | undefined {
  if (!text.startsWith(MARK)) return undefined
  const name = unescape(text.slice(1))
  if (name === undefined || name === '' || escape(name) !== text.slice(1)) return undefined
  // A plain name needs no escape: such a key is itself a name.
  return isKey(name) && readEscaped(name) === undefined ? undefined : name
}

function escape(name: string): string {
  let result = ''
  for (const byte of new TextEncoder().encode(name)) {
    const character = String.fromCharCode(byte)
    result += plain.test(character) ? character : MARK + byte.toString(16).toUpperCase().padStart(2, '0')
  }
  return result
}

function unescape(text: string): string | undefined {
  const bytes: number[] = []
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== MARK) {
      bytes.push(text.charCodeAt(at))
      continue
    }
    const digits = text.slice(at + 1, at + 3)
    if (!/^[0-9A-F]{2}$/.test(digits)) return undefined
    bytes.push(Number.parseInt(digits, 16))
    at += 2
  }
  try {
    return decoder.decode(Uint8Array.from(bytes))
  } catch {
    return undefined
  }
}
