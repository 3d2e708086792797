/** A capture worker as the broker's thread holds it: questions and answers, views, and its end. */
import { Worker } from 'node:worker_threads'
import {
  MAX_WINDOW,
  type ViewSource,
  type ViewUpdate,
  type ViewWindow,
} from '../../../shared/contract/contract.ts'
import type { PacketRow } from '../../../shared/contract/model.ts'
import type { TransactionAsk, TransactionRow } from '../../../shared/contract/transactions.ts'
import type { TopicRow } from '../../../shared/contract/topics.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import type { ContentChoice } from '../../../shared/dissect/content/choices.ts'
import type {
  CallName,
  Calls,
  FromWorker,
  LiveCounts,
  ToWorker,
  ViewAsk,
  WorkerSettings,
} from './protocol.ts'
import { filterProgram } from './row-filter.ts'
import type { TopicAsk } from '../topics/views.ts'

export interface LinkEvents {
  readonly counts?: (counts: LiveCounts) => void
  /** A batch was taken in; its buffer comes back for reuse. */
  readonly taken?: (buffer: ArrayBuffer) => void
  /** The worker ended by itself. */
  readonly lost?: (why: string) => void
}

/** How long work is watched and stopped. */
export interface Watch {
  readonly signal?: AbortSignal
  readonly onProgress?: (value: number) => void
}

interface Pending {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
  readonly onProgress: ((value: number) => void) | undefined
}

export interface OpenView {
  readonly ask: ViewAsk
  readonly changed: () => void
}

/**
 * Of a worker's heap, without the columns of the index, which lie beside it. Without a limit V8 lets four times as
 * much garbage pile up as there is to keep, and a capture of a million packets takes half as much memory again.
 */
const WORKER_HEAP = { maxOldGenerationSizeMb: 1024, maxYoungGenerationSizeMb: 16 }
/** A worker that has not written what is left by then will not do so any more. */
const FINISH_MS = 3000

/** Numbers of views and calls, never used again: a view outlives its worker. */
let lastId = 0

export class WorkerLink {
  readonly #worker: Worker
  readonly #events: LinkEvents
  readonly #pending = new Map<number, Pending>()
  readonly #views: Map<number, OpenView>
  #ended: BenchFailure | undefined
  #stopped: Promise<LiveCounts | undefined> | undefined

  /** Resolves when the worker runs; rejects when it cannot be started. `views`: those of a worker before it. */
  static async start(
    url: URL,
    workerData: WorkerSettings,
    events: LinkEvents = {},
    views: Map<number, OpenView> = new Map(),
  ): Promise<WorkerLink> {
    const name = `capture-${workerData.mode}`
    const ports = workerData.mode === 'import' ? workerData.threads : undefined
    const transferList = ports ? [ports.from, ports.to] : []
    const worker = new Worker(url, { workerData, transferList, name, resourceLimits: WORKER_HEAP })
    await new Promise<void>((resolve, reject) => {
      worker.once('message', () => resolve())
      worker.once('error', reject)
      worker.once('exit', (code) => reject(new Error(`exit code ${code}`)))
    }).catch((cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new Error(`The capture worker ${url.href} could not be started: ${why}`, { cause })
    })
    return new WorkerLink(worker, events, views)
  }

