/** Bytes as people write them in hexadecimal. Pure. */

export interface ReadHex {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** What is wrong, and where. */
  readonly fault?: string
}

/** As much as a payload may have that is typed by hand. */
export const MAX_HEX_BYTES = 1_000_000

/** Pairs of digits, with blanks, line ends, colons, commas and `0x` between them as one likes. */
export function readHex(text: string): ReadHex {
  const digits = text.replace(/0x/gi, '').replace(/[\s:,-]+/g, '')
  const wrong = /[^\da-f]/i.exec(digits)
  if (wrong) return { bytes: new Uint8Array(), fault: `“${wrong[0]}” is no hexadecimal digit.` }
  if (digits.length % 2 !== 0) {
    return { bytes: new Uint8Array(), fault: 'The last byte has one digit only: a byte has two.' }
  }
  if (digits.length / 2 > MAX_HEX_BYTES) {
    return { bytes: new Uint8Array(), fault: `At most ${MAX_HEX_BYTES} bytes can be written in hexadecimal.` }
  }
  return { bytes: Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)) }
}
