/**
 * Brings what an import tells to the disk: the rows of each batch get their numbers, are written as segments, and
 * the batch then says where each of them stands. So whoever indexes the batch needs to write nothing.
 */
import { fdatasync } from 'node:fs'
import type { PacketNote } from '../../../shared/contract/model.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { SyntheticWriter } from '../../../shared/pcapng/synthetic.ts'
import { NUMBER_ME } from '../import/events.ts'
import { Records, Tag } from './batch.ts'
import { instantAt, type Instant } from './clock.ts'
import { type Connection, Connections } from './connections.ts'
import { Dictionary } from './dictionary.ts'
import type { EventBatch } from './event-batches.ts'
import { Indexer } from './indexer.ts'
import { Segments } from './segments.ts'
import type { ConnectionClosed, ConnectionOpened } from './sink.ts'

export interface StoreTarget {
  /** It is there and empty. */
  readonly folder: string
  readonly segmentBytes: number
}

const MALFORMED = { malformed: true }
const BEGINNING: Instant = { sec: 0, nsec: 0 }

/** Batches that were stored; `ImportStore` says how. */
export async function* stored(
  batches: AsyncIterable<EventBatch>,
  target: StoreTarget,
): AsyncGenerator<EventBatch> {
  const store = new ImportStore(target)
  try {
    for await (const batch of batches) {
      store.take(batch)
      yield batch
    }
  } finally {
    store.close()
  }
}

class ImportStore {
  readonly #segmentBytes: number
  readonly #segments: Segments
  readonly #writer: SyntheticWriter
  /** Who is who, and what aliases mean: each segment says it again of the connections that go on in it. */
  readonly #connections: Connections
  readonly #indexer: Indexer
  /** Offset at which the writer's present segment begins. */
  #start = 0
  #begun = false
  /** Row numbers here by those in a file of the bench, as far as they differ. */
  #shift: number | undefined
  #first = 1
  #next = 1
  /** Of the present frame; one object for all of them. */
  readonly #time = { sec: 0, nsec: 0 }

  constructor({ folder, segmentBytes }: StoreTarget) {
    this.#segmentBytes = segmentBytes
    this.#segments = new Segments(folder)
    const topics = new Dictionary()
    this.#connections = new Connections(topics, (changed) => this.#identified(changed))
    this.#indexer = new Indexer(this.#connections, {
      topics,
      usps: new Dictionary(),
      msgIds: new Dictionary(),
    })
    const lessons = (id: number) => this.#connections.lessons(id)
    this.#writer = new SyntheticWriter({ section: { application: 'Oktobench' }, lessons })
  }

  /** Throws a BenchFailure when the disk takes no more. */
  take({ buffer, used, epoch = BEGINNING }: EventBatch): void {
    const record = new Records(buffer, used)
    try {
      while (record.next()) {
        if (record.no !== 0) this.#number(record)
        if (record.tag === Tag.frame) this.#frame(record, epoch)
        else if (record.tag === Tag.opened) this.#opened(record, epoch)
        else if (record.tag === Tag.closed) this.#closed(record, epoch)
        else if (record.tag === Tag.note) this.#note(record)
      }
      this.#flush()
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error
      const text = `The capture cannot be written: ${error.message}. Make room and try again.`
      throw new BenchFailure('failed', text)
    }
  }

  close(): void {
    this.#segments.close()
  }

  #frame(record: Records, epoch: Instant): void {
    const { no, connection, direction, bytes, start, end, malformed } = record
    const known = no === 0 ? this.#connections.find(connection) : this.#connections.findOrAdd(connection)
    if (known === undefined) return
    if (!malformed) this.#indexer.learn(known, direction, bytes, start, end)
    this.#turn()
    const time = instantAt(epoch, record.time, this.#time)
    const remarks = malformed ? MALFORMED : undefined
    record.stand(
      this.#start + this.#writer.frame(no, time, connection, direction, bytes, remarks, start, end),
    )
  }

  #opened(record: Records, epoch: Instant): void {
    const { connection, time } = record
    const facts = record.json() as ConnectionOpened
    this.#connections.opened(connection, facts)
    this.#writer.opened(instantAt(epoch, time), connection, facts)
  }

  #closed(record: Records, epoch: Instant): void {
    const { no, connection, time } = record
    const facts = record.json() as ConnectionClosed
    this.#turn()
    record.stand(this.#start + this.#writer.closed(no, instantAt(epoch, time), connection, facts))
    this.#connections.closed(connection, facts)
  }

  #note(record: Records): void {
    const { no } = record
    if (no >= this.#first && no < this.#next) this.#writer.note(no, record.json() as PacketNote)
  }

  #identified({ facts }: Connection): void {
    const { id, clientId = '', endpointId = '' } = facts
    if (clientId !== '' || endpointId !== '') this.#writer.identified(id, { clientId, endpointId })
  }

  /** Rows follow one another from the first number that the file has, or from 1; what is about one goes with it. */
  #number(record: Records): void {
    const { no, tag } = record
    if (tag === Tag.frame || tag === Tag.closed) {
      const given = no === NUMBER_ME ? undefined : no
      if (this.#shift === undefined) this.#first = this.#next = given ?? 1
      this.#shift = given === undefined ? (this.#shift ?? 0) : this.#next - given
      record.number(this.#next++)
    } else record.number(no + (this.#shift ?? 0))
  }

  /** A new segment once the present one is full. */
  #turn(): void {
    if (this.#writer.size < this.#segmentBytes) return
    this.#flush()
    const file = this.#segments.writing
    if (file !== undefined) fdatasync(file, () => undefined)
    this.#writer.rotate()
    this.#start = this.#segments.end
    this.#begun = false
  }

  #flush(): void {
    this.#writer.drain((bytes) => {
      if (!this.#begun) this.#segments.begin()
      this.#begun = true
      for (let at = 0; at < bytes.length;) at += this.#segments.write(bytes.subarray(at))
    })
  }
}
