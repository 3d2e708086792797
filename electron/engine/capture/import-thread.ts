/**
 * What the threads of an import do: the file is taken apart by one and written by the next, while the worker of the
 * capture indexes what came. Batches go round in a ring, a few of them: then the reader waits.
 */
import { on } from 'node:events'
import type { MessagePort } from 'node:worker_threads'
import { type BenchError, BenchFailure } from '../../../shared/contract/result.ts'
import { batchesOf, type EventBatch, newBuffers, Ring } from './event-batches.ts'
import { readKeyLog, tellingOfFile } from './import-source.ts'
import { type StoreTarget, stored } from './import-store.ts'
import type { ImportPorts, ImportRequest } from './protocol.ts'
import { failureOf, type Work } from './work.ts'

/** What a thread is to do, where its batches go to, and where they or their buffers come from. */
export type ImportJob =
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
/** Batches of a file that is read here. */
export async function* readHere({ file, keyLog }: ImportRequest, work: Work): AsyncGenerator<EventBatch> {
  yield* batchesOf(await tellingOfFile(file, await optionsOf(keyLog, work)), newBuffers)
}

/**
 * What the threads of an import tell. A batch is good until the next one is asked for. Rejects with a BenchFailure that
 * says why the file cannot be read or stored, or with the reason of the signal.
 */
export async function* batchesOfThreads({ from, to }: ImportPorts, work: Work): AsyncGenerator<EventBatch> {
  try {
    for await (const batch of batchesFrom(from, work)) {
      const { buffer } = batch
      yield batch
      to.postMessage(buffer, [buffer])
    }
  } finally {
    to.close()
  }
}

/** Does one job after the other, and says when it is through with one. Whoever wants it to stop ends the thread. */
export function runImportThread(port: MessagePort): void {
  port.on('message', (job: ImportJob) => {
    void runJob(job).then(() => port.postMessage('done'))
  })
}

async function runJob(job: ImportJob): Promise<void> {
  const { to, from } = job
  const tell = (message: FromThread, transfer: ArrayBuffer[] = []) => to.postMessage(message, transfer)
  let told = 0
  const progress = (value: number) => {
    if (value - told < PROGRESS_STEP) return
    told = value
    tell({ kind: 'progress', value })
  }
  const work: Work = { signal: new AbortController().signal, progress }
  try {
    const batches =
      job.mode === 'store'
        ? stored(batchesFrom(from, work), job.target)
        : await readInto(job.request, from, work)
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
  try {
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
  } finally {
    port.close()
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
