/** A cursor over one packet. It reads MQTT's primitive types, tells a trace, and throws `MqttError`. */
import { MALFORMED_PACKET, MqttError, statementNumber, type StatementKey } from './error.ts'
import { countBytes, type FieldRow, type FieldValue } from './fields.ts'
import type { ProtocolLevel } from './packets.ts'
import { decodeLenient, decodeText, decodeTopic, findTextFault } from './utf8.ts'

/** Is told every part of a packet as it is read. A decoder without one does no work for it. */
export interface Trace {
  /** A part in bytes [start, end). Flags of one byte share its range. */
  field(row: FieldRow, start: number, end: number, value: FieldValue): void
  /** What follows, until the `close` that belongs to it, is inside this part. */
  open(row: FieldRow, start: number): void
  close(end: number, value?: FieldValue): void
  /** The packet breaks the standard here, but can be read on. */
  violation(error: MqttError): void
}

export class Reader {
  readonly bytes: Uint8Array
  readonly trace: Trace | undefined
  level: ProtocolLevel
  /** Next byte to read. */
  pos: number
  /** End of the packet, exclusive. */
  end: number

  constructor(bytes: Uint8Array, level: ProtocolLevel, trace: Trace | undefined) {
    this.bytes = bytes
    this.trace = trace
    this.level = level
    this.pos = 0
    this.end = bytes.length
  }

  /** Cannot be read on. */
  fatal(reasonCode: number, message: string, offset: number, end: number, statement?: StatementKey): never {
    throw this.error(reasonCode, message, offset, end, statement && statementNumber(statement, this.level))
  }

  /** Can be read on: thrown, unless a trace takes it. */
  violation(
    reasonCode: number,
    message: string,
    offset: number,
    end: number,
    statement?: StatementKey,
  ): void {
    this.report(
      this.error(reasonCode, message, offset, end, statement && statementNumber(statement, this.level)),
    )
  }

  error(reasonCode: number, message: string, offset: number, end: number, statement?: string): MqttError {
    return new MqttError(reasonCode, message, { offset, end, statement })
  }

  report(error: MqttError): void {
    if (this.trace === undefined) throw error
    this.trace.violation(error)
  }

  /** Moves on by `count` bytes and answers where they begin. `what` names them in the error. */
  take(count: number, what: string): number {
    const start = this.pos
    const left = this.end - start
    if (left < count) {
      const need = `${what} needs ${countBytes(count)}`
      const message =
        left === 0
          ? `${need}, but the packet ends before it`
          : `${need}, but only ${left} ${left === 1 ? 'is' : 'are'} left`
      this.fatal(MALFORMED_PACKET, message, start, this.end)
    }
    this.pos = start + count
    return start
  }

  u8(row: FieldRow, what: string = row.label): number {
    const at = this.take(1, what)
    const value = this.bytes[at]!
    if (this.trace !== undefined) this.trace.field(row, at, at + 1, value)
    return value
  }

  u16(row: FieldRow, what: string = row.label): number {
    const at = this.take(2, what)
    const value = (this.bytes[at]! << 8) | this.bytes[at + 1]!
    if (this.trace !== undefined) this.trace.field(row, at, at + 2, value)
    return value
  }

  u32(row: FieldRow, what: string = row.label): number {
    const at = this.take(4, what)
    const { bytes } = this
    const value = bytes[at]! * 0x100_0000 + ((bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!)
    if (this.trace !== undefined) this.trace.field(row, at, at + 4, value)
    return value
  }

  /** Variable Byte Integer, at most four bytes and no longer than needed [MQTT-1.5.5-1]. */
  varint(row: FieldRow, what: string = row.label): number {
    const start = this.pos
    let value = 0
    for (let i = 0; i < 4; i++) {
      const byte = this.bytes[this.take(1, what)]!
      value += (byte & 0x7f) * (1 << (7 * i))
      if (byte < 0x80) {
        if (this.trace !== undefined) this.trace.field(row, start, this.pos, value)
        if (byte === 0 && i > 0) {
          const message = `${what} takes ${i + 1} bytes where fewer would do`
          this.violation(MALFORMED_PACKET, message, start, this.pos, 'varint')
        }
        return value
      }
    }
    return this.fatal(MALFORMED_PACKET, `${what} takes more than four bytes`, start, this.pos, 'varint')
  }

  /** Reads the two length bytes of a string or of binary data; moves past the data and answers its start. */
  private lengthPrefixed(row: FieldRow, what: string): number {
    const at = this.take(2, what)
    const length = (this.bytes[at]! << 8) | this.bytes[at + 1]!
    if (this.trace !== undefined) {
      this.trace.field({ name: row.lengthName ?? row.name, label: `${row.label} Length` }, at, at + 2, length)
    }
    return this.take(length, what)
  }

  /** UTF-8 Encoded String. */
  text(row: FieldRow, what: string = row.label): string {
    const start = this.lengthPrefixed(row, what)
    const value = decodeText(this.bytes, start, this.pos)
    if (value === undefined) return this.badText(row, what, start)
    if (this.trace !== undefined) this.trace.field(row, start, this.pos, value)
    return value
  }

  /** As `text`, for topics, which come again and again. */
  topic(row: FieldRow): string {
    const start = this.lengthPrefixed(row, row.label)
    const value = decodeTopic(this.bytes, start, this.pos)
    if (value === undefined) return this.badText(row, row.label, start)
    if (this.trace !== undefined) this.trace.field(row, start, this.pos, value)
    return value
  }

  private badText(row: FieldRow, what: string, start: number): string {
    const value = decodeLenient(this.bytes, start, this.pos)
    if (this.trace !== undefined) this.trace.field(row, start, this.pos, value)
    const fault = findTextFault(this.bytes, start, this.pos)
    const kind = fault?.kind ?? 'utf8'
    const message = kind === 'nul' ? `${what} holds the null character U+0000` : `${what} is not valid UTF-8`
    this.violation(MALFORMED_PACKET, message, fault?.start ?? start, fault?.end ?? this.pos, kind)
    return value
  }

  /** Binary Data: a view of the packet, not a copy. */
  binary(row: FieldRow, what: string = row.label): Uint8Array {
    const start = this.lengthPrefixed(row, what)
    const value = this.bytes.subarray(start, this.pos)
    if (this.trace !== undefined) this.trace.field(row, start, this.pos, value)
    return value
  }

  /** Everything up to the end of the packet: a view, not a copy. */
  rest(row: FieldRow): Uint8Array {
    const start = this.pos
    const value = this.bytes.subarray(start, this.end)
    this.pos = this.end
    if (this.trace !== undefined) this.trace.field(row, start, this.end, value)
    return value
  }
}
