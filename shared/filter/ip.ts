/**
 * Internet addresses as numbers of 128 bits. An IPv4 address is the IPv6 address it is mapped to (RFC 4291
 * section 2.5.5.2), so that `::ffff:10.0.0.1`, as dual-stack sockets show it, is `10.0.0.1`.
 */

const MAPPED = 0xffffn << 32n
const BITS = 128

/** Addresses `[low, high]`, both ends included. */
export interface AddressRange {
  readonly low: bigint
  readonly high: bigint
}

/** `undefined` when the text is no address. A zone (`%eth0`) says where, not who, and is left out. */
export function parseAddress(text: string): bigint | undefined {
  const [address = ''] = text.split('%', 1)
  return address.includes(':') ? parse6(address) : parse4(address)
}

function parse4(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let value = MAPPED >> 32n
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined
    value = (value << 8n) | BigInt(part)
  }
  return value
}

function parse6(text: string): bigint | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map(groupsOf)
  if (head === undefined) return undefined
  if (halves.length === 1) return head.length === 8 ? join6(head) : undefined
  if (tail === undefined || head.length + tail.length > 7) return undefined
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => 0)
  return join6([...head, ...zeros, ...tail])
}

/** Groups of 16 bits; the last two may be written as an IPv4 address. */
function groupsOf(text: string): number[] | undefined {
  if (text === '') return []
  const parts = text.split(':')
  const last = parts.at(-1) ?? ''
  if (last.includes('.')) {
    const four = parse4(last)
    if (four === undefined) return undefined
    const low = Number(four & 0xffff_ffffn)
    parts.splice(-1, 1, (low >>> 16).toString(16), (low & 0xffff).toString(16))
  }
  if (!parts.every((part) => /^[0-9a-f]{1,4}$/i.test(part))) return undefined
  return parts.map((part) => Number.parseInt(part, 16))
}

const join6 = (groups: readonly number[]): bigint =>
  groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n)

/** An address, or a network `10.0.0.0/8`, `fe80::/10`; bits behind the prefix do not matter. */
export function parseNetwork(text: string): AddressRange | undefined {
  const slash = text.indexOf('/')
  if (slash < 0) {
    const address = parseAddress(text)
    return address === undefined ? undefined : { low: address, high: address }
  }
  const host = text.slice(0, slash)
  const address = parseAddress(host)
  const length = text.slice(slash + 1)
  if (address === undefined || !/^\d{1,3}$/.test(length)) return undefined
  const free = (host.includes(':') ? BITS : 32) - Number(length)
  if (free < 0) return undefined
  const low = (address >> BigInt(free)) << BigInt(free)
  return { low, high: low + (1n << BigInt(free)) - 1n }
}

/** As `parseNetwork` reads it; a range that is no network is written from end to end. */
export function formatRange({ low, high }: AddressRange): string {
  if (low === high) return formatAddress(low)
  const size = high - low + 1n
  const free = size.toString(2).length - 1
  if (1n << BigInt(free) !== size || low % size !== 0n) return `${formatAddress(low)}..${formatAddress(high)}`
  return isMapped(low) && free <= 32
    ? `${formatAddress(low)}/${32 - free}`
    : `${formatAddress(low)}/${BITS - free}`
}

const isMapped = (address: bigint) => address >> 32n === 0xffffn

export function formatAddress(address: bigint): string {
  if (isMapped(address)) {
    return [24n, 16n, 8n, 0n].map((shift) => String((address >> shift) & 0xffn)).join('.')
  }
  const groups = Array.from({ length: 8 }, (_, i) => (address >> BigInt(112 - i * 16)) & 0xffffn)
  return compress(groups.map((group) => group.toString(16)))
}

/** The longest run of two zeros or more, the first of equals, becomes `::` (RFC 5952 section 4.2). */
function compress(groups: readonly string[]): string {
  let start = 0
  let length = 1
  for (let i = 0; i < groups.length; i++) {
    let end = i
    while (groups[end] === '0') end++
    if (end - i > length) [start, length] = [i, end - i]
  }
  if (length === 1) return groups.join(':')
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`
}
