/** IPv4 and IPv6 addresses and networks (RFC 4632, RFC 4291). An IPv4-mapped IPv6 address is the IPv4 address. */

export interface Address {
  readonly family: 4 | 6
  readonly bits: bigint
}

export interface Network extends Address {
  readonly prefix: number
}

const WIDTH = { 4: 32, 6: 128 } as const
const MAPPED = 0xffffn

/** `undefined` when the text is no address. The zone of a link-local address (`%eth0`) does not count. */
export function parseAddress(text: string): Address | undefined {
  const zone = text.indexOf('%')
  const plain = zone > 0 && text.includes(':') ? text.slice(0, zone) : text
  if (!plain.includes(':')) {
    const bits = parseIpv4(plain)
    return bits === undefined ? undefined : { family: 4, bits }
  }
  const bits = parseIpv6(plain)
  if (bits === undefined) return undefined
  return bits >> 32n === MAPPED ? { family: 4, bits: bits & 0xffffffffn } : { family: 6, bits }
}

/** Leading zeros are refused: some programs take them for octal. */
function parseIpv4(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let bits = 0n
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined
    bits = (bits << 8n) | BigInt(part)
  }
  return bits
}

function parseIpv6(text: string): bigint | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const head = groups(halves[0]!, halves.length === 1)
  const tail = halves.length === 2 ? groups(halves[1]!, true) : []
  if (head === undefined || tail === undefined) return undefined
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  return [...head, ...Array.from({ length: missing }, () => 0), ...tail].reduce(
    (bits, group) => (bits << 16n) | BigInt(group),
    0n,
  )
}

/** 16-bit groups; the last of the address may be an IPv4 address, which is two. */
function groups(text: string, atEnd: boolean): number[] | undefined {
  if (text === '') return []
  const found: number[] = []
  const parts = text.split(':')
  for (const [i, part] of parts.entries()) {
    const ipv4 = atEnd && i === parts.length - 1 && part.includes('.') ? parseIpv4(part) : undefined
    if (ipv4 !== undefined) found.push(Number(ipv4 >> 16n), Number(ipv4 & 0xffffn))
    else if (/^[\da-f]{1,4}$/i.test(part)) found.push(Number.parseInt(part, 16))
    else return undefined
  }
  return found
}

/**
 * Reads `10.0.0.0/8`, `fe80::/10` or one address. `undefined` when it is neither; host bits are cleared, so that
 * `10.1.2.3/8` is `10.0.0.0/8`.
 */
export function parseNetwork(text: string): Network | undefined {
  const slash = text.indexOf('/')
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash))
  if (address === undefined) return undefined
  const width = WIDTH[address.family]
  if (slash < 0) return { ...address, prefix: width }
  const length = text.slice(slash + 1)
  if (!/^\d{1,3}$/.test(length)) return undefined
  // `::ffff:10.0.0.0/104` counts its prefix from the IPv6 start.
  const mapped = address.family === 4 && text.includes(':')
  const prefix = Number(length) - (mapped ? 96 : 0)
  if (prefix < 0 || prefix > width) return undefined
  const shift = BigInt(width - prefix)
  return { family: address.family, bits: (address.bits >> shift) << shift, prefix }
}

/** Whether the text names host bits beyond its prefix, most likely by mistake. */
export function hasHostBits(text: string): boolean {
  const network = parseNetwork(text)
  const address = parseAddress(text.replace(/\/.*$/, ''))
  return network !== undefined && address !== undefined && network.bits !== address.bits
}

export function networkHolds({ family, bits, prefix }: Network, address: Address): boolean {
  const shift = BigInt(WIDTH[family] - prefix)
  return family === address.family && bits >> shift === address.bits >> shift
}

/** Is every address of `inner` one of `outer`? */
export const networkCovers = (outer: Network, inner: Network): boolean =>
  outer.prefix <= inner.prefix && networkHolds(outer, inner)
