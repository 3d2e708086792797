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
  ipHeaderLength(addressLength) + tcpHeaderLength(flags)

const ipHeaderLength = (addressLength: number): number => (addressLength === 4 ? IPV4_HEADER : IPV6_HEADER)
const tcpHeaderLength = (flags: number): number =>
  TCP_HEADER + ((flags & TcpFlag.syn) === 0 ? 0 : SYN_OPTIONS)

/**
 * Writes the headers at `at`; the payload, `payload` bytes long, lies behind them already, as the checksum is
 * taken over it.
 */
export function writeHeaders(bytes: Uint8Array, at: number, header: TcpHeader, payload: number): void {
  const { source, target, sequence, acknowledgment, flags } = header
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const start = at + headerLength(source.address.length, flags)
  const sum = sumWords(view, start, start + payload)
  new TcpPair(source, target, { in: sequence, out: acknowledgment }).write(
    view,
    at,
    'in',
    flags,
    payload,
    sum,
  )
}

/** Version 4 and five words of header; Don't Fragment, with which the identification may stay 0 (RFC 6864). */
const VERSION = 0x4500
const DONT_FRAGMENT = 0x4000
const LIFE = (64 << 8) | TCP_PROTOCOL
/** What an option of maximum segment size, and one of window scale, are made of; padded. */
const SYN_WORDS = [0x0204_0000 | MAX_SEGMENT, 0x0303_0000 | (WINDOW_SCALE << 8)] as const

/** Sequence numbers of the next bytes from the client (`in`) and from the server (`out`). */
export interface Sequences {
  readonly in: number
  readonly out: number
}

/**
 * The words of one direction: sums of what never changes – of an IPv4 header, of the TCP header with its pseudo
 * header –, then the headers as they stand in a packet, with the sequence number of the next byte.
 */
const IP_SUM = 0
const TCP_SUM = 1
const HEADERS = 2
/** Within a TCP header. */
const SEQUENCE = 1

/**
 * Both ends of a connection as they send. What all their headers have in common is made once, and stands in one run
 * of words: packets of a thousand connections come in any order, and each finds what it needs far from the caches.
 */
export class TcpPair {
  /** Bytes of the IP header. */
  readonly #ipLength: number
  /** Those of the client, then those of the server. */
  readonly #words: Int32Array

  constructor(client: Endpoint, server: Endpoint, next: Sequences) {
    this.#ipLength = ipHeaderLength(client.address.length)
    this.#words = Int32Array.from([...wordsOf(client, server, next.in), ...wordsOf(server, client, next.out)])
  }

  /** Bytes of all headers of a segment. */
  headerLength(flags: number): number {
    return this.#ipLength + tcpHeaderLength(flags)
  }

