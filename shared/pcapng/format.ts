/** Numbers and shapes of capture files: pcapng (draft-ietf-opsawg-pcapng) and classic pcap (…-opsawg-pcap). */

export const BlockType = {
  section: 0x0a0d0d0a,
  interface: 1,
  /** Obsolete, still written by old tools. */
  packet: 2,
  simplePacket: 3,
  names: 4,
  statistics: 5,
  enhancedPacket: 6,
  secrets: 10,
  custom: 0x0000_0bad,
  /** A custom block that must not be copied into a changed file. */
  customPrivate: 0x4000_0bad,
} as const

export const BYTE_ORDER_MAGIC = 0x1a2b3c4d

/** What a little or a big endian classic file begins with, read big endian, and the digits of its fractions. */
export const PCAP_MAGICS: Readonly<
  Record<number, { readonly little: boolean; readonly digits: 6 | 9 } | undefined>
> = {
  0xa1b2c3d4: { little: false, digits: 6 },
  0xd4c3b2a1: { little: true, digits: 6 },
  0xa1b23c4d: { little: false, digits: 9 },
  0x4d3cb2a1: { little: true, digits: 9 },
}

/** Option codes; those from 2 on mean something else in each block. */
export const OptionCode = {
  end: 0,
  comment: 1,
  section: { hardware: 2, os: 3, application: 4 },
  interface: { name: 2, description: 3, speed: 8, resolution: 9, filter: 11, os: 12, offset: 14 },
  packet: { flags: 2, id: 5 },
  /** Of the obsolete Packet Block. */
  oldPacket: { flags: 2 },
  statistics: { received: 4, dropped: 5 },
} as const

/** Record types of a Name Resolution Block. */
export const NameRecord = { end: 0, ipv4: 1, ipv6: 2 } as const

/** `secrets_type` of a TLS key log in NSS format ("TLSK"). */
export const TLS_KEY_LOG = 0x544c534b

/** Bits 0 and 1 of `epb_flags`. */
export const PacketFlags = { in: 1, out: 2, direction: 3 } as const

/** Link-layer types (the tcpdump registry) that carry IP in some way. */
export const LinkType = {
  null: 0,
  ethernet: 1,
  /** Raw IP, as some BSDs number it. */
  raw12: 12,
  raw14: 14,
  raw: 101,
  loop: 108,
  linuxCooked: 113,
  ipv4: 228,
  ipv6: 229,
  /** Wireshark's "Export PDUs". */
  upperPdu: 252,
  linuxCooked2: 276,
} as const

/** UTC: whole seconds since 1970 and nanoseconds within them. */
export interface Time {
  readonly sec: number
  readonly nsec: number
}

/** Where a block or record lies in the file. */
interface Place {
  /** Number of the block (pcapng) or of the packet (pcap), from 1. */
  readonly block: number
  /** Byte offset in the file, and length in bytes. */
  readonly offset: number
  readonly size: number
}

export interface SectionItem extends Place {
  readonly kind: 'section'
  readonly little: boolean
  readonly comments: readonly string[]
  readonly hardware?: string
  readonly os?: string
  readonly application?: string
}

export interface InterfaceItem extends Place {
  readonly kind: 'interface'
  /** Number within its section. */
  readonly id: number
  readonly linkType: number
  /** Most bytes kept of a packet; 0 is no limit. */
  readonly snapLength: number
  /** As in `if_tsresol`: a power of ten, or of two with the top bit set. */
  readonly resolution: number
  /** Seconds to add to every time. */
  readonly timeOffset: number
  readonly comments: readonly string[]
  readonly name?: string
  readonly description?: string
  readonly filter?: string
  readonly os?: string
}

/** Lasts until whoever is told of it returns. */
export interface PacketItem extends Place, Time {
  readonly kind: 'packet'
  readonly interface: InterfaceItem
  /** False for a Simple Packet Block, which has no time: `sec` and `nsec` are 0 then. */
  readonly timed: boolean
  /** What was kept of the packet: `bytes[start, end)`. Copy what is to last. */
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  /** Offset in the file at which `bytes` would begin. */
  readonly origin: number
  /** The same as a view of its own, made when it is asked for: of masses of packets few need one. */
  readonly data: Uint8Array
  /** Bytes that it had on the wire. */
  readonly originalLength: number
  /** As seen from the machine that captured; undefined when not told. */
  readonly direction: 'in' | 'out' | undefined
  /** `epb_packetid`; 0 when there is none. */
  readonly id: number
  readonly comments: readonly string[]
}

export interface NamesItem extends Place {
  readonly kind: 'names'
  readonly records: readonly { readonly address: string; readonly names: readonly string[] }[]
  readonly comments: readonly string[]
}

export interface StatisticsItem extends Place {
  readonly kind: 'statistics'
  readonly interfaceId: number
  /** Packets that the capture saw, and those it lost for want of room. */
  readonly received?: number
  readonly dropped?: number
}

export interface SecretsItem extends Place {
  readonly kind: 'secrets'
  readonly type: number
  /** A view, as in `PacketItem`. */
  readonly data: Uint8Array
}

export interface CustomItem extends Place {
  readonly kind: 'custom'
  /** Private Enterprise Number that says whose block it is. */
  readonly enterprise: number
  /** Data and options, which only its owner can tell apart. A view, as in `PacketItem`. */
  readonly data: Uint8Array
}

/** A block of a type not known here; it is skipped. */
export interface OtherItem extends Place {
  readonly kind: 'other'
  readonly type: number
}

/** Something is wrong with the file here. */
export interface ErrorItem extends Place {
  readonly kind: 'error'
  /** A sentence that names block and byte. */
  readonly message: string
  /** Nothing can be read from here on; else only this block is left out. */
  readonly fatal: boolean
}

export type CaptureItem =
  | SectionItem
  | InterfaceItem
  | PacketItem
  | NamesItem
  | StatisticsItem
  | SecretsItem
  | CustomItem
  | OtherItem
  | ErrorItem
