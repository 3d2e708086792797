/** The stored captures of a workspace: their facts, their sizes, and the budget that bounds them. */
import { readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { CaptureInfo } from '../../../shared/contract/model.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { moveToTrash } from '../workspace/trash.ts'
import {
  CAPTURE_FILE,
  type CaptureFacts,
  makeCaptureFolder,
  readCaptureFile,
  removeFolder,
  writeCaptureFile,
} from './capture-file.ts'
import { firstRow } from './loader.ts'
import { segmentName, segmentNumbers, sizeOf } from './segments.ts'

export interface Stored {
  readonly id: string
  readonly folder: string
  facts: CaptureFacts
  bytes: number
  state: CaptureInfo['state']
}

const ID = /^[A-Za-z0-9_-]{1,64}$/

export class Catalog {
  readonly #parent: string
  readonly #all = new Map<string, Stored>()
  /** Writes of one capture.json follow one another. */
  readonly #writing = new Map<string, Promise<void>>()

  private constructor(parent: string) {
    this.#parent = parent
  }

  /**
   * Reads what is there. A capture that was live when the bench ended is closed. Answers what was wrong, for the
   * person; a folder that cannot be read is left as it is.
   */
  static async open(parent: string): Promise<{ catalog: Catalog; problems: string[] }> {
    const catalog = new Catalog(parent)
    const problems: string[] = []
    const entries = await readdir(parent, { withFileTypes: true })
    for (const entry of entries) {
      if (!entry.isDirectory() || !ID.test(entry.name)) continue
      try {
        await catalog.#add(entry.name)
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        problems.push(`The capture ${entry.name} cannot be read (${why}) and is left as it is.`)
      }
    }
    return { catalog, problems }
  }

  async #add(id: string): Promise<void> {
    const folder = join(this.#parent, id)
    const numbers = segmentNumbers(folder)
    const bytes = numbers.reduce((sum, number) => sum + sizeOf(join(folder, segmentName(number))), 0)
    let facts = await readCaptureFile(folder, id, new Date())
    const crashed = facts.endedAt === undefined
    const first = crashed ? firstRow(folder)?.no : undefined
    const isEmpty = (await readdir(folder)).every((name) => name === CAPTURE_FILE)
    // Nothing was ever written, and nobody cared for it: it is no loss.
    if (isEmpty && facts.note === '' && !facts.pinned) return removeFolder(folder)
    const stored: Stored = { id, folder, facts, bytes, state: 'stored' }
    this.#all.set(id, stored)
    if (!crashed) return
    const droppedRows = Math.max(0, (first ?? facts.firstRow) - facts.firstRow)
    facts = { ...facts, endedAt: new Date().toISOString(), droppedRows }
    await this.change(stored, facts)
  }

  /** Oldest first. */
  get all(): readonly Stored[] {
    return [...this.#all.values()].sort((a, b) => (a.facts.startedAt < b.facts.startedAt ? -1 : 1))
  }

  find(id: string): Stored | undefined {
    return this.#all.get(id)
  }

  /** BenchFailure `not-found`. */
  get(id: string): Stored {
    const stored = this.#all.get(id)
    if (stored === undefined) throw new BenchFailure('not-found', `There is no capture ${id}.`)
    return stored
  }

  /** Makes a new capture with an empty folder. */
  async make(facts: Partial<CaptureFacts>, state: CaptureInfo['state']): Promise<Stored> {
    const now = new Date()
    const { id, folder } = await makeCaptureFolder(this.#parent, now)
    const startedAt = now.toISOString()
    const name = `Capture of ${startedAt.slice(0, 16).replace('T', ' ')}`
    const whole = {
      name,
      note: '',
      pinned: false,
      startedAt,
      droppedRows: 0,
      firstRow: 1,
      marks: [],
      ...facts,
    }
    const stored: Stored = { id, folder, facts: whole, bytes: 0, state }
    this.#all.set(id, stored)
    // On a full disk the bench starts all the same: the recorder says what is wrong, the next change writes it.
    await this.change(stored, whole).catch(() => undefined)
    return stored
  }

  /** Keeps the facts, in memory at once and then in the file. Rejects when that cannot be written. */
  change(stored: Stored, facts: CaptureFacts): Promise<void> {
    stored.facts = facts
    const before = this.#writing.get(stored.id) ?? Promise.resolve()
    // What is newest by then: several changes cost one write.
    const write = before
      .catch(() => undefined)
      .then(() => (this.#all.has(stored.id) ? writeCaptureFile(stored.folder, stored.facts) : undefined))
    this.#writing.set(stored.id, write)
    return write
  }

  /** Waits for writes under way. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#writing.values())
  }

  async trash(stored: Stored): Promise<void> {
    await this.#writing.get(stored.id)
    await moveToTrash(this.#parent, stored.folder)
    this.#all.delete(stored.id)
  }

  /** For a capture in which nothing is. */
  async remove(stored: Stored): Promise<void> {
    this.#all.delete(stored.id)
    await this.#writing.get(stored.id)?.catch(() => undefined)
    await removeFolder(stored.folder)
  }

  /** Looks how large the files of a capture are now. */
  measure(stored: Stored): void {
    const numbers = segmentNumbers(stored.folder)
    stored.bytes = numbers.reduce((sum, number) => sum + sizeOf(join(stored.folder, segmentName(number))), 0)
  }

  /**
   * Deletes oldest segments of the oldest captures that are neither pinned nor looked at, until they and
   * `liveBytes` are within the budget. True when something went.
   */
  async keepBudget(liveBytes: number, budgetBytes: number): Promise<boolean> {
    let went = false
    const counted = () => this.all.filter(({ facts, state }) => !facts.pinned && state !== 'live')
    for (;;) {
      const total = counted().reduce((sum, { bytes }) => sum + bytes, liveBytes)
      const oldest = counted().find(({ state }) => state === 'stored')
      if (total <= budgetBytes || oldest === undefined) return went
      await this.#dropSegment(oldest)
      went = true
    }
  }

  async #dropSegment(stored: Stored): Promise<void> {
    const { folder, facts } = stored
    const [oldest] = segmentNumbers(folder)
    if (oldest === undefined) return this.remove(stored)
    const before = firstRow(folder)?.no
    await unlink(join(folder, segmentName(oldest)))
    const after = firstRow(folder)?.no
    if (after === undefined) return this.remove(stored)
    this.measure(stored)
    const gone = after - (before ?? after)
    const rows = facts.rows === undefined ? {} : { rows: Math.max(0, facts.rows - gone) }
    await this.change(stored, {
      ...facts,
      ...rows,
      droppedRows: facts.droppedRows + gone,
      marks: facts.marks.filter((no) => no >= after),
    })
  }
}
