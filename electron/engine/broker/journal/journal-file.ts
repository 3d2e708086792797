/**
 * The journal on disk: appended, compacted from time to time into a new file that takes its place.
 *
 * One write is under way at a time; what comes meanwhile goes with the next, so that a busy broker writes in large
 * pieces. What was handed to the system outlives the process; a power cut takes at most the last second, or
 * nothing where each write is synced.
 */
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { header } from './frames.ts'

export interface JournalFileOptions {
  readonly path: string
  /** Each write is on the disk itself before anything that rests on it goes out. */
  readonly syncEach: boolean
  /** All that is to be kept, as framed entries: asked for when the file is made anew. */
  snapshot(): readonly Buffer[]
  /** Something of interest to a person: it cannot be written, or can be again. */
  onProblem(text: string): void
}

const SYNC_MS = 1000
const RETRY_MS = 10_000
/** A journal is made anew when it has grown to this size, and to twice what it was after the last time. */
const COMPACT_BYTES = 8 * 1024 * 1024

interface Waiting {
  readonly position: number
  readonly done: () => void
}

export class JournalFile {
  readonly #options: JournalFileOptions
  #file: FileHandle | undefined
  #pending: Buffer[] = []
  #waiting: Waiting[] = []
  #working: Promise<void> | undefined
  #fileBytes = 0
  #compactAt = COMPACT_BYTES
  #compactWanted = true
  #dirty = false
  #failed = false
  #closed = false
  #retry: NodeJS.Timeout | undefined
  readonly #syncing: NodeJS.Timeout
  /** Bytes of entries given to it so far. */
  position = 0
  /** Of those, the ones that outlive the process. */
  written = 0

  constructor(options: JournalFileOptions) {
    this.#options = options
    this.#syncing = setInterval(() => void this.#sync(), SYNC_MS)
    this.#syncing.unref()
  }

  append(frame: Buffer): void {
    this.position += frame.length
    if (this.#failed || this.#closed) {
      // Nothing is kept now, and everything when it can be written again.
      this.written = this.position
      return
    }
    this.#pending.push(frame)
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
    this.#work()
    await this.#working
  }

  async close(): Promise<void> {
    clearInterval(this.#syncing)
    clearTimeout(this.#retry)
    this.#work()
    await this.#working
    this.#closed = true
    await this.#sync()
    await this.#file?.close()
    this.#file = undefined
  }

  #work(): void {
    if (this.#working || this.#failed) return
    // Together with all that this turn of the event loop still brings.
    this.#working = new Promise((resolve) => setImmediate(resolve))
      .then(() => this.#drain())
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#working = undefined
        if ((this.#pending.length > 0 || this.#compactWanted) && !this.#failed) this.#work()
      })
  }

  async #drain(): Promise<void> {
    for (;;) {
      if (this.#compactWanted || !this.#file) await this.#rewrite()
      else if (this.#pending.length > 0) await this.#write(this.#file)
      else return
    }
  }

  async #write(file: FileHandle): Promise<void> {
    const pieces = this.#pending
    const { position } = this
    this.#pending = []
    const bytes = pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces)
    await writeAll(file, bytes)
    if (this.#options.syncEach) await file.datasync()
    else this.#dirty = true
    this.#fileBytes += bytes.length
    if (this.#fileBytes > this.#compactAt) this.#compactWanted = true
    this.#settle(position)
  }

  async #rewrite(): Promise<void> {
    const { path } = this.#options
    const temporary = `${path}.new`
    // What is pending is in the snapshot already.
    const frames = [header(), ...this.#options.snapshot()]
    const { position } = this
    this.#pending = []
    this.#compactWanted = false
    await rm(temporary, { force: true })
    const file = await open(temporary, 'wx', 0o600)
    try {
      this.#fileBytes = 0
      for (const piece of inPieces(frames)) {
        await writeAll(file, piece)
        this.#fileBytes += piece.length
      }
      await file.datasync()
      // Windows renames over no file that is open.
      await this.#file?.close()
      this.#file = undefined
      await rename(temporary, path)
    } catch (error) {
      await file.close()
      await rm(temporary, { force: true })
      throw error
    }
    this.#file = file
    this.#compactAt = Math.max(COMPACT_BYTES, this.#fileBytes * 2)
    this.#settle(position)
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
    this.#pending = []
    this.#compactWanted = true
    this.#settle(this.position)
    const reason = error instanceof Error ? error.message : String(error)
    this.#options.onProblem(
      `Sessions and waiting messages are not kept beyond a restart, since their journal cannot be written: ${reason}`,
    )
    this.#retry = setTimeout(() => {
      this.#failed = false
      this.#work()
    }, RETRY_MS)
    this.#retry.unref()
  }
}

async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, at)
    at += bytesWritten
  }
}

const PIECE_BYTES = 1024 * 1024

/** Joined to pieces of about a mebibyte. */
function* inPieces(frames: readonly Buffer[]): Generator<Buffer> {
  let piece: Buffer[] = []
  let size = 0
  for (const frame of frames) {
    piece.push(frame)
    size += frame.length
    if (size < PIECE_BYTES) continue
    yield Buffer.concat(piece, size)
    piece = []
    size = 0
  }
  if (size > 0) yield Buffer.concat(piece, size)
}
