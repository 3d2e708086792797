/**
 * The live capture as the engine holds it. The calls of `CaptureSink` come from the broker's hot path: they copy
 * bytes into a batch and return; a worker thread does the rest. A worker that dies is replaced, with a new capture.
 */
import type { ViewSource } from '../../../shared/contract/contract.ts'
import type { CaptureState, PacketNote, PacketRow } from '../../../shared/contract/model.ts'
import type { TransactionAsk, TransactionRow } from '../../../shared/contract/transactions.ts'
import type { TopicRow } from '../../../shared/contract/topics.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import type { ContentChoice } from '../../../shared/dissect/content/choices.ts'
import { jsonBody, MALFORMED, OUTBOUND, Tag } from './batch.ts'
import { Clock } from './clock.ts'
import { OpenConnections } from './open-connections.ts'
import { defaultLimits, Outbox, type OutboxLimits } from './outbox.ts'
import { openTopics, openTransactions, openView, type Watch, WorkerLink } from './link.ts'
import type { CallName, Calls, LiveCounts, WorkerSettings } from './protocol.ts'
import { emptyHead, scanPublish } from './publish-head.ts'
import type { CaptureSink, ConnectionClosed, ConnectionOpened, Direction } from './sink.ts'
import { Throttle } from '../throttle.ts'
import type { TopicAsk } from '../topics/views.ts'

export interface CaptureOptions {
  /** The built worker.ts. */
  readonly workerUrl: URL
  /** Folder of the capture; it is there and empty. */
  readonly folder: string
  readonly segmentBytes: number
  /** Most bytes on the disk; the oldest segments go when they are used up. */
  readonly budgetBytes: number
  /** Makes the folder of the capture that follows one whose worker died. */
  readonly nextFolder: () => Promise<string>
  /** Told at most every 50 ms. */
  readonly onState?: (state: CaptureState) => void
  readonly onProblem?: (text: string) => void
  /** Rules of the linter that are not to be seen. */
  readonly suppressed?: () => readonly string[]
  readonly limits?: OutboxLimits
  /** Content views chosen by hand. */
  readonly contents?: () => readonly ContentChoice[]
}

export interface Capture extends CaptureSink {
  state(): CaptureState
  /** `contents` answers otherwise than before. */
  contentsChanged(): void
  /** Number of the row that comes next. */
  readonly nextRow: number
  /** Throws BenchFailure `invalid-request` for a filter that is none. */
  openView(filter: string, changed: () => void): ViewSource<PacketRow>
  openTransactions(ask: TransactionAsk, changed: () => void): ViewSource<TransactionRow>
  openTopics(ask: TopicAsk, changed: () => void): ViewSource<TopicRow>
  /** Asks the worker, once it has everything that was told before. */
  ask<C extends CallName>(name: C, request: Calls[C]['request'], watch?: Watch): Promise<Calls[C]['answer']>
  /** Lets go of every row. Numbers go on. */
  clear(): Promise<void>
  /** Recording on or off. While it is off the capture still learns who is who. */
  record(on: boolean): void
  /** Ends the capture and begins another in this folder, with rows from 1; answers what is in the one before. */
  begin(folder: string): Promise<LiveCounts>
  /** Resolves when everything told so far is indexed. */
  flush(): Promise<void>
  /** Answers what is in the capture, where the worker could still say. */
  stop(): Promise<LiveCounts | undefined>
}

const STATE_MS = 50
/** MQTT packet types that say who a client is. */
const CONNECT = 1
const CONNACK = 2
const PUBLISH = 3
/** A worker that dies this often within this time is not started again. */
const MAX_DEATHS = 3
const DEATHS_WITHIN_MS = 60_000

const NO_COUNTS: LiveCounts = { rows: 0, droppedRows: 0, bytes: 0 }

/** Resolves when the worker runs; rejects when it cannot be started. */
export async function startCapture(options: CaptureOptions): Promise<Capture> {
  const capture = new LiveClient(options)
  await capture.startWorker(options.folder)
  return capture
}

class LiveClient implements Capture {
  readonly #clock = new Clock()
  readonly #options: CaptureOptions
  readonly #stateChanged: Throttle
  readonly #connections = new OpenConnections()
  readonly #head = emptyHead()
  #outbox: Outbox
  #link: WorkerLink | undefined
  /** What answers for a worker that is not there. */
  #ended: BenchFailure | undefined
  #deaths: number[] = []
  /** Numbers that were given out in captures before this one. */
  #base = 0
  #lastNo = 0
  #recording = true
  #lostFrames = 0
  #since = new Date()
  #counts = NO_COUNTS
  #stopped: Promise<LiveCounts | undefined> | undefined

