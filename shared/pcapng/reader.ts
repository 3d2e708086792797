/**
 * Reads a capture file, pcapng or classic pcap of either byte order, from chunks as they come. Holds one block
 * at most. It never throws on what a file holds: faults are items, with block number and byte offset.
 */
import { errorItem, PacketBlock, readBlock, readSection, type RawBlock, type Section } from './blocks.ts'
import { BlockType, BYTE_ORDER_MAGIC, type CaptureItem, type InterfaceItem, PCAP_MAGICS } from './format.ts'
import { MICROSECONDS, NANOSECONDS } from './timestamps.ts'

export interface ReaderOptions {
  /** Longest block that is read; a longer one is left out, and an item says so. */
  readonly maxBlockBytes?: number
}

/** As in Wireshark: room for the largest packet of any link, with options. */
const DEFAULT_MAX_BLOCK = 16 * 1024 * 1024

const PCAP_HEADER = 24
const PCAP_RECORD = 16
const GZIP_MAGIC = 0x1f8b
const NOTHING: Uint8Array = new Uint8Array(0)
const NO_BYTES = new DataView(NOTHING.buffer)

type Format =
  | { readonly name: 'pcapng' }
  | { readonly name: 'pcap'; readonly little: boolean; readonly digits: 6 | 9; source?: InterfaceItem }

export class CaptureReader {
  readonly #tell: (item: CaptureItem) => void
  readonly #maxBlock: number
  readonly #section: Section = { little: true, interfaces: [], packet: new PacketBlock() }
  /** The present block; one object for a million of them. */
  readonly #raw: RawBlock = { bytes: NOTHING, view: NO_BYTES, at: 0, size: 0, block: 0, offset: 0 }
  #format: Format | undefined
  /** The beginning of a block whose rest has not come yet. */
  #carry = new Uint8Array(64 * 1024)
  #carryView = new DataView(this.#carry.buffer)
  #carried = 0
  /** Bytes of a block that is left out, still to come. */
  #skip = 0
  /** Of the next block: its place in the file, and its number. */
  #offset = 0
  #block = 1
  #fault: CaptureItem | undefined
  #dead = false

  /** `tell` gets each item; a packet and all views last until it returns. */
  constructor(tell: (item: CaptureItem) => void, { maxBlockBytes = DEFAULT_MAX_BLOCK }: ReaderOptions = {}) {
    this.#tell = tell
    this.#maxBlock = maxBlockBytes
  }

  /** Offset in the file behind the last whole block: what follows was torn off, or has not come yet. */
  get goodEnd(): number {
    return this.#offset
  }

  /** A fatal fault was told, or the end: nothing more is read. */
  get done(): boolean {
    return this.#dead
  }

