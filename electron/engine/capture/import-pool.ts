/**
 * The threads of imports (import-thread.ts). They are kept for a while: the next import finds them loaded, and their
 * code compiled, without which the first 20,000 packets take as long as 150,000 later on.
 */
import { statSync } from 'node:fs'
import { MessageChannel, Worker } from 'node:worker_threads'
import type { ImportJob } from './import-thread.ts'
import type { StoreTarget } from './import-store.ts'
import type { ImportPorts, ImportRequest, ImportThreadSettings } from './protocol.ts'

/** What these threads make lasts for a packet: little room for it stays in the caches. */
const THREAD_HEAP = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 12 }
/** A smaller file is read before a thread for it would run. */
const WORTH_THREADS = 4 * 1024 * 1024
/** For which they are kept. */
const KEPT_MS = 60_000

/** False as well for a file that cannot be looked at: whoever reads it then says why. */
export function isWorthThreads(file: string): boolean {
  try {
    return statSync(file).size >= WORTH_THREADS
  } catch {
    return false
  }
}

/** Threads that import one file. */
export interface ImportRun {
  /** For whoever indexes; to be handed over. */
  readonly ports: ImportPorts
  /** Everything was indexed. */
  finish(): void
  /** Resolves when nothing more is read or written; answers why a thread ended by itself, if one did. */
  cancel(): Promise<Error | undefined>
}

export class ImportPool {
  readonly #workerUrl: URL
  readonly #keptMs: number
  readonly #pairs = new Set<Pair>()
  #idle: Pair | undefined
  #timer: NodeJS.Timeout | undefined

  /** `workerUrl`: of the built worker.ts. */
  constructor(workerUrl: URL, keptMs = KEPT_MS) {
    this.#workerUrl = workerUrl
    this.#keptMs = keptMs
  }

  /** Threads that there are, at work or not. */
  get threads(): number {
    return this.#pairs.size * 2
  }

  start(request: ImportRequest, target: StoreTarget): ImportRun {
    const pair = this.#takeIdle() ?? new Pair(this.#workerUrl)
    this.#pairs.add(pair)
    return {
      ports: pair.run(request, target),
      finish: () => pair.whenDone(() => this.#keep(pair)),
      cancel: async () => {
        await this.#end(pair)
        return pair.fault
      },
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer)
    await Promise.all([...this.#pairs].map((pair) => this.#end(pair)))
  }

  #takeIdle(): Pair | undefined {
    const pair = this.#idle
    this.#idle = undefined
    clearTimeout(this.#timer)
    if (pair?.fault === undefined) return pair
    void this.#end(pair)
    return undefined
  }

  #keep(pair: Pair): void {
    if (!this.#pairs.has(pair)) return
    const before = this.#takeIdle()
    if (before) void this.#end(before)
    this.#idle = pair
    this.#timer = setTimeout(() => {
      this.#idle = undefined
      void this.#end(pair)
    }, this.#keptMs)
  }

  async #end(pair: Pair): Promise<void> {
    this.#pairs.delete(pair)
    await pair.end()
  }
}

class Pair {
  readonly #reader: Worker
  readonly #store: Worker
  /** Threads that have something to do. */
  #busy = 0
  #whenDone: (() => void) | undefined
  #fault: Error | undefined

  constructor(workerUrl: URL) {
    const start = (name: string): Worker => {
      const workerData: ImportThreadSettings = { mode: 'import-thread' }
      const worker = new Worker(workerUrl, { workerData, name, resourceLimits: THREAD_HEAP })
      worker.on('error', (error) => (this.#fault ??= error))
      worker.on('message', () => this.#done())
      return worker
    }
    this.#reader = start('import-reader')
    this.#store = start('import-store')
  }

  /** Why a thread ended by itself. */
  get fault(): Error | undefined {
    return this.#fault
  }

  run(request: ImportRequest, target: StoreTarget): ImportPorts {
    const read = new MessageChannel()
    const written = new MessageChannel()
    const back = new MessageChannel()
    this.#busy = 2
    give(this.#reader, { mode: 'reader', request, to: read.port1, from: back.port2 })
    give(this.#store, { mode: 'store', target, to: written.port1, from: read.port2 })
    return { from: written.port2, to: back.port1 }
  }

  whenDone(then: () => void): void {
    if (this.#busy === 0) then()
    else this.#whenDone = then
  }

  async end(): Promise<void> {
    await Promise.all([this.#reader.terminate(), this.#store.terminate()])
  }

  #done(): void {
    this.#busy -= 1
    if (this.#busy > 0) return
    const then = this.#whenDone
    this.#whenDone = undefined
    then?.()
  }
}

const give = (worker: Worker, job: ImportJob): void => worker.postMessage(job, [job.to, job.from])
