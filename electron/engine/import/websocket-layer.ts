/** WebSocket (RFC 6455) and permessage-deflate (RFC 7692): from frames to the bytes of the messages in them. */
import { constants, inflateRawSync } from 'node:zlib'
import type { Time } from '../../../shared/pcapng/format.ts'
import type { Direction } from '../capture/sink.ts'
import { ByteQueue, type Findings, type Layer } from './layer.ts'

const Opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const
const OPCODES: ReadonlySet<number> = new Set(Object.values(Opcode))
const FIN = 0x80
const COMPRESSED = 0x40
const MASKED = 0x80
/** What a compressed message lacks at its end (RFC 7692, 7.2.2). */
const TAIL = Uint8Array.of(0, 0, 0xff, 0xff)
const WINDOW = 32 * 1024

/** What both sides agreed on. */
export interface Deflate {
  /** Whether a direction compresses with what it sent before in mind. */
  readonly takeover: Readonly<Record<Direction, boolean>>
}

interface Way {
  readonly queue: ByteQueue
  /** Compressed parts of the message so far. */
  readonly message: ByteQueue
  compressed: boolean
  /** What was inflated last, at most a window. */
  history: Uint8Array
  /** Frames cannot be told apart any more. */
  lost: boolean
  skip: number
}

interface Header {
  readonly start: number
  readonly length: number
  readonly mask: Uint8Array | undefined
}

export class WebSocketLayer implements Layer {
  readonly #findings: Findings
  readonly #inner: Layer
  readonly #deflate: Deflate | undefined
  readonly #ways: Readonly<Record<Direction, Way>>

  constructor(findings: Findings, inner: Layer, deflate: Deflate | undefined) {
    this.#findings = findings
    this.#inner = inner
    this.#deflate = deflate
    const way = (): Way => ({
      queue: new ByteQueue(findings.held),
      message: new ByteQueue(findings.held),
      compressed: false,
      history: new Uint8Array(0),
      lost: false,
      skip: 0,
    })
    this.#ways = { in: way(), out: way() }
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, time: Time): void {
    const way = this.#ways[direction]
    const passed = Math.min(way.skip, end - start)
    way.skip -= passed
    const rest = bytes.subarray(start + passed, end)
    if (way.lost) {
      // After a gap frames are taken up again where a segment begins with one.
      if (!this.#beginsFrame(direction, rest)) return
      way.lost = false
    }
    way.queue.push(rest)
    for (;;) {
      const { view } = way.queue
      const header = readHeader(view)
      if (header === undefined) return
      if (!this.#beginsFrame(direction, view)) {
        this.#lose(way, direction, 'a frame with an opcode or a mask that is not allowed', time)
        return
      }
      const most = this.#findings.limits.maxPacketBytes
      if (header.length > most) {
        this.#findings.note(
          'warning',
          `A WebSocket frame of ${header.length} bytes was left out (limit ${most}).`,
          time,
        )
        way.skip = header.start + header.length
        const there = Math.min(way.skip, view.length)
        way.queue.shift(there)
        way.skip -= there
        this.#inner.gap(direction, header.length, time)
        continue
      }
      if (view.length < header.start + header.length) return
      this.#frame(way, direction, view, header, time)
      way.queue.shift(header.start + header.length)
    }
  }

  gap(direction: Direction, count: number, time: Time): void {
    const way = this.#ways[direction]
    if (count > 0 && way.skip >= count) {
      way.skip -= count
      return
    }
    way.lost = true
    way.skip = 0
    way.queue.clear()
    way.message.clear()
    this.#inner.gap(direction, count, time)
    if (this.#deflate?.takeover[direction] === true) {
      way.history = new Uint8Array(0)
      this.#findings.note(
        'warning',
        'What follows the missing bytes is compressed with them in mind and may stay unread.',
        time,
      )
    }
  }

  close(time: Time): void {
    for (const way of [this.#ways.in, this.#ways.out]) {
      way.queue.close()
      way.message.close()
    }
    this.#inner.close(time)
  }

  #lose(way: Way, direction: Direction, why: string, time: Time): void {
    this.#findings.note('warning', `WebSocket: ${why}. It is read on where a frame is found again.`, time)
    this.#inner.gap(direction, 0, time)
    way.queue.clear()
    way.message.clear()
    way.lost = true
  }

  /** Clients mask, servers do not (RFC 6455, 5.1). */
  #beginsFrame(direction: Direction, bytes: Uint8Array): boolean {
    const [first, second] = bytes
    if (first === undefined || second === undefined) return false
    const allowed = this.#deflate === undefined ? 0 : COMPRESSED
    const reserved = first & 0x70 & ~allowed
    return reserved === 0 && OPCODES.has(first & 0x0f) && ((second & MASKED) !== 0) === (direction === 'in')
  }

  #frame(way: Way, direction: Direction, view: Uint8Array, header: Header, time: Time): void {
    const first = view[0] as number
    const opcode = first & 0x0f
    if (opcode >= Opcode.close) return
    const payload = view.subarray(header.start, header.start + header.length)
    const { mask } = header
    const bytes = mask === undefined ? payload : payload.map((byte, i) => byte ^ (mask[i & 3] as number))
    if (opcode !== Opcode.continuation) {
      way.compressed = (first & COMPRESSED) !== 0
      way.message.clear()
    }
    if (!way.compressed) {
      this.#inner.data(direction, bytes, 0, bytes.length, time)
      return
    }
    way.message.push(bytes)
    if (way.message.length > this.#findings.limits.maxPacketBytes) {
      this.#lose(way, direction, 'a compressed message that is too large', time)
    } else if ((first & FIN) !== 0) {
      this.#inflate(way, direction, time)
    }
  }

  #inflate(way: Way, direction: Direction, time: Time): void {
    way.message.push(TAIL)
    const takeover = this.#deflate?.takeover[direction] === true
    let message: Uint8Array
    try {
      const inflated = inflateRawSync(way.message.view, {
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength: this.#findings.limits.maxPacketBytes,
        ...(takeover && way.history.length > 0 ? { dictionary: way.history } : {}),
      })
      message = new Uint8Array(inflated.buffer, inflated.byteOffset, inflated.byteLength)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      this.#findings.note('warning', `A compressed WebSocket message could not be read: ${why}.`, time)
      way.message.clear()
      this.#inner.gap(direction, 0, time)
      return
    }
    way.message.clear()
    if (takeover) {
      way.history = new Uint8Array(Buffer.concat([way.history, message]).subarray(-WINDOW))
    }
    this.#inner.data(direction, message, 0, message.length, time)
  }
}

/** Undefined while the header is not there as a whole. */
function readHeader(bytes: Uint8Array): Header | undefined {
  const second = bytes[1]
  if (second === undefined) return undefined
  const short = second & 0x7f
  const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0
  const maskAt = 2 + lengthBytes
  const start = maskAt + ((second & MASKED) === 0 ? 0 : 4)
  if (bytes.length < start) return undefined
  let length = lengthBytes === 0 ? short : 0
  for (let i = 0; i < lengthBytes; i++) length = length * 256 + (bytes[2 + i] as number)
  return { start, length, mask: start === maskAt ? undefined : bytes.slice(maskAt, start) }
}
