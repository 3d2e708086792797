/**
 * What clients sent and received, over the end of the bench: `client-history/` of the workspace. A segment is a stream
 * of MessagePack values, a heading first; it is only ever appended to, and what a crash cut short at its end is left
 * out. Whole old segments go when there are too many bytes. Packets are those of the log, so that no secrets are in
 * them, and stand there as they are when a batch is written: what becomes of a message within that second costs nothing.
 */
import { encode } from '@msgpack/msgpack'
import { mkdir, open, readdir, readFile, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { errorCode } from '../workspace/files.ts'
import { addOf, droppedOf, entriesOf, HEADING, settled, take, type Entry } from './history-entries.ts'
import type { LoggedPacket, PacketLog } from './log.ts'

export const HISTORY_FOLDER = 'client-history'
const BATCH_MS = 1000
const RETRY_MS = 10_000
const SEGMENT_BYTES = 4 << 20
/** On the disk; rows that changed after they were written stand there twice. */
const MAX_BYTES = 64 << 20
/** More would be many small ones: they are joined. */
const MAX_SEGMENTS = 24
/** What is encoded between two turns, as the broker shares this thread. */
const PIECE_BYTES = 64 << 10

interface Segment {
  readonly number: number
  bytes: number
}

export interface HistoryOptions {
  /** Of the workspace. */
  readonly folder: string
  readonly log: PacketLog
  readonly onProblem: (text: string) => void
}

export class History {
  readonly #log: PacketLog
  readonly #folder: string
  readonly #onProblem: (text: string) => void
  /** Oldest first. */
  #segments: Segment[] = []
  #file: FileHandle | undefined
  /** Rows that the files do not have as they are; `true` for those that they do not have at all. */
  #dirty = new Map<number, boolean>()
  #clears: Entry[] = []
  #dropped = 0
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()
  /** Why nothing is written any more. */
  #closed = false
  #failed = false
  #joinWanted = false
  /** What was kept stands in the log. Never rejects. */
  readonly ready: Promise<void>

  constructor({ folder, log, onProblem }: HistoryOptions) {
    this.#folder = join(folder, HISTORY_FOLDER)
    this.#log = log
    this.#onProblem = onProblem
    this.ready = this.#load().catch((error: unknown) => {
      this.#closed = true
      onProblem(`What clients sent and received before cannot be read: ${(error as Error).message}.`)
    })
    log.watch({
      changed: () => undefined,
      dropped: () => undefined,
      touched: (no, isNew) => this.#touch(no, isNew),
      cleared: (client, below) => this.#clear(client, below),
    })
  }

  /** Writes what is not written yet. */
  async stop(): Promise<void> {
    await this.ready
    clearTimeout(this.#timer)
    await this.#batch()
    this.#closed = true
    await this.#file?.close()
    this.#file = undefined
  }

  #touch(no: number, isNew: boolean): void {
    if (this.#closed) return
    this.#dirty.set(no, isNew || this.#dirty.get(no) === true)
    this.#later(BATCH_MS)
  }

  #clear(client: string | undefined, below: number): void {
    if (this.#closed) return
    this.#clears.push(['clear', client ?? null, below])
    // What a person clears is gone from the disk, too.
    this.#joinWanted = true
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#later(0)
  }

  #later(ms: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void this.#batch()
    }, ms).unref()
  }

  #batch(): Promise<void> {
    this.#writing = this.#writing.then(() => this.ready).then(() => this.#write())
    return this.#writing
  }

  async #write(): Promise<void> {
    if (this.#closed) return
    try {
      await this.#append(this.#clears.splice(0))
      await this.#append(this.#news())
      if (this.#joinWanted || this.#segments.length > MAX_SEGMENTS) await this.#join()
      this.#failed = false
    } catch (error) {
      await this.#file?.close().catch(() => undefined)
      this.#file = undefined
      if (!this.#failed)
        this.#onProblem(
          `What clients send and receive is not kept beyond the end of the bench: ${(error as Error).message}.`,
        )
      this.#failed = true
      // All of it, as a part may have been written.
      this.#joinWanted = true
      this.#later(RETRY_MS)
    }
  }

  /** What the files do not have yet. */
  *#news(): Generator<Entry> {
    const dirty = this.#dirty
    this.#dirty = new Map()
    for (const [no, isNew] of dirty) {
      const held = this.#log.get(no)
      if (held) yield isNew ? addOf(held) : ['row', held.row]
    }
    if (this.#dropped === this.#log.dropped) return
    this.#dropped = this.#log.dropped
    yield droppedOf(this.#log)
  }

  /** Writes the log anew; the segments before are void then. */
  async #join(): Promise<void> {
    const before = this.#segments
    await this.#file?.close()
    this.#file = undefined
    this.#segments = before.slice(-1)
    this.#dirty = new Map()
    const all = function* (log: PacketLog): Generator<Entry> {
      // It may lose packets meanwhile.
      const packets = log.packets.slice()
      if (log.dropped > 0) yield droppedOf(log)
      for (const packet of packets) yield addOf(packet)
    }
    this.#dropped = this.#log.dropped
    await this.#append(all(this.#log), true)
    this.#segments = this.#segments.filter((one) => !before.includes(one))
    for (const { number } of before) await rm(this.#path(number), { force: true })
    this.#joinWanted = false
  }

  async #append(entries: Iterable<Entry>, anew = false): Promise<void> {
    let pieces: Uint8Array[] = []
    let size = 0
    let fresh = anew
    const put = async (): Promise<void> => {
      if (size === 0) return
      const bytes = Buffer.concat(pieces)
      pieces = []
      size = 0
      const { file, segment } = await this.#segment(fresh)
      fresh = false
      await file.appendFile(bytes)
      segment.bytes += bytes.length
      await nextTurn()
    }
    for (const entry of entries) {
      const bytes = encode(entry, { ignoreUndefined: true })
      pieces.push(bytes)
      size += bytes.length
      if (size >= PIECE_BYTES) await put()
    }
    await put()
  }

  /** The one to write to. Too old ones go when another begins. */
  async #segment(anew: boolean): Promise<{ file: FileHandle; segment: Segment }> {
    const last = this.#segments.at(-1)
    if (this.#file && last && !anew && last.bytes < SEGMENT_BYTES) return { file: this.#file, segment: last }
    await this.#file?.close()
    this.#file = undefined
    await mkdir(this.#folder, { recursive: true })
    const segment = { number: (last?.number ?? 0) + 1, bytes: 0 }
    const file = await open(this.#path(segment.number), 'wx', 0o600)
    await file.appendFile(encode(HEADING))
    this.#file = file
    this.#segments.push(segment)
    let all = this.#segments.reduce((sum, { bytes }) => sum + bytes, 0)
    while (all > MAX_BYTES && this.#segments.length > 1) {
      const oldest = this.#segments.shift() as Segment
      all -= oldest.bytes
      await rm(this.#path(oldest.number), { force: true })
    }
    return { file, segment }
  }

  #path(number: number): string {
    return join(this.#folder, `${String(number).padStart(8, '0')}.msgpack`)
  }

  async #load(): Promise<void> {
    const numbers = await this.#numbers()
    const packets = new Map<number, LoggedPacket>()
    let dropped = 0
    for (const number of numbers) {
      const bytes = await readFile(this.#path(number))
      this.#segments.push({ number, bytes: bytes.length })
      for (const entry of entriesOf(bytes)) {
        if (entry[0] === 'dropped') dropped = entry[1]
        take(packets, entry)
      }
      await nextTurn()
    }
    if (numbers.length === 0) return
    const kept = [...packets.values()].sort((a, b) => a.row.no - b.row.no)
    this.#log.restore(kept.map(settled), dropped)
    this.#dropped = dropped
  }

  async #numbers(): Promise<number[]> {
    const names = await readdir(this.#folder).catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return []
      throw error
    })
    const numbers = names.map((name) => Number(/^(\d{8})\.msgpack$/.exec(name)?.[1] ?? Number.NaN))
    return numbers.filter((number) => !Number.isNaN(number)).sort((a, b) => a - b)
  }
}
