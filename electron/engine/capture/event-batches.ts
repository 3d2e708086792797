/** What an import tells, in the binary of batch.ts: in the order of the file, many events at a time. */
import type { ImportEvent } from '../import/events.ts'
import { asideBody, Batch, jsonBody, MALFORMED, NUMBER_ME, OUTBOUND, recordSize, Tag } from './batch.ts'
import { type Instant, nanosecondsSince } from './clock.ts'

/** Events that come in pieces. */
export type Events = AsyncIterable<readonly ImportEvent[]>

export interface EventBatch {
  readonly buffer: ArrayBuffer
  readonly used: number
  /** To which the times in it are relative: that of the first event; undefined before that. */
  readonly epoch: Instant | undefined
}

/** Enough that the costs of a batch do not count; what is told at once holds others up for some milliseconds. */
const BATCH_BYTES = 512 * 1024

/** Where batches are written to: `least` is the size that is needed. A batch gives its buffer away. */
export type BufferSource = (least: number) => ArrayBuffer | Promise<ArrayBuffer>

export const newBuffer: BufferSource = (least) => new ArrayBuffer(Math.max(least, BATCH_BYTES))

/** Whoever takes a batch may write to its buffer; the events are needed no more then. */
export async function* batchesOf(events: Events, bufferOf: BufferSource): AsyncGenerator<EventBatch> {
  let batch: Batch | undefined
  let epoch: Instant | undefined
  for await (const piece of events) {
    for (const event of piece) {
      if (event.kind === 'opened' || event.kind === 'frame' || event.kind === 'closed') epoch ??= event.time
      const body = bodyOf(event)
      if (batch !== undefined && !batch.fits(body.length)) {
        yield { buffer: batch.buffer, used: batch.used, epoch }
        batch = undefined
      }
      batch ??= new Batch(await bufferOf(recordSize(body.length)))
      write(batch, event, body, epoch)
    }
  }
  if (batch !== undefined) yield { buffer: batch.buffer, used: batch.used, epoch }
}

const NOTHING = new Uint8Array(0)

function bodyOf(event: ImportEvent): Uint8Array {
  switch (event.kind) {
    case 'frame':
      return event.bytes
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

function write(batch: Batch, event: ImportEvent, body: Uint8Array, epoch: Instant | undefined): void {
  switch (event.kind) {
    case 'frame': {
      const { connection, time, no = NUMBER_ME, direction, malformed } = event
      const flags = (direction === 'out' ? OUTBOUND : 0) | (malformed ? MALFORMED : 0)
      batch.write(Tag.frame, flags, connection, since(epoch, time), no, body)
      break
    }
    case 'opened':
      batch.write(Tag.opened, 0, event.connection, since(epoch, event.time), 0, body)
      break
    case 'closed': {
      const { connection, time, no = NUMBER_ME } = event
      batch.write(Tag.closed, 0, connection, since(epoch, time), no, body)
      break
    }
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

const since = (epoch: Instant | undefined, time: Instant): number =>
  epoch === undefined ? 0 : nanosecondsSince(epoch, time)
