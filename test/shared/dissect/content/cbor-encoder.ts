/** A small CBOR writer for tests: a second view of RFC 8949, with the diagnostic notation of what it wrote. */

export interface Encoded {
  readonly bytes: readonly number[]
  readonly diagnostic: string
}

/** Takes bigint, number (as a double), boolean, null, string, Uint8Array, arrays and maps with text keys. */
export function encodeCbor(value: unknown, indefinite = false): Encoded {
  if (typeof value === 'bigint') {
    const bytes = value < 0n ? head(1, -1n - value) : head(0, value)
    return { bytes, diagnostic: String(value) }
  }
  if (typeof value === 'number') {
    const view = new DataView(new ArrayBuffer(8))
    view.setFloat64(0, value)
    return { bytes: [0xfb, ...new Uint8Array(view.buffer)], diagnostic: float(value) }
  }
  if (typeof value === 'boolean') return { bytes: [value ? 0xf5 : 0xf4], diagnostic: String(value) }
  if (value === null) return { bytes: [0xf6], diagnostic: 'null' }
  if (typeof value === 'string') {
    const bytes = Buffer.from(value)
    return { bytes: [...head(3, BigInt(bytes.length)), ...bytes], diagnostic: JSON.stringify(value) }
  }
  if (value instanceof Uint8Array) {
    const digits = Buffer.from(value).toString('hex')
    return { bytes: [...head(2, BigInt(value.length)), ...value], diagnostic: `h'${digits}'` }
  }
  const isMap = value instanceof Map
  const parts: Encoded[] = isMap
    ? [...value].map(([key, part]) => {
        const [name, content] = [encodeCbor(key, indefinite), encodeCbor(part, indefinite)]
        const diagnostic = `${name.diagnostic}: ${content.diagnostic}`
        return { bytes: [...name.bytes, ...content.bytes], diagnostic }
      })
    : (value as unknown[]).map((part) => encodeCbor(part, indefinite))
  const major = isMap ? 5 : 4
  const body = parts.flatMap(({ bytes }) => bytes)
  const bytes = indefinite
    ? [(major << 5) | 31, ...body, 0xff]
    : [...head(major, BigInt(parts.length)), ...body]
  const [open, close] = isMap ? '{}' : '[]'
  const inner = parts.map(({ diagnostic }) => diagnostic).join(', ')
  return { bytes, diagnostic: `${open}${indefinite ? '_ ' : ''}${inner}${close}` }
}

function head(major: number, argument: bigint): number[] {
  if (argument < 24n) return [(major << 5) | Number(argument)]
  const size = argument < 2n ** 8n ? 0 : argument < 2n ** 16n ? 1 : argument < 2n ** 32n ? 2 : 3
  const digits = argument.toString(16).padStart(2 << size, '0')
  return [(major << 5) | (24 + size), ...Buffer.from(digits, 'hex')]
}

function float(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  const text = Object.is(value, -0) ? '-0' : String(value)
  return /[.]/.test(text) ? text : text.replace(/^(-?\d+)/, '$1.0')
}
