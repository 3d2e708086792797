/** Reads a capture file from disk, or a stream of one, as events. */
import { stat } from 'node:fs/promises'
import { piecesOf } from './pieces.ts'
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
 * Events of a file in order, those of one piece of it at a time; `bytes` of frames are good until the next piece is
 * asked for. Rejects with the system's error when the file cannot be read, and with the signal's reason when it is aborted. What the file
 * holds never makes it reject: faults are notes.
 */
export async function* importFile(
  path: string,
  options: ImportOptions = {},
): AsyncGenerator<readonly ImportEvent[]> {
  const { size } = await stat(path)
  yield* importStream(piecesOf(path, PIECE), options, size)
}

/**
 * As `importFile`, for chunks from anywhere, e.g. a pipe. A chunk may be written to when the next one is asked for;
 * the `bytes` of frames are good as long as it is not.
 */
export async function* importStream(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { signal, onProgress, ...options }: ImportOptions = {},
  total?: number,
): AsyncGenerator<readonly ImportEvent[]> {
  let told: ImportEvent[] = []
  /** Nobody writes to the memory of the present chunk until its events were taken: what lies in it need not be copied. */
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
