/**
 * Reads back what `SyntheticWriter` wrote: the same rows, connections and remarks. Feed it the items of a
 * `CaptureReader` for a file whose section says that it is ours (`formatVersion`).
 */
import type { PacketNote } from '../contract/model.ts'
import { MAX_REMAINING_LENGTH } from '../mqtt/frame.ts'
import { formatAddress } from './address.ts'
import { type ClosedFacts, type OpenedFacts, type PacketComment, parseComments } from './facts.ts'
import { BlockType, type CaptureItem, type PacketItem, type Time } from './format.ts'
import { emptySegment, headerLength, MAX_SEGMENT, readSegment, TcpFlag } from './ip-frame.ts'

/** Times last until the call returns. */
export interface NativeEvents {
  /** `continued`: it was open already when this segment began. */
  opened(connection: number, facts: OpenedFacts, continued: boolean, time: Time): void
  /**
   * `no` 0: makes no row, is there to be learned from. `bytes` is a view: copy what is to stay. `offset` is that
   * of its first block in the file, from which `readPayload` reads it again.
   */
  frame(
    no: number,
    time: Time,
    connection: number,
    direction: 'in' | 'out',
    malformed: boolean,
    bytes: Uint8Array,
    offset: number,
  ): void
  note(no: number, note: PacketNote): void
  /** The person had marked the row that was told last. */
  marked(no: number): void
  closed(no: number, time: Time, connection: number, facts: ClosedFacts, offset: number): void
  /** Something in the file is not as the writer leaves it; reading goes on. */
  problem(text: string): void
}

/** Connections of which a file does not tell the number get one from here on. */
export const FIRST_UNKNOWN = 0x8000_0000
const MAX_PACKET = MAX_REMAINING_LENGTH + 5

/** Of the first block of a packet. */
interface First {
  readonly no: number
  readonly time: Time
  readonly block: number
  readonly offset: number
}

interface Partial {
  readonly first: First
  readonly connection: number
  readonly direction: 'in' | 'out'
  readonly comment: PacketComment | undefined
  readonly parts: Uint8Array[]
  length: number
}

export class NativeReader {
  readonly #events: NativeEvents
  /** Open connections by address and port of the client. */
  readonly #connections = new Map<number | string, number>()
  readonly #segment = emptySegment()
  #partial: Partial | undefined
  #nextUnknown = FIRST_UNKNOWN

  constructor(events: NativeEvents) {
    this.#events = events
  }

  take(item: CaptureItem): void {
    switch (item.kind) {
      case 'packet':
        this.#packet(item)
        break
      case 'names': {
        const late = parseComments(item.comments)?.late
        if (late !== undefined) this.#events.note(late.no, late.note)
        break
      }
      case 'error':
        this.#events.problem(item.message)
        break
      case 'section':
      case 'interface':
      case 'statistics':
      case 'secrets':
      case 'custom':
      case 'other':
        break
    }
  }

  /** To be called after the last item. */
  end(): void {
    this.#giveUpPartial()
  }