  /** Sequence numbers begin one before the next byte, as a SYN takes one itself. */
  stepBack(): void {
    const words = this.#words
    for (const at of [this.#sequenceAt(0), this.#sequenceAt(words.length / 2)])
      words[at] = (words[at] as number) - 1
  }

  /**
   * Writes the headers of the next segment of this direction at `at`. `payload`: bytes that follow them, and `sum`
   * that of their words (`sumWords`).
   */
  write(
    view: DataView,
    at: number,
    direction: keyof Sequences,
    flags: number,
    payload: number,
    sum: number,
  ): void {
    const words = this.#words
    const ipLength = this.#ipLength
    const half = words.length / 2
    const own = direction === 'in' ? 0 : half
    const sequenceAt = this.#sequenceAt(own)
    const sequence = words[sequenceAt] as number
    const acknowledgment = (flags & TcpFlag.ack) === 0 ? 0 : (words[this.#sequenceAt(half - own)] as number)
    for (let i = HEADERS, to = at; i < half; i++, to += 4) view.setInt32(to, words[own + i] as number)
    const tcpAt = at + ipLength
    const tcpLength = tcpHeaderLength(flags) + payload
    if (ipLength === IPV4_HEADER) {
      view.setUint16(at + 2, IPV4_HEADER + tcpLength)
      view.setUint16(at + 10, fold((words[own + IP_SUM] as number) + IPV4_HEADER + tcpLength))
    } else view.setUint16(at + 4, tcpLength)
    const offsetAndFlags = (tcpHeaderLength(flags) << 10) | flags
    view.setInt32(tcpAt + 8, acknowledgment)
    view.setUint16(tcpAt + 12, offsetAndFlags)
    let total = (words[own + TCP_SUM] as number) + tcpLength + offsetAndFlags + sum
    total += halves(sequence) + halves(acknowledgment)
    if ((flags & TcpFlag.syn) !== 0) {
      for (const [i, word] of SYN_WORDS.entries()) {
        view.setUint32(tcpAt + TCP_HEADER + 4 * i, word)
        total += halves(word)
      }
    }
    view.setUint16(tcpAt + 16, fold(total))
    words[sequenceAt] = sequence + payload + ((flags & (TcpFlag.syn | TcpFlag.fin)) === 0 ? 0 : 1)
  }

  /** `own`: where the words of a direction begin. */
  #sequenceAt(own: number): number {
    return own + HEADERS + this.#ipLength / 4 + SEQUENCE
  }
}

/** Of what `source` sends, with the sequence number of its next byte. */
function wordsOf(source: Endpoint, target: Endpoint, sequence: number): number[] {
  const v4 = source.address.length === 4
  const tcpAt = ipHeaderLength(source.address.length)
  const headers = new Uint8Array(tcpAt + TCP_HEADER)
  const view = new DataView(headers.buffer)
  if (v4) {
    view.setUint16(0, VERSION)
    view.setUint32(4, DONT_FRAGMENT)
    view.setUint16(8, LIFE)
  } else {
    view.setUint32(0, 0x6000_0000)
    headers[6] = TCP_PROTOCOL
    headers[7] = 64
  }
  headers.set(source.address, v4 ? 12 : 8)
  headers.set(target.address, v4 ? 16 : 24)
  const ipSum = sumWords(view, 0, tcpAt)
  view.setUint16(tcpAt, source.port)
  view.setUint16(tcpAt + 2, target.port)
  view.setUint16(tcpAt + 14, WINDOW)
  const addresses = sumWords(view, v4 ? 12 : 8, tcpAt)
  const tcpSum = addresses + TCP_PROTOCOL + sumWords(view, tcpAt, headers.length)
  view.setUint32(tcpAt + 4, sequence)
  const words = Array.from({ length: headers.length / 4 }, (_, i) => view.getInt32(4 * i))
  return [ipSum, tcpSum, ...words]
}

/** The two words of 16 bits that make up one of 32. */
const halves = (word: number): number => (word >>> 16) + (word & 0xffff)

/** Sum of big-endian 16-bit words of a segment at most; an odd byte at the end counts as the upper one of a word. */
export function sumWords(view: DataView, start: number, end: number): number {
  let sum = 0
  let at = start
  // Fits into 32 bits with their sign: a segment has no more than 2^14 such words.
  for (; at + 4 <= end; at += 4) {
    const word = view.getInt32(at)
    sum = (sum + (word >>> 16) + (word & 0xffff)) | 0
  }
  return (sum >>> 0) + sumRest(view, at, end)
}

/** Copies `from[start, end)` to `at`, and answers the sum of its words as `sumWords` does. */
export function copyAndSum(from: DataView, start: number, end: number, to: DataView, at: number): number {
  let sum = 0
  let i = start
  let place = at
  for (; i + 4 <= end; i += 4, place += 4) {
    const word = from.getInt32(i)
    to.setInt32(place, word)
    sum = (sum + (word >>> 16) + (word & 0xffff)) | 0
  }
  const rest = (sum >>> 0) + sumRest(from, i, end)
  for (; i < end; i++, place++) to.setUint8(place, from.getUint8(i))
  return rest
}

/** Of up to three bytes. */
function sumRest(view: DataView, start: number, end: number): number {
  let at = start
  let sum = 0
  if (at + 2 <= end) {
    sum += view.getUint16(at)
    at += 2
  }
  return at < end ? sum + view.getUint8(at) * 256 : sum
}

/** The Internet checksum (RFC 1071) of a sum of words below 2^32. */
function fold(sum: number): number {
  let folded = sum
  while (folded > 0xffff) folded = (folded & 0xffff) + (folded >>> 16)
  return ~folded & 0xffff
}

/** What `readSegment` found, in offsets into the bytes. Reused from frame to frame. */
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

/** Reads a frame such as `writeHeaders` makes in `bytes[start, end)`: false when it is another, or is cut short. */
export function readSegment(bytes: Uint8Array, start: number, end: number, into: SegmentView): boolean {
  const v4 = bytes[start] === 0x45
  const tcpAt = start + (v4 ? IPV4_HEADER : IPV6_HEADER)
  if (end < tcpAt + TCP_HEADER) return false
  if (!v4 && (bytes[start] as number) >> 4 !== 6) return false
  if (bytes[start + (v4 ? 9 : 6)] !== TCP_PROTOCOL) return false
  const last = start + (v4 ? get16(bytes, start + 2) : IPV6_HEADER + get16(bytes, start + 4))
  const payload = tcpAt + ((bytes[tcpAt + 12] as number) >> 4) * 4
  if (payload < tcpAt + TCP_HEADER || payload > last || last > end) return false
  into.addressLength = v4 ? 4 : 16
  into.sourceAt = start + (v4 ? 12 : 8)
  into.targetAt = start + (v4 ? 16 : 24)
  into.sourcePort = get16(bytes, tcpAt)
  into.targetPort = get16(bytes, tcpAt + 2)
  into.flags = bytes[tcpAt + 13] as number
  into.payloadStart = payload
  into.payloadEnd = last
  return true
}

const get16 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
