/** One pcapng block as bytes in, one item out. Hostile bytes yield an error item, never an exception. */
import { formatAddress } from './address.ts'
import {
  BlockType,
  type CaptureItem,
  type InterfaceItem,
  NameRecord,
  type NamesItem,
  OptionCode,
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
  /** What each of its packets is told as, one after the other. */
  readonly packet: PacketBlock
}

/** A whole block: `size` bytes at `at`, of which type and both lengths are checked already. */
export interface RawBlock {
  bytes: Uint8Array
  view: DataView
  at: number
  size: number
  /** Number of the block in the file, from 1, and where it begins there. */
  block: number
  offset: number
}

/** Sections with more interfaces than this are taken for damage. */
const MAX_INTERFACES = 65_536
/** End of the year 9999: later times are damage, and no calendar shows them. */
const MAX_SEC = 253_402_300_799

const NO_COMMENTS: readonly string[] = Object.freeze<string[]>([])
const NOTHING: Uint8Array = new Uint8Array(0)
const NO_INTERFACE: InterfaceItem = {
  kind: 'interface',
  block: 0,
  offset: 0,
  size: 0,
  id: 0,
  linkType: 0,
  snapLength: 0,
  resolution: MICROSECONDS,
  timeOffset: 0,
  comments: NO_COMMENTS,
}

/** Reads a block other than a Section Header. */
export function readBlock(raw: Readonly<RawBlock>, section: Section): CaptureItem {
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
export function readSection(raw: Readonly<RawBlock>, little: boolean): SectionItem {
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
const tooShort = (raw: Readonly<RawBlock>, what: string): CaptureItem =>
  errorItem(raw, `${what} is too short for what it must hold`, false)

type TextCodes = Readonly<Record<string, number>>

/** Comments, and the strings of the options named in `codes`. Options that do not fit are left out. */
function readTexts<C extends TextCodes>(
  raw: Readonly<RawBlock>,
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

function interfaceDescription(raw: Readonly<RawBlock>, section: Section): CaptureItem {
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

/** A packet of any of the blocks that hold one, and of a classic file: one object, which is filled anew for each. */
export class PacketBlock implements PacketItem {
  readonly kind = 'packet'
  block = 0
  offset = 0
  size = 0
  interface: InterfaceItem = NO_INTERFACE
  originalLength = 0
  timed = false
  sec = 0
  nsec = 0
  direction: PacketItem['direction'] = undefined
  id = 0
  comments: readonly string[] = NO_COMMENTS
  bytes: Uint8Array = NOTHING
  start = 0
  end = 0
  origin = 0

  get data(): Uint8Array {
    return this.bytes.subarray(this.start, this.end)
  }

  /** Its `length` bytes begin at `start` of those of the block. What only some packets have is absent. */
  fill(
    raw: Readonly<RawBlock>,
    source: InterfaceItem,
    start: number,
    length: number,
    originalLength: number,
  ): this {
    this.block = raw.block
    this.offset = raw.offset
    this.size = raw.size
    this.interface = source
    this.originalLength = originalLength
    this.timed = false
    this.sec = 0
    this.nsec = 0
    this.direction = undefined
    this.id = 0
    this.comments = NO_COMMENTS
    this.bytes = raw.bytes
    this.start = start
    this.end = start + length
    this.origin = raw.offset - raw.at
    return this
  }
}

function enhancedPacket(raw: Readonly<RawBlock>, section: Section): CaptureItem {
  if (bodyLength(raw) < 20) return tooShort(raw, 'Enhanced Packet Block')
  const interfaceId = raw.view.getUint32(raw.at + 8, section.little)
  return packet(raw, section, interfaceId, true)
}

function oldPacket(raw: Readonly<RawBlock>, section: Section): CaptureItem {
  if (bodyLength(raw) < 20) return tooShort(raw, 'Packet Block')
  const interfaceId = raw.view.getUint16(raw.at + 8, section.little)
  return packet(raw, section, interfaceId, false)
}

/** Both have the same layout behind the number of the interface. `withId`: option 5 is a packet ID. */
function packet(
  raw: Readonly<RawBlock>,
  { little, interfaces, packet: item }: Section,
  interfaceId: number,
  withId: boolean,
): CaptureItem {
  const { view, at } = raw
  const source = interfaces[interfaceId]
  if (source === undefined)
    return errorItem(raw, `a packet of interface ${interfaceId}, which is not described`, false)
  const start = at + 28
  const end = endOf(raw)
  const captured = view.getUint32(at + 20, little)
  if (start + captured > end)
    return errorItem(raw, `a packet of ${captured} bytes does not fit into it`, false)
  item.fill(raw, source, start, captured, view.getUint32(at + 24, little))
  const high = view.getUint32(at + 12, little)
  const time = timeOfTicks(high, view.getUint32(at + 16, little), source.resolution)
  const sec = time.sec + source.timeOffset
  if (sec >= 0 && sec <= MAX_SEC) {
    item.timed = true
    item.sec = sec
    item.nsec = time.nsec
  }
  const optionsStart = start + padded(captured)
  if (optionsStart < end) readOptions(item, raw, optionsStart, end, little, withId)
  return item
}

function readOptions(
  item: PacketBlock,
  { bytes, view }: RawBlock,
  start: number,
  end: number,
  little: boolean,
  withId: boolean,
): void {
  const codes = OptionCode.packet
  eachOption(view, start, end, little, (code, at, length) => {
    if (code === OptionCode.comment) item.comments = [...item.comments, readText(bytes, at, length)]
    else if (code === codes.flags && length === 4) item.direction = ways[view.getUint32(at, little) & 3]
    else if (code === codes.id && length === 8 && withId) item.id = readU64(view, at, little)
  })
}

const ways: readonly PacketItem['direction'][] = [undefined, 'in', 'out', undefined]

function simplePacket(raw: Readonly<RawBlock>, { little, interfaces, packet: item }: Section): CaptureItem {
  const { view, at, size } = raw
  if (bodyLength(raw) < 4) return tooShort(raw, 'Simple Packet Block')
  const source = interfaces[0]
  if (source === undefined) return errorItem(raw, 'a packet of interface 0, which is not described', false)
  const originalLength = view.getUint32(at + 8, little)
  // How much was kept is told by the snap length alone; the block's own length has padding in it.
  const kept = Math.min(originalLength, source.snapLength || originalLength, size - 16)
  return item.fill(raw, source, at + 12, kept, originalLength)
}

function names(raw: Readonly<RawBlock>, little: boolean): NamesItem {
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

function statistics(raw: Readonly<RawBlock>, little: boolean): CaptureItem {
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

function secrets(raw: Readonly<RawBlock>, little: boolean): CaptureItem {
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
