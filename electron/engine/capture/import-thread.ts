/**
 * A file that is imported is read by a thread of its own: it takes captures apart while the worker that asked for
 * it indexes and writes what came. A few batches are on their way; then the reader waits.
 */
import { on } from 'node:events'
import { type MessagePort, Worker } from 'node:worker_threads'
import { type BenchError, BenchFailure } from '../../../shared/contract/result.ts'
import { batchesOf, type EventBatch, newBuffer } from './event-batches.ts'
import { eventsOfFile, readKeyLog } from './import-source.ts'
import type { ImportRequest } from './protocol.ts'
import { failureOf, type Work } from './work.ts'

export interface ReaderSettings {
  readonly mode: 'reader'
  readonly request: ImportRequest
}

type FromReader =
  | { readonly kind: 'batch'; readonly batch: EventBatch }
  | { readonly kind: 'progress'; readonly value: number }
  | { readonly kind: 'end' }
  | { readonly kind: 'failed'; readonly error: BenchError }

/** Batches on their way, those that are being filled or taken in among them. */
const BATCHES = 4
const PROGRESS_STEP = 0.01

/** Batches of a file that is read here. */
export async function* readHere({ file, keyLog }: ImportRequest, work: Work): AsyncGenerator<EventBatch> {
  yield* batchesOf(await eventsOfFile(file, await optionsOf(keyLog, work)), newBuffer)
}

/**
 * The same, read by a thread; `url`: the capture worker. A batch is good until the next one is asked for. Rejects
 * with a BenchFailure that says why the file cannot be read, or with the reason of the signal.
 */
export async function* readInThread(
  url: URL,
  request: ImportRequest,
  work: Work,
): AsyncGenerator<EventBatch> {
  const workerData: ReaderSettings = { mode: 'reader', request }
  const worker = new Worker(url, { workerData, name: 'import-reader' })
  try {
    const messages = on(worker, 'message', { signal: work.signal, close: ['exit'] })
    for await (const [message] of messages as AsyncIterable<[FromReader]>) {
      if (message.kind === 'end') return
      if (message.kind === 'failed') {
        const { code, message: text, detail } = message.error
        throw new BenchFailure(code, text, detail)
      }
      if (message.kind === 'progress') work.progress(message.value)
      else {
        const { buffer } = message.batch
        yield message.batch
        worker.postMessage(buffer, [buffer])
      }
    }
    throw new Error('The thread that read the file ended.')
  } finally {
    await worker.terminate()
  }
}

/** What that thread does. */
export async function tellFile(port: MessagePort, { request }: ReaderSettings): Promise<void> {
  const tell = (message: FromReader, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer)
  const buffers = new Buffers(BATCHES)
  port.on('message', (buffer: ArrayBuffer) => buffers.give(buffer))
  let told = 0
  const progress = (value: number) => {
    if (value - told < PROGRESS_STEP) return
    told = value
    tell({ kind: 'progress', value })
  }
  // Whoever wants it to stop ends the thread.
  const work: Work = { signal: new AbortController().signal, progress }
  try {
    const events = await eventsOfFile(request.file, await optionsOf(request.keyLog, work))
    for await (const batch of batchesOf(events, (least) => buffers.take(least))) {
      tell({ kind: 'batch', batch }, [batch.buffer])
    }
    tell({ kind: 'end' })
  } catch (error) {
    tell({ kind: 'failed', error: failureOf(error) })
  }
}

async function optionsOf(keyLog: string | undefined, { signal, progress }: Work) {
  return {
    signal,
    ...(keyLog !== undefined && { keyLog: await readKeyLog(keyLog) }),
    onProgress: (bytes: number, total: number | undefined) => {
      if (total) progress(Math.min(1, bytes / total))
    },
  }
}

/** A number of buffers that go and come back. */
class Buffers {
  #free: (ArrayBuffer | undefined)[]
  #wanted: (() => void) | undefined

  constructor(count: number) {
    this.#free = Array.from({ length: count }, () => undefined)
  }

  give(buffer: ArrayBuffer): void {
    this.#free.push(buffer)
    this.#wanted?.()
  }

  async take(least: number): Promise<ArrayBuffer> {
    if (this.#free.length === 0) await new Promise<void>((resolve) => (this.#wanted = resolve))
    const free = this.#free.pop()
    return free !== undefined && free.byteLength >= least ? free : newBuffer(least)
  }
}
