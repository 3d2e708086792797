/** IP addresses as certificates hold them: 4 or 16 bytes (RFC 5280, 4.2.1.6). */
import { isIP } from 'node:net'

/** An IPv4 or IPv6 address, without zone, in network order. Throws a RangeError for anything else. */
export function addressBytes(address: string): Buffer {
  const family = isIP(address)
  if (family === 4) return Buffer.from(address.split('.').map(Number))
  if (family !== 6 || address.includes('%')) throw new RangeError(`${address} is not an IP address`)
  // The last 32 bits may be written as IPv4.
  const hexOnly = address.replace(/[\d.]+\.\d+$/, (ipv4) => {
    const bytes = Buffer.from(ipv4.split('.').map(Number))
    return `${bytes.readUInt16BE(0).toString(16)}:${bytes.readUInt16BE(2).toString(16)}`
  })
  const [head = [], tail] = hexOnly.split('::').map((half) => half.split(':').filter(Boolean))
  const missing = tail === undefined ? 0 : 8 - head.length - tail.length
  const words = [...head, ...Array.from({ length: missing }, () => '0'), ...(tail ?? [])]
  return Buffer.from(words.map((word) => word.padStart(4, '0')).join(''), 'hex')
}

/** The text of 4 or 16 bytes, IPv6 in its one canonical form; anything else in hexadecimal. */
export function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.length !== 16) return bytes.toString('hex')
  const words = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16)).join(':')
  // The URL parser writes IPv6 in its one canonical form (RFC 5952).
  return new URL(`http://[${words}]`).hostname.slice(1, -1)
}
