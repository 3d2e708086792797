/**
 * What the broker tells, in binary, on its way to the worker: records one after the other in a transferable
 * buffer, so that the broker's thread only writes a header and copies bytes.
 *
 * A record is a header of 40 bytes and a body padded to 8 (so that every number is aligned), in the byte order
 * of the machine, which both threads share:
 *   0  u32  length of the body
 *   4  u32  connection
 *   8  f64  nanoseconds since the capture's epoch
 *  16  f64  row number; 0 when the record makes no row, NUMBER_ME when the reader of the batch gives the next one
 *  24  f64  of an import: where it stands in the files of the capture, from the first of them on
 *  32  u32  tag
 *  36  u32  flags
 */
import type { PacketNote } from '../../../shared/contract/model.ts'
import type { Aside } from '../import/events.ts'
import type { ConnectionClosed, ConnectionOpened, Direction } from './sink.ts'

const HEADER = 40
/** So few bytes are copied before a view of them would be made. */
const FEW = 192
const NOTHING: Uint8Array = new Uint8Array(0)

export const Tag = {
  /** Body: one MQTT packet, or what is none. With row number 0 it is only learned from. */
  frame: 0,
  /** Bodies of the others are JSON. */
  opened: 1,
  closed: 2,
  note: 3,
  /** What only an import tells. */
  aside: 4,
  /** The same of a row, without a body: the person had marked it. */
  mark: 5,
} as const
export type Tag = (typeof Tag)[keyof typeof Tag]

/** Bits of `flags`. */
export const OUTBOUND = 1
export const MALFORMED = 2

/** A batch being filled. */
export class Batch {
  readonly buffer: ArrayBuffer
  readonly #bytes: Uint8Array
  readonly #words: Uint32Array
  readonly #doubles: Float64Array
  readonly #view: DataView
  #used = 0
  /** What was copied from last: of a file the same for many packets. */
  #source = NOTHING
  #sourceView = new DataView(NOTHING.buffer)

  constructor(buffer: ArrayBuffer) {
    this.buffer = buffer
    this.#bytes = new Uint8Array(buffer)
    this.#words = new Uint32Array(buffer)
    this.#doubles = new Float64Array(buffer)
    this.#view = new DataView(buffer)
  }

  /** Bytes written so far. */
  get used(): number {
    return this.#used
  }

  fits(length: number): boolean {
    return this.#used + recordSize(length) <= this.#bytes.length
  }

  /** The body is `body[start, end)`; the record must fit. */
  write(
    tag: Tag,
    flags: number,
    connection: number,
    time: number,
    no: number,
    body: Uint8Array,
    start = 0,
    end = body.length,
  ): void {
    const at = this.#used
    const word = at >>> 2
    this.#words[word] = end - start
    this.#words[word + 1] = connection
    this.#doubles[(at >>> 3) + 1] = time
    this.#doubles[(at >>> 3) + 2] = no
    this.#doubles[(at >>> 3) + 3] = 0
    this.#words[word + 8] = tag
    this.#words[word + 9] = flags
    this.#copy(body, start, end, at + HEADER)
    this.#used = at + recordSize(end - start)
  }

  #copy(body: Uint8Array, start: number, end: number, to: number): void {
    const length = end - start
    if (length === body.length) this.#bytes.set(body, to)
    else if (length > FEW) this.#bytes.set(body.subarray(start, end), to)
    else this.#copyWords(body, start, end, to)
  }

  #copyWords(body: Uint8Array, start: number, end: number, to: number): void {
    if (body !== this.#source) {
      this.#source = body
      this.#sourceView = new DataView(body.buffer, body.byteOffset, body.byteLength)
    }
    const from = this.#sourceView
    const view = this.#view
    let at = start
    let place = to
    for (; at + 4 <= end; at += 4, place += 4) view.setInt32(place, from.getInt32(at))
    for (; at < end; at++) this.#bytes[place++] = body[at] as number
  }
}

/** Bytes that a record with this body takes in a batch. */
export function recordSize(length: number): number {
  return (HEADER + length + 7) & ~7
}

/** The records of a batch, one after the other: what it says of one lasts until `next`. */
export class Records {
  readonly bytes: Uint8Array
  readonly #used: number
  readonly #words: Uint32Array
  readonly #doubles: Float64Array
  #at = 0
  /** Body of the present one: `bytes[start, end)`. */
  start = 0
  end = 0
  tag = 0
  flags = 0
  connection = 0
  time = 0
  no = 0
  place = 0

  constructor(buffer: ArrayBuffer, used: number) {
    this.bytes = new Uint8Array(buffer)
    this.#words = new Uint32Array(buffer)
    this.#doubles = new Float64Array(buffer)
    this.#used = used
  }

  /** False behind the last one. */
  next(): boolean {
    if (this.end > 0) this.#at += recordSize(this.end - this.start)
    const at = this.#at
    if (at >= this.#used) return false
    const word = at >>> 2
    const double = at >>> 3
    this.start = at + HEADER
    this.end = this.start + (this.#words[word] as number)
    this.connection = this.#words[word + 1] as number
    this.time = this.#doubles[double + 1] as number
    this.no = this.#doubles[double + 2] as number
    this.place = this.#doubles[double + 3] as number
    this.tag = this.#words[word + 8] as number
    this.flags = this.#words[word + 9] as number
    return true
  }

  get direction(): Direction {
    return (this.flags & OUTBOUND) !== 0 ? 'out' : 'in'
  }
  get malformed(): boolean {
    return (this.flags & MALFORMED) !== 0
  }

  /** The body as what was made JSON of; whoever asks knows by the tag what that was. */
  json(): unknown {
    return JSON.parse(decoder.decode(this.bytes.subarray(this.start, this.end)))
  }

  /** Gives the row its number, for who reads the batch next. */
  number(no: number): void {
    this.no = this.#doubles[(this.#at >>> 3) + 2] = no
  }

  /** Says where it stands in the files. */
  stand(place: number): void {
    this.place = this.#doubles[(this.#at >>> 3) + 3] = place
  }
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
    place: number,
  ): void
  opened(connection: number, facts: ConnectionOpened, time: number): void
  closed(no: number, time: number, connection: number, facts: ConnectionClosed, place: number): void
  note(no: number, note: PacketNote): void
  aside?(told: Aside): void
  marked?(no: number): void
}

const decoder = new TextDecoder()
const encoder = new TextEncoder()

export const jsonBody = (value: ConnectionOpened | ConnectionClosed | PacketNote): Uint8Array =>
  encoder.encode(JSON.stringify(value))

export const asideBody = (told: Aside): Uint8Array => encoder.encode(JSON.stringify(told))

/** Hands every record of a batch to `reader`, in order. Bodies are what `jsonBody` and `asideBody` made of these types. */
export function readBatch(buffer: ArrayBuffer, used: number, reader: BatchReader): void {
  const record = new Records(buffer, used)
  const { bytes } = record
  while (record.next()) {
    const { no, time, connection, start, end, place } = record
    switch (record.tag) {
      case Tag.frame:
        reader.frame(no, time, connection, record.direction, record.malformed, bytes, start, end, place)
        break
      case Tag.opened:
        reader.opened(connection, record.json() as ConnectionOpened, time)
        break
      case Tag.closed:
        reader.closed(no, time, connection, record.json() as ConnectionClosed, place)
        break
      case Tag.note:
        reader.note(no, record.json() as PacketNote)
        break
      case Tag.aside:
        reader.aside?.(record.json() as Aside)
        break
      case Tag.mark:
        reader.marked?.(no)
        break
    }
  }
}
