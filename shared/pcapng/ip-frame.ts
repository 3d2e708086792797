/** Raw IP frames that carry a TCP segment: RFC 791, RFC 8200, RFC 9293. */

export const TcpFlag = { fin: 0x01, syn: 0x02, rst: 0x04, psh: 0x08, ack: 0x10 } as const

/** Bytes of an IPv4 and of an IPv6 header without options. */
const IPV4_HEADER = 20
const IPV6_HEADER = 40
const TCP_HEADER = 20
const TCP_PROTOCOL = 6
/** Maximum segment size and window scale, padded. */
const SYN_OPTIONS = 8

/** Most payload of a segment: an IPv4 packet has 65,535 bytes, headers included. */
export const MAX_SEGMENT = 65_495
/** Windows are said in units of 2^14 bytes, so that one window reaches over all that a segment file can hold. */
const WINDOW_SCALE = 14
const WINDOW = 65_535

export interface Endpoint {
  /** 4 or 16 bytes; both ends have the same number of them. */
  readonly address: Uint8Array
  readonly port: number
}

export interface TcpHeader {
  readonly source: Endpoint
  readonly target: Endpoint
  readonly sequence: number
  readonly acknowledgment: number
  readonly flags: number
}

/** Bytes of all headers of a segment. */
export const headerLength = (addressLength: number, flags: number): number =>
  (addressLength === 4 ? IPV4_HEADER : IPV6_HEADER) + tcpHeaderLength(flags)

const tcpHeaderLength = (flags: number): number =>
  TCP_HEADER + ((flags & TcpFlag.syn) === 0 ? 0 : SYN_OPTIONS)

/**
 * Writes the headers at `at`; the payload, `payload` bytes long, lies behind them already, as the checksum is
 * taken over it.
 */
export function writeHeaders(bytes: Uint8Array, at: number, header: TcpHeader, payload: number): void {
  const { source, target, flags } = header
  const v4 = source.address.length === 4
  const tcpAt = at + (v4 ? IPV4_HEADER : IPV6_HEADER)
  const tcpLength = tcpHeaderLength(flags) + payload
  // Both checksums have the addresses in them.
  const addresses =
    sum16(source.address, 0, source.address.length) + sum16(target.address, 0, target.address.length)
  if (v4) writeIpv4(bytes, at, header, tcpLength, addresses)
  else writeIpv6(bytes, at, header, tcpLength)
  put16(bytes, tcpAt, source.port)
  put16(bytes, tcpAt + 2, target.port)
  put32(bytes, tcpAt + 4, header.sequence)
  put32(bytes, tcpAt + 8, header.acknowledgment)
  bytes[tcpAt + 12] = (tcpHeaderLength(flags) / 4) << 4
  bytes[tcpAt + 13] = flags
  put16(bytes, tcpAt + 14, WINDOW)
  put16(bytes, tcpAt + 16, 0)
  put16(bytes, tcpAt + 18, 0)
  if ((flags & TcpFlag.syn) !== 0) writeSynOptions(bytes, tcpAt + TCP_HEADER)
  // The pseudo header: addresses, protocol and length.
  const sum = addresses + TCP_PROTOCOL + tcpLength + sum16(bytes, tcpAt, tcpAt + tcpLength)
  put16(bytes, tcpAt + 16, fold(sum))
}

/** Version 4 and five words of header; Don't Fragment, with which the identification may stay 0 (RFC 6864). */
const VERSION = 0x4500
const DONT_FRAGMENT = 0x4000
const LIFE = (64 << 8) | TCP_PROTOCOL

/** `addresses`: the sum of their words. */
function writeIpv4(
  bytes: Uint8Array,
  at: number,
  { source, target }: TcpHeader,
  tcpLength: number,
  addresses: number,
): void {
  const length = IPV4_HEADER + tcpLength
  put16(bytes, at, VERSION)
  put16(bytes, at + 2, length)
  put32(bytes, at + 4, DONT_FRAGMENT)
  put16(bytes, at + 8, LIFE)
  put16(bytes, at + 10, fold(VERSION + length + DONT_FRAGMENT + LIFE + addresses))
  // Byte by byte: for four of them a call of `set` costs more.
  for (let i = 0; i < 4; i++) {
    bytes[at + 12 + i] = source.address[i] as number
    bytes[at + 16 + i] = target.address[i] as number
  }
}

