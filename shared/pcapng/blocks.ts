/** One pcapng block as bytes in, one item out. Hostile bytes yield an error item, never an exception. */
import { formatAddress } from './address.ts'
import {
  BlockType,
  type CaptureItem,
  type InterfaceItem,
  NameRecord,
  type NamesItem,
  OptionCode,
  PacketFlags,
  type PacketItem,
  type SectionItem,
  type StatisticsItem,
} from './format.ts'
import { eachOption, padded, readText } from './options.ts'
import { MICROSECONDS, timeOfTicks } from './timestamps.ts'

/** What holds for the blocks of a section. */
export interface Section {
  little: boolean
  /** Of this section only: numbers begin anew in each. */
  interfaces: InterfaceItem[]
}

/** A whole block: `size` bytes at `at`, of which type and both lengths are checked already. */
export interface RawBlock {
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly at: number
  readonly size: number
  /** Number of the block in the file, from 1, and where it begins there. */
  readonly block: number
  readonly offset: number
}

/** Sections with more interfaces than this are taken for damage. */
const MAX_INTERFACES = 65_536
/** End of the year 9999: later times are damage, and no calendar shows them. */
const MAX_SEC = 253_402_300_799

const NO_COMMENTS: readonly string[] = Object.freeze<string[]>([])

/** Reads a block other than a Section Header. */
export function readBlock(raw: RawBlock, section: Section): CaptureItem {
  const type = raw.view.getUint32(raw.at, section.little)
  switch (type) {
    case BlockType.enhancedPacket:
      return enhancedPacket(raw, section)
    case BlockType.interface:
      return interfaceDescription(raw, section)
    case BlockType.simplePacket:
      return simplePacket(raw, section)
    case BlockType.packet:
      return oldPacket(raw, section)
    case BlockType.names:
      return names(raw, section.little)
    case BlockType.statistics:
      return statistics(raw, section.little)
    case BlockType.secrets:
      return secrets(raw, section.little)
    case BlockType.custom:
    case BlockType.customPrivate: {
      if (bodyLength(raw) < 4) return tooShort(raw, 'Custom Block')
      const { view, at, size } = raw
      const data = raw.bytes.subarray(at + 12, at + size - 4)
      return { kind: 'custom', ...placeOf(raw), enterprise: view.getUint32(at + 8, section.little), data }
    }
    default:
      return { kind: 'other', ...placeOf(raw), type }
  }
}

/** Reads a Section Header Block, of which the byte order is known already. */
export function readSection(raw: RawBlock, little: boolean): SectionItem {
  const codes = OptionCode.section
  const texts = readTexts(raw, raw.at + 24, little, codes)
  return { kind: 'section', ...placeOf(raw), little, ...texts }
}

export function errorItem(
  raw: Omit<RawBlock, 'bytes' | 'view' | 'at'>,
  fault: string,
  fatal: boolean,
): CaptureItem {
  const message = `Block ${raw.block} at byte ${raw.offset}: ${fault}.`
  return { kind: 'error', ...placeOf(raw), message, fatal }
}

const placeOf = ({ block, offset, size }: Pick<RawBlock, 'block' | 'offset' | 'size'>) => ({
  block,
  offset,
  size,
})

const bodyLength = ({ size }: RawBlock): number => size - 12
const endOf = ({ at, size }: RawBlock): number => at + size - 4
const tooShort = (raw: RawBlock, what: string): CaptureItem =>
  errorItem(raw, `${what} is too short for what it must hold`, false)

type TextCodes = Readonly<Record<string, number>>

/** Comments, and the strings of the options named in `codes`. Options that do not fit are left out. */
function readTexts<C extends TextCodes>(
  raw: RawBlock,
  start: number,
  little: boolean,
  codes: C,
): { comments: readonly string[] } & { [N in keyof C]?: string } {
  const comments: string[] = []
  const texts: Record<string, string> = {}
  eachOption(raw.view, start, endOf(raw), little, (code, at, length) => {
    if (code === OptionCode.comment) comments.push(readText(raw.bytes, at, length))
    for (const name in codes) {
      if (codes[name] === code) texts[name] = readText(raw.bytes, at, length)
    }
  })
  // `texts` holds only names of `codes`.
  return { comments, ...(texts as { [N in keyof C]?: string }) }
}

