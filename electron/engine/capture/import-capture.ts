/** Takes somebody's capture into one of the bench's own. */
import { basename } from 'node:path'
import type { PacketNote } from '../../../shared/contract/model.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import type { Aside } from '../import/events.ts'
import { Archive } from './archive.ts'
import { type BatchReader, readBatch } from './batch.ts'
import { type BundleFacts, readBundleFacts } from './bundle.ts'
import { MAX_MARKS } from './capture-file.ts'
import type { Instant } from './clock.ts'
import type { Telling } from '../import/import-file.ts'
import { batchesOf, type EventBatch, newBuffers } from './event-batches.ts'
import { isBundle } from './import-source.ts'
import { type StoreTarget, stored } from './import-store.ts'
import { readHere } from './import-thread.ts'
import type { ImportRequest } from './protocol.ts'
import type { Contents } from './rows.ts'
import type { ConnectionClosed, ConnectionOpened, Direction } from './sink.ts'
import { StoredLog } from './stored-log.ts'
import { pause, type Work } from './work.ts'

export interface Imported {
  readonly archive: Archive
  readonly remarks: readonly string[]
  /** Rows that were marked in a file of the bench. */
  readonly marks: readonly number[]
  close(): void
}

/** Beyond this many remarks the rest is a number. */
const MAX_REMARKS = 20

interface Target extends StoreTarget {
  readonly contents?: Contents
}

/**
 * Reads pcap, pcapng, either packed with gzip, or an evidence bundle (`told` where threads read and store it already). Rejects
 * with a BenchFailure `invalid-request` when there is not one MQTT packet in it, and with the system's error when a
 * file cannot be read or written.
 */
export async function importCapture(
  request: ImportRequest,
  target: Target,
  told: AsyncIterable<EventBatch> | undefined,
  viewChanged: (view: number) => void,
  work: Work,
): Promise<Imported & { readonly bundle: BundleFacts }> {
  const { file } = request
  const batches = told ?? stored(readHere(request, work), target)
  const imported = await importBatches(batches, target, viewChanged, work, basename(file))
  return { ...imported, bundle: (await isBundle(file)) ? await readBundleFacts(file) : {} }
}

/** The same of what anybody tells, e.g. of a pipe; `name` is what the person calls the file. */
export function importTold(
  telling: Telling,
  target: Target,
  viewChanged: (view: number) => void,
  work: Work,
  name: string,
): Promise<Imported> {
  return importBatches(stored(batchesOf(telling, newBuffers), target), target, viewChanged, work, name)
}

async function importBatches(
  batches: AsyncIterable<EventBatch>,
  target: Target,
  viewChanged: (view: number) => void,
  work: Work,
  name: string,
): Promise<Imported> {
  const whole = new Import(target, viewChanged)
  try {
    for await (const batch of batches) {
      whole.take(batch)
      // Others have their turn.
      await pause(work)
    }
    work.signal.throwIfAborted()
    const { remarks, marks } = whole
    return { archive: whole.end(name), remarks, marks, close: () => whole.close() }
  } catch (error) {
    whole.close()
    throw error
  }
}

class Import implements BatchReader {
  readonly remarks: string[] = []
  readonly marks: number[] = []
  readonly #target: Target
  readonly #viewChanged: (view: number) => void
  #archive: Archive | undefined
  readonly #log: StoredLog
  #missingBytes = 0
  #moreRemarks = 0

  constructor(target: Target, viewChanged: (view: number) => void) {
    this.#target = target
    this.#log = new StoredLog(target.folder)
    this.#viewChanged = viewChanged
  }

  take({ buffer, used, epoch }: EventBatch): void {
    if (epoch !== undefined) this.#archive ??= this.#begin(epoch)
    readBatch(buffer, used, this)
    this.#archive?.keepBudget()
  }

  /** Throws a BenchFailure when there was no packet. */
  end(name: string): Archive {
    const archive = this.#archive
    const { remarks } = this
    if (archive === undefined || archive.counts.rows === 0) {
      const text = [`${name} holds no MQTT packet.`, ...remarks.slice(0, 3)].join(' ')
      throw new BenchFailure('invalid-request', text)
    }
    if (this.#missingBytes > 0) {
      const bytes = this.#missingBytes
      remarks.push(`${bytes} bytes are missing in the capture; packets around them were left out.`)
    }
    if (this.#moreRemarks > 0) remarks.push(`${this.#moreRemarks} more remarks.`)
    if (this.marks.length === MAX_MARKS) remarks.push(`Marks after the first ${MAX_MARKS} are left out.`)
    this.#log.segments.adoptAll()
    this.#log.segments.syncLast()
    archive.ended()
    return archive
  }

  close(): void {
    this.#log.segments.close()
  }

  opened(connection: number, facts: ConnectionOpened, time: number): void {
    this.#archive?.opened(connection, facts, time)
  }

  frame(
    no: number,
    time: number,
    connection: number,
    direction: Direction,
    malformed: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
    place: number,
  ): void {
    this.#log.place = place
    this.#archive?.frame(no, time, connection, direction, malformed, bytes, start, end)
  }

  closed(no: number, time: number, connection: number, facts: ConnectionClosed, place: number): void {
    this.#log.place = place
    this.#archive?.closed(no, time, connection, facts)
  }

  note(no: number, note: PacketNote): void {
    this.#archive?.note(no, note)
  }

  marked(no: number): void {
    if (this.marks.length < MAX_MARKS && this.#archive?.mark(no, true)) this.marks.push(no)
  }

  aside(told: Aside): void {
    switch (told.kind) {
      case 'note':
        if (this.remarks.length <= MAX_REMARKS) this.remarks.push(told.text)
        else this.#moreRemarks += 1
        break
      case 'gap':
        this.#missingBytes += told.bytes
        this.#archive?.parts.lint.tell({ kind: 'lost', connection: told.connection })
        break
    }
  }

  #begin(epoch: Instant): Archive {
    return new Archive({
      epoch,
      budgetBytes: Infinity,
      viewChanged: this.#viewChanged,
      ...(this.#target.contents && { contents: this.#target.contents }),
      log: () => this.#log,
    })
  }
}
