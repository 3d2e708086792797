/**
 * Bytes in a notation that can be read: two hex digits a byte, `"text"` for a string of MQTT with its two
 * length bytes, `'text'` without them, `*` for the Remaining Length of all that follows.
 */
export function bytes(notation: string): Uint8Array {
  const star = notation.indexOf('*')
  if (star < 0) return Uint8Array.from(parts(notation))
  const body = parts(notation.slice(star + 1))
  return Uint8Array.from([...parts(notation.slice(0, star)), ...varint(body.length), ...body])
}

function parts(notation: string): number[] {
  const out: number[] = []
  for (const part of notation.match(/"[^"]*"|'[^']*'|[0-9a-f]+/g) ?? []) {
    const quote = part[0]
    if (quote === '"' || quote === "'") {
      const text = new TextEncoder().encode(part.slice(1, -1))
      if (quote === '"') out.push(text.length >> 8, text.length & 0xff)
      out.push(...text)
    } else {
      for (const pair of part.match(/../g) ?? []) out.push(Number.parseInt(pair, 16))
    }
  }
  return out
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)]
}
