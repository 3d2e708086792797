/** Entry of the capture's threads. Each loads what it is there for and no more. */
import { parentPort, workerData } from 'node:worker_threads'
import type { ImportThreadSettings, WorkerSettings } from './protocol.ts'

// Written by link.ts, and by import-pool.ts.
const settings = workerData as WorkerSettings | ImportThreadSettings
if (settings.mode === 'import-thread') {
  const { runImportThread } = await import('./import-thread.ts')
  if (parentPort) runImportThread(parentPort)
} else {
  const { runCaptureWorker } = await import('./capture-worker.ts')
  runCaptureWorker()
}