  #packet(item: PacketItem): void {
    const segment = this.#segment
    const { direction, bytes } = item
    if (direction === undefined || !readSegment(bytes, item.start, item.end, segment)) {
      this.#events.problem(`Block ${item.block} at byte ${item.offset}: not a packet that the bench wrote.`)
      return
    }
    const key = this.#key(bytes, direction)
    const comment = item.comments.length > 0 ? parseComments(item.comments) : undefined
    if ((segment.flags & TcpFlag.syn) !== 0) {
      if (comment?.opened !== undefined) {
        const { connection, continued = false, ...facts } = comment.opened
        this.#connections.set(key, connection)
        this.#events.opened(connection, facts, continued, item)
      }
      return
    }
    if (comment?.closed !== undefined) {
      this.#events.closed(item.id, item, this.#connection(key, item, direction), comment.closed, item.offset)
      if (comment.marked) this.#events.marked(item.id)
      this.#connections.delete(key)
      return
    }
    // An acknowledgment, or the other half of a close.
    if (segment.payloadEnd === segment.payloadStart && comment?.malformed !== true) return
    this.#data(item, this.#connection(key, item, direction), direction, comment)
  }

  #data(
    item: PacketItem,
    connection: number,
    direction: 'in' | 'out',
    comment: PacketComment | undefined,
  ): void {
    const { payloadStart, payloadEnd, flags } = this.#segment
    const bytes = item.bytes.subarray(payloadStart, payloadEnd)
    const isLast = (flags & TcpFlag.psh) !== 0
    let partial = this.#partial
    if (partial !== undefined && (partial.connection !== connection || partial.first.no !== item.id)) {
      this.#giveUpPartial()
      partial = undefined
    }
    if (partial === undefined) {
      if (isLast) {
        this.#frame(item.id, item, item.offset, connection, direction, comment, bytes)
        return
      }
      const { id: no, sec, nsec, block, offset } = item
      const first = { no, time: { sec, nsec }, block, offset }
      partial = { first, connection, direction, comment, parts: [], length: 0 }
      this.#partial = partial
    }
    partial.parts.push(bytes.slice())
    partial.length += bytes.length
    if (partial.length > MAX_PACKET) this.#giveUpPartial()
    else if (isLast) {
      this.#partial = undefined
      const whole = join(partial.parts, partial.length)
      const { no, time, offset } = partial.first
      this.#frame(no, time, offset, connection, direction, partial.comment, whole)
    }
  }

  #frame(
    no: number,
    time: Time,
    offset: number,
    connection: number,
    direction: 'in' | 'out',
    comment: PacketComment | undefined,
    bytes: Uint8Array,
  ): void {
    const malformed = comment?.malformed === true
    this.#events.frame(no, time, connection, direction, malformed, bytes, offset)
    for (const note of comment?.notes ?? []) this.#events.note(no, note)
    if (comment?.marked) this.#events.marked(no)
  }

  #giveUpPartial(): void {
    const partial = this.#partial
    if (partial === undefined) return
    this.#partial = undefined
    const { block, offset } = partial.first
    this.#events.problem(`Block ${block} at byte ${offset}: the end of this MQTT packet is missing.`)
  }

  #connection(key: number | string, item: PacketItem, direction: 'in' | 'out'): number {
    const known = this.#connections.get(key)
    if (known !== undefined) return known
    const id = this.#nextUnknown++
    const { addressLength, sourceAt, targetAt, sourcePort, targetPort } = this.#segment
    const inbound = direction === 'in'
    const facts: OpenedFacts = {
      transport: 'tcp',
      listenerPort: inbound ? targetPort : sourcePort,
      remoteAddress: formatAddress(item.bytes, inbound ? sourceAt : targetAt, addressLength),
      remotePort: inbound ? sourcePort : targetPort,
      localAddress: formatAddress(item.bytes, inbound ? targetAt : sourceAt, addressLength),
    }
    this.#connections.set(key, id)
    this.#events.opened(id, facts, true, item)
    return id
  }

  /** Address and port of the client. */
  #key(data: Uint8Array, direction: 'in' | 'out'): number | string {
    const { addressLength, sourceAt, targetAt, sourcePort, targetPort } = this.#segment
    const at = direction === 'in' ? sourceAt : targetAt
    const port = direction === 'in' ? sourcePort : targetPort
    const word = (i: number) => ((data[i] as number) << 8) | (data[i + 1] as number)
    if (addressLength === 4) return (word(at) * 65_536 + word(at + 2)) * 65_536 + port
    let text = String.fromCharCode(port)
    for (let i = at; i < at + 16; i += 2) text += String.fromCharCode(word(i))
    return text
  }
}

/** About how many bytes of a file, from its first block on, hold an MQTT packet of `length` bytes. */
export function estimateSpan(length: number): number {
  const frames = Math.max(1, Math.ceil(length / MAX_SEGMENT))
  // Block with its options, and the larger of the IP headers.
  return length + frames * (64 + headerLength(16, 0)) + 256
}

// It reads every packet for the linter: a view and a segment for each would be half of what it costs.
const scratch = emptySegment()
const littleEndian32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)) >>>
  0

/**
 * The MQTT packet of `length` bytes whose first block begins where `bytes` begins: a view when it stands in one
 * block. A number instead tells how many bytes must be there at least. RangeError when it is not there.
 */
export function readPayload(bytes: Uint8Array, length: number): Uint8Array | number {
  const segment = scratch
  const parts: Uint8Array[] = []
  let found = 0
  for (let at = 0; ;) {
    if (at + 28 > bytes.length) return Math.max(at + 28, bytes.length + 1)
    const size = littleEndian32(bytes, at + 4)
    if (littleEndian32(bytes, at) !== BlockType.enhancedPacket || size < 32) break
    if (at + size > bytes.length) return at + size
    const captured = littleEndian32(bytes, at + 20)
    if (captured > size - 32) break
    if (!readSegment(bytes, at + 28, at + 28 + captured, segment)) break
    const part = bytes.subarray(segment.payloadStart, segment.payloadEnd)
    found += part.length
    if (found === length) return parts.length === 0 ? part : join([...parts, part], length)
    if (found > length || part.length === 0) break
    parts.push(part)
    at += size
  }
  throw new RangeError(`No packet of ${length} bytes is here in the capture file.`)
}

function join(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
