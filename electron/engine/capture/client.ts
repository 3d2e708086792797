/**
 * The capture as the engine holds it. The calls of `CaptureSink` come from the broker's hot path: they copy bytes
 * into a batch and return; a worker thread does the rest.
 */
import { Worker } from 'node:worker_threads'
import { MAX_WINDOW, type ViewParams, type ViewSource } from '../../../shared/contract/contract.ts'
import type { CaptureState, PacketDetail, PacketNote, PacketRow } from '../../../shared/contract/model.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import type { Counts } from './archive.ts'
import { jsonBody, MALFORMED, OUTBOUND, Tag } from './batch.ts'
import { Clock } from './clock.ts'
import { filterWords } from './filter.ts'
import { defaultLimits, Outbox, type OutboxLimits } from './outbox.ts'
import type { CallName, Calls, FromWorker, ToWorker, WorkerSettings } from './protocol.ts'
import { emptyHead, scanPublish } from './publish-head.ts'
import type { CaptureSink, ConnectionClosed, ConnectionOpened, Direction } from './sink.ts'
import { Throttle } from './throttle.ts'

export interface CaptureOptions {
  /** The built worker.ts. */
  readonly workerUrl: URL
  /** Memory for packets and index together; the oldest go when it is used up. */
  readonly budgetBytes: number
  /** Told at most every 50 ms. */
  readonly onState?: (state: CaptureState) => void
  /** The worker ended by itself; nothing is recorded any more, everything else goes on. */
  readonly onProblem?: (text: string) => void
  readonly limits?: OutboxLimits
}

export interface Capture extends CaptureSink {
  state(): CaptureState
  /** Throws BenchFailure `invalid-request` for a filter that is none. */
  openView(params: ViewParams<'packets'>, changed: () => void): ViewSource<PacketRow>
  /** `undefined` when the row is not held (any more). */
  get(no: number): Promise<PacketDetail | undefined>
  /** Lets go of every row. Numbers go on. */
  clear(): Promise<void>
  /** Recording on or off. While it is off the capture still learns who is who. */
  record(on: boolean): void
  /** Resolves when everything told so far is indexed. */
  flush(): Promise<void>
  stop(): Promise<void>
}

const STATE_MS = 50
/** MQTT packet types that say who a client is. */
const CONNECT = 1
const CONNACK = 2
const PUBLISH = 3

/** Resolves when the worker runs; rejects when it cannot be started. */
export async function startCapture(options: CaptureOptions): Promise<Capture> {
  const clock = new Clock()
  const workerData: WorkerSettings = { epoch: clock.epoch, budgetBytes: options.budgetBytes }
  const worker = new Worker(options.workerUrl, { workerData, name: 'capture' })
  await new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve())
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`exit code ${code}`)))
  }).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`The capture worker ${options.workerUrl.href} could not be started: ${why}`, { cause })
  })
  return new WorkerCapture(worker, clock, options)
}

interface Pending {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

class WorkerCapture implements Capture {
  readonly #worker: Worker
  readonly #clock: Clock
  readonly #options: CaptureOptions
  readonly #outbox: Outbox
  readonly #stateChanged: Throttle
  readonly #pending = new Map<number, Pending>()
  readonly #views = new Map<number, () => void>()
  readonly #head = emptyHead()
  #lastId = 0
  #lastNo = 0
  #recording = true
  #lostFrames = 0
  #since = new Date()
  #counts: Counts = { rows: 0, droppedRows: 0, bytes: 0 }
  /** Why there is no worker any more. */
  #ended: BenchFailure | undefined
  #stopped: Promise<void> | undefined

