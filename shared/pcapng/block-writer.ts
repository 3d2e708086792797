/** Writes pcapng blocks one behind the other into a buffer that grows until its bytes are taken. */
import { formatAddress, parseAddress } from './address.ts'
import { BlockType, BYTE_ORDER_MAGIC, NameRecord, OptionCode, PacketFlags, type Time } from './format.ts'
import { encodeText, padded } from './options.ts'
import { lowerTicks, NANOSECONDS, upperTicks } from './timestamps.ts'

export interface SectionFacts {
  readonly hardware?: string
  readonly os?: string
  readonly application?: string
  readonly comments?: readonly string[]
}

export interface InterfaceFacts {
  readonly linkType: number
  /** 0 or absent is no limit. */
  readonly snapLength?: number
  readonly name?: string
  readonly description?: string
  readonly filter?: string
  readonly os?: string
  readonly comments?: readonly string[]
}

export interface PacketFacts extends Time {
  /** Number of the interface in this section, from 0. */
  readonly interfaceId: number
  readonly direction?: 'in' | 'out' | undefined
  /** `epb_packetid`; 0 or absent is none. A whole number below 2^53. */
  readonly id?: number
  readonly comments?: readonly string[] | undefined
}

/** Longest value of an option: its length has 16 bits. */
export const MAX_OPTION_BYTES = 65_535

const WORD = 0x1_0000_0000

/** Bytes of an Enhanced Packet Block before its packet, and behind it at most when it has no comments. */
const PACKET_HEADER = 28
const PACKET_OPTIONS = 28
const NO_COMMENTS: readonly string[] = Object.freeze<string[]>([])

export class BlockWriter {
  readonly #little: boolean
  #bytes: Uint8Array
  #view: DataView
  #used = 0
  #blockStart = 0

  /** `little`: byte order of what is written. */
  constructor(little = true, capacity = 64 * 1024) {
    this.#little = little
    this.#bytes = new Uint8Array(capacity)
    this.#view = new DataView(this.#bytes.buffer)
  }

  /** Bytes written and not yet taken. */
  get used(): number {
    return this.#used
  }

