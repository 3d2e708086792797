/** Reads a capture file from disk, or a stream of one. */
import { stat } from 'node:fs/promises'
import { piecesOf } from './pieces.ts'
import { CaptureReader } from '../../../shared/pcapng/reader.ts'
import type { ImportSink } from './events.ts'
import { Importer, type ImporterOptions } from './importer.ts'

export interface ImportOptions extends ImporterOptions {
  readonly signal?: AbortSignal
  /** Called after each piece: bytes read, and how many there are in all where that is known. */
  readonly onProgress?: (bytes: number, total: number | undefined) => void
}

/** Bytes read at a time: this bounds how much is told at once. */
const PIECE = 256 * 1024

/** Tells somebody what a file holds, a piece of it at each step. */
export type Telling = (sink: ImportSink) => AsyncIterable<void>

/**
 * Tells what a file holds, in order. Rejects with the system's error when the file cannot be read, and with the
 * signal's reason when it is aborted. What the file holds never makes it reject: faults are notes.
 */
export async function* importFile(
  path: string,
  sink: ImportSink,
  options: ImportOptions = {},
): AsyncGenerator<void> {
  const { size } = await stat(path)
  yield* importStream(piecesOf(path, PIECE), sink, options, size)
}

/** As `importFile`, for chunks from anywhere, e.g. a pipe. A chunk may be written to when the next one is asked for. */
export async function* importStream(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  sink: ImportSink,
  { signal, onProgress, ...options }: ImportOptions = {},
  total?: number,
): AsyncGenerator<void> {
  const importer = new Importer(sink, options)
  const reader = new CaptureReader((item) => importer.take(item))
  let read = 0
  for await (const chunk of chunks) {
    // Here, and not before: leaving the loop is what closes a stream.
    signal?.throwIfAborted()
    importer.read(chunk)
    reader.push(chunk)
    read += chunk.length
    onProgress?.(read, total)
    yield
    if (reader.done) break
  }
  reader.end()
  importer.end()
}
