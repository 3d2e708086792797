/**
 * The file format of the journal: `OKTJRNL` and a version byte, then entries, each with its length and its CRC-32
 * (4 bytes each, most significant first) in front. Pure.
 */
import { crc32 } from 'node:zlib'

export const JOURNAL_VERSION = 1
const MAGIC = Buffer.from('OKTJRNL')
export const HEADER_BYTES = MAGIC.length + 1
const FRAME_BYTES = 8
/** More than the largest packet: a length beyond it is damage. */
const MAX_ENTRY_BYTES = 300 * 1024 * 1024

export const header = (): Buffer => Buffer.concat([MAGIC, Buffer.from([JOURNAL_VERSION])])

/** Version of a journal by its first bytes; undefined when it is none. */
export const versionOf = (bytes: Buffer): number | undefined =>
  bytes.length >= HEADER_BYTES && bytes.subarray(0, MAGIC.length).equals(MAGIC)
    ? bytes[MAGIC.length]
    : undefined

/** One entry as it stands in the file. */
export function frameOf(body: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(FRAME_BYTES + body.length)
  frame.writeUInt32BE(body.length, 0)
  frame.writeUInt32BE(crc32(body), 4)
  frame.set(body, FRAME_BYTES)
  return frame
}

export interface Unframed {
  /** Bodies of the whole entries. */
  readonly bodies: readonly Buffer[]
  /** Bytes that they take, with their frames. */
  readonly used: number
  /** What follows is no entry, nor the beginning of one. */
  readonly damaged: boolean
}

/** The entries that `bytes` begins with. What is left may be the beginning of the next. */
export function unframe(bytes: Buffer): Unframed {
  const bodies: Buffer[] = []
  let at = 0
  while (at + FRAME_BYTES <= bytes.length) {
    const length = bytes.readUInt32BE(at)
    if (length > MAX_ENTRY_BYTES) return { bodies, used: at, damaged: true }
    const end = at + FRAME_BYTES + length
    if (end > bytes.length) break
    const body = bytes.subarray(at + FRAME_BYTES, end)
    if (crc32(body) !== bytes.readUInt32BE(at + 4)) return { bodies, used: at, damaged: true }
    bodies.push(body)
    at = end
  }
  return { bodies, used: at, damaged: false }
}
