/**
 * A NATS key-value bucket held in memory: reading costs no round trip, also while NATS is away. With each connection
 * the whole bucket is loaded beside what is held, compared and put in its place; then changes are followed. Whatever
 * could make that incomplete (bucket deleted, consumer lost) leads to a load anew.
 */
import {
  DeliverPolicy,
  jetstream,
  JetStreamApiCodes,
  JetStreamApiError,
  type ConsumerMessages,
  type JsMsg,
} from '@nats-io/jetstream'
import { Kvm, type KV } from '@nats-io/kv'
import { headers, type NatsConnection } from '@nats-io/transport-node'
import type { NatsHappening } from './activity.ts'
import { BucketMemory, type BucketEntry, type MemoryLimits } from './bucket-memory.ts'
import type { NatsLink } from './connection.ts'
import { explain, NatsError } from './explain.ts'
import { backoffMs, Pause, within } from './pause.ts'
import { Signal } from './signal.ts'

export type { BucketEntry } from './bucket-memory.ts'

export interface BucketOptions {
  readonly name: string
  readonly description: string
  /** Values kept for each key, 1 … 64. */
  readonly history: number
  readonly limits?: MemoryLimits
}

/** As Oktopus makes it: key = user name, value = password. */
export const credentialsBucket: BucketOptions = {
  name: 'devices-auth',
  description: 'Devices authentication',
  history: 1,
}
export const accessRulesBucket: BucketOptions = {
  name: 'bench-acl',
  description: 'Access rules of Oktobench',
  history: 64,
}

export interface BucketState {
  /** `away`: what is held is the last known state. */
  readonly state: 'away' | 'loading' | 'live'
  readonly keys: number
  readonly bytes: number
  /** Entries that do not fit into the memory budget. */
  readonly leftOut: number
  readonly message?: string
}

const MIB = 1024 * 1024
const defaultLimits: MemoryLimits = { maxKeys: 100_000, maxBytes: 64 * MIB }
const REQUEST_MS = 5000
const LOAD_MS = 30_000
/** How often is looked whether the bucket is still the same and nothing of it was missed. */
const LOOK_MS = 1000
/**
 * Before a bucket that was deleted is opened again: whoever deleted it may be about to make it anew, and
 * nats-server 2.9, still removing the files of the old one, can lose what is written to a new one at once.
 */
const REOPEN_MS = 500
const RETRY = { firstMs: 200, maxMs: 10_000 }
/** Header of a key-value entry that is no plain value: DEL or PURGE (NATS ADR-8). */
const OPERATION = 'KV-Operation'
/** Header of a deletion that the server itself made (NATS ADR-43). */
const MARKER_REASON = 'Nats-Marker-Reason'
/** Header with which a bench signs what it writes; others leave it out. */
const WRITER = 'Oktobench-Writer'
const MAX_WRITER = 100
const LAST_SUBJECT_SEQUENCE_UNKNOWN = JetStreamApiCodes.StreamWrongLastSequenceUnknown

/** One loading and following of the bucket over one connection. */
interface Watch {
  readonly connection: NatsConnection
  readonly kv: KV
  /** When the stream was made: tells whether it is the bucket that was known before. */
  readonly identity: string
}

export class Bucket {
  readonly #link: NatsLink
  readonly #options: BucketOptions
  readonly #limits: MemoryLimits
  readonly #memory: BucketMemory
  readonly #changes = new Signal<string>()
  readonly #stateChanges = new Signal<BucketState>()
  readonly #activity = new Signal<NatsHappening>()
  readonly #unlink: () => void
  #pause: Pause | undefined
  #watch: Watch | undefined
  #phase: BucketState['state'] = 'away'
  #message: string | undefined
  #lastRevision = 0
  #identity: string | undefined

  constructor(link: NatsLink, options: BucketOptions) {
    this.#link = link
    this.#options = options
    this.#limits = options.limits ?? defaultLimits
    this.#memory = new BucketMemory(this.#limits)
    this.#unlink = link.onConnection((connection) => void this.#follow(connection))
  }