  /** Tells what the next bytes of the file complete. */
  push(piece: Uint8Array): void {
    // `slice` of a Node Buffer makes no copy: whoever takes views from here relies on plain arrays.
    const chunk = new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength)
    const view = new DataView(piece.buffer, piece.byteOffset, piece.byteLength)
    for (let at = 0; !this.#dead;) {
      if (this.#skip > 0) {
        const passed = Math.min(this.#skip, chunk.length - at)
        this.#skip -= passed
        at += passed
      }
      const carried = this.#carried
      if (carried === 0 && at === chunk.length) return
      const size =
        carried > 0 ? this.#want(this.#carryView, 0, carried) : this.#want(view, at, chunk.length - at)
      if (this.#fault !== undefined) {
        // A block to be left out, or the end of what can be read.
        this.#carried = 0
        if (this.#skip > 0) this.#skip -= carried
        this.#tell(this.#takeFault())
      } else if (carried === 0 && at + size <= chunk.length) {
        this.#read(chunk, view, at, size)
        at += size
      } else if (carried > 0 && size <= carried) {
        this.#carried = 0
        this.#read(this.#carry, this.#carryView, 0, size)
      } else {
        const part = Math.min(size - carried, chunk.length - at)
        this.#keep(chunk.subarray(at, at + part), size)
        at += part
        if (at === chunk.length && this.#carried < size) return
      }
    }
  }

  /** To be called after the last chunk: says when the file ends inside a block, or is none. */
  end(): void {
    if (this.#dead) return
    this.#dead = true
    if (this.#carried > 0 || this.#skip > 0) {
      const fault =
        this.#format === undefined ? 'too short for a capture file' : 'the file ends inside this block'
      this.#tell(this.#error(fault, true, this.#carried))
    } else if (this.#format === undefined) {
      this.#tell(this.#error('the file is empty', true, 0))
    }
  }

  #keep(bytes: Uint8Array, size: number): void {
    if (size > this.#carry.length) {
      // Grows as bytes come, not at the word of a length that may be a lie.
      const grown = new Uint8Array(
        Math.min(size, Math.max(2 * this.#carry.length, this.#carried + bytes.length)),
      )
      if (this.#carried + bytes.length > this.#carry.length) {
        grown.set(this.#carry.subarray(0, this.#carried))
        this.#carry = grown
        this.#carryView = new DataView(grown.buffer)
      }
    }
    this.#carry.set(bytes, this.#carried)
    this.#carried += bytes.length
  }

  /**
   * Bytes that the block at `at` takes, or as many as are needed to find that out. Sets `#fault` when the block
   * cannot be taken.
   */
  #want(view: DataView, at: number, available: number): number {
    if (this.#format === undefined) {
      if (available < 4) return 4
      this.#format = this.#recognise(view.getUint32(at))
      if (this.#format === undefined) return 0
    }
    return this.#format.name === 'pcapng'
      ? this.#wantBlock(view, at, available)
      : this.#wantRecord(this.#format, view, at, available)
  }

  #recognise(magic: number): Format | undefined {
    if (magic === BlockType.section) return { name: 'pcapng' }
    const pcap = PCAP_MAGICS[magic]
    if (pcap !== undefined) return { name: 'pcap', ...pcap }
    const why =
      magic >>> 16 === GZIP_MAGIC
        ? 'the file is compressed with gzip: unpack it first'
        : 'neither a pcapng nor a pcap file'
    this.#fail(why, true, 0)
    return undefined
  }

  #wantBlock(view: DataView, at: number, available: number): number {
    if (available < 12) return 12
    const isSection = view.getUint32(at) === BlockType.section
    let { little } = this.#section
    if (isSection) {
      little = view.getUint32(at + 8, true) === BYTE_ORDER_MAGIC
      if (!little && view.getUint32(at + 8) !== BYTE_ORDER_MAGIC) {
        this.#fail('the byte-order magic of this section is wrong', true, 0)
        return 0
      }
    }
    const size = view.getUint32(at + 4, little)
    if (size < (isSection ? 28 : 12) || size % 4 !== 0)
      this.#fail(`a length of ${size} is not possible`, true, 0)
    else if (size > this.#maxBlock) this.#leaveOut(size, isSection)
    return size
  }

  #wantRecord(format: Format & { name: 'pcap' }, view: DataView, at: number, available: number): number {
    if (format.source === undefined) return PCAP_HEADER
    if (available < PCAP_RECORD) return PCAP_RECORD
    const size = PCAP_RECORD + view.getUint32(at + 8, format.little)
    if (size > this.#maxBlock) this.#leaveOut(size, false)
    return size
  }

  #leaveOut(size: number, fatal: boolean): void {
    this.#fail(`${size} bytes are more than the ${this.#maxBlock} that are read at most`, fatal, size)
    if (!fatal) {
      this.#skip = size
      this.#pass(size)
    }
  }

  #fail(fault: string, fatal: boolean, size: number): void {
    this.#fault = this.#error(fault, fatal, size)
    if (fatal) this.#dead = true
  }

  #takeFault(): CaptureItem {
    const fault = this.#fault as CaptureItem
    this.#fault = undefined
    return fault
  }

  #error(fault: string, fatal: boolean, size: number): CaptureItem {
    return errorItem({ block: this.#block, offset: this.#offset, size }, fault, fatal)
  }

  #pass(size: number): void {
    this.#offset += size
    this.#block += 1
  }

  /** Reads a whole block or record. */
  #read(bytes: Uint8Array, view: DataView, at: number, size: number): void {
    this.#tell(this.#itemOf(bytes, view, at, size))
  }

  #itemOf(bytes: Uint8Array, view: DataView, at: number, size: number): CaptureItem {
    const format = this.#format as Format
    const raw = this.#raw
    raw.bytes = bytes
    raw.view = view
    raw.at = at
    raw.size = size
    raw.block = this.#block
    raw.offset = this.#offset
    if (format.name === 'pcap') return this.#readRecord(format, raw)
    const isSection = view.getUint32(at) === BlockType.section
    if (isSection) {
      this.#section.little = view.getUint32(at + 8, true) === BYTE_ORDER_MAGIC
      this.#section.interfaces = []
    }
    const { little } = this.#section
    const again = view.getUint32(at + size - 4, little)
    let fault = ''
    if (again !== size) fault = `its length is ${size} in front and ${again} behind`
    else if (isSection && view.getUint16(at + 12, little) !== 1) {
      fault = `version ${view.getUint16(at + 12, little)} of pcapng is not known`
    }
    if (fault !== '') {
      this.#dead = true
      return this.#error(fault, true, size)
    }
    this.#pass(size)
    return isSection ? readSection(raw, little) : readBlock(raw, this.#section)
  }

  #readRecord(format: Format & { name: 'pcap' }, raw: RawBlock): CaptureItem {
    const { view, at, size } = raw
    const { little, digits } = format
    const place = { block: raw.block, offset: raw.offset, size }
    if (format.source === undefined) {
      this.#offset += size
      format.source = {
        kind: 'interface',
        ...place,
        block: 0,
        id: 0,
        // The upper half may tell the length of a frame check sequence.
        linkType: view.getUint32(at + 20, little) & 0xffff,
        snapLength: view.getUint32(at + 16, little),
        resolution: digits === 6 ? MICROSECONDS : NANOSECONDS,
        timeOffset: 0,
        comments: [],
      }
      return format.source
    }
    this.#pass(size)
    const fraction = view.getUint32(at + 4, little) * (digits === 6 ? 1000 : 1)
    const originalLength = view.getUint32(at + 12, little)
    const item = this.#section.packet
    item.fill(raw, format.source, at + PCAP_RECORD, size - PCAP_RECORD, originalLength)
    item.timed = true
    item.sec = view.getUint32(at, little) + Math.floor(fraction / 1e9)
    item.nsec = fraction % 1e9
    return item
  }
}
