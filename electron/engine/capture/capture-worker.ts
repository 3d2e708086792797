/** A capture worker: the live capture, a stored one that is looked at, or one that is being imported. */
import { parentPort, workerData } from 'node:worker_threads'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { isoTime, instantAt } from './clock.ts'
import { doctorSubjects, examineRows } from './examination.ts'
import { dryRunRows, proposeFromRows } from './access-run.ts'
import { Archive } from './archive.ts'
import { exchangeOf } from './exchange.ts'
import { exportRows } from './export/export.ts'
import { importCapture } from './import-capture.ts'
import { batchesOfThreads } from './import-thread.ts'
import { findingsOf, saveReport } from '../lint/lint-report.ts'
import { LiveCapture } from './live.ts'
import { firstRow, loadSegments } from './loader.ts'
import type {
  CallName,
  Calls,
  FromWorker,
  LiveCounts,
  Loaded,
  ToWorker,
  ViewAsk,
  WorkerSettings,
} from './protocol.ts'
import { findPartner, findRow, knownValues } from './questions.ts'
import type { Contents } from './rows.ts'
import { StoredLog } from './stored-log.ts'
import { messagesOf } from '../topics/messages.ts'
import { seriesOf } from '../topics/series.ts'
import { latenciesOf, statisticsOf, transactionOf } from './transactions/questions.ts'
import { failureOf, type Work } from './work.ts'

if (parentPort === null) throw new Error('The capture worker runs as a worker thread of the bench only.')
const port = parentPort
const post = (message: FromWorker, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer)

const TICK_MS = 1000

/** What the modes have in common; the first two are different things in each. */
interface Holder {
  readonly archive: Archive
  readonly counts: LiveCounts
  /** Number of a row in the files; the same where it is not given. */
  readonly numberInFile?: (row: number) => number
  finish(): LiveCounts
}

// Written by link.ts.
const settings = workerData as WorkerSettings
const viewChanged = (view: number) => post({ kind: 'changed', view })
const contents: Contents = { choices: [] }
const live = settings.mode === 'live' ? new LiveCapture(settings, contents, viewChanged) : undefined
let holder: Holder | undefined = live

function held(): Holder {
  if (holder === undefined) throw new BenchFailure('conflict', 'The capture is still being read.')
  return holder
}
function liveOnly(): LiveCapture {
  if (live === undefined) throw new BenchFailure('conflict', 'Only the live capture can do that.')
  return live
}
function openView({ views, transactionViews, topicViews }: Archive, view: number, ask: ViewAsk): void {
  if (ask.of === 'packets') views.open(view, ask.text)
  else if (ask.of === 'transactions') transactionViews.open(view, ask.ask)
  else topicViews.open(view, ask.ask)
}
function locate(
  { views, transactionViews, topicViews }: Archive,
  view: number,
  key: string | number,
): number {
  if (topicViews.has(view)) return topicViews.locate(view, key)
  if (typeof key === 'string') return -1
  return transactionViews.has(view) ? transactionViews.locate(view, key) : views.locate(view, key)
}
/** Payloads are read by these content views from now on. */
function readAs(choices: Contents['choices']): void {
  contents.choices = choices
  holder?.archive.views.judgeAll()
}
const fixed = (archive: Archive, close: () => void, numberInFile = (row: number) => row): Holder => ({
  archive,
  numberInFile,
  get counts() {
    return archive.counts
  },
  finish: () => {
    close()
    return archive.counts
  },
})

async function load(work: Work): Promise<Loaded> {
  if (settings.mode !== 'stored') throw new BenchFailure('conflict', 'This is no stored capture.')
  const { folder, marks } = settings
  const log = new StoredLog(folder)
  const epoch = firstRow(folder)?.time ?? { sec: 0, nsec: 0 }
  const archive = new Archive({ epoch, log: () => log, budgetBytes: Infinity, contents, viewChanged })
  const { remarks, numberInFile } = await loadSegments(archive, log, folder, new Set(marks), work)
  archive.ended()
  holder = fixed(archive, () => log.segments.close(), numberInFile)
  return loaded(archive, remarks)
}

function loaded(
  { counts: { rows }, parts: { columns, epoch } }: Archive,
  remarks: readonly string[],
): Loaded {
  const at = (no: number) => isoTime(instantAt(epoch, columns.get(no, 'time')))
  return { rows, remarks, ...(rows > 0 && { from: at(columns.first), to: at(columns.end - 1) }) }
}

