/** Bytes as people write them in hexadecimal. Pure. */

export interface ReadHex {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** What is wrong, and where. */
  readonly fault?: string
}

/** As much as a Record may have in `usp.sendRecord`. */
export const MAX_RECORD_BYTES = 1_000_000

/** Pairs of digits, with blanks, line ends, colons, commas and `0x` between them as one likes. */
export function readHex(text: string): ReadHex {
  const digits = text.replace(/0x/gi, '').replace(/[\s:,-]+/g, '')
  const wrong = /[^\da-f]/i.exec(digits)
  if (wrong) return { bytes: new Uint8Array(), fault: `“${wrong[0]}” is no hexadecimal digit.` }
  if (digits.length % 2 !== 0) {
    return { bytes: new Uint8Array(), fault: 'The last byte has one digit only: a byte has two.' }
  }
  if (digits.length / 2 > MAX_RECORD_BYTES) {
    return { bytes: new Uint8Array(), fault: `A Record has at most ${MAX_RECORD_BYTES} bytes here.` }
  }
  return { bytes: Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)) }
}
