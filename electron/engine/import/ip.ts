/** IPv4 and IPv6: from a packet to the TCP segment in it, over options, extension headers and fragments. */
import type { Time } from '../../../shared/pcapng/format.ts'
import { secondsBetween } from './events.ts'

const TCP = 6
/** IPv6 extension headers that are passed over (RFC 8200): hop-by-hop, routing, destination options, AH, mobility. */
const EXTENSIONS: ReadonlySet<number> = new Set([0, 43, 60, 51, 135])
const AUTHENTICATION = 51
const FRAGMENT = 44
const MAX_EXTENSIONS = 16

/** A TCP segment with its addresses, where they lie in a frame: views of each would cost more than the rest. */
export interface IpPayload {
  frame: Uint8Array
  sourceAt: number
  targetAt: number
  addressLength: 4 | 16
  /** The segment. */
  start: number
  end: number
  /** Bytes at its end that the capture did not keep. */
  missing: number
  /** Offset in the capture file at which `frame` would begin; NaN when the segment is not there in one piece. */
  origin: number
}

/** To be filled by `tcpOf`, packet after packet. */
export const emptyPayload = (): IpPayload => ({
  frame: new Uint8Array(0),
  sourceAt: 0,
  targetAt: 0,
  addressLength: 4,
  start: 0,
  end: 0,
  missing: 0,
  origin: NaN,
})

/**
 * Fills `into` with the TCP segment that the IP packet in `frame[at, last)` holds or completes; padding may follow
 * it. `cut`: bytes of the frame that were not kept. False when there is none.
 */
export function tcpOf(
  frame: Uint8Array,
  at: number,
  last: number,
  cut: number,
  time: Time,
  fragments: Fragments,
  into: IpPayload,
): boolean {
  const version = (frame[at] ?? 0) >> 4
  if (version === 4) return ofIpv4(frame, at, last, cut, time, fragments, into)
  return version === 6 && ofIpv6(frame, at, last, cut, time, fragments, into)
}

const get16 = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)

function ofIpv4(
  frame: Uint8Array,
  at: number,
  last: number,
  cut: number,
  time: Time,
  fragments: Fragments,
  into: IpPayload,
): boolean {
  const header = ((frame[at] as number) & 0x0f) * 4
  const start = at + header
  if (header < 20 || last < start || frame[at + 9] !== TCP) return false
  // Offloading leaves 0 in Total Length of packets that were never on a wire.
  const total = get16(frame, at + 2) || last - at + cut
  if (total < header) return false
  const end = Math.min(at + total, last)
  const missing = at + total - end
  const fragment = get16(frame, at + 6)
  const offset = (fragment & 0x1fff) * 8
  const more = (fragment & 0x2000) !== 0
  const sourceAt = at + 12
  if (offset === 0 && !more) {
    return fill(into, frame, sourceAt, 4, start, end, missing)
  }
  if (missing > 0) return false
  const addresses = frame.subarray(sourceAt, sourceAt + 8)
  const key = `${addresses.join('.')}#${get16(frame, at + 4)}`
  return fragments.add(key, offset, more, frame.subarray(start, end), addresses, time, into)
}

function ofIpv6(
  frame: Uint8Array,
  packet: number,
  last: number,
  cut: number,
  time: Time,
  fragments: Fragments,
  into: IpPayload,
): boolean {
  if (last < packet + 40) return false
  const sourceAt = packet + 8
  const total = packet + 40 + (get16(frame, packet + 4) || last - packet + cut - 40)
  const end = Math.min(total, last)
  let next = frame[packet + 6] as number
  let at = packet + 40
  for (let i = 0; i < MAX_EXTENSIONS && EXTENSIONS.has(next); i++) {
    const length = next === AUTHENTICATION ? ((frame[at + 1] ?? 0) + 2) * 4 : ((frame[at + 1] ?? 0) + 1) * 8
    next = frame[at] ?? 0
    at += length
  }
  if (next !== FRAGMENT) {
    if (next !== TCP || at > end) return false
    return fill(into, frame, sourceAt, 16, at, end, total - end)
  }
  if (frame[at] !== TCP || total !== end || at + 8 > end) return false
  const word = get16(frame, at + 2)
  const id = get16(frame, at + 4) * 65_536 + get16(frame, at + 6)
  const addresses = frame.subarray(sourceAt, sourceAt + 32)
  const key = `${Buffer.from(addresses).toString('latin1')}#${id}`
  const bytes = frame.subarray(at + 8, end)
  return fragments.add(key, word & 0xfff8, (word & 1) !== 0, bytes, addresses, time, into)
}

