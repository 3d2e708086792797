/** Bytes as hexadecimal and ASCII. Pure. */

export const BYTES_PER_ROW = 16

/** `0a`. */
export const hexByte = (byte: number): string => byte.toString(16).padStart(2, '0')

/** The printable ASCII character, else a middle dot. */
export const asciiByte = (byte: number): string =>
  byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·'

/** Offset with as many digits as the last offset of `length` bytes needs, four at least. */
export function hexOffset(offset: number, length: number): string {
  const digits = Math.max(4, Math.max(0, length - 1).toString(16).length)
  return offset.toString(16).padStart(digits, '0')
}

/** `30 c5 04`, as other tools read it. */
export const hexString = (bytes: Uint8Array): string => Array.from(bytes, hexByte).join(' ')

/** Offset, hex and ASCII, 16 bytes a line. */
export function hexDump(bytes: Uint8Array): string {
  const lines: string[] = []
  for (let offset = 0; offset < bytes.length; offset += BYTES_PER_ROW) {
    const row = bytes.subarray(offset, offset + BYTES_PER_ROW)
    const hex = `${hexString(row.subarray(0, 8)).padEnd(23)}  ${hexString(row.subarray(8)).padEnd(23)}`
    lines.push(`${hexOffset(offset, bytes.length)}  ${hex}  ${Array.from(row, asciiByte).join('')}`)
  }
  return lines.join('\n')
}
