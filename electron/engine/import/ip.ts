/** IPv4 and IPv6: from a packet to the TCP segment in it, over options, extension headers and fragments. */
import type { Time } from '../../../shared/pcapng/format.ts'
import { secondsBetween } from './events.ts'

const TCP = 6
/** IPv6 extension headers that are passed over (RFC 8200): hop-by-hop, routing, destination options, AH, mobility. */
const EXTENSIONS: ReadonlySet<number> = new Set([0, 43, 60, 51, 135])
const AUTHENTICATION = 51
const FRAGMENT = 44
const MAX_EXTENSIONS = 16

/** A TCP segment with its addresses. `missing`: bytes at its end that the capture did not keep. */
export interface IpPayload {
  /** 4 or 16 bytes each. */
  readonly source: Uint8Array
  readonly target: Uint8Array
  readonly bytes: Uint8Array
  readonly missing: number
}

/** Answers the TCP segment that this packet holds or completes. `cut`: bytes of the frame that were not kept. */
export function tcpOf(ip: Uint8Array, cut: number, time: Time, fragments: Fragments): IpPayload | undefined {
  const version = (ip[0] as number) >> 4
  return version === 4
    ? ofIpv4(ip, cut, time, fragments)
    : version === 6
      ? ofIpv6(ip, cut, time, fragments)
      : undefined
}

const get16 = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)

function ofIpv4(ip: Uint8Array, cut: number, time: Time, fragments: Fragments): IpPayload | undefined {
  const header = ((ip[0] as number) & 0x0f) * 4
  if (header < 20 || ip.length < header || ip[9] !== TCP) return undefined
  // Offloading leaves 0 in Total Length of packets that were never on a wire.
  const total = get16(ip, 2) || ip.length + cut
  if (total < header) return undefined
  const source = ip.subarray(12, 16)
  const target = ip.subarray(16, 20)
  const bytes = ip.subarray(header, total)
  const missing = total - header - bytes.length
  const fragment = get16(ip, 6)
  const offset = (fragment & 0x1fff) * 8
  const more = (fragment & 0x2000) !== 0
  if (offset === 0 && !more) return { source, target, bytes, missing }
  if (missing > 0) return undefined
  const key = `${source.join('.')}>${target.join('.')}#${get16(ip, 4)}`
  return fragments.add(key, offset, more, bytes, source, target, time)
}

function ofIpv6(ip: Uint8Array, cut: number, time: Time, fragments: Fragments): IpPayload | undefined {
  if (ip.length < 40) return undefined
  const total = 40 + (get16(ip, 4) || ip.length + cut - 40)
  const source = ip.subarray(8, 24)
  const target = ip.subarray(24, 40)
  let next = ip[6] as number
  let at = 40
  for (let i = 0; i < MAX_EXTENSIONS && EXTENSIONS.has(next); i++) {
    const length = next === AUTHENTICATION ? ((ip[at + 1] ?? 0) + 2) * 4 : ((ip[at + 1] ?? 0) + 1) * 8
    next = ip[at] ?? 0
    at += length
  }
  if (next !== FRAGMENT) {
    if (next !== TCP || at > total || at > ip.length) return undefined
    const bytes = ip.subarray(at, total)
    return { source, target, bytes, missing: total - at - bytes.length }
  }
  const bytes = ip.subarray(at + 8, total)
  if (ip[at] !== TCP || total - at - 8 !== bytes.length) return undefined
  const word = get16(ip, at + 2)
  const id = get16(ip, at + 4) * 65_536 + get16(ip, at + 6)
  const key = `${Buffer.from(ip.subarray(8, 40)).toString('latin1')}#${id}`
  return fragments.add(key, word & 0xfff8, (word & 1) !== 0, bytes, source, target, time)
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

  add(
    key: string,
    offset: number,
    more: boolean,
    bytes: Uint8Array,
    source: Uint8Array,
    target: Uint8Array,
    time: Time,
  ): IpPayload | undefined {
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
      return undefined
    }
    // A fragment that comes again changes nothing.
    if (!datagram.parts.some((part) => part.offset === offset)) {
      datagram.parts.push({ offset, bytes: bytes.slice() })
    }
    if (!more) datagram.total = offset + bytes.length
    const whole = assemble(datagram)
    if (whole === undefined) return undefined
    this.#pending.delete(key)
    return { source: source.slice(), target: target.slice(), bytes: whole, missing: 0 }
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
