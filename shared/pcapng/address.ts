/** IP addresses as bytes and as text. */

/**
 * 4 or 16 bytes of an address; undefined when the text is none. A zone (`fe80::1%eth0`) is left out, and an
 * IPv4-mapped address (`::ffff:192.0.2.1`, as dual-stack sockets tell it) becomes the IPv4 address that it is.
 */
export function parseAddress(text: string): Uint8Array | undefined {
  const plain = text.split('%', 1)[0] as string
  if (!plain.includes(':')) return parseV4(plain)
  const bytes = parseV6(plain)
  return bytes !== undefined && isMapped(bytes) ? bytes.slice(12) : bytes
}

/** Text of the address of `length` (4 or 16) bytes at `start`; IPv6 as RFC 5952 wants it. */
export function formatAddress(bytes: Uint8Array, start: number, length: 4 | 16): string {
  if (length === 4) return bytes.subarray(start, start + 4).join('.')
  const groups = Array.from(
    { length: 8 },
    (_, i) => ((bytes[start + 2 * i] ?? 0) << 8) | (bytes[start + 2 * i + 1] ?? 0),
  )
  const [from, to] = longestZeroRun(groups)
  const hex = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':')
  if (to - from < 2) return hex(groups)
  return `${hex(groups.slice(0, from))}::${hex(groups.slice(to))}`
}

function longestZeroRun(groups: readonly number[]): readonly [from: number, to: number] {
  let best: readonly [number, number] = [0, 0]
  for (let from = 0; from < groups.length; from++) {
    let to = from
    while (groups[to] === 0) to++
    if (to - from > best[1] - best[0]) best = [from, to]
    if (to > from) from = to
  }
  return best
}

function parseV4(text: string): Uint8Array | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)
  const parts = match?.slice(1).map(Number)
  return parts?.every((part) => part <= 255) ? Uint8Array.from(parts) : undefined
}

function parseV6(text: string): Uint8Array | undefined {
  const [head, tail, ...more] = withoutDots(text).split('::').map(parseGroups)
  if (head === undefined || more.length > 0) return undefined
  const compressed = text.includes('::')
  if (compressed && tail === undefined) return undefined
  const missing = 16 - head.length - (tail?.length ?? 0)
  if (compressed ? missing < 2 : missing !== 0) return undefined
  return Uint8Array.from([...head, ...Array.from({ length: missing }, () => 0), ...(tail ?? [])])
}

/** An IPv4 address at the end (`::ffff:192.0.2.1`) as two groups. */
function withoutDots(text: string): string {
  const [, front, dotted] = /^(.*:)([\d.]+)$/.exec(text) ?? []
  const bytes = dotted?.includes('.') ? parseV4(dotted) : undefined
  if (front === undefined || bytes === undefined) return text
  const [a = 0, b = 0, c = 0, d = 0] = bytes
  return `${front}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
}

/** Bytes of groups between colons. */
function parseGroups(text: string): number[] | undefined {
  if (text === '') return []
  const groups = text.split(':')
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined
  return groups.map((group) => Number.parseInt(group, 16)).flatMap((value) => [value >> 8, value & 0xff])
}

const isMapped = (bytes: Uint8Array): boolean =>
  bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff
