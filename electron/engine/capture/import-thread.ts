/**
 * A file that is imported is taken apart by one thread and written by the next, while the worker that asked for it
 * indexes what came. Batches go round in a ring, a few of them: then the reader waits.
 */
import { on } from 'node:events'
import { MessageChannel, type MessagePort, type TransferListItem, Worker } from 'node:worker_threads'
import { type BenchError, BenchFailure } from '../../../shared/contract/result.ts'
import { batchesOf, type EventBatch, newBuffer } from './event-batches.ts'
import { eventsOfFile, readKeyLog } from './import-source.ts'
import { type StoreTarget, stored } from './import-store.ts'
import type { ImportRequest } from './protocol.ts'
import { failureOf, type Work } from './work.ts'

/** Given to a thread at its start: what it does, where batches go to, and where they or their buffers come from. */
export type ImportThread =
  | {
      readonly mode: 'reader'
      readonly request: ImportRequest
      readonly to: MessagePort
      readonly from: MessagePort
    }
  | {
      readonly mode: 'store'
      readonly target: StoreTarget
      readonly to: MessagePort
      readonly from: MessagePort
    }

type FromThread =
  | { readonly kind: 'batch'; readonly batch: EventBatch }
  | { readonly kind: 'progress'; readonly value: number }
  | { readonly kind: 'end' }
  | { readonly kind: 'failed'; readonly error: BenchError }

/** Batches on their way, those that are being filled, written or taken in among them. */
const BATCHES = 6
const PROGRESS_STEP = 0.01
/** What these threads make lasts for a packet: little room for it stays in the caches. */
const THREAD_HEAP = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 12 }

/** Batches of a file that is read here. */
export async function* readHere({ file, keyLog }: ImportRequest, work: Work): AsyncGenerator<EventBatch> {
  yield* batchesOf(await eventsOfFile(file, await optionsOf(keyLog, work)), newBuffer)
}

/**
 * The same, read and stored by threads; `url`: the capture worker. A batch is good until the next one is asked for.
 * Rejects with a BenchFailure that says why the file cannot be read or stored, or with the reason of the signal.
 */
export async function* readInThreads(
  url: URL,
  request: ImportRequest,
  target: StoreTarget,
  work: Work,
): AsyncGenerator<EventBatch> {
  const read = new MessageChannel()
  const written = new MessageChannel()
  const back = new MessageChannel()
  const died = new AbortController()
  const start = (workerData: ImportThread) => {
    const transferList: TransferListItem[] = [workerData.to, workerData.from]
    const name = `import-${workerData.mode}`
    const worker = new Worker(url, { workerData, transferList, name, resourceLimits: THREAD_HEAP })
    worker.on('error', (error) => died.abort(error))
    return worker
  }
  const threads = [
    start({ mode: 'reader', request, to: read.port1, from: back.port2 }),
    start({ mode: 'store', target, to: written.port1, from: read.port2 }),
  ]
  try {
    const signal = AbortSignal.any([work.signal, died.signal])
    for await (const batch of batchesFrom(written.port2, { ...work, signal })) {
      const { buffer } = batch
      yield batch
      back.port1.postMessage(buffer, [buffer])
    }
  } catch (error) {
    if (died.signal.aborted) throw died.signal.reason
    throw error
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()))
    for (const port of [written.port2, back.port1]) port.close()
  }
}

/** What those threads do. */
export async function runImportThread(thread: ImportThread): Promise<void> {
  const { to, from } = thread
  const tell = (message: FromThread, transfer: ArrayBuffer[] = []) => to.postMessage(message, transfer)
  let told = 0
  const progress = (value: number) => {
    if (value - told < PROGRESS_STEP) return
    told = value
    tell({ kind: 'progress', value })
  }
  // Whoever wants it to stop ends the thread.
  const work: Work = { signal: new AbortController().signal, progress }
  try {
    const batches =
      thread.mode === 'store'
        ? stored(batchesFrom(from, work), thread.target)
        : await readInto(thread.request, from, work)
    for await (const batch of batches) tell({ kind: 'batch', batch }, [batch.buffer])
    tell({ kind: 'end' })
  } catch (error) {
    tell({ kind: 'failed', error: failureOf(error) })
  }
}

/** Batches of a file, in buffers that come back from `from`. */
async function readInto(
  { file, keyLog }: ImportRequest,
  from: MessagePort,
  work: Work,
): Promise<AsyncIterable<EventBatch>> {
  const buffers = new Buffers(BATCHES)
  from.on('message', (buffer: ArrayBuffer) => buffers.give(buffer))
  return batchesOf(await eventsOfFile(file, await optionsOf(keyLog, work)), (least) => buffers.take(least))
}

/** What a thread tells. */
async function* batchesFrom(port: MessagePort, { signal, progress }: Work): AsyncGenerator<EventBatch> {
  const messages = on(port, 'message', { signal, close: ['close'] })
  for await (const [message] of messages as AsyncIterable<[FromThread]>) {
    if (message.kind === 'end') return
    if (message.kind === 'failed') {
      const { code, message: text, detail } = message.error
      throw new BenchFailure(code, text, detail)
    }
    if (message.kind === 'progress') progress(message.value)
    else yield message.batch
  }
  throw new Error('A thread of the import ended.')
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
