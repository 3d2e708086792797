/** What an import tells, in the binary of batch.ts: in the order of the file, many events at a time. */
import type { Time } from '../../../shared/pcapng/format.ts'
import type { ImportEvent, ImportSink } from '../import/events.ts'
import type { Telling } from '../import/import-file.ts'
import { asideBody, Batch, jsonBody, MALFORMED, OUTBOUND, recordSize, Tag } from './batch.ts'
import { type Instant, nanosecondsSince } from './clock.ts'
import type { Direction } from './sink.ts'

export interface EventBatch {
  readonly buffer: ArrayBuffer
  readonly used: number
  /** To which the times in it are relative: that of the first event; undefined before that. */
  readonly epoch: Instant | undefined
}

/** Enough that the costs of a batch do not count; what is told at once holds others up for some milliseconds. */
const BATCH_BYTES = 512 * 1024
/** The first batches are smaller, so that whoever takes them need not wait for the work to begin. */
const FIRST_BYTES = 16 * 1024
const NOTHING = new Uint8Array(0)

/** Where batches are written to, and whether more of them may be. */
export interface BufferSource {
  /** A buffer of `least` bytes or more. The batch in it gives it away. */
  take(least: number): ArrayBuffer
  /** Resolves as soon as there is room for the next batch. */
  room(): Promise<void>
}

export const newBuffers: BufferSource = {
  take: (least) => new ArrayBuffer(Math.max(least, BATCH_BYTES)),
  room: () => Promise.resolve(),
}

/** Buffers that go and come back: there is room while fewer than `most` of them are away. */
export class Ring implements BufferSource {
  readonly #most: number
  readonly #free: ArrayBuffer[] = []
  #away = 0
  #cameBack: (() => void) | undefined

  constructor(most: number) {
    this.#most = most
  }

  take(least: number): ArrayBuffer {
    this.#away += 1
    const free = this.#free.pop()
    return free !== undefined && free.byteLength >= least ? free : newBuffers.take(least)
  }

  async room(): Promise<void> {
    // A step of whoever tells may fill many at once: then it is waited for all but a few of them.
    while (this.#away >= this.#most) await new Promise<void>((resolve) => (this.#cameBack = resolve))
  }

  give(buffer: ArrayBuffer): void {
    this.#away -= 1
    if (this.#free.length < this.#most) this.#free.push(buffer)
    this.#cameBack?.()
  }
}

/** Whoever takes a batch may write to its buffer. */
export async function* batchesOf(telling: Telling, buffers: BufferSource): AsyncGenerator<EventBatch> {
  const writer = new BatchWriter(buffers)
  for await (const _ of telling(writer)) {
    yield* writer.full()
    await buffers.room()
  }
  yield* writer.rest()
}

class BatchWriter implements ImportSink {
  readonly #buffers: BufferSource
  #batch: Batch | undefined
  #full: EventBatch[] = []
  #epoch: Instant | undefined
  /** Bytes with which a batch is full. */
  #most = FIRST_BYTES

  constructor(buffers: BufferSource) {
    this.#buffers = buffers
  }

  /** The batches that were filled since the last call. */
  full(): readonly EventBatch[] {
    const full = this.#full
    if (full.length > 0) this.#full = []
    return full
  }

  /** The same when nothing more is told. */
  rest(): readonly EventBatch[] {
    this.#end()
    return this.full()
  }

  frame(
    no: number,
    time: Time,
    connection: number,
    direction: Direction,
    malformed: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    const flags = (direction === 'out' ? OUTBOUND : 0) | (malformed ? MALFORMED : 0)
    const at = this.#since(time)
    this.#room(end - start).write(Tag.frame, flags, connection, at, no, bytes, start, end)
  }

  tell(event: ImportEvent): void {
    const body = bodyOf(event)
    const batch = this.#room(body.length)
    switch (event.kind) {
      case 'opened':
        batch.write(Tag.opened, 0, event.connection, this.#since(event.time), 0, body)
        break
      case 'closed':
        batch.write(Tag.closed, 0, event.connection, this.#since(event.time), event.no, body)
        break
      case 'remark':
        batch.write(Tag.note, 0, 0, 0, event.no, body)
        break
      case 'mark':
        batch.write(Tag.mark, 0, 0, 0, event.no, body)
        break
      default:
        batch.write(Tag.aside, 0, 0, 0, 0, body)
    }
  }

  #room(length: number): Batch {
    const batch = this.#batch
    if (batch !== undefined && batch.used < this.#most && batch.fits(length)) return batch
    this.#end()
    return (this.#batch = new Batch(this.#buffers.take(recordSize(length))))
  }

  #end(): void {
    const batch = this.#batch
    if (batch === undefined) return
    this.#full.push({ buffer: batch.buffer, used: batch.used, epoch: this.#epoch })
    this.#batch = undefined
    this.#most = Math.min(this.#most * 2, BATCH_BYTES)
  }

  #since(time: Time): number {
    this.#epoch ??= { sec: time.sec, nsec: time.nsec }
    return nanosecondsSince(this.#epoch, time)
  }
}

function bodyOf(event: ImportEvent): Uint8Array {
  switch (event.kind) {
    case 'opened':
    case 'closed':
      return jsonBody(event.facts)
    case 'remark':
      return jsonBody(event.note)
    case 'mark':
      return NOTHING
    default:
      return asideBody(event)
  }
}
