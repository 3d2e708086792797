/** Takes somebody's capture into one of the bench's own. */
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { PacketNote } from '../../../shared/contract/model.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import type { Aside } from '../import/events.ts'
import { Archive } from './archive.ts'
import { type BatchReader, NUMBER_ME, readBatch } from './batch.ts'
import { type BundleFacts, readBundleFacts } from './bundle.ts'
import { MAX_MARKS } from './capture-file.ts'
import type { Instant } from './clock.ts'
import { batchesOf, type EventBatch, type Events, newBuffer } from './event-batches.ts'
import { isBundle } from './import-source.ts'
import { readHere, readInThread } from './import-thread.ts'
import type { ImportRequest } from './protocol.ts'
import { Recorder } from './recorder.ts'
import type { Contents } from './rows.ts'
import type { ConnectionClosed, ConnectionOpened, Direction } from './sink.ts'
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
/** A smaller file is read before a thread for it would run. */
const WORTH_A_THREAD = 4 * 1024 * 1024

interface Target {
  readonly folder: string
  readonly segmentBytes: number
  readonly contents?: Contents
}

/**
 * Reads pcap, pcapng, either packed with gzip, or an evidence bundle; a large one in another thread, which
 * `readerUrl` is the capture worker for. Rejects with a BenchFailure `invalid-request` when there is not one MQTT
 * packet in it, and with the system's error when a file cannot be read or written.
 */
export async function importCapture(
  request: ImportRequest,
  target: Target & { readonly readerUrl: URL },
  viewChanged: (view: number) => void,
  work: Work,
): Promise<Imported & { readonly bundle: BundleFacts }> {
  const { file } = request
  const isLarge = (await stat(file)).size >= WORTH_A_THREAD
  const batches = isLarge ? readInThread(target.readerUrl, request, work) : readHere(request, work)
  const imported = await importBatches(batches, target, viewChanged, work, basename(file))
  return { ...imported, bundle: (await isBundle(file)) ? await readBundleFacts(file) : {} }
}

/** The same from events that come in pieces, e.g. of a pipe; `name` is what the person calls the file. */
export function importEvents(
  events: Events,
  target: Target,
  viewChanged: (view: number) => void,
  work: Work,
  name: string,
): Promise<Imported> {
  return importBatches(batchesOf(events, newBuffer), target, viewChanged, work, name)
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
  #recorder: Recorder | undefined
  /** Row numbers here by those in a file of the bench, as far as they differ. */
  #shift: number | undefined
  #next = 1
  #missingBytes = 0
  #moreRemarks = 0

  constructor(target: Target, viewChanged: (view: number) => void) {
    this.#target = target
    this.#viewChanged = viewChanged
  }

  /** Throws a BenchFailure when the disk is full. */
  take({ buffer, used, epoch }: EventBatch): void {
    if (epoch !== undefined) this.#archive ??= this.#begin(epoch)
    readBatch(buffer, used, this)
    this.#write()
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
    archive.ended()
    return archive
  }

  close(): void {
    this.#recorder?.close()
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
  ): void {
    this.#archive?.frame(this.#number(no), time, connection, direction, malformed, bytes, start, end)
  }

  closed(no: number, time: number, connection: number, facts: ConnectionClosed): void {
    this.#archive?.closed(this.#number(no), time, connection, facts)
  }

  note(no: number, note: PacketNote): void {
    this.#archive?.note(no + (this.#shift ?? 0), note)
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
      case 'mark': {
        const no = told.no + (this.#shift ?? 0)
        if (this.marks.length < MAX_MARKS && this.#archive?.mark(no, true)) this.marks.push(no)
        break
      }
    }
  }

  #begin(epoch: Instant): Archive {
    const { folder, segmentBytes, contents } = this.#target
    return new Archive({
      epoch,
      budgetBytes: Infinity,
      viewChanged: this.#viewChanged,
      ...(contents && { contents }),
      log: (connections) =>
        (this.#recorder = new Recorder({ folder, segmentBytes, lessons: (id) => connections.lessons(id) })),
    })
  }

  /** Brings what was taken to the disk. */
  #write(): void {
    this.#archive?.keepBudget()
    this.#recorder?.flush()
    const error = this.#recorder?.error
    if (error === undefined) return
    throw new BenchFailure(
      'failed',
      `The capture cannot be written: ${error.message}. Make room and try again.`,
    )
  }

  /** Rows follow one another from the first number that the file has, or from 1. */
  #number(told: number): number {
    if (told === 0) return 0
    const given = told === NUMBER_ME ? undefined : told
    if (this.#shift === undefined) {
      this.#shift = 0
      this.#next = given ?? 1
    }
    if (given !== undefined) this.#shift = this.#next - given
    return this.#next++
  }
}