const { name, description, os } = OptionCode.interface
const interfaceTexts = { name, description, os }

function interfaceDescription(raw: RawBlock, section: Section): CaptureItem {
  const { view, at, bytes } = raw
  const { little, interfaces } = section
  if (bodyLength(raw) < 8) return tooShort(raw, 'Interface Description Block')
  if (interfaces.length >= MAX_INTERFACES) {
    return errorItem(raw, `the section has more than ${MAX_INTERFACES} interfaces`, false)
  }
  const codes = OptionCode.interface
  const more: { resolution: number; timeOffset: number; filter?: string } = {
    resolution: MICROSECONDS,
    timeOffset: 0,
  }
  eachOption(view, at + 16, endOf(raw), little, (code, start, length) => {
    if (code === codes.resolution && length >= 1) more.resolution = bytes[start] as number
    else if (code === codes.offset && length >= 8) {
      more.timeOffset = Number(view.getBigInt64(start, little))
    } else if (code === codes.filter && length >= 1) {
      // The first octet tells the language: 0 is libpcap's text, the only one that can be shown.
      if (bytes[start] === 0) more.filter = readText(bytes, start + 1, length - 1)
    }
  })
  const item: InterfaceItem = {
    kind: 'interface',
    ...placeOf(raw),
    id: interfaces.length,
    linkType: view.getUint16(at + 8, little),
    snapLength: view.getUint32(at + 12, little),
    ...more,
    ...readTexts(raw, at + 16, little, interfaceTexts),
  }
  interfaces.push(item)
  return item
}

function enhancedPacket(raw: RawBlock, section: Section): CaptureItem {
  const { view, at } = raw
  const { little } = section
  if (bodyLength(raw) < 20) return tooShort(raw, 'Enhanced Packet Block')
  return packet(raw, section, {
    interfaceId: view.getUint32(at + 8, little),
    high: view.getUint32(at + 12, little),
    low: view.getUint32(at + 16, little),
    captured: view.getUint32(at + 20, little),
    original: view.getUint32(at + 24, little),
    start: at + 28,
    withId: true,
  })
}

function oldPacket(raw: RawBlock, section: Section): CaptureItem {
  const { view, at } = raw
  const { little } = section
  if (bodyLength(raw) < 20) return tooShort(raw, 'Packet Block')
  return packet(raw, section, {
    interfaceId: view.getUint16(at + 8, little),
    high: view.getUint32(at + 12, little),
    low: view.getUint32(at + 16, little),
    captured: view.getUint32(at + 20, little),
    original: view.getUint32(at + 24, little),
    start: at + 28,
    withId: false,
  })
}

interface PacketHead {
  readonly interfaceId: number
  readonly high: number
  readonly low: number
  readonly captured: number
  readonly original: number
  /** Where its bytes begin. */
  readonly start: number
  /** Whether option 5 is a packet ID. */
  readonly withId: boolean
}

function packet(raw: RawBlock, { little, interfaces }: Section, head: PacketHead): CaptureItem {
  const { bytes, view } = raw
  const { interfaceId, captured, start } = head
  const source = interfaces[interfaceId]
  if (source === undefined)
    return errorItem(raw, `a packet of interface ${interfaceId}, which is not described`, false)
  const end = endOf(raw)
  if (start + captured > end)
    return errorItem(raw, `a packet of ${captured} bytes does not fit into it`, false)
  const time = timeOfTicks(head.high, head.low, source.resolution)
  const sec = time.sec + source.timeOffset
  const timed = sec >= 0 && sec <= MAX_SEC
  let flags = 0
  let id = 0
  let comments: string[] | undefined
  const optionsStart = start + padded(captured)
  if (optionsStart < end) {
    eachOption(view, optionsStart, end, little, (code, at, length) => {
      if (code === OptionCode.comment) (comments ??= []).push(readText(bytes, at, length))
      else if (code === OptionCode.packet.flags && length === 4) flags = view.getUint32(at, little)
      else if (code === OptionCode.packet.id && length === 8 && head.withId) id = readU64(view, at, little)
    })
  }
  const way = flags & PacketFlags.direction
  const item: PacketItem = {
    kind: 'packet',
    block: raw.block,
    offset: raw.offset,
    size: raw.size,
    interface: source,
    timed,
    sec: timed ? sec : 0,
    nsec: timed ? time.nsec : 0,
    data: bytes.subarray(start, start + captured),
    originalLength: head.original,
    direction: way === PacketFlags.in ? 'in' : way === PacketFlags.out ? 'out' : undefined,
    id,
    comments: comments ?? NO_COMMENTS,
  }
  return item
}

