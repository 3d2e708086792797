/** Reads a capture file from disk, or a stream of one, as events. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { CaptureReader } from '../../../shared/pcapng/reader.ts'
import type { ImportEvent } from './events.ts'
import { Importer, type ImporterOptions } from './importer.ts'

export interface ImportOptions extends ImporterOptions {
  readonly signal?: AbortSignal
  /** Called after each piece: bytes read, and how many there are in all where that is known. */
  readonly onProgress?: (bytes: number, total: number | undefined) => void
}

/** Bytes read at a time: this bounds how much is told at once. */
const PIECE = 256 * 1024

/**
 * Events of a file in order, those of one piece of it at a time; `bytes` of frames stay what they are. Rejects with the
 * system's error when the file cannot be read, and with the signal's reason when it is aborted. What the file
 * holds never makes it reject: faults are notes.
 */
export async function* importFile(
  path: string,
  options: ImportOptions = {},
): AsyncGenerator<readonly ImportEvent[]> {
  const { size } = await stat(path)
  const stream = createReadStream(path, { highWaterMark: PIECE })
  yield* importStream(stream, options, size)
}

/** As `importFile`, for chunks from anywhere, e.g. a pipe. Chunks must not be written to afterwards. */
export async function* importStream(
  chunks: AsyncIterable<Uint8Array>,
  { signal, onProgress, ...options }: ImportOptions = {},
  total?: number,
): AsyncGenerator<readonly ImportEvent[]> {
  let told: ImportEvent[] = []
  /** Nobody writes to the memory of the present chunk any more: what lies in it need not be copied. */
  let memory: ArrayBufferLike | undefined
  const importer = new Importer((event) => {
    const isPassing = event.kind === 'frame' && event.bytes.buffer !== memory
    told.push(isPassing ? { ...event, bytes: event.bytes.slice() } : event)
  }, options)
  const reader = new CaptureReader()
  const batch = () => {
    const events = told
    told = []
    return events
  }
  let read = 0
  for await (const chunk of chunks) {
    // Here, and not before: leaving the loop is what closes a stream.
    signal?.throwIfAborted()
    memory = chunk.buffer
    for (const item of reader.push(chunk)) importer.take(item)
    read += chunk.length
    onProgress?.(read, total)
    yield batch()
    if (reader.done) break
  }
  for (const item of reader.end()) importer.take(item)
  importer.end()
  yield batch()
}
