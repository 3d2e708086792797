/** From a captured frame to the IP packet in it. */
import { LinkType } from '../../../shared/pcapng/format.ts'

const ETHERTYPE = { ipv4: 0x0800, ipv6: 0x86dd, pppoe: 0x8864 } as const
/** 802.1Q, 802.1ad and the number used for QinQ before it. */
const VLAN_TAGS: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100])
const PPP = { ipv4: 0x0021, ipv6: 0x0057 } as const
const MAX_TAGS = 8

const get16 = (data: Uint8Array, at: number): number => ((data[at] ?? 0) << 8) | (data[at + 1] ?? 0)

type Finder = (bytes: Uint8Array, start: number) => number

/** Link type → where the IP packet of the frame at `start` begins; -1 when it holds none. */
const finders: Readonly<Record<number, Finder | undefined>> = {
  [LinkType.ethernet]: (bytes, start) => afterEtherType(bytes, start + 12),
  // Four bytes of address family, in either byte order: the version of the IP header says as much.
  [LinkType.null]: (_, start) => start + 4,
  [LinkType.loop]: (_, start) => start + 4,
  [LinkType.raw]: (_, start) => start,
  [LinkType.raw12]: (_, start) => start,
  [LinkType.raw14]: (_, start) => start,
  [LinkType.ipv4]: (_, start) => start,
  [LinkType.ipv6]: (_, start) => start,
  [LinkType.linuxCooked]: (bytes, start) => afterEtherType(bytes, start + 14),
  [LinkType.linuxCooked2]: (bytes, start) => afterType(bytes, get16(bytes, start), start + 20),
}

export const isKnownLink = (linkType: number): boolean =>
  finders[linkType] !== undefined || linkType === LinkType.upperPdu

/** Where the IP packet in the frame `bytes[start, end)` begins; -1 when there is none. */
export function ipStart(linkType: number, bytes: Uint8Array, start: number, end: number): number {
  const at = finders[linkType]?.(bytes, start) ?? -1
  return at < end ? at : -1
}

const afterEtherType = (data: Uint8Array, at: number): number => afterType(data, get16(data, at), at + 2)

function afterType(data: Uint8Array, type: number, start: number): number {
  let at = start
  for (let tags = 0; VLAN_TAGS.has(type) && tags < MAX_TAGS; tags++) {
    type = get16(data, at + 2)
    at += 4
  }
  if (type === ETHERTYPE.ipv4 || type === ETHERTYPE.ipv6) return at
  if (type === ETHERTYPE.pppoe) {
    const protocol = get16(data, at + 6)
    if (protocol === PPP.ipv4 || protocol === PPP.ipv6) return at + 8
  }
  return -1
}

/** Wireshark's "Export PDUs": a payload, and tags that say whose it is. */
export interface ExportedPdu {
  readonly protocol: string
  readonly source: Uint8Array | undefined
  readonly target: Uint8Array | undefined
  readonly sourcePort: number
  readonly targetPort: number
  readonly payload: Uint8Array
}

const TAG = {
  end: 0,
  dissector: 12,
  sources: [20, 22],
  targets: [21, 23],
  sourcePort: 25,
  targetPort: 26,
} as const

/** Undefined when the tags do not end inside the frame. */
export function exportedPdu(data: Uint8Array): ExportedPdu | undefined {
  let protocol = ''
  let source: Uint8Array | undefined
  let target: Uint8Array | undefined
  let sourcePort = 0
  let targetPort = 0
  for (let at = 0; at + 4 <= data.length;) {
    const tag = get16(data, at)
    const length = get16(data, at + 2)
    const value = data.subarray(at + 4, at + 4 + length)
    at += 4 + length
    if (tag === TAG.end) {
      return { protocol, source, target, sourcePort, targetPort, payload: data.subarray(at) }
    }
    const isAddress = value.length === 4 || value.length === 16
    if (tag === TAG.dissector) protocol = Buffer.from(value).toString('latin1').replace(/\0.*$/s, '')
    else if (TAG.sources.some((known) => known === tag) && isAddress) source = value
    else if (TAG.targets.some((known) => known === tag) && isAddress) target = value
    // Ports are numbers of 32 bits.
    else if (tag === TAG.sourcePort) sourcePort = get16(value, 2)
    else if (tag === TAG.targetPort) targetPort = get16(value, 2)
  }
  return undefined
}
