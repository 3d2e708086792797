/**
 * Entry of the capture's threads. Each loads what it is there for and no more: an import waits until its threads
 * run.
 */
import { workerData } from 'node:worker_threads'
import type { ImportThread, ImportThreads } from './import-thread.ts'
import type { WorkerSettings } from './protocol.ts'

// Written by link.ts, and by import-thread.ts.
const settings = workerData as WorkerSettings | ImportThread
if (settings.mode === 'reader' || settings.mode === 'store') {
  const { runImportThread } = await import('./import-thread.ts')
  void runImportThread(settings)
} else {
  // The threads of an import begin to work while this one loads what it is there for.
  let threads: ImportThreads | undefined
  if (settings.mode === 'import') {
    const { isWorthThreads, startThreads } = await import('./import-thread.ts')
    if (isWorthThreads(settings.request.file)) threads = startThreads(settings)
  }
  const { runCaptureWorker } = await import('./capture-worker.ts')
  runCaptureWorker(threads)
}
