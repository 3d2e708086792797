/** Long work that people watch and stop. */
import type { Job } from '../../../shared/contract/model.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { Throttle } from '../throttle.ts'

/** What a job may say of itself while it runs, and at its end. */
export type Told = Partial<Pick<Job, 'title' | 'message' | 'capture' | 'file'>>

export interface Running {
  readonly signal: AbortSignal
  onProgress(value: number): void
}

const TELL_MS = 100
/** Those that ended longest ago are forgotten beyond this. */
const MAX_ENDED = 50
const MAX_RUNNING = 8

interface Entry {
  job: Job
  readonly controller: AbortController
  readonly done: Promise<void>
}

export class Jobs {
  readonly #entries = new Map<string, Entry>()
  readonly #changed: Throttle
  #last = 0

  constructor(changed: () => void) {
    this.#changed = new Throttle(TELL_MS, changed)
  }

  get list(): readonly Job[] {
    return [...this.#entries.values()].map(({ job }) => job)
  }

  /** Starts a job and answers its ID. BenchFailure `conflict` when too many run already. */
  start(kind: Job['kind'], title: string, first: Told, run: (running: Running) => Promise<Told>): string {
    if (this.list.filter(({ state }) => state === 'running').length >= MAX_RUNNING) {
      throw new BenchFailure(
        'conflict',
        `${MAX_RUNNING} jobs are running already: wait for one, or stop one.`,
      )
    }
    const id = String(++this.#last)
    const controller = new AbortController()
    const set = (change: Partial<Job>) => {
      const entry = this.#entries.get(id)
      if (entry !== undefined) entry.job = { ...entry.job, ...change }
      this.#changed.request()
    }
    const work = async (): Promise<void> => {
      // Not in this turn: the entry is there when the work first says something.
      await Promise.resolve()
      try {
        const told = await run({ signal: controller.signal, onProgress: (progress) => set({ progress }) })
        set({ ...told, state: 'done', progress: 1 })
      } catch (error) {
        const cancelled = controller.signal.aborted
        const message = error instanceof Error ? error.message : String(error)
        set(cancelled ? { state: 'cancelled' } : { state: 'failed', message })
      }
      this.#forgetOld()
      this.#changed.now()
    }
    const job: Job = { id, kind, title, state: 'running', progress: 0, ...first }
    this.#entries.set(id, { job, controller, done: work() })
    this.#changed.request()
    return id
  }

  /** Nothing happens when it has ended already. BenchFailure `not-found`. */
  cancel(id: string): void {
    this.#entry(id).controller.abort()
  }

  /** Takes one that has ended off the list. */
  dismiss(id: string): void {
    if (this.#entry(id).job.state === 'running')
      throw new BenchFailure('conflict', 'The job is still running.')
    this.#entries.delete(id)
    this.#changed.request()
  }

  /** Stops all and waits for their end. */
  async close(): Promise<void> {
    for (const { controller } of this.#entries.values()) controller.abort()
    await Promise.all([...this.#entries.values()].map(({ done }) => done))
    this.#changed.stop()
  }

  #entry(id: string): Entry {
    const entry = this.#entries.get(id)
    if (entry === undefined) throw new BenchFailure('not-found', `There is no job ${id}.`)
    return entry
  }

  #forgetOld(): void {
    const ended = [...this.#entries.values()].filter(({ job }) => job.state !== 'running')
    for (const { job } of ended.slice(0, Math.max(0, ended.length - MAX_ENDED))) this.#entries.delete(job.id)
  }
}
