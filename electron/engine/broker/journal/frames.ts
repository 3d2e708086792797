/**
 * The file format of the journal: `OKTJRNL` and a version byte, then frames, each with its length and its CRC-32
 * (4 bytes each, most significant first) in front. Pure.
 *
 * A frame holds the entries of one write, one after the other, so that of what belongs together, as a QoS 2 message
 * and the packet ID that it came with, a crash leaves all or nothing. In version 1 it held one entry.
 */
import { crc32 } from 'node:zlib'

export const JOURNAL_VERSION = 2
const MAGIC = Buffer.from('OKTJRNL')
export const HEADER_BYTES = MAGIC.length + 1
const FRAME_BYTES = 8
/** More than the largest packet: a length beyond it is damage. */
const MAX_BODY_BYTES = 300 * 1024 * 1024

export const header = (): Buffer => Buffer.concat([MAGIC, Buffer.from([JOURNAL_VERSION])])

/** Version of a journal by its first bytes; undefined when it is none. */
export const versionOf = (bytes: Buffer): number | undefined =>
  bytes.length >= HEADER_BYTES && bytes.subarray(0, MAGIC.length).equals(MAGIC)
    ? bytes[MAGIC.length]
    : undefined

/** Entries as they stand in the file together. */
export function frameOf(entries: readonly Uint8Array[]): Buffer {
  const length = entries.reduce((sum, entry) => sum + entry.length, 0)
  const frame = Buffer.allocUnsafe(FRAME_BYTES + length)
  let at = FRAME_BYTES
  for (const entry of entries) {
    frame.set(entry, at)
    at += entry.length
  }
  frame.writeUInt32BE(length, 0)
  frame.writeUInt32BE(crc32(frame.subarray(FRAME_BYTES)), 4)
  return frame
}

/** Entries as frames of at least `size` bytes, but for the last one. */
export function* inFrames(entries: Iterable<Uint8Array>, size: number): Generator<Buffer> {
  let together: Uint8Array[] = []
  let bytes = 0
  for (const entry of entries) {
    together.push(entry)
    bytes += entry.length
    if (bytes < size) continue
    yield frameOf(together)
    together = []
    bytes = 0
  }
  if (together.length > 0) yield frameOf(together)
}

export interface Unframed {
  /** Bodies of the whole frames. */
  readonly bodies: readonly Buffer[]
  /** Bytes that they take. */
  readonly used: number
  /** What follows is no frame, nor the beginning of one. */
  readonly damaged: boolean
}

/** The frames that `bytes` begins with. What is left may be the beginning of the next. */
export function unframe(bytes: Buffer): Unframed {
  const bodies: Buffer[] = []
  let at = 0
  while (at + FRAME_BYTES <= bytes.length) {
    const length = bytes.readUInt32BE(at)
    if (length > MAX_BODY_BYTES) return { bodies, used: at, damaged: true }
    const end = at + FRAME_BYTES + length
    if (end > bytes.length) break
    const body = bytes.subarray(at + FRAME_BYTES, end)
    if (crc32(body) !== bytes.readUInt32BE(at + 4)) return { bodies, used: at, damaged: true }
    bodies.push(body)
    at = end
  }
  return { bodies, used: at, damaged: false }
}