  /** A copy of what was written since the last call. */
  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.#used)
    this.#used = 0
    return taken
  }

  /** The same without a copy: what was written is handed to `to`, as a view that lasts until it returns. */
  drain(to: (bytes: Uint8Array) => void): void {
    to(this.#bytes.subarray(0, this.#used))
    this.#used = 0
  }

  /** All that it writes to, as long as no block is begun; for whoever fills a packet in. */
  get bytes(): Uint8Array {
    return this.#bytes
  }
  get view(): DataView {
    return this.#view
  }

  section({ hardware, os, application, comments = [] }: SectionFacts): void {
    this.#begin(BlockType.section)
    this.#u32(BYTE_ORDER_MAGIC)
    this.#u16(1)
    this.#u16(0)
    // Section length "not specified": a file that is still being written cannot know it.
    this.#u32(0xffff_ffff)
    this.#u32(0xffff_ffff)
    const codes = OptionCode.section
    this.#textOptions([
      ...comments.map((text) => [OptionCode.comment, text] as const),
      [codes.hardware, hardware],
      [codes.os, os],
      [codes.application, application],
    ])
    this.#u32(OptionCode.end)
    this.#finish()
  }

  /** An interface whose times are nanoseconds. */
  interface(facts: InterfaceFacts): void {
    const codes = OptionCode.interface
    this.#begin(BlockType.interface)
    this.#u16(facts.linkType)
    this.#u16(0)
    this.#u32(facts.snapLength ?? 0)
    this.#textOptions([
      ...(facts.comments ?? []).map((text) => [OptionCode.comment, text] as const),
      [codes.name, facts.name],
      [codes.description, facts.description],
      // The filter's first octet says that a filter string in libpcap's language follows.
      [codes.filter, facts.filter === undefined ? undefined : `\0${facts.filter}`],
      [codes.os, facts.os],
    ])
    this.#option(codes.resolution, 1)
    this.#u8(NANOSECONDS)
    this.#pad()
    this.#u32(OptionCode.end)
    this.#finish()
  }

  /** An Enhanced Packet Block of bytes that lie at hand. */
  packet(facts: PacketFacts, data: Uint8Array, originalLength = data.length): void {
    const { sec, nsec, interfaceId, direction, id, comments } = facts
    const start = this.openPacket(sec, nsec, interfaceId, data.length, originalLength)
    this.#bytes.set(data, start)
    this.closePacket(direction, id, comments)
  }

  /**
   * Begins an Enhanced Packet Block and answers where in `bytes` its packet goes, `length` bytes of it; it must be
   * filled in before `closePacket` is called. Values one by one, here and there: there are masses of packets.
   */
  openPacket(
    sec: number,
    nsec: number,
    interfaceId: number,
    length: number,
    originalLength = length,
  ): number {
    const size = padded(length)
    // At once for all that a packet without comments needs.
    this.#reserve(PACKET_HEADER + size + PACKET_OPTIONS)
    const view = this.#view
    const little = this.#little
    const at = this.#used
    view.setUint32(at, BlockType.enhancedPacket, little)
    view.setUint32(at + 8, interfaceId, little)
    view.setUint32(at + 12, upperTicks(sec, nsec), little)
    view.setUint32(at + 16, lowerTicks(sec, nsec), little)
    view.setUint32(at + 20, length, little)
    view.setUint32(at + 24, originalLength, little)
    const start = at + PACKET_HEADER
    this.#blockStart = at
    this.#used = start + size
    // What lies there is left from an earlier use of the buffer.
    for (let i = start + length; i < this.#used; i++) this.#bytes[i] = 0
    return start
  }

  closePacket(
    direction: PacketFacts['direction'],
    id = 0,
    comments: PacketFacts['comments'] = NO_COMMENTS,
  ): void {
    const codes = OptionCode.packet
    const hasComments = comments.length > 0
    if (hasComments) {
      for (const text of comments) this.#textOption(OptionCode.comment, text)
      this.#reserve(PACKET_OPTIONS)
    }
    const view = this.#view
    const little = this.#little
    let at = this.#used
    if (direction !== undefined) {
      view.setUint16(at, codes.flags, little)
      view.setUint16(at + 2, 4, little)
      view.setUint32(at + 4, PacketFlags[direction], little)
      at += 8
    }
    if (id !== 0) {
      const high = Math.floor(id / WORD)
      view.setUint16(at, codes.id, little)
      view.setUint16(at + 2, 8, little)
      view.setUint32(at + 4, little ? id % WORD : high, little)
      view.setUint32(at + 8, little ? high : id % WORD, little)
      at += 12
    }
    if (hasComments || at > this.#used) {
      view.setUint32(at, OptionCode.end, little)
      at += 4
    }
    const size = at + 4 - this.#blockStart
    view.setUint32(at, size, little)
    view.setUint32(this.#blockStart + 4, size, little)
    this.#used = at + 4
  }

  /** Addresses that are none are left out. */
  names(
    records: readonly { readonly address: string; readonly names: readonly string[] }[],
    comments: readonly string[] = [],
  ): void {
    this.#begin(BlockType.names)
    for (const { address, names } of records) {
      const bytes = parseAddress(address)
      if (bytes === undefined) continue
      const texts = names.map((name) => encodeText(`${name.replaceAll('\0', '')}\0`))
      const length = texts.reduce((sum, text) => sum + text.length, bytes.length)
      if (length > MAX_OPTION_BYTES) throw new RangeError(`The names of ${formatText(bytes)} are too long.`)
      this.#option(bytes.length === 4 ? NameRecord.ipv4 : NameRecord.ipv6, length)
      for (const part of [bytes, ...texts]) this.#append(part)
      this.#pad()
    }
    this.#u32(NameRecord.end)
    if (comments.length > 0) {
      this.#textOptions(comments.map((text) => [OptionCode.comment, text]))
      this.#u32(OptionCode.end)
    }
    this.#finish()
  }

  statistics(
    interfaceId: number,
    time: Time,
    counts: { readonly received?: number; readonly dropped?: number },
  ): void {
    const codes = OptionCode.statistics
    this.#begin(BlockType.statistics)
    this.#u32(interfaceId)
    this.#u32(upperTicks(time.sec, time.nsec))
    this.#u32(lowerTicks(time.sec, time.nsec))
    for (const name of ['received', 'dropped'] as const) {
      const count = counts[name]
      if (count === undefined) continue
      this.#option(codes[name], 8)
      this.#u64(count)
    }
    this.#u32(OptionCode.end)
    this.#finish()
  }

  /** Decryption secrets, e.g. of type `TLS_KEY_LOG`. They must stand before the packets that need them. */
  secrets(type: number, data: Uint8Array): void {
    this.#begin(BlockType.secrets)
    this.#u32(type)
    this.#u32(data.length)
    this.#append(data)
    this.#pad()
    this.#finish()
  }

  custom(enterprise: number, data: Uint8Array): void {
    this.#begin(BlockType.custom)
    this.#u32(enterprise)
    this.#append(data)
    this.#pad()
    this.#finish()
  }

  #begin(type: number): void {
    this.#blockStart = this.#used
    this.#u32(type)
    this.#u32(0)
  }

  #finish(): void {
    const length = this.#used + 4 - this.#blockStart
    this.#u32(length)
    this.#view.setUint32(this.#blockStart + 4, length, this.#little)
  }

  #textOptions(options: readonly (readonly [code: number, text: string | undefined])[]): void {
    for (const [code, text] of options) if (text !== undefined) this.#textOption(code, text)
  }

  #textOption(code: number, text: string): void {
    const bytes = encodeText(text)
    if (bytes.length > MAX_OPTION_BYTES) {
      throw new RangeError(`An option holds ${MAX_OPTION_BYTES} bytes at most, not ${bytes.length}.`)
    }
    this.#option(code, bytes.length)
    this.#append(bytes)
    this.#pad()
  }

  #option(code: number, length: number): void {
    this.#u16(code)
    this.#u16(length)
  }

  #append(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#used)
    this.#used += bytes.length
  }

  #pad(): void {
    this.#reserve(4)
    while (((this.#used - this.#blockStart) & 3) !== 0) this.#bytes[this.#used++] = 0
  }

  #u8(value: number): void {
    this.#reserve(1)
    this.#bytes[this.#used++] = value
  }

  #u16(value: number): void {
    this.#reserve(2)
    this.#view.setUint16(this.#used, value, this.#little)
    this.#used += 2
  }

  #u32(value: number): void {
    this.#reserve(4)
    this.#view.setUint32(this.#used, value, this.#little)
    this.#used += 4
  }

  #u64(value: number): void {
    const high = Math.floor(value / WORD)
    const low = value % WORD
    this.#u32(this.#little ? low : high)
    this.#u32(this.#little ? high : low)
  }

  #reserve(length: number): void {
    if (this.#used + length <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#used + length))
    grown.set(this.#bytes.subarray(0, this.#used))
    this.#bytes = grown
    this.#view = new DataView(grown.buffer)
  }
}

const formatText = (bytes: Uint8Array): string => formatAddress(bytes, 0, bytes.length === 4 ? 4 : 16)
