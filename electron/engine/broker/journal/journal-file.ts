/**
 * The journal on disk: appended, and from time to time made anew into a file that takes its place (`next-file.ts`).
 * While that is in the making the one in use is written as ever, so nothing waits for it; a process killed at any
 * moment leaves one of the two whole, under the name of the journal.
 *
 * One write is under way at a time; what comes meanwhile goes with the next, so that a busy broker writes in large
 * pieces. What was handed to the system outlives the process; a power cut takes at most the last second, or
 * nothing where each write is synced.
 */
import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncFolder } from '../../workspace/files.ts'
import { inFrames } from './frames.ts'
import { NextFile, writeAll } from './next-file.ts'

export interface JournalFileOptions {
  readonly path: string
  /** Each write is on the disk itself before anything that rests on it goes out. */
  readonly syncEach: boolean
  /** Made anew at this size at the earliest. */
  readonly compactBytes?: number
  /** All that is to be kept at the moment of the call, entry by entry; the entries are made when they are asked for. */
  snapshot(): Iterable<Uint8Array>
  /** Something of interest to a person: it cannot be written, or not be made anew. */
  onProblem(text: string): void
}

const SYNC_MS = 1000
const RETRY_MS = 10_000
/** A journal is made anew when it has grown to this size, and to twice what it was after the last time. */
const COMPACT_BYTES = 8 * 1024 * 1024
/** While there is no journal yet: what comes waits for it in memory, and above this whoever brought it waits as well. */
const FREE_BYTES = 64 * 1024 * 1024

/** What comes together stands in one frame, up to what a frame can hold. */
const TOGETHER_BYTES = 64 * 1024 * 1024

interface Waiting {
  readonly position: number
  readonly done: () => void
}

export class JournalFile {
  readonly #options: JournalFileOptions
  readonly #compactBytes: number
  #file: FileHandle | undefined
  /** There is a journal under its name that holds everything, though it may be about to be replaced. */
  #inPlace = false
  #next: NextFile | undefined
  #building: Promise<void> | undefined
  #pending: Uint8Array[] = []
  #pendingBytes = 0
  #waiting: Waiting[] = []
  #working: Promise<void> | undefined
  #fileBytes = 0
  #compactAt: number
  #compactWanted = true
  #dirty = false
  #failed = false
  #closed = false
  #toldOfNext = false
  #retry: NodeJS.Timeout | undefined
  readonly #syncing: NodeJS.Timeout
  /** Bytes of entries given to it so far. */
  position = 0
  /** Of those, the ones that outlive the process. */
  written = 0

  constructor(options: JournalFileOptions) {
    this.#options = options
    this.#compactBytes = options.compactBytes ?? COMPACT_BYTES
    this.#compactAt = this.#compactBytes
    this.#syncing = setInterval(() => void this.#sync(), SYNC_MS)
    this.#syncing.unref()
  }