/** The address of the target follows that of the source. */
function fill(
  into: IpPayload,
  frame: Uint8Array,
  sourceAt: number,
  addressLength: 4 | 16,
  start: number,
  end: number,
  missing: number,
): true {
  into.frame = frame
  into.sourceAt = sourceAt
  into.targetAt = sourceAt + addressLength
  into.addressLength = addressLength
  into.start = start
  into.end = end
  into.missing = missing
  return true
}

interface Datagram {
  readonly since: Time
  readonly parts: { readonly offset: number; readonly bytes: Uint8Array }[]
  /** Length, once the last fragment was seen. */
  total: number | undefined
}

const MAX_DATAGRAMS = 256
const MAX_PARTS = 1024
const MAX_DATAGRAM_BYTES = 65_535
/** Seconds; RFC 791 and RFC 8200 wait 15 to 60. */
const MAX_AGE = 30

/** Datagrams of which fragments are still to come. */
export class Fragments {
  readonly #pending = new Map<string, Datagram>()
  #lost = 0

  /** Datagrams given up, because a fragment never came or made no sense. */
  get lost(): number {
    return this.#lost
  }

  /** `addresses`: source and target, one behind the other. True when `into` has the segment of a datagram now. */
  add(
    key: string,
    offset: number,
    more: boolean,
    bytes: Uint8Array,
    addresses: Uint8Array,
    time: Time,
    into: IpPayload,
  ): boolean {
    let datagram = this.#pending.get(key)
    if (datagram !== undefined && secondsBetween(datagram.since, time) > MAX_AGE) {
      this.#drop(key)
      datagram = undefined
    }
    if (datagram === undefined) {
      const [oldest] = this.#pending.keys()
      if (this.#pending.size >= MAX_DATAGRAMS && oldest !== undefined) this.#drop(oldest)
      datagram = { since: { sec: time.sec, nsec: time.nsec }, parts: [], total: undefined }
      this.#pending.set(key, datagram)
    }
    if (offset + bytes.length > MAX_DATAGRAM_BYTES || datagram.parts.length >= MAX_PARTS) {
      this.#drop(key)
      return false
    }
    // A fragment that comes again changes nothing.
    if (!datagram.parts.some((part) => part.offset === offset)) {
      datagram.parts.push({ offset, bytes: bytes.slice() })
    }
    if (!more) datagram.total = offset + bytes.length
    const whole = assemble(datagram)
    if (whole === undefined) return false
    this.#pending.delete(key)
    const start = addresses.length
    const frame = new Uint8Array(start + whole.length)
    frame.set(addresses)
    frame.set(whole, start)
    return fill(into, frame, 0, start === 8 ? 4 : 16, start, frame.length, 0)
  }

  #drop(key: string): void {
    this.#pending.delete(key)
    this.#lost += 1
  }
}

function assemble({ parts, total }: Datagram): Uint8Array | undefined {
  if (total === undefined) return undefined
  parts.sort((a, b) => a.offset - b.offset)
  let end = 0
  for (const { offset, bytes } of parts) {
    if (offset > end) return undefined
    end = Math.max(end, offset + bytes.length)
  }
  if (end < total) return undefined
  const whole = new Uint8Array(total)
  // The first copy of a byte wins: later parts are written first.
  for (const { offset, bytes } of parts.toReversed()) whole.set(bytes.subarray(0, total - offset), offset)
  return whole
}