  constructor(worker: Worker, clock: Clock, options: CaptureOptions) {
    this.#worker = worker
    this.#clock = clock
    this.#options = options
    this.#outbox = new Outbox((buffer, used) => {
      this.#post({ kind: 'batch', buffer, used }, [buffer])
    }, options.limits ?? defaultLimits)
    this.#stateChanged = new Throttle(STATE_MS, () => options.onState?.(this.state()))
    worker.on('message', (message: FromWorker) => this.#receive(message))
    worker.on('error', (error) => this.#lose(error.message))
    worker.on('exit', (code) => this.#lose(`exit code ${code}`))
  }

  opened(connection: number, facts: ConnectionOpened): void {
    if (this.#ended === undefined) this.#tell(Tag.opened, connection, 0, jsonBody(facts))
  }

  frame(connection: number, direction: Direction, bytes: Uint8Array, malformed: boolean): number {
    if (this.#ended !== undefined) return 0
    const flags = (direction === 'out' ? OUTBOUND : 0) | (malformed ? MALFORMED : 0)
    if (!this.#recording || !this.#outbox.accepts(bytes.length, false)) {
      if (this.#recording) this.#countLost()
      if (!malformed) this.#teach(connection, flags, bytes)
      return 0
    }
    const no = ++this.#lastNo
    this.#write(Tag.frame, flags, connection, no, bytes)
    return no
  }

  note(no: number, note: PacketNote): void {
    if (no === 0 || this.#ended !== undefined) return
    const body = jsonBody(note)
    // A remark that finds no room is left out; what it is about was recorded before the worker fell behind.
    if (this.#outbox.accepts(body.length, true)) this.#write(Tag.note, 0, 0, no, body)
  }

  closed(connection: number, facts: ConnectionClosed): void {
    if (this.#ended !== undefined) return
    const body = jsonBody(facts)
    const room = this.#recording && this.#outbox.accepts(body.length, false)
    if (this.#recording && !room) this.#countLost()
    this.#tell(Tag.closed, connection, room ? ++this.#lastNo : 0, body)
  }

  state(): CaptureState {
    return {
      ...this.#counts,
      recording: this.#recording && this.#ended === undefined,
      lostFrames: this.#lostFrames,
      budgetBytes: this.#options.budgetBytes,
      since: this.#since.toISOString(),
    }
  }

  openView({ text }: ViewParams<'packets'>, changed: () => void): ViewSource<PacketRow> {
    filterWords(text)
    const view = ++this.#lastId
    this.#views.set(view, changed)
    this.#post({ kind: 'open', view, text })
    return {
      read: async (window) => {
        if (window.count > MAX_WINDOW) {
          throw new BenchFailure('invalid-request', `Ask for ${MAX_WINDOW} rows at most at a time.`)
        }
        return this.#call('read', { view, window })
      },
      locate: async (key) => (typeof key === 'number' ? this.#call('locate', { view, no: key }) : -1),
      close: () => {
        if (this.#views.delete(view)) this.#post({ kind: 'close', view })
      },
    }
  }

  get(no: number): Promise<PacketDetail | undefined> {
    this.#outbox.flush()
    return this.#call('get', { no })
  }

  async clear(): Promise<void> {
    this.#outbox.flush()
    this.#since = new Date()
    this.#lostFrames = 0
    await this.#call('clear', undefined)
  }

  record(on: boolean): void {
    if (this.#ended !== undefined) throw this.#ended
    this.#recording = on
    this.#stateChanged.request()
  }

  async flush(): Promise<void> {
    this.#outbox.flush()
    await this.#call('flush', undefined)
  }

  stop(): Promise<void> {
    this.#stopped ??= (async () => {
      this.#end(new BenchFailure('cancelled', 'The capture was stopped.'))
      this.#stateChanged.stop()
      await this.#worker.terminate()
    })()
    return this.#stopped
  }

  /** Writes a record that is not to be lost. When even the reserve is used up, the worker is given up. */
  #tell(tag: Tag, connection: number, no: number, body: Uint8Array): void {
    if (this.#outbox.accepts(body.length, true)) this.#write(tag, 0, connection, no, body)
    else this.#lose('it does not take anything any more')
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

  #call<C extends CallName>(name: C, request: Calls[C]['request']): Promise<Calls[C]['answer']> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended)
    const id = ++this.#lastId
    return new Promise<Calls[C]['answer']>((resolve, reject) => {
      // The worker answers a call with the type that `Calls` states for it.
      this.#pending.set(id, { resolve: resolve as (value: unknown) => void, reject })
      this.#post({ kind: 'call', id, name, request } as ToWorker)
    })
  }

  #post(message: ToWorker, transfer: ArrayBuffer[] = []): void {
    if (this.#ended === undefined) this.#worker.postMessage(message, transfer)
  }

  #receive(message: FromWorker): void {
    if (this.#ended !== undefined) return
    switch (message.kind) {
      case 'ready':
        break
      case 'taken':
        this.#outbox.taken(message.buffer)
        this.#count(message.counts)
        break
      case 'changed':
        this.#views.get(message.view)?.()
        break
      case 'answer':
        this.#settle(message.id)?.resolve(message.value)
        this.#count(message.counts)
        break
      case 'failed': {
        const { code, message: text, detail } = message.error
        this.#settle(message.id)?.reject(new BenchFailure(code, text, detail))
        break
      }
    }
  }

  #count(counts: Counts): void {
    const { rows, droppedRows, bytes } = this.#counts
    if (counts.rows === rows && counts.droppedRows === droppedRows && counts.bytes === bytes) return
    this.#counts = counts
    this.#stateChanged.request()
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    return pending
  }

  /** The worker is lost. */
  #lose(why: string): void {
    if (this.#ended !== undefined) return
    const text = `The capture worker ended (${why}). Devices are served on; start the bench anew to record again.`
    this.#end(new BenchFailure('unavailable', text))
    void this.#worker.terminate()
    this.#stateChanged.request()
    this.#options.onProblem?.(text)
  }

  #end(failure: BenchFailure): void {
    if (this.#ended !== undefined) return
    this.#ended = failure
    this.#outbox.close()
    for (const { reject } of this.#pending.values()) reject(failure)
    this.#pending.clear()
    this.#views.clear()
  }
}