  private constructor(worker: Worker, events: LinkEvents, views: Map<number, OpenView>) {
    this.#worker = worker
    this.#events = events
    this.#views = views
    worker.on('message', (message: FromWorker) => this.#receive(message))
    worker.on('error', (error) => this.lose(error.message))
    worker.on('exit', (code) => this.lose(`exit code ${code}`))
    for (const [view, { ask, changed }] of views) {
      this.post({ kind: 'open', view, ask })
      changed()
    }
  }

  get views(): Map<number, OpenView> {
    return this.#views
  }

  call<C extends CallName>(
    name: C,
    request: Calls[C]['request'],
    watch: Watch = {},
  ): Promise<Calls[C]['answer']> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended)
    if (watch.signal?.aborted === true)
      return Promise.reject(new BenchFailure('cancelled', 'It was stopped.'))
    return this.#ask(name, request, watch)
  }

  #ask<C extends CallName>(
    name: C,
    request: Calls[C]['request'],
    { signal, onProgress }: Watch,
  ): Promise<Calls[C]['answer']> {
    const id = ++lastId
    const cancel = () => this.post({ kind: 'cancel', id })
    signal?.addEventListener('abort', cancel)
    const answer = new Promise<Calls[C]['answer']>((resolve, reject) => {
      // The worker answers a call with the type that `Calls` states for it.
      this.#pending.set(id, { resolve: resolve as (value: unknown) => void, reject, onProgress })
      this.#worker.postMessage({ kind: 'call', id, name, request } as ToWorker, [])
    })
    return answer.finally(() => signal?.removeEventListener('abort', cancel))
  }

  /** Tells which content views a person chose. A worker that cannot be told any more shows nothing either. */
  tellContents(choices: readonly ContentChoice[]): void {
    this.call('contents', { choices }).catch(() => undefined)
  }

  post(message: ToWorker, transfer: ArrayBuffer[] = []): void {
    if (this.#ended === undefined) this.#worker.postMessage(message, transfer)
  }

  /** The worker is given up: whoever waits for it is told. */
  lose(why: string): void {
    if (this.#ended !== undefined) return
    this.#end(new BenchFailure('unavailable', `The capture worker ended (${why}).`))
    void this.#worker.terminate()
    this.#events.lost?.(why)
  }

  /** Lets the worker write what is left; answers what is in the capture, as far as the worker still says so. */
  stop(): Promise<LiveCounts | undefined> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async #stop(): Promise<LiveCounts | undefined> {
    if (this.#ended !== undefined) return undefined
    this.#end(new BenchFailure('cancelled', 'The capture was closed.'))
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<undefined>(
      (resolve) => (timer = setTimeout(() => resolve(undefined), FINISH_MS)),
    )
    const gone = new Promise<undefined>((resolve) => this.#worker.once('exit', () => resolve(undefined)))
    const finished = this.#ask('finish', undefined, {}).catch(() => undefined)
    const last = await Promise.race([finished, late, gone])
    clearTimeout(timer)
    await this.#worker.terminate()
    return last
  }

  #end(failure: BenchFailure): void {
    this.#ended = failure
    for (const { reject } of this.#pending.values()) reject(failure)
    this.#pending.clear()
  }

  #receive(message: FromWorker): void {
    if (this.#ended !== undefined && message.kind !== 'answer' && message.kind !== 'failed') return
    switch (message.kind) {
      case 'ready':
        break
      case 'taken':
        this.#events.taken?.(message.buffer)
        this.#events.counts?.(message.counts)
        break
      case 'counts':
        this.#events.counts?.(message.counts)
        break
      case 'changed':
        this.#views.get(message.view)?.changed()
        break
      case 'progress':
        this.#pending.get(message.id)?.onProgress?.(message.value)
        break
      case 'answer':
        this.#events.counts?.(message.counts)
        this.#settle(message.id)?.resolve(message.value)
        break
      case 'failed': {
        const { code, message: text, detail } = message.error
        this.#settle(message.id)?.reject(new BenchFailure(code, text, detail))
        break
      }
    }
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    return pending
  }
}

/**
 * A view over the worker that `link` answers at the time, which throws while there is none. Throws BenchFailure
 * `invalid-request` for a filter that is none.
 */
export function openView(link: () => WorkerLink, text: string, changed: () => void): ViewSource<PacketRow> {
  filterProgram(text)
  const read = (view: number, window: ViewWindow) => link().call('read', { view, window })
  return openAsk(link, { of: 'packets', text }, read, changed)
}

/** The same of transactions. */
export function openTransactions(
  link: () => WorkerLink,
  ask: TransactionAsk,
  changed: () => void,
): ViewSource<TransactionRow> {
  const read = (view: number, window: ViewWindow) => link().call('readTransactions', { view, window })
  return openAsk(link, { of: 'transactions', ask }, read, changed)
}

/** The same of topics. */
export function openTopics(link: () => WorkerLink, ask: TopicAsk, changed: () => void): ViewSource<TopicRow> {
  const read = (view: number, window: ViewWindow) => link().call('readTopics', { view, window })
  return openAsk(link, { of: 'topics', ask }, read, changed)
}

function openAsk<R>(
  link: () => WorkerLink,
  ask: ViewAsk,
  read: (view: number, window: ViewWindow) => Promise<ViewUpdate<R>>,
  changed: () => void,
): ViewSource<R> {
  const view = ++lastId
  const { views } = link()
  views.set(view, { ask, changed })
  link().post({ kind: 'open', view, ask })
  return {
    read: async (window) => {
      if (window.count > MAX_WINDOW) {
        throw new BenchFailure('invalid-request', `Ask for ${MAX_WINDOW} rows at most at a time.`)
      }
      return read(view, window)
    },
    locate: (key) => link().call('locate', { view, key }),
    close: () => {
      // Closed by whoever opened it, even when the worker is another by now, or gone.
      if (!views.delete(view)) return
      try {
        link().post({ kind: 'close', view })
      } catch (error) {
        if (!(error instanceof BenchFailure)) throw error
      }
    },
  }
}
