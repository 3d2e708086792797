/** The live capture inside its worker: batches in, rows to the disk, a look at both each second. */
import { Archive } from './archive.ts'
import type { LiveCounts, WorkerSettings } from './protocol.ts'
import { Recorder } from './recorder.ts'
import type { Contents } from './rows.ts'

type LiveSettings = Extract<WorkerSettings, { mode: 'live' }>

const MIB = 1024 * 1024
/** The clock of the packets may be behind that of the machine by a quarter of this (clock.ts). */
const CLOCK_TOLERANCE_NS = 1e9

export class LiveCapture {
  readonly #settings: LiveSettings
  readonly #contents: Contents
  readonly #viewChanged: (view: number) => void
  #folder: string
  #recorder!: Recorder
  #archive: Archive
  #suppressed: readonly string[]
  #trouble: string | undefined
  #withinBudget = true
  /** Nanoseconds of the newest record. */
  #time = 0

  constructor(settings: LiveSettings, contents: Contents, viewChanged: (view: number) => void) {
    this.#settings = settings
    this.#contents = contents
    this.#viewChanged = viewChanged
    this.#folder = settings.folder
    this.#suppressed = settings.suppressed
    this.#archive = this.#begin()
  }

  get archive(): Archive {
    return this.#archive
  }

  get counts(): LiveCounts {
    const findings = this.#archive.parts.lint.counts
    return {
      ...this.#archive.counts,
      findings,
      ...(this.#trouble !== undefined && { trouble: this.#trouble }),
    }
  }

  take(buffer: ArrayBuffer, used: number): void {
    this.#archive.take(buffer, used)
    this.#time = Math.max(this.#time, this.#archive.lastTime)
    this.#write()
  }

  /** To be called each second: what was written reaches the medium, and what the disk refused is tried again. */
  tick(): void {
    if (this.#trouble !== undefined) this.#write()
    this.#recorder.sync()
    this.#archive.tick(this.#now - CLOCK_TOLERANCE_NS)
  }

  pin(on: boolean): void {
    this.#archive.pinned = on
    this.#write()
  }

  clear(): void {
    this.#recorder.clear()
    this.#archive.clear()
    this.#write()
  }

  /** Rules of the linter that are not to be seen, in captures to come as well. */
  suppress(rules: readonly string[]): void {
    this.#suppressed = rules
    this.#archive.suppress(rules)
  }

  /** Ends this capture and begins another; answers what is in the one that ended. */
  start(folder: string): LiveCounts {
    const before = this.#archive
    const last = this.finish()
    this.#folder = folder
    this.#archive = this.#begin()
    this.#archive.adopt(before, this.#time)
    this.#archive.views.takeOver(before.views)
    this.#archive.transactionViews.takeOver(before.transactionViews)
    this.#archive.topicViews.takeOver(before.topicViews)
    this.#write()
    return last
  }

  finish(): LiveCounts {
    this.#recorder.close()
    return this.counts
  }

  /** Nanoseconds since the epoch by the clock of the machine. */
  get #now(): number {
    const { sec, nsec } = this.#settings.epoch
    return (Date.now() - sec * 1000) * 1e6 - nsec
  }

  #begin(): Archive {
    const { epoch, segmentBytes, budgetBytes } = this.#settings
    const archive = new Archive({
      epoch,
      budgetBytes,
      contents: this.#contents,
      viewChanged: this.#viewChanged,
      log: (connections) =>
        (this.#recorder = new Recorder({
          epoch,
          folder: this.#folder,
          segmentBytes: Math.min(segmentBytes, Math.max(MIB, budgetBytes / 4)),
          lessons: (id) => connections.lessons(id),
        })),
    })
    archive.suppress(this.#suppressed)
    return archive
  }

  #write(): void {
    this.#recorder.flush()
    this.#withinBudget = this.#archive.keepBudget()
    const trouble = this.#whatIsWrong()
    if ((trouble === undefined) !== (this.#trouble === undefined)) {
      this.#archive.suspend(trouble !== undefined, this.#time)
    }
    this.#trouble = trouble
  }

  #whatIsWrong(): string | undefined {
    const { error } = this.#recorder
    if (error === undefined) {
      const most = Math.round(this.#settings.budgetBytes / MIB)
      return this.#withinBudget
        ? undefined
        : `This capture is pinned and has used up its ${most} MiB: unpin it, or start another one.`
    }
    const code = 'code' in error ? error.code : undefined
    return code === 'ENOSPC' || code === 'EDQUOT'
      ? `The disk is full: nothing is recorded until there is room. Delete captures, or free space for ${this.#folder}.`
      : `The capture cannot be written: ${error.message}. Nothing is recorded until that is mended.`
  }
}
