/** Bytes for reading: lines of an offset, sixteen bytes in hex, and the same as ASCII with dots for the rest. */
import { decodeLenient } from '../../mqtt/utf8.ts'
import type { ContentView } from './view.ts'

const PER_LINE = 16
const DIGITS = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))
const [SPACE, DOT, TILDE, NEW_LINE] = [0x20, 0x2e, 0x7e, 0x0a]

/** Written as bytes and turned into text once: a payload may have megabytes. */
export function hexDump(bytes: Uint8Array): string {
  const offsetDigits = bytes.length > 0x10000 ? 8 : 4
  const hexAt = offsetDigits + 2
  const asciiAt = hexAt + PER_LINE * 3 + 1
  const lineLength = asciiAt + PER_LINE + 1
  const lines = Math.ceil(bytes.length / PER_LINE)
  const out = new Uint8Array(lines * lineLength).fill(SPACE)
  for (let line = 0; line < lines; line++) {
    const at = line * lineLength
    writeHex(out, at, line * PER_LINE, offsetDigits)
    const end = Math.min(bytes.length, (line + 1) * PER_LINE)
    for (let i = line * PER_LINE; i < end; i++) {
      const byte = bytes[i] as number
      const column = i % PER_LINE
      writeHex(out, at + hexAt + column * 3, byte, 2)
      out[at + asciiAt + column] = byte >= SPACE && byte <= TILDE ? byte : DOT
    }
    out[at + lineLength - 1] = NEW_LINE
  }
  return decodeLenient(out, 0, out.length).trimEnd()
}

function writeHex(out: Uint8Array, at: number, value: number, digits: number): void {
  for (let i = digits - 1, rest = value; i >= 0; i--, rest >>>= 4) out[at + i] = DIGITS[rest & 15] as number
}

export const hexView: ContentView = {
  id: 'hex',
  label: 'Hex',
  score: () => 0.1,
  dissect: (bytes, start, end) => [
    { name: 'data', label: 'Data', text: hexDump(bytes.subarray(start, end)), start, end },
  ],
  text: hexDump,
}
