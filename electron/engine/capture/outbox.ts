/**
 * Batches on their way to the worker: filled here, posted when full or after 10 ms, sent back for reuse. While
 * the worker is behind only full batches go, so that a slow worker gets few large ones; and when too much is
 * under way, records are refused rather than piled up.
 */
import { Batch, recordSize, type Tag } from './batch.ts'

export interface OutboxLimits {
  readonly batchBytes: number
  /** After this time a batch goes even when it is not full. */
  readonly delayMs: number
  /** Bytes posted and not yet taken, above which frames are refused. */
  readonly maxBytes: number
  /**
   * Room above `maxBytes` for what must not be lost: who opened and closed which connection. When that is
   * used up as well, the worker is as good as dead.
   */
  readonly reserveBytes: number
}

export const defaultLimits: OutboxLimits = {
  batchBytes: 256 * 1024,
  delayMs: 10,
  maxBytes: 64 * 1024 * 1024,
  reserveBytes: 16 * 1024 * 1024,
}

/** With this many batches under way the worker counts as behind. */
const BEHIND = 4
/** Buffers kept for reuse: fresh ones cost a page fault for every 4 KiB, which is most of what a burst costs. */
const POOL = 32

export class Outbox {
  readonly #limits: OutboxLimits
  readonly #post: (buffer: ArrayBuffer, used: number) => void
  #batch: Batch | undefined
  #pool: ArrayBuffer[] = []
  #timer: NodeJS.Timeout | undefined
  #batchesOut = 0
  #bytesOut = 0

  /** `post` hands the buffer over (it is transferred); `taken` must bring it back. */
  constructor(post: (buffer: ArrayBuffer, used: number) => void, limits: OutboxLimits = defaultLimits) {
    this.#post = post
    this.#limits = limits
  }

  /** Whether a record of this body length may go. With `must`, the reserve may be used. */
  accepts(length: number, must: boolean): boolean {
    const { maxBytes, reserveBytes } = this.#limits
    // One record is let through even if it alone is larger than all room there is.
    return this.#bytesOut === 0 || this.#bytesOut + recordSize(length) <= maxBytes + (must ? reserveBytes : 0)
  }

  /** Writes a record; ask `accepts` before. */
  write(tag: Tag, flags: number, connection: number, time: number, no: number, body: Uint8Array): void {
    let batch = this.#batch
    if (batch === undefined || !batch.fits(body.length)) batch = this.#begin(body.length)
    batch.write(tag, flags, connection, time, no, body)
  }

  /** Whether the next record begins a new batch. */
  get empty(): boolean {
    return this.#batch === undefined
  }

  /** Posts what is waiting, full or not. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const batch = this.#batch
    if (batch === undefined) return
    this.#batch = undefined
    this.#batchesOut += 1
    this.#bytesOut += batch.buffer.byteLength
    this.#post(batch.buffer, batch.used)
  }

  /** The worker is done with a batch. */
  taken(buffer: ArrayBuffer): void {
    this.#batchesOut -= 1
    this.#bytesOut -= buffer.byteLength
    if (buffer.byteLength === this.#limits.batchBytes && this.#pool.length < POOL) this.#pool.push(buffer)
    if (this.#batch !== undefined) this.#arm()
  }

  /** Forgets everything: the worker is gone. */
  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#batch = undefined
    this.#pool = []
  }

  #begin(length: number): Batch {
    this.flush()
    const { batchBytes } = this.#limits
    const size = Math.max(batchBytes, recordSize(length))
    const reused = size === batchBytes ? this.#pool.pop() : undefined
    const batch = new Batch(reused ?? new ArrayBuffer(size))
    this.#batch = batch
    this.#arm()
    return batch
  }

  #arm(): void {
    if (this.#timer !== undefined || this.#batchesOut >= BEHIND) return
    this.#timer = setTimeout(() => this.flush(), this.#limits.delayMs)
  }
}
