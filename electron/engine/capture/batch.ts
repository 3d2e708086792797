/**
 * What the broker tells, in binary, on its way to the worker: records one after the other in a transferable
 * buffer, so that the broker's thread only writes a header and copies bytes.
 *
 * A record is a header of 32 bytes and a body padded to 8 (so that every number is aligned), in the byte order
 * of the machine, which both threads share:
 *   0  u32  length of the body
 *   4  u32  connection
 *   8  f64  nanoseconds since the capture's epoch
 *  16  f64  row number; 0 when the record makes no row, -1 when the reader is to number it
 *  24  u32  tag
 *  28  u32  flags
 */
import type { PacketNote } from '../../../shared/contract/model.ts'
import type { Aside } from '../import/events.ts'
import type { ConnectionClosed, ConnectionOpened, Direction } from './sink.ts'

const HEADER = 32

export const Tag = {
  /** Body: one MQTT packet, or what is none. With row number 0 it is only learned from. */
  frame: 0,
  /** Bodies of the others are JSON. */
  opened: 1,
  closed: 2,
  note: 3,
  /** What only an import tells. */
  aside: 4,
} as const
export type Tag = (typeof Tag)[keyof typeof Tag]

/** As a row number: the reader of the batch gives the next one. */
export const NUMBER_ME = -1

/** Bits of `flags`. */
export const OUTBOUND = 1
export const MALFORMED = 2

/** A batch being filled. */
export class Batch {
  readonly buffer: ArrayBuffer
  readonly #bytes: Uint8Array
  readonly #words: Uint32Array
  readonly #doubles: Float64Array
  #used = 0

  constructor(buffer: ArrayBuffer) {
    this.buffer = buffer
    this.#bytes = new Uint8Array(buffer)
    this.#words = new Uint32Array(buffer)
    this.#doubles = new Float64Array(buffer)
  }

  /** Bytes written so far. */
  get used(): number {
    return this.#used
  }

  fits(length: number): boolean {
    return this.#used + recordSize(length) <= this.#bytes.length
  }

  /** The record must fit. */
  write(tag: Tag, flags: number, connection: number, time: number, no: number, body: Uint8Array): void {
    const at = this.#used
    const word = at >>> 2
    this.#words[word] = body.length
    this.#words[word + 1] = connection
    this.#doubles[(at >>> 3) + 1] = time
    this.#doubles[(at >>> 3) + 2] = no
    this.#words[word + 6] = tag
    this.#words[word + 7] = flags
    this.#bytes.set(body, at + HEADER)
    this.#used = at + recordSize(body.length)
  }
}

/** Bytes that a record with this body takes in a batch. */
export function recordSize(length: number): number {
  return (HEADER + length + 7) & ~7
}

/** Who reads a batch. `bytes[start, end)` of a frame is a view into the batch: copy what is to stay. */
export interface BatchReader {
  frame(
    no: number,
    time: number,
    connection: number,
    direction: Direction,
    malformed: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void
  opened(connection: number, facts: ConnectionOpened, time: number): void
  closed(no: number, time: number, connection: number, facts: ConnectionClosed): void
  note(no: number, note: PacketNote): void
  aside?(told: Aside): void
}

const decoder = new TextDecoder()
const encoder = new TextEncoder()

export const jsonBody = (value: ConnectionOpened | ConnectionClosed | PacketNote): Uint8Array =>
  encoder.encode(JSON.stringify(value))

export const asideBody = (told: Aside): Uint8Array => encoder.encode(JSON.stringify(told))

/** Hands every record of a batch to `reader`, in order. */
export function readBatch(buffer: ArrayBuffer, used: number, reader: BatchReader): void {
  const bytes = new Uint8Array(buffer)
  const words = new Uint32Array(buffer)
  const doubles = new Float64Array(buffer)
  for (let at = 0; at < used;) {
    const word = at >>> 2
    const length = words[word] as number
    const connection = words[word + 1] as number
    const time = doubles[(at >>> 3) + 1] as number
    const no = doubles[(at >>> 3) + 2] as number
    const flags = words[word + 7] as number
    const start = at + HEADER
    const end = start + length
    switch (words[word + 6]) {
      case Tag.frame: {
        const direction = (flags & OUTBOUND) !== 0 ? 'out' : 'in'
        reader.frame(no, time, connection, direction, (flags & MALFORMED) !== 0, bytes, start, end)
        break
      }
      // Written by `jsonBody` from these very types.
      case Tag.opened:
        reader.opened(
          connection,
          JSON.parse(decoder.decode(bytes.subarray(start, end))) as ConnectionOpened,
          time,
        )
        break
      case Tag.closed: {
        const facts = JSON.parse(decoder.decode(bytes.subarray(start, end))) as ConnectionClosed
        reader.closed(no, time, connection, facts)
        break
      }
      case Tag.note:
        reader.note(no, JSON.parse(decoder.decode(bytes.subarray(start, end))) as PacketNote)
        break
      case Tag.aside:
        reader.aside?.(JSON.parse(decoder.decode(bytes.subarray(start, end))) as Aside)
        break
    }
    at += recordSize(length)
  }
}