function writeIpv6(bytes: Uint8Array, at: number, { source, target }: TcpHeader, tcpLength: number): void {
  put32(bytes, at, 0x6000_0000)
  put16(bytes, at + 4, tcpLength)
  bytes[at + 6] = TCP_PROTOCOL
  bytes[at + 7] = 64
  bytes.set(source.address, at + 8)
  bytes.set(target.address, at + 24)
}

function writeSynOptions(bytes: Uint8Array, at: number): void {
  bytes.set([2, 4, MAX_SEGMENT >>> 8, MAX_SEGMENT & 0xff, 3, 3, WINDOW_SCALE, 0], at)
}

/** Sum of big-endian 16-bit words; an odd byte at the end counts as the upper one of a word. */
function sum16(bytes: Uint8Array, start: number, end: number): number {
  let upper = 0
  let lower = 0
  let i = start
  for (; i + 7 < end; i += 8) {
    upper +=
      (bytes[i] as number) + (bytes[i + 2] as number) + (bytes[i + 4] as number) + (bytes[i + 6] as number)
    lower +=
      (bytes[i + 1] as number) +
      (bytes[i + 3] as number) +
      (bytes[i + 5] as number) +
      (bytes[i + 7] as number)
  }
  for (; i + 1 < end; i += 2) {
    upper += bytes[i] as number
    lower += bytes[i + 1] as number
  }
  if (i < end) upper += bytes[i] as number
  return upper * 256 + lower
}

/** The Internet checksum (RFC 1071) of a sum of words. */
function fold(sum: number): number {
  let folded = sum
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 65_536)
  return ~folded & 0xffff
}

function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8
  bytes[at + 1] = value & 0xff
}

function put32(bytes: Uint8Array, at: number, value: number): void {
  put16(bytes, at, value >>> 16)
  put16(bytes, at + 2, value & 0xffff)
}

/** What `readSegment` found, in offsets into the frame. Reused from frame to frame. */
export interface SegmentView {
  /** 4 or 16. */
  addressLength: 4 | 16
  sourceAt: number
  targetAt: number
  sourcePort: number
  targetPort: number
  flags: number
  payloadStart: number
  payloadEnd: number
}

export const emptySegment = (): SegmentView => ({
  addressLength: 4,
  sourceAt: 0,
  targetAt: 0,
  sourcePort: 0,
  targetPort: 0,
  flags: 0,
  payloadStart: 0,
  payloadEnd: 0,
})

/** Reads frames such as `writeHeaders` makes, no others: false when this is none, or is cut short. */
export function readSegment(frame: Uint8Array, into: SegmentView): boolean {
  const v4 = frame[0] === 0x45
  const tcpAt = v4 ? IPV4_HEADER : IPV6_HEADER
  if (frame.length < tcpAt + TCP_HEADER) return false
  if (!v4 && (frame[0] as number) >> 4 !== 6) return false
  if (frame[v4 ? 9 : 6] !== TCP_PROTOCOL) return false
  const end = v4 ? get16(frame, 2) : IPV6_HEADER + get16(frame, 4)
  const start = tcpAt + ((frame[tcpAt + 12] as number) >> 4) * 4
  if (start < tcpAt + TCP_HEADER || start > end || end > frame.length) return false
  into.addressLength = v4 ? 4 : 16
  into.sourceAt = v4 ? 12 : 8
  into.targetAt = v4 ? 16 : 24
  into.sourcePort = get16(frame, tcpAt)
  into.targetPort = get16(frame, tcpAt + 2)
  into.flags = frame[tcpAt + 13] as number
  into.payloadStart = start
  into.payloadEnd = end
  return true
}

const get16 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