  append(entry: Uint8Array): void {
    this.position += entry.length
    if (this.#failed || this.#closed) {
      // Nothing is kept now, and everything when it can be written again.
      this.written = this.position
      return
    }
    this.#pending.push(entry)
    this.#pendingBytes += entry.length
    if (!this.#inPlace && this.#pendingBytes < FREE_BYTES) this.written = this.position
    this.#work()
  }

  /** Calls `done` once everything up to `position` is kept. */
  whenWritten(position: number, done: () => void): void {
    if (this.written >= position) setImmediate(done)
    else this.#waiting.push({ position, done })
  }

  /** Makes the file anew from the snapshot; resolves when it is in place, or cannot be. */
  async compact(): Promise<void> {
    this.#compactWanted = true
    await this.#quiet()
  }

  async close(): Promise<void> {
    clearInterval(this.#syncing)
    clearTimeout(this.#retry)
    // What is in use holds everything.
    if (this.#file) {
      this.#compactWanted = false
      if (this.#next && !this.#next.ready) this.#next.cancelled = true
    }
    await this.#quiet()
    this.#closed = true
    await this.#sync()
    await this.#file?.close()
    this.#file = undefined
  }

  /** Nothing is left to do. */
  async #quiet(): Promise<void> {
    this.#work()
    while (this.#working ?? this.#building) await (this.#working ?? this.#building)
  }

  #work(): void {
    if (this.#working || this.#failed) return
    // Together with all that this turn of the event loop still brings.
    this.#working = new Promise((resolve) => setImmediate(resolve))
      .then(() => this.#drain())
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#working = undefined
        if (this.#toDo && !this.#failed) this.#work()
      })
  }

  get #toDo(): boolean {
    const beginning = this.#compactWanted && !this.#next
    return beginning || this.#next?.ready === true || (this.#file !== undefined && this.#pending.length > 0)
  }

  async #drain(): Promise<void> {
    while (this.#toDo && !this.#failed) {
      if (this.#next?.ready) await this.#replace(this.#next)
      else if (this.#file && this.#pending.length > 0) await this.#write(this.#file)
      else this.#begin(this.#fileBytes)
    }
  }

  async #write(file: FileHandle): Promise<void> {
    const bytes = Buffer.concat([...inFrames(this.#pending, TOGETHER_BYTES)])
    const { position } = this
    this.#forget()
    // The one moment at which what is in memory and what will stand before `end` are the same.
    const end = this.#fileBytes + bytes.length
    if (this.#compactWanted && !this.#next) this.#begin(end)
    await writeAll(file, bytes)
    if (this.#options.syncEach) await file.datasync()
    else this.#dirty = true
    this.#fileBytes = end
    if (end > this.#compactAt) this.#compactWanted = true
    this.#settle(position)
  }

  /** Begins the file that is to follow; `from` is where in this one that begins which the snapshot does not hold. */
  #begin(from: number): void {
    this.#compactWanted = false
    const entries = this.#options.snapshot()
    const other = this.#file
    // Without a file what was pending stands in the snapshot alone.
    if (!other) this.#forget()
    const next = new NextFile(`${this.#options.path}.new`, from)
    this.#next = next
    this.#building = next
      .build(entries, other, () => this.#fileBytes)
      .catch((error: unknown) => this.#giveUp(next, error))
      .finally(() => {
        this.#building = undefined
        this.#work()
      })
  }

  /** The file in use goes on, if there is one: it only grows. */
  async #giveUp(next: NextFile, error: unknown): Promise<void> {
    const wanted = !next.cancelled
    await next.discard()
    if (this.#next === next) this.#next = undefined
    if (!wanted) return
    if (!this.#file) return this.#fail(error)
    this.#later(() => (this.#compactWanted = true))
    if (!this.#toldOfNext)
      this.#options.onProblem(
        `The journal of sessions goes on growing, since it cannot be made anew: ${reasonOf(error)}`,
      )
    this.#toldOfNext = true
  }

  async #replace(next: NextFile): Promise<void> {
    const { path, syncEach } = this.#options
    if (this.#file) await next.follow(this.#file, this.#fileBytes)
    // Windows renames over no file that is open.
    await this.#file?.close()
    this.#file = undefined
    this.#file = await next.take(path, syncEach)
    this.#inPlace = true
    this.#next = undefined
    this.#fileBytes = next.bytes
    this.#compactAt = Math.max(this.#compactBytes, this.#fileBytes * 2)
    this.#dirty = true
    this.#toldOfNext = false
    if (syncEach) await syncFolder(dirname(path))
    else void syncFolder(dirname(path))
  }

  #forget(): void {
    this.#pending = []
    this.#pendingBytes = 0
  }

  #settle(position: number): void {
    this.written = position
    const waiting = this.#waiting
    this.#waiting = waiting.filter((one) => one.position > position)
    for (const one of waiting) if (one.position <= position) one.done()
  }

  async #sync(): Promise<void> {
    if (!this.#dirty || !this.#file) return
    this.#dirty = false
    try {
      await this.#file.datasync()
    } catch {
      // Told by the next write, which fails as well; a file that was just replaced is synced already.
    }
  }

  /** The bench goes on without it, and tries again. */
  #fail(error: unknown): void {
    this.#failed = true
    this.#forget()
    this.#compactWanted = true
    // It lacks what could not be written, so nothing may follow there.
    void this.#file?.close().catch(() => undefined)
    this.#file = undefined
    this.#inPlace = false
    this.#fileBytes = 0
    void this.#next?.discard()
    this.#next = undefined
    this.#settle(this.position)
    this.#options.onProblem(
      `Sessions and waiting messages are not kept beyond a restart, since their journal cannot be written: ${reasonOf(error)}`,
    )
    this.#later(() => (this.#failed = false))
  }

  #later(change: () => void): void {
    if (this.#closed) return
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => {
      change()
      this.#work()
    }, RETRY_MS)
    this.#retry.unref()
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
