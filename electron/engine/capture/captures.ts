/** The captures of a bench: the live one, the stored ones, and those that are looked at; with the work on them. */
import { mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { EngineHandlers, Request, ViewParams, ViewSource } from '../../../shared/contract/contract.ts'
import type { CaptureInfo, CaptureState, PacketRow } from '../../../shared/contract/model.ts'
import type { TransactionRow } from '../../../shared/contract/transactions.ts'
import type { TopicRow } from '../../../shared/contract/topics.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { BUNDLE_FACTS, type Evidence } from './bundle.ts'
import type { ContentChoice } from '../../../shared/dissect/content/choices.ts'
import { Catalog, type Stored } from './catalog.ts'
import { type CaptureFacts, MAX_MARKS } from './capture-file.ts'
import { type Capture, startCapture } from './client.ts'
import { readEvidence } from './evidence.ts'
import { exportEndings, exportFile } from './export-file.ts'
import { Jobs } from './jobs.ts'
import { openTopics, openTransactions, openView, type Watch } from './link.ts'
import { OpenedCaptures } from './opened.ts'
import type { CallName, Calls } from './protocol.ts'
import { filterProgram } from './row-filter.ts'
import { Throttle } from '../throttle.ts'

export interface CapturesOptions {
  /** The built worker.ts. */
  readonly workerUrl: URL
  /** Folder of the workspace; `captures` and `exports` are made in it. */
  readonly workspace: string
  readonly segmentBytes: number
  readonly budgetBytes: number
  readonly onState: (state: CaptureState) => void
  readonly onCaptures: () => void
  readonly onJobs: () => void
  readonly onProblem: (text: string) => void
  /** Content views chosen by hand; see `contentsChanged`. */
  readonly contents?: () => readonly ContentChoice[]
  /** Rules of the linter that are not to be seen; absent: none. */
  readonly suppressed?: () => readonly string[]
  /** What the bench adds to an evidence bundle. */
  readonly evidence: () => Promise<Evidence>
}

type Handled = Extract<
  keyof EngineHandlers,
  | `packets.${string}`
  | `topics.${string}`
  | `transactions.${string}`
  | `captures.${string}`
  | `jobs.${string}`
>

const LIVE = 'live'
const TELL_MS = 250
/** Rejects with a BenchFailure when the captures folder cannot be used. */
export async function openCaptures(options: CapturesOptions): Promise<Captures> {
  const folder = join(options.workspace, 'captures')
  try {
    await mkdir(folder, { recursive: true })
    const { catalog, problems } = await Catalog.open(folder)
    for (const text of problems) options.onProblem(text)
    const captures = new Captures(options, catalog)
    await captures.startLive()
    return captures
  } catch (error) {
    if (error instanceof BenchFailure || !(error instanceof Error && 'code' in error)) throw error
    throw new BenchFailure(
      'unavailable',
      `The folder ${folder} cannot be used for captures: ${error.message}`,
    )
  }
}

export class Captures {
  readonly jobs: Jobs
  readonly #options: CapturesOptions
  readonly #catalog: Catalog
  readonly #opened: OpenedCaptures
  readonly #told: Throttle
  #live!: Capture
  #liveStored!: Stored
  #trimming = false

  constructor(options: CapturesOptions, catalog: Catalog) {
    this.#options = options
    this.#catalog = catalog
    this.jobs = new Jobs(options.onJobs)
    this.#told = new Throttle(TELL_MS, options.onCaptures)
    const { workerUrl, segmentBytes, onProblem } = options
    this.#opened = new OpenedCaptures({
      workerUrl,
      segmentBytes,
      catalog,
      jobs: this.jobs,
      changed: () => this.#told.request(),
      closed: () => this.#trim(),
      suppressed: () => this.#suppressed,
      onProblem,
      contents: options.contents ?? (() => []),
    })
  }

  /** Where the broker tells its packets. */
  get live(): Capture {
    return this.#live
  }

  async startLive(): Promise<void> {
    const { workerUrl, segmentBytes, budgetBytes } = this.#options
    this.#liveStored = await this.#catalog.make({}, 'live')
    this.#live = await startCapture({
      workerUrl,
      folder: this.#liveStored.folder,
      segmentBytes,
      budgetBytes,
      nextFolder: () => this.#nextFolder(),
      suppressed: () => this.#suppressed,
      onProblem: this.#options.onProblem,
      ...(this.#options.contents && { contents: this.#options.contents }),
      onState: (state) => {
        this.#options.onState(state)
        this.#told.request()
        this.#trim()
      },
    })
    this.#trim()
  }

  contentsChanged(): void {
    this.#live.contentsChanged()
    this.#opened.contentsChanged()
  }

  /** Newest first. */
  get list(): readonly CaptureInfo[] {
    return this.#catalog.all.map((stored) => this.#infoOf(stored)).toReversed()
  }

  openView({ capture, filter }: ViewParams<'packets'>, changed: () => void): ViewSource<PacketRow> {
    if (this.isLive(capture)) return this.#live.openView(filter, changed)
    this.#opened.link(capture)
    return openView(() => this.#opened.link(capture), filter, changed)
  }

  openTransactions(
    { capture, ...ask }: ViewParams<'transactions'>,
    changed: () => void,
  ): ViewSource<TransactionRow> {
    if (this.isLive(capture)) return this.#live.openTransactions(ask, changed)
    this.#opened.link(capture)
    return openTransactions(() => this.#opened.link(capture), ask, changed)
  }

  openTopics({ capture, ...ask }: ViewParams<'topics'>, changed: () => void): ViewSource<TopicRow> {
    if (this.isLive(capture)) return this.#live.openTopics(ask, changed)
    this.#opened.link(capture)
    return openTopics(() => this.#opened.link(capture), ask, changed)
  }

  readonly handlers: Pick<EngineHandlers, Handled> = {
    'topics.messages': ({ capture, ...asked }) => this.ask(capture, 'topicMessages', asked),
    'topics.series': ({ capture, ...asked }) => this.ask(capture, 'topicSeries', asked),
    'transactions.of': async ({ capture, no }) => ({ id: await this.ask(capture, 'transactionOf', { no }) }),
    'transactions.statistics': ({ capture, ...group }) => this.ask(capture, 'statistics', group),
    'transactions.chart': ({ capture, ...chart }) => this.ask(capture, 'latencies', chart),
    'packets.get': async ({ capture, no }) => {
      const detail = await this.ask(capture, 'get', { no })
      if (!detail) throw new BenchFailure('not-found', `Packet ${no} is no longer in the capture.`)
      return detail
    },
    'packets.mark': (request) => this.#mark(request),
    'packets.find': async ({ capture, ...request }) => {
      filterProgram(request.filter)
      return { no: await this.ask(capture, 'find', request) }
    },
    'packets.partner': async ({ capture, ...request }) => ({
      no: await this.ask(capture, 'partner', request),
    }),
    'packets.values': ({ capture, ...request }) => this.ask(capture, 'values', request),
    'packets.clear': async () => {
      const firstRow = this.#live.nextRow
      await this.#live.clear()
      await this.#change(this.#liveStored, { firstRow, droppedRows: 0, marks: [] })
    },
    'packets.record': ({ on }) => this.#live.record(on),
    'captures.start': ({ name }) => this.#startAnother(name),
    'captures.update': ({ id, ...changes }) => this.#update(id, changes),
    'captures.delete': ({ id }) => this.#delete(id),
    'captures.open': ({ id }) => {
      if (this.isLive(id)) throw new BenchFailure('conflict', 'The live capture is always open.')
      return { job: this.#opened.open(id) }
    },
    'captures.close': ({ id }) => this.#opened.close(id),
    'captures.import': (request) => ({ job: this.#opened.import(request) }),
    'captures.evidence': ({ id }) => readEvidence(this.#storedOf(id).folder),
    'captures.export': (request) => this.#export(request),
    'jobs.cancel': ({ id }) => this.jobs.cancel(id),
    'jobs.dismiss': ({ id }) => this.jobs.dismiss(id),
  }

  async close(): Promise<void> {
    await this.jobs.close()
    await this.#opened.closeAll()
    await this.#end(this.#liveStored, await this.#live.stop())
    this.#told.stop()
    await this.#catalog.settle()
  }

  /** Name of a capture that can be asked. BenchFailure `not-found`, or `conflict` when it is not open. */
  nameOf(capture: string): string {
    if (!this.isLive(capture)) this.#opened.link(capture)
    return this.#storedOf(capture).facts.name
  }

  /** The rules of the linter that are not to be seen changed. */
  async suppress(): Promise<void> {
    await this.#live.ask('suppress', { rules: this.#suppressed })
    await this.#opened.suppress()
  }

  get #suppressed(): readonly string[] {
    return this.#options.suppressed?.() ?? []
  }

  /** Is it the one that is being written? */
  isLive(capture: string): boolean {
    return capture === LIVE || capture === this.#liveStored.id
  }

  #storedOf(capture: string): Stored {
    return this.isLive(capture) ? this.#liveStored : this.#catalog.get(capture)
  }

  /** Asks the worker of a capture. Rejects with a BenchFailure where it is not open. */
  async ask<C extends CallName>(
    capture: string,
    name: C,
    request: Calls[C]['request'],
    watch?: Watch,
  ): Promise<Calls[C]['answer']> {
    return this.isLive(capture)
      ? this.#live.ask(name, request, watch)
      : this.#opened.link(capture).call(name, request, watch)
  }

  #infoOf(stored: Stored): CaptureInfo {
    const { id, state, bytes } = stored
    const { name, note, pinned, startedAt, endedAt, rows, droppedRows } = stored.facts
    const { importedFrom, filter, evidence, remark } = stored.facts
    const live = stored === this.#liveStored ? this.#live?.state() : undefined
    return {
      id,
      name,
      note,
      pinned,
      state,
      startedAt,
      ...(endedAt !== undefined && { endedAt }),
      ...(rows !== undefined && { rows }),
      bytes,
      droppedRows,
      ...(importedFrom !== undefined && { importedFrom }),
      ...(filter !== undefined && { filter }),
      ...(evidence !== undefined && { evidence }),
      ...(remark !== undefined && { remark }),
      ...(live && { rows: live.rows, bytes: live.bytes, droppedRows: live.droppedRows }),
    }
  }

  async #change(stored: Stored, facts: Partial<CaptureFacts>): Promise<void> {
    const written = this.#catalog.change(stored, { ...stored.facts, ...facts })
    this.#told.request()
    await written
  }

  async #mark({ capture, no, on }: Request<'packets.mark'>): Promise<void> {
    const stored = this.#storedOf(capture)
    const { marks } = stored.facts
    if (on && marks.length >= MAX_MARKS) {
      throw new BenchFailure('conflict', `${MAX_MARKS} packets are marked already: that is the most.`)
    }
    const inFile = await this.ask(capture, 'mark', { no, on })
    if (inFile === undefined) {
      throw new BenchFailure('not-found', `Packet ${no} is no longer in the capture.`)
    }
    const others = stored.facts.marks.filter((mark) => mark !== inFile)
    await this.#change(stored, { marks: on ? [...others, inFile].sort((a, b) => a - b) : others })
  }

  async #startAnother(name: string | undefined): Promise<void> {
    const before = this.#liveStored
    const next = await this.#catalog.make(name === undefined ? {} : { name }, 'live')
    const last = this.#live.begin(next.folder)
    this.#liveStored = next
    await this.#end(before, await last)
  }

  /** The folder for the capture that follows one whose worker died. */
  async #nextFolder(): Promise<string> {
    const before = this.#liveStored
    this.#liveStored = await this.#catalog.make({}, 'live')
    await this.#end(before, undefined)
    return this.#liveStored.folder
  }

  /** A capture that was live is stored from now on; one without a row goes, unless somebody cared for it. */
  async #end(stored: Stored, last: { rows: number; droppedRows: number } | undefined): Promise<void> {
    const { note, pinned } = stored.facts
    if (last?.rows === 0 && note === '' && !pinned) {
      await this.#catalog.remove(stored)
    } else {
      this.#catalog.measure(stored)
      stored.state = 'stored'
      const counts = last && { rows: last.rows, droppedRows: last.droppedRows }
      await this.#change(stored, { endedAt: new Date().toISOString(), ...counts })
    }
    this.#told.request()
  }

  async #update(id: string, changes: Omit<Request<'captures.update'>, 'id'>): Promise<void> {
    const stored = this.#storedOf(id)
    const { name, note, pinned } = changes
    if (name !== undefined && name.trim() === '')
      throw new BenchFailure('invalid-request', 'A capture has a name.')
    await this.#change(stored, {
      ...(name !== undefined && { name: name.trim() }),
      ...(note !== undefined && { note }),
      ...(pinned !== undefined && { pinned }),
    })
    if (pinned !== undefined && stored === this.#liveStored) await this.#live.ask('pin', { on: pinned })
    this.#trim()
  }

  async #delete(id: string): Promise<void> {
    if (this.isLive(id)) {
      throw new BenchFailure('conflict', 'This capture is being written: start another one first.')
    }
    const stored = this.#catalog.get(id)
    if (stored.state === 'opening')
      throw new BenchFailure('conflict', 'The capture is being read: stop that first.')
    await this.#opened.close(id)
    await this.#catalog.trash(stored)
    this.#told.request()
  }

  async #export(request: Request<'captures.export'>): Promise<{ job: string }> {
    filterProgram(request.filter)
    const { capture, format, name, ...selection } = request
    const opened = this.nameOf(capture)
    const { path, file } = await exportFile(this.#options.workspace, name ?? opened, exportEndings[format])
    const { filter, secrets, rows, columns } = selection
    const evidence = format === 'bundle' ? await this.#options.evidence() : undefined
    const extras = evidence && {
      devices: evidence.devices,
      extras: { ...evidence.files, [BUNDLE_FACTS]: captureText(this.#storedOf(capture).facts) },
    }
    const asked = {
      format,
      filter,
      secrets,
      file: path,
      ...(rows && { rows }),
      ...(columns && { columns }),
      ...extras,
    }
    const job = this.jobs.start('export', `Export ${basename(file)}`, { capture }, async (running) => {
      const { rows: written } = await this.ask(capture, 'export', asked, running)
      return { file, message: `${written} rows` }
    })
    return { job }
  }

  /** Brings all captures that are not pinned within the budget, one round at a time. */
  #trim(): void {
    if (this.#trimming || this.#live === undefined) return
    this.#trimming = true
    const liveBytes = this.#liveStored.facts.pinned ? 0 : this.#live.state().bytes
    this.#catalog
      .keepBudget(liveBytes, this.#options.budgetBytes)
      .then((went) => went && this.#told.request())
      .catch((error: unknown) => {
        this.#options.onProblem(
          `An old capture could not be dropped: ${error instanceof Error ? error.message : ''}`,
        )
      })
      .finally(() => (this.#trimming = false))
  }
}

/** Marks stand at the packets, where they hold for a part of them as well. */
function captureText({ name, note, startedAt, endedAt, droppedRows }: CaptureFacts): string {
  return `${JSON.stringify({ name, note, startedAt, endedAt, droppedRows }, null, 2)}\n`
}