  get state(): BucketState {
    const { keys, bytes, leftOut } = this.#memory
    const full =
      leftOut === 0 ? undefined : `${leftOut} entries of ${this.#options.name} do not fit into memory.`
    const message = this.#message ?? full
    return { state: this.#phase, keys, bytes, leftOut, ...(message === undefined ? {} : { message }) }
  }

  /** Tells one bucket from another of the same name; undefined before it was first seen. */
  get identity(): string | undefined {
    return this.#identity
  }

  /** The revision of the newest change known. */
  get lastRevision(): number {
    return this.#lastRevision
  }

  /** The entry as known, also a deleted one (`deleted`). */
  get(key: string): BucketEntry | undefined {
    return this.#memory.get(key)
  }

  entries(): IterableIterator<BucketEntry> {
    return this.#memory.values()
  }

  /** Told the key whose content has changed, also when a reload finds it so. */
  onChange(listener: (key: string) => void): () => void {
    return this.#changes.on(listener)
  }

  onState(listener: (state: BucketState) => void): () => void {
    return this.#stateChanges.on(listener)
  }

  /** Told what goes over the bucket. */
  onActivity(listener: (happening: NatsHappening) => void): () => void {
    return this.#activity.on(listener)
  }

  /**
   * Writes a value; answers its revision. With `expected` only when the newest revision of the key is that one (0:
   * there never was one), deletions included. Rejects with a NatsError: `conflict`, `away` (it may have been
   * written nevertheless when the connection broke meanwhile), `no-jetstream` and others.
   */
  put(key: string, value: Uint8Array, expected?: number): Promise<number> {
    return this.#write(key, value, false, expected)
  }

  /** Deletes an entry; a deletion has a revision too. Otherwise as `put`. */
  delete(key: string, expected?: number): Promise<number> {
    return this.#write(key, new Uint8Array(), true, expected)
  }

  /** Every value of a key that the bucket keeps, newest first. */
  async history(key: string): Promise<BucketEntry[]> {
    const { kv } = this.#live()
    const found: BucketEntry[] = []
    const read = async (): Promise<void> => {
      for await (const { value, revision, created, operation } of await kv.history({ key })) {
        found.push({ key, value, revision, changedAt: created.getTime(), deleted: operation !== 'PUT' })
      }
    }
    await this.#explained(within(REQUEST_MS, read(), () => new NatsError('unreachable', this.#late())))
    this.#happened('history', key, { revision: found.at(-1)?.revision ?? 0, size: sizeOf(found) })
    return found.toReversed()
  }

  close(): void {
    this.#unlink()
    this.#watch = undefined
    this.#pause?.end()
  }

  async #write(key: string, value: Uint8Array, deleted: boolean, expected?: number): Promise<number> {
    const { connection } = this.#live()
    const marks = headers()
    marks.set(WRITER, this.#link.writer)
    if (deleted) marks.set(OPERATION, 'DEL')
    const js = jetstream(connection, { timeout: REQUEST_MS })
    const { seq } = await this.#explained(
      js.publish(this.#subject(key), value, {
        headers: marks,
        ...(expected === undefined ? {} : { expect: { lastSubjectSequence: expected } }),
      }),
    )
    // The server's own time comes with the watch, under the same revision.
    this.#take({ key, value: value.slice(), revision: seq, changedAt: Date.now(), deleted })
    return seq
  }

  /** Follows the bucket until this connection ends. Never rejects. */
  async #follow(connection: NatsConnection): Promise<void> {
    const pause = new Pause()
    this.#pause?.end()
    this.#pause = pause
    const current = (): boolean => this.#pause === pause && !connection.isClosed()
    void connection.closed().then(() => pause.end())
    for (let attempt = 1; current(); attempt++) {
      this.#enter('loading')
      try {
        await this.#watchOnce(connection, current)
        if (!current()) break
        attempt = 0
        this.#enter('loading')
        await pause.wait(REOPEN_MS)
      } catch (error) {
        if (!current()) break
        this.#enter('away', this.#explain(error).message)
        await pause.wait(backoffMs(RETRY, attempt))
      }
    }
    if (this.#pause === pause) this.#enter('away')
  }

  /** Loads and follows; resolves when that has to be done anew or the connection has ended. */
  async #watchOnce(connection: NatsConnection, current: () => boolean): Promise<void> {
    const { name, description, history } = this.#options
    const js = jetstream(connection, { timeout: REQUEST_MS })
    const kv = await new Kvm(js).create(name, { description, history })
    const { created, state } = (await kv.status()).streamInfo
    const consumer = await js.consumers.getPushConsumer(`KV_${name}`, {
      filter_subjects: this.#subject('>'),
      deliver_policy: DeliverPolicy.LastPerSubject,
    })
    const { num_pending: pending } = await consumer.info(true)

    // While the load runs, the memory that is held answers; changes go to the new one.
    let loading: BucketMemory | undefined = new BucketMemory(this.#limits)
    let isLoaded = false
    let loaded: () => void = () => undefined
    const allLoaded = new Promise<void>((resolve) => {
      loaded = () => {
        isLoaded = true
        resolve()
      }
    })
    let left = pending
    const messages = await consumer.consume({
      callback: (message) => {
        const entry = this.#entryOf(message)
        if (loading === undefined) {
          this.#take(entry)
          const { key, revision, value, deleted } = entry
          const kind = deleted ? 'delete' : 'put'
          this.#happened(kind, key, { revision, size: value.length }, this.#writerOf(message))
        } else loading.apply(entry)
        left -= 1
        // A key purged meanwhile never comes: the server's own count of what is left tells the end then.
        if (left === 0 || message.info.pending === 0) loaded()
      },
    })
    if (pending === 0) loaded()
    // A server tells neither a deleted stream nor a stuck consumer for sure: so it is asked.
    let newest = state.last_seq
    const look = setInterval(() => {
      void kv.status().then(
        ({ streamInfo }) => {
          const behind = isLoaded && this.#lastRevision < newest
          newest = streamInfo.state.last_seq
          if (behind || streamInfo.created !== created) messages.stop()
        },
        (error: unknown) => {
          if (isNotFound(error)) messages.stop()
        },
      )
    }, LOOK_MS)
    try {
      const lost = lostTrack(messages)
      const late = new NatsError('unreachable', this.#late())
      await within(LOAD_MS, Promise.race([allLoaded, lost]), () => late)
      if (!current()) return
      if (!isLoaded) throw new NatsError('other', `the bucket ${name} was lost while it was loaded`)
      const complete = loading
      loading = undefined
      this.#watch = { connection, kv, identity: created }
      this.#identity = created
      this.#lastRevision = state.last_seq
      for (const { revision } of complete.values())
        this.#lastRevision = Math.max(this.#lastRevision, revision)
      const changed = this.#memory.replace(complete)
      this.#happened('loaded', '', { revision: this.#lastRevision, size: this.#memory.bytes })
      // Told as live first: whoever hears of a change may write at once.
      this.#enter('live')
      for (const key of changed) this.#changes.tell(key)
      await lost
    } finally {
      if (this.#watch?.connection === connection) this.#watch = undefined
      clearInterval(look)
      messages.stop()
      void consumer.delete().catch(() => undefined)
    }
  }

  #happened(
    kind: NatsHappening['kind'],
    key: string,
    { revision, size }: Pick<NatsHappening, 'revision' | 'size'>,
    by = this.#link.writer,
  ): void {
    const own = by === this.#link.writer
    const writer = own ? {} : { writer: by.replace(/ [^ ]*$/, '') }
    this.#activity.tell({
      time: Date.now(),
      bucket: this.#options.name,
      key,
      kind,
      revision,
      size,
      own,
      ...writer,
    })
  }

  /** Made safe for a line of text. */
  #writerOf({ headers: marks }: JsMsg): string {
    const stated = (marks?.get(WRITER) ?? '').replaceAll(/[\p{Cc}\p{Cf}]/gu, '')
    return stated === this.#link.writer ? stated : stated.slice(0, MAX_WRITER)
  }

  #take(entry: BucketEntry): void {
    this.#lastRevision = Math.max(this.#lastRevision, entry.revision)
    const before = this.#memory.leftOut
    if (this.#memory.apply(entry)) this.#changes.tell(entry.key)
    if (this.#memory.leftOut !== before) this.#stateChanges.tell(this.state)
  }

  #entryOf(message: JsMsg): BucketEntry {
    const operation = message.headers?.get(OPERATION) ?? ''
    const expired = message.headers?.has(MARKER_REASON) ?? false
    return {
      key: message.subject.slice(this.#subject('').length),
      // A copy: the bytes are a part of the socket's buffer.
      value: message.data.slice(),
      revision: message.seq,
      changedAt: Math.floor(message.info.timestampNanos / 1e6),
      deleted: operation === 'DEL' || operation === 'PURGE' || expired,
    }
  }

  #subject(key: string): string {
    return `$KV.${this.#options.name}.${key}`
  }

  #live(): Watch {
    if (this.#watch === undefined || this.#watch.connection.isClosed()) {
      const why = this.#message ?? this.#link.state.message ?? 'NATS is not connected'
      throw new NatsError('away', `The bucket ${this.#options.name} cannot be reached: ${why}.`)
    }
    return this.#watch
  }

  #enter(phase: BucketState['state'], message?: string): void {
    this.#phase = phase
    this.#message = message
    this.#stateChanges.tell(this.state)
  }

  async #explained<T>(work: Promise<T>): Promise<T> {
    try {
      return await work
    } catch (error) {
      throw this.#explain(error)
    }
  }

  #explain(error: unknown): NatsError {
    if (error instanceof JetStreamApiError) {
      if (
        error.code === JetStreamApiCodes.StreamWrongLastSequence ||
        error.code === LAST_SUBJECT_SEQUENCE_UNKNOWN
      ) {
        return new NatsError(
          'conflict',
          `The entry of ${this.#options.name} was changed by somebody else meanwhile.`,
        )
      }
      return new NatsError('other', `The bucket ${this.#options.name} refuses it: ${error.message}.`)
    }
    const failure = explain(error, { url: this.#link.state.url, auth: 'none' })
    // There was a JetStream a moment ago.
    return failure.kind === 'no-jetstream' && this.#phase === 'live'
      ? new NatsError('away', `The bucket ${this.#options.name} does not answer: it may have been deleted.`)
      : failure
  }

  #late(): string {
    return `the bucket ${this.#options.name} did not answer in time`
  }
}

const sizeOf = (entries: readonly BucketEntry[]): number =>
  entries.reduce((sum, { value }) => sum + value.length, 0)

const isNotFound = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound

/** Resolves when the flow of changes has ended or may have a gap. */
async function lostTrack(messages: ConsumerMessages): Promise<void> {
  for await (const { type } of messages.status()) {
    if (type === 'heartbeats_missed' || type === 'ordered_consumer_recreated' || type === 'stream_not_found')
      return
  }
}