function simplePacket(raw: RawBlock, { little, interfaces }: Section): CaptureItem {
  const { view, at, bytes, size } = raw
  if (bodyLength(raw) < 4) return tooShort(raw, 'Simple Packet Block')
  const source = interfaces[0]
  if (source === undefined) return errorItem(raw, 'a packet of interface 0, which is not described', false)
  const originalLength = view.getUint32(at + 8, little)
  // How much was kept is told by the snap length alone; the block's own length has padding in it.
  const kept = Math.min(originalLength, source.snapLength || originalLength, size - 16)
  return {
    kind: 'packet',
    ...placeOf(raw),
    interface: source,
    timed: false,
    sec: 0,
    nsec: 0,
    data: bytes.subarray(at + 12, at + 12 + kept),
    originalLength,
    direction: undefined,
    id: 0,
    comments: NO_COMMENTS,
  }
}

function names(raw: RawBlock, little: boolean): NamesItem {
  const records: { address: string; names: string[] }[] = []
  const comments: string[] = []
  const { bytes } = raw
  // Records have the very layout of options, which follow behind the end of the records.
  const recordsEnd = eachOption(raw.view, raw.at + 8, endOf(raw), little, (type, at, length) => {
    const size = type === NameRecord.ipv4 ? 4 : 16
    if ((type !== NameRecord.ipv4 && type !== NameRecord.ipv6) || length < size) return
    const texts = readText(bytes, at + size, length - size).split('\0')
    records.push({ address: formatAddress(bytes, at, size), names: texts.filter(Boolean) })
  })
  eachOption(raw.view, recordsEnd, endOf(raw), little, (code, at, length) => {
    if (code === OptionCode.comment) comments.push(readText(bytes, at, length))
  })
  return { kind: 'names', ...placeOf(raw), records, comments }
}

function statistics(raw: RawBlock, little: boolean): CaptureItem {
  const { view, at } = raw
  if (bodyLength(raw) < 12) return tooShort(raw, 'Interface Statistics Block')
  const counts: { received?: number; dropped?: number } = {}
  eachOption(view, at + 20, endOf(raw), little, (code, start, length) => {
    if (length !== 8) return
    if (code === OptionCode.statistics.received) counts.received = readU64(view, start, little)
    else if (code === OptionCode.statistics.dropped) counts.dropped = readU64(view, start, little)
  })
  const item: StatisticsItem = {
    kind: 'statistics',
    ...placeOf(raw),
    interfaceId: view.getUint32(at + 8, little),
    ...counts,
  }
  return item
}

function secrets(raw: RawBlock, little: boolean): CaptureItem {
  const { view, at } = raw
  if (bodyLength(raw) < 8) return tooShort(raw, 'Decryption Secrets Block')
  const type = view.getUint32(at + 8, little)
  const length = view.getUint32(at + 12, little)
  if (at + 16 + length > endOf(raw))
    return errorItem(raw, `secrets of ${length} bytes do not fit into it`, false)
  return { kind: 'secrets', ...placeOf(raw), type, data: raw.bytes.subarray(at + 16, at + 16 + length) }
}

/** A count beyond 2^53 loses its last digits. */
function readU64(view: DataView, at: number, little: boolean): number {
  const first = view.getUint32(at, little)
  const second = view.getUint32(at + 4, little)
  return little ? second * 0x1_0000_0000 + first : first * 0x1_0000_0000 + second
}
