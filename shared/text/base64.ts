/** Base64 (RFC 4648) as people paste it. Pure. */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const values = new Map([...ALPHABET].map((letter, value) => [letter, value]))
// The URL-safe alphabet of section 5 says the same with two other letters.
values.set('-', 62)
values.set('_', 63)

export interface ReadBase64 {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** What is wrong. */
  readonly fault?: string
}

const failed = (fault: string): ReadBase64 => ({ bytes: new Uint8Array(), fault })

/** Blanks and line ends are left out; the padding may be missing; both alphabets are read. */
export function readBase64(text: string): ReadBase64 {
  const letters = text.replace(/\s+/g, '').replace(/={1,2}$/, '')
  if (letters.length % 4 === 1) return failed('A letter is missing or too many: four make three bytes.')
  const bytes = new Uint8Array(Math.floor((letters.length * 3) / 4))
  let bits = 0
  let held = 0
  let at = 0
  for (const letter of letters) {
    const value = values.get(letter)
    if (value === undefined) return failed(`“${letter}” is no letter of Base64.`)
    bits = ((bits << 6) | value) & 0xffffff
    held += 6
    if (held < 8) continue
    held -= 8
    bytes[at++] = (bits >> held) & 0xff
  }
  if ((bits & ((1 << held) - 1)) !== 0) return failed('The last letter has bits that belong to no byte.')
  return { bytes }
}
