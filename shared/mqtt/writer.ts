/** Bytes of one packet as they are written. Grows as needed; the fixed header is put in front at the end. */
import { MAX_REMAINING_LENGTH } from './frame.ts'
import { isWellFormed, writeText } from './utf8.ts'
import { MALFORMED_PACKET, MqttError, statementNumber } from './error.ts'

/** Room kept for the fixed header: one byte and at most four of Remaining Length. */
const HEADER = 5
const MAX_TEXT = 65_535

/**
 * Every packet is written here first, because making a large array costs more than copying out of one. Writing
 * never waits for anything, so two writers cannot meet. A packet that does not fit gets an array of its own.
 */
const scratch = new Uint8Array(65_536)

/** Makes room for that many bytes; what stands in it does not matter. */
export type Allocate<B extends Uint8Array> = (length: number) => B

export class Writer {
  private bytes: Uint8Array = scratch
  private pos = HEADER

  private reserve(count: number): void {
    if (this.pos + count <= this.bytes.length) return
    const grown = new Uint8Array(Math.max(this.pos + count, this.bytes.length * 2))
    grown.set(this.bytes.subarray(0, this.pos))
    this.bytes = grown
  }

  u8(value: number, what: string): void {
    checkNumber(value, 0xff, what)
    this.reserve(1)
    this.bytes[this.pos++] = value
  }

  u16(value: number, what: string): void {
    checkNumber(value, 0xffff, what)
    this.reserve(2)
    this.bytes[this.pos++] = value >>> 8
    this.bytes[this.pos++] = value & 0xff
  }

  u32(value: number, what: string): void {
    checkNumber(value, 0xffff_ffff, what)
    this.reserve(4)
    for (let shift = 24; shift >= 0; shift -= 8) this.bytes[this.pos++] = (value >>> shift) & 0xff
  }

  varint(value: number, what: string): void {
    checkNumber(value, MAX_REMAINING_LENGTH, what)
    this.reserve(4)
    this.pos = putVarint(this.bytes, this.pos, value)
  }

  /** UTF-8 Encoded String. */
  text(value: string, what: string): void {
    if (value.includes('\0')) throw notText(`${what} holds the null character U+0000`, 'nul')
    if (!isWellFormed(value)) throw notText(`${what} holds half a surrogate pair`, 'utf8')
    this.reserve(2 + value.length * 3)
    const written = writeText(value, this.bytes, this.pos + 2)
    checkLength(written, what)
    this.bytes[this.pos] = written >>> 8
    this.bytes[this.pos + 1] = written & 0xff
    this.pos += 2 + written
  }

  /** Binary Data. */
  binary(value: Uint8Array, what: string): void {
    checkLength(value.length, what)
    this.u16(value.length, what)
    this.raw(value)
  }

  raw(value: Uint8Array): void {
    this.reserve(value.length)
    this.bytes.set(value, this.pos)
    this.pos += value.length
  }

  /** Opens a block that its length, a Variable Byte Integer, goes before. Give the answer to `closeBlock`. */
  openBlock(): number {
    this.reserve(1)
    return this.pos++
  }

  closeBlock(start: number, what: string): void {
    const length = this.pos - start - 1
    checkNumber(length, MAX_REMAINING_LENGTH, what)
    const extra = varintSize(length) - 1
    this.reserve(extra)
    // Nearly every block is below 128 bytes and stays where it is.
    if (extra > 0) this.bytes.copyWithin(start + 1 + extra, start + 1, this.pos)
    putVarint(this.bytes, start, length)
    this.pos += extra
  }

  /** The packet, beginning with `first` and Remaining Length, in bytes that `allocate` answers. */
  packet<B extends Uint8Array>(first: number, type: string, allocate: Allocate<B>): B {
    const length = this.pos - HEADER
    if (length > MAX_REMAINING_LENGTH) {
      throw new RangeError(
        `${type} has ${length} bytes, but Remaining Length reaches ${MAX_REMAINING_LENGTH} only`,
      )
    }
    const start = HEADER - 1 - varintSize(length)
    this.bytes[start] = first
    putVarint(this.bytes, start + 1, length)
    const packet = allocate(this.pos - start)
    packet.set(this.bytes.subarray(start, this.pos))
    return packet
  }
}

const varintSize = (value: number): number =>
  value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : 4

function putVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = value
  while (rest >= 0x80) {
    bytes[at++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  bytes[at++] = rest
  return at
}

function checkNumber(value: number, max: number, what: string): void {
  if (Number.isInteger(value) && value >= 0 && value <= max) return
  throw new RangeError(`${what} is ${value}, but must be a whole number from 0 to ${max}`)
}

function checkLength(length: number, what: string): void {
  if (length <= MAX_TEXT) return
  throw new RangeError(`${what} has ${length} bytes, but at most ${MAX_TEXT} can be written`)
}

const notText = (message: string, statement: 'nul' | 'utf8'): MqttError =>
  new MqttError(MALFORMED_PACKET, message, { statement: statementNumber(statement, 5) })
