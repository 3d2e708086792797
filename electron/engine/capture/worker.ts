/** Entry of the capture worker: takes messages, hands them to the archive, and works off filters in between. */
import { parentPort, workerData } from 'node:worker_threads'
import { Archive } from './archive.ts'
import type { CallName, Calls, FromWorker, ToWorker, WorkerSettings } from './protocol.ts'

if (parentPort === null) throw new Error('The capture worker runs as a worker thread of the bench only.')
const port = parentPort
const post = (message: FromWorker, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer)

// Written by startCapture in client.ts.
const { epoch, budgetBytes } = workerData as WorkerSettings
const archive = new Archive({
  epoch,
  budgetBytes,
  viewChanged: (view) => post({ kind: 'changed', view }),
})

const answers: { readonly [C in CallName]: (request: Calls[C]['request']) => Calls[C]['answer'] } = {
  get: ({ no }) => archive.detail(no),
  flush: () => undefined,
  clear: () => void archive.clear(),
  read: ({ view, window }) => archive.views.read(view, window),
  locate: ({ view, no }) => archive.views.locate(view, no),
}

function answer(call: Extract<ToWorker, { kind: 'call' }>): void {
  const { id } = call
  try {
    // Name and request belong together in ToWorker, which the compiler cannot follow through the table.
    const handler = answers[call.name] as (request: unknown) => unknown
    post({ kind: 'answer', id, value: handler(call.request), counts: archive.counts })
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error))
    post({ kind: 'failed', id, error: { code: 'failed', message, ...(stack && { detail: stack }) } })
  }
}

let searching = false
/** Searches older rows slice by slice; messages are taken between two slices. */
function search(): void {
  searching = archive.views.step()
  if (searching) setImmediate(search)
}

port.on('message', (message: ToWorker) => {
  switch (message.kind) {
    case 'batch':
      archive.take(message.buffer, message.used)
      post({ kind: 'taken', buffer: message.buffer, counts: archive.counts }, [message.buffer])
      break
    case 'open':
      archive.views.open(message.view, message.text)
      break
    case 'close':
      archive.views.close(message.view)
      break
    case 'call':
      answer(message)
      break
  }
  if (!searching) search()
})
post({ kind: 'ready' })
