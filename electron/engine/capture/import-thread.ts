/**
 * A file that is imported is taken apart by one thread and written by the next, while the worker that asked for it
 * indexes what came. Batches go round in a ring, a few of them: then the reader waits.
 */
import { on } from 'node:events'
import { statSync } from 'node:fs'
import { MessageChannel, type MessagePort, type TransferListItem, Worker } from 'node:worker_threads'
import { type BenchError, BenchFailure } from '../../../shared/contract/result.ts'
import { batchesOf, type EventBatch, newBuffers, Ring } from './event-batches.ts'
import { readKeyLog, tellingOfFile } from './import-source.ts'
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

/** Batches on their way, those that are written or taken in among them. */
const BATCHES = 6
const PROGRESS_STEP = 0.01
/** What these threads make lasts for a packet: little room for it stays in the caches. */
const THREAD_HEAP = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 12 }

/** A smaller file is read before a thread for it would run. */
const WORTH_A_THREAD = 4 * 1024 * 1024

/** Batches of a file that is read here. */
export async function* readHere({ file, keyLog }: ImportRequest, work: Work): AsyncGenerator<EventBatch> {
  yield* batchesOf(await tellingOfFile(file, await optionsOf(keyLog, work)), newBuffers)
}

/** What is read and stored by threads of its own. */
export interface ImportThreads {
  /**
   * To be called once. A batch is good until the next one is asked for. Rejects with a BenchFailure that says why the
   * file cannot be read or stored, or with the reason of the signal.
   */
  batches(work: Work): AsyncGenerator<EventBatch>
}

export interface ThreadedImport extends StoreTarget {
  readonly request: ImportRequest
  /** Of the built worker.ts. */
  readonly workerUrl: string
}

/** False as well for a file that cannot be looked at: whoever reads it then says why. */
export function isWorthThreads(file: string): boolean {
  try {
    return statSync(file).size >= WORTH_A_THREAD
  } catch {
    return false
  }
}

export function startThreads({ request, workerUrl, ...target }: ThreadedImport): ImportThreads {
  const read = new MessageChannel()
  const written = new MessageChannel()
  const back = new MessageChannel()
  const died = new AbortController()
  const start = (workerData: ImportThread) => {
    const transferList: TransferListItem[] = [workerData.to, workerData.from]
    const name = `import-${workerData.mode}`
    const worker = new Worker(new URL(workerUrl), {
      workerData,
      transferList,
      name,
      resourceLimits: THREAD_HEAP,
    })
    worker.on('error', (error) => died.abort(error))
    return worker
  }
  const threads = [
    start({ mode: 'reader', request, to: read.port1, from: back.port2 }),
    start({ mode: 'store', target, to: written.port1, from: read.port2 }),
  ]
  async function* batches(work: Work): AsyncGenerator<EventBatch> {
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
  return { batches }
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
  const buffers = new Ring(BATCHES)
  from.on('message', (buffer: ArrayBuffer) => buffers.give(buffer))
  return batchesOf(await tellingOfFile(file, await optionsOf(keyLog, work)), buffers)
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