  constructor(options: CaptureOptions) {
    this.#options = options
    this.#outbox = this.#newOutbox()
    this.#stateChanged = new Throttle(STATE_MS, () => options.onState?.(this.state()))
  }

  async startWorker(folder: string): Promise<void> {
    const { segmentBytes, budgetBytes, workerUrl } = this.#options
    const settings: WorkerSettings = {
      mode: 'live',
      folder,
      epoch: this.#clock.epoch,
      segmentBytes,
      budgetBytes,
      suppressed: this.#options.suppressed?.() ?? [],
    }
    const views = this.#link?.views
    const outbox = this.#outbox
    const link = await WorkerLink.start(
      workerUrl,
      settings,
      {
        taken: (buffer) => outbox.taken(buffer),
        counts: (counts) => this.#count(counts),
        lost: (why) => this.#lost(why),
      },
      views,
    )
    if (this.#stopped !== undefined) await link.stop()
    this.#link = link
    this.#ended = undefined
    this.contentsChanged()
  }

  opened(connection: number, facts: ConnectionOpened): void {
    this.#connections.opened(connection, facts)
    if (this.#ended === undefined) this.#tell(Tag.opened, connection, 0, jsonBody(facts))
  }

  frame(connection: number, direction: Direction, bytes: Uint8Array, malformed: boolean): number {
    if (!malformed) {
      const type = (bytes[0] ?? 0) >> 4
      if (type === PUBLISH) this.#connections.published(connection, direction, bytes)
      else if (type === CONNECT && direction === 'in') this.#connections.identified(connection, bytes)
    }
    if (this.#ended !== undefined) return 0
    const flags = (direction === 'out' ? OUTBOUND : 0) | (malformed ? MALFORMED : 0)
    if (!this.#records || !this.#outbox.accepts(bytes.length, false)) {
      if (this.#recording) this.#countLost()
      if (!malformed) this.#teach(connection, flags, bytes)
      return 0
    }
    const no = ++this.#lastNo
    this.#write(Tag.frame, flags, connection, no, bytes)
    return this.#base + no
  }

  note(no: number, note: PacketNote): void {
    // A row of a capture before this one gets no remark any more: that file is closed.
    if (no <= this.#base || this.#ended !== undefined) return
    const body = jsonBody(note)
    // A remark that finds no room is left out; what it is about was recorded before the worker fell behind.
    if (this.#outbox.accepts(body.length, true)) this.#write(Tag.note, 0, 0, no - this.#base, body)
  }

  closed(connection: number, facts: ConnectionClosed): void {
    this.#connections.closed(connection)
    if (this.#ended !== undefined) return
    const body = jsonBody(facts)
    const room = this.#records && this.#outbox.accepts(body.length, false)
    if (this.#recording && !room) this.#countLost()
    this.#tell(Tag.closed, connection, room ? ++this.#lastNo : 0, body)
  }

  contentsChanged(): void {
    const { contents } = this.#options
    if (contents) this.#link?.tellContents(contents())
  }

  state(): CaptureState {
    const { trouble, ...counts } = this.#counts
    const why = this.#ended?.message ?? trouble
    return {
      ...counts,
      recording: this.#recording && why === undefined,
      ...(why !== undefined && { trouble: why }),
      lostFrames: this.#lostFrames,
      budgetBytes: this.#options.budgetBytes,
      since: this.#since.toISOString(),
    }
  }

  get nextRow(): number {
    return this.#lastNo + 1
  }

  openView(filter: string, changed: () => void): ViewSource<PacketRow> {
    return openView(() => this.#running(), filter, changed)
  }

  openTransactions(ask: TransactionAsk, changed: () => void): ViewSource<TransactionRow> {
    return openTransactions(() => this.#running(), ask, changed)
  }

  openTopics(ask: TopicAsk, changed: () => void): ViewSource<TopicRow> {
    return openTopics(() => this.#running(), ask, changed)
  }

  async ask<C extends CallName>(
    name: C,
    request: Calls[C]['request'],
    watch?: Watch,
  ): Promise<Calls[C]['answer']> {
    this.#outbox.flush()
    if (this.#ended !== undefined) throw this.#ended
    return this.#running().call(name, request, watch)
  }

  async clear(): Promise<void> {
    this.#since = new Date()
    this.#lostFrames = 0
    await this.ask('clear', undefined)
  }

  record(on: boolean): void {
    if (this.#ended !== undefined) throw this.#ended
    this.#recording = on
    this.#stateChanged.request()
  }

  begin(folder: string): Promise<LiveCounts> {
    const last = this.ask('start', { folder })
    this.#restartNumbers()
    return last
  }

  async flush(): Promise<void> {
    await this.ask('flush', undefined)
  }

  stop(): Promise<LiveCounts | undefined> {
    this.#stopped ??= (async () => {
      this.#outbox.flush()
      this.#ended = new BenchFailure('cancelled', 'The capture was stopped.')
      this.#outbox.close()
      this.#stateChanged.stop()
      return this.#link?.stop()
    })()
    return this.#stopped
  }

  /** Wanted, and nothing in the way. */
  get #records(): boolean {
    return this.#recording && this.#counts.trouble === undefined
  }

  #running(): WorkerLink {
    if (this.#link === undefined) throw new BenchFailure('unavailable', 'The capture is not running.')
    return this.#link
  }

  #newOutbox(): Outbox {
    return new Outbox((buffer, used) => {
      this.#link?.post({ kind: 'batch', buffer, used }, [buffer])
    }, this.#options.limits ?? defaultLimits)
  }

  #restartNumbers(): void {
    this.#base += this.#lastNo
    this.#lastNo = 0
    this.#lostFrames = 0
    this.#since = new Date()
    this.#stateChanged.request()
  }

  /** Writes a record that is not to be lost. When even the reserve is used up, the worker is given up. */
  #tell(tag: Tag, connection: number, no: number, body: Uint8Array): void {
    if (this.#outbox.accepts(body.length, true)) this.#write(tag, 0, connection, no, body)
    else this.#link?.lose('it does not take anything any more')
  }

  #write(tag: Tag, flags: number, connection: number, no: number, body: Uint8Array): void {
    if (this.#outbox.empty) this.#clock.follow()
    this.#outbox.write(tag, flags, connection, this.#clock.now(), no, body)
  }

  /** Sends what a packet that is not recorded says about the client and its aliases: rows to come need it. */
  #teach(connection: number, flags: number, bytes: Uint8Array): void {
    const type = (bytes[0] ?? 0) >> 4
    let lesson: Uint8Array | undefined
    if (type === CONNECT || type === CONNACK) lesson = bytes
    else if (
      type === PUBLISH &&
      scanPublish(bytes, 0, bytes.length, 5, this.#head) &&
      this.#head.alias !== 0
    ) {
      lesson = bytes.subarray(0, this.#head.payloadStart)
    }
    if (lesson === undefined || !this.#outbox.accepts(lesson.length, true)) return
    this.#write(Tag.frame, flags, connection, 0, lesson)
  }

  #countLost(): void {
    this.#lostFrames += 1
    this.#stateChanged.request()
  }

  #count(counts: LiveCounts): void {
    const { rows, droppedRows, bytes, trouble } = this.#counts
    const same = counts.rows === rows && counts.droppedRows === droppedRows
    const found = JSON.stringify(counts.findings) === JSON.stringify(this.#counts.findings)
    if (same && found && counts.bytes === bytes && counts.trouble === trouble) return
    this.#counts = counts
    this.#stateChanged.request()
  }

  #lost(why: string): void {
    if (this.#stopped !== undefined) return
    this.#outbox.close()
    this.#outbox = this.#newOutbox()
    const now = Date.now()
    this.#deaths = [...this.#deaths.filter((time) => now - time < DEATHS_WITHIN_MS), now]
    const again = this.#deaths.length < MAX_DEATHS
    const next = again ? 'A new capture begins' : 'Nothing is recorded any more: start the bench anew'
    const text = `The capture worker ended (${why}). Devices are served on. ${next}.`
    this.#ended = new BenchFailure('unavailable', text)
    this.#options.onProblem?.(text)
    this.#stateChanged.request()
    if (again) this.#replace().catch((error: unknown) => this.#options.onProblem?.(String(error)))
  }

  async #replace(): Promise<void> {
    const folder = await this.#options.nextFolder()
    if (this.#stopped !== undefined) return
    await this.startWorker(folder)
    this.#restartNumbers()
    for (const { connection, facts, lessons } of this.#connections.all()) {
      this.#tell(Tag.opened, connection, 0, jsonBody(facts))
      for (const { direction, bytes } of lessons) {
        this.#write(Tag.frame, direction === 'out' ? OUTBOUND : 0, connection, 0, bytes)
      }
    }
  }
}