type Handlers = {
  readonly [C in CallName]: (
    request: Calls[C]['request'],
    work: Work,
  ) => Calls[C]['answer'] | Promise<Calls[C]['answer']>
}
const handlers: Handlers = {
  get: ({ no }) => held().archive.detail(no),
  mark({ no, on }) {
    const { archive, numberInFile } = held()
    return archive.mark(no, on) ? (numberInFile?.(no) ?? no) : undefined
  },
  find: (request, work) => findRow(held().archive, request, work),
  partner: (request) => findPartner(held().archive, request),
  values: (request, work) => knownValues(held().archive, request, work),
  read: ({ view, window }) => held().archive.views.read(view, window),
  readTransactions: ({ view, window }) => held().archive.transactionViews.read(view, window),
  readTopics: ({ view, window }) => held().archive.topicViews.read(view, window),
  locate: ({ view, key }) => locate(held().archive, view, key),
  retained: ({ topics }) => void held().archive.topicViews.keep(new Set(topics)),
  topicMessages: (request) => messagesOf(held().archive.parts, request),
  topicSeries: (request) => seriesOf(held().archive.parts, request),
  transactionOf: (request, work) => transactionOf(held().archive, request, work),
  statistics: (request, work) => statisticsOf(held().archive, request, work),
  latencies: (request, work) => latenciesOf(held().archive, request, work),
  export: (request, work) => exportRows(held().archive, request, work),
  dryRun: (request, work) => dryRunRows(held().archive, request, work),
  propose: (request, work) => proposeFromRows(held().archive, request, work),
  contents: ({ choices }) => void readAs(choices),
  lint: ({ endpoint }) => held().archive.parts.lint.summary(endpoint),
  lintCounts: () => held().archive.parts.lint.byEndpoint,
  findings: (request) => findingsOf(held().archive, request),
  suppress: ({ rules }) => void (live ?? held().archive).suppress(rules),
  report: (request, work) => saveReport(held().archive, request, work),
  exchange: (request, work) => exchangeOf(held().archive, request, work),
  examine: (request, work) => examineRows(held().archive, request, work),
  subjects: () => doctorSubjects(held().archive),
  flush: () => undefined,
  clear: () => void liveOnly().clear(),
  pin: ({ on }) => void liveOnly().pin(on),
  start: ({ folder }) => liveOnly().start(folder),
  load: (_, work) => load(work),
  async import(_, work) {
    if (settings.mode !== 'import') throw new BenchFailure('conflict', 'This worker does not import.')
    const { archive, remarks, marks, bundle, close } = await importCapture(
      settings.request,
      { ...settings, contents },
      settings.threads && batchesOfThreads(settings.threads, work),
      viewChanged,
      work,
    )
    holder = fixed(archive, close)
    return { ...loaded(archive, remarks), marks, bundle }
  },
  finish: () => held().finish(),
}

const NO_COUNTS: LiveCounts = { rows: 0, droppedRows: 0, bytes: 0 }
const running = new Map<number, AbortController>()

async function answer({ id, name, request }: Extract<ToWorker, { kind: 'call' }>): Promise<void> {
  const controller = new AbortController()
  running.set(id, controller)
  let told = 0
  const progress = (value: number) => {
    if (value - told < 0.01) return
    told = value
    post({ kind: 'progress', id, value })
  }
  try {
    // Name and request belong together in ToWorker, which the compiler cannot follow through the table.
    const handler = handlers[name] as (request: unknown, work: Work) => unknown
    const outcome = handler(request, { signal: controller.signal, progress })
    // Not awaited when it is there already: answers go out in the order of the questions.
    const value = outcome instanceof Promise ? await (outcome as Promise<unknown>) : outcome
    post({ kind: 'answer', id, value, counts: holder?.counts ?? NO_COUNTS })
  } catch (error) {
    const stopped = { code: 'cancelled', message: 'It was stopped.' } as const
    post({ kind: 'failed', id, error: controller.signal.aborted ? stopped : failureOf(error) })
  } finally {
    running.delete(id)
    // A capture that was read in has rows to judge.
    if (!pumping) pump()
  }
}

let pumping = false
/**
 * Does what is left to do slice by slice; messages are taken between two slices. While a question is worked on,
 * such as an export, only what views search goes on beside it.
 */
function pump(): void {
  const archive = holder?.archive
  pumping = archive !== undefined && (running.size > 0 ? archive.search() : archive.step())
  if (pumping) setImmediate(pump)
}

if (live !== undefined) {
  let last = ''
  setInterval(() => {
    live.tick()
    const now = JSON.stringify(live.counts)
    if (now !== last) post({ kind: 'counts', counts: live.counts })
    last = now
  }, TICK_MS)
}

function receive(message: ToWorker): void {
  switch (message.kind) {
    case 'batch':
      liveOnly().take(message.buffer, message.used)
      post({ kind: 'taken', buffer: message.buffer, counts: held().counts }, [message.buffer])
      break
    case 'open':
      openView(held().archive, message.view, message.ask)
      break
    case 'close':
      holder?.archive.views.close(message.view)
      holder?.archive.transactionViews.close(message.view)
      holder?.archive.topicViews.close(message.view)
      break
    case 'cancel':
      running.get(message.id)?.abort()
      break
    case 'call':
      void answer(message)
      break
  }
  if (!pumping) pump()
}

/** To be called once: from now on it takes messages. */
export function runCaptureWorker(): void {
  port.on('message', receive)
  post({ kind: 'ready' })
}
