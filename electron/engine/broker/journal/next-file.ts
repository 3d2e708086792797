/**
 * A journal in the making, beside the one in use: first all that is to be kept at one moment, then what the other
 * has taken since. It is written in slices between which the broker works on, and touches nothing of the other.
 */
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { header, inFrames } from './frames.ts'

/** The broker stands still no longer than this for it, in milliseconds. */
const SLICE_MS = 4
/** Entries in a frame: what is damaged later is lost by the frame. */
const FRAME_BYTES = 64 * 1024
const PIECE_BYTES = 1024 * 1024
/** So much may be left for the moment in which it takes the place of the other. */
const REST_BYTES = 256 * 1024

export class NextFile {
  readonly #path: string
  /** Bytes of the other that stand here as well, or before the snapshot. */
  #followed: number
  #file: FileHandle | undefined
  #given = false
  /** Nothing more is wanted of it. */
  cancelled = false
  /** Whole but for a rest that `follow` brings at once. */
  ready = false
  bytes = 0

  /** `from`: where in the other file that begins which the snapshot does not hold. */
  constructor(path: string, from: number) {
    this.#path = path
    this.#followed = from
  }

  /** Writes the snapshot, and what `other` took meanwhile up to `end()`; rejects when it cannot or is cancelled. */
  async build(
    entries: Iterable<Uint8Array>,
    other: FileHandle | undefined,
    end: () => number,
  ): Promise<void> {
    await rm(this.#path, { force: true })
    // To be read as well: one day it is the other of the next.
    this.#file = await open(this.#path, 'wx+', 0o600)
    await this.#write(header())
    await this.#fill(entries)
    await this.#file.datasync()
    if (other) await this.#catchUp(this.#file, other, end)
    this.#goOn()
    this.ready = true
  }

  async #catchUp(file: FileHandle, other: FileHandle, end: () => number): Promise<void> {
    while (end() - this.#followed > REST_BYTES) {
      this.#goOn()
      await this.follow(other, end())
      await file.datasync()
    }
  }

  /** Takes over what stands in the other file up to `end`. */
  async follow(other: FileHandle, end: number): Promise<void> {
    while (this.#followed < end) {
      const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, end - this.#followed))
      const { bytesRead } = await other.read(piece, 0, piece.length, this.#followed)
      if (bytesRead === 0) throw new Error('the journal is shorter than what was written to it')
      await this.#write(piece.subarray(0, bytesRead))
      this.#followed += bytesRead
    }
  }

  /** Gives it the name that it is to have. From here on it belongs to the caller. */
  async take(path: string, synced: boolean): Promise<FileHandle> {
    const file = this.#file as FileHandle
    if (synced) await file.datasync()
    await rename(this.#path, path)
    this.#given = true
    return file
  }

  /** Leaves nothing behind, unless it was taken. */
  async discard(): Promise<void> {
    this.cancelled = true
    if (this.#given) return
    await this.#file?.close().catch(() => undefined)
    await rm(this.#path, { force: true }).catch(() => undefined)
  }

  async #fill(entries: Iterable<Uint8Array>): Promise<void> {
    let frames: Buffer[] = []
    let until = performance.now() + SLICE_MS
    for (const frame of inFrames(entries, FRAME_BYTES)) {
      frames.push(frame)
      if (performance.now() < until) continue
      await this.#write(Buffer.concat(frames))
      frames = []
      this.#goOn()
      // A write may be done before anybody else had a turn.
      await new Promise((resolve) => setImmediate(resolve))
      until = performance.now() + SLICE_MS
    }
    await this.#write(Buffer.concat(frames))
  }

  #goOn(): void {
    if (this.cancelled) throw new Error('a new journal is not wanted any more')
  }

  async #write(bytes: Buffer): Promise<void> {
    await writeAll(this.#file as FileHandle, bytes)
    this.bytes += bytes.length
  }
}

/** At the end of what was written to it so far. */
export async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, at)
    at += bytesWritten
  }
}
