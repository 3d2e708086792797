/** What travels between the broker's thread and a capture worker. */
import type { MessagePort } from 'node:worker_threads'
import type { AclList } from '../../../shared/acl/model.ts'
import type { Request, ViewUpdate, ViewWindow } from '../../../shared/contract/contract.ts'
import type { DryRunResult, ProposalResult } from '../../../shared/contract/dry-run.ts'
import type { Exchange } from '../../../shared/contract/flow-record.ts'
import type { DoctorSubjectInfo } from '../../../shared/contract/doctor.ts'
import type { ExportFormat, PacketDetail, PacketRow } from '../../../shared/contract/model.ts'
import type {
  LatencyChart,
  TransactionAsk,
  TransactionRow,
  TransactionStatistics,
} from '../../../shared/contract/transactions.ts'
import type { TopicMessages, TopicRow, TopicSeries } from '../../../shared/contract/topics.ts'
import type { ContentChoice } from '../../../shared/dissect/content/choices.ts'
import type { FindingRow, LintCounts, LintSummary } from '../../../shared/contract/lint.ts'
import type { ReportFormat } from '../../../shared/lint/report/index.ts'
import type { Examination } from '../../../shared/doctor/model.ts'
import type { BenchFacts, DoctorSubject } from '../../../shared/doctor/scene.ts'
import type { BenchError } from '../../../shared/contract/result.ts'
import type { Counts } from './archive.ts'
import type { TopicAsk } from '../topics/views.ts'
import type { BundleFacts, Evidence } from './bundle.ts'
import type { Instant } from './clock.ts'

/** Given to a worker at its start: what it is there for. */
export type WorkerSettings =
  | {
      readonly mode: 'live'
      readonly folder: string
      readonly epoch: Instant
      readonly segmentBytes: number
      readonly budgetBytes: number
      /** Rules of the linter that are not to be seen. */
      readonly suppressed: readonly string[]
    }
  /** `marks` are numbers as they stand in the files: behind a lost segment rows have others. */
  | { readonly mode: 'stored'; readonly folder: string; readonly marks: readonly number[] }
  | {
      readonly mode: 'import'
      readonly request: ImportRequest
      readonly folder: string
      readonly segmentBytes: number
      /** Of the threads that read and store the file; absent where it is not worth any. */
      readonly threads?: ImportPorts
    }

/** Where whoever indexes an import gets batches, and gives their buffers back. */
export interface ImportPorts {
  readonly from: MessagePort
  readonly to: MessagePort
}

/** Given to a thread of imports at its start; its jobs come as messages. */
export interface ImportThreadSettings {
  readonly mode: 'import-thread'
}

export interface ImportRequest {
  readonly file: string
  /** Path of a TLS key log. */
  readonly keyLog?: string
}

export interface ExportRequest {
  readonly format: ExportFormat
  readonly filter: string
  readonly rows?: readonly number[]
  readonly columns?: readonly string[]
  readonly secrets: boolean
  /** The file to write; it appears when it is whole. */
  readonly file: string
  /** Of a bundle: the devices that the bench knows, in the packets or not. */
  readonly devices?: Evidence['devices']
  /** Of a bundle: what stands in it besides, file name to text. */
  readonly extras?: Readonly<Record<string, string>>
}

export interface DryRunRequest {
  readonly filter: string
  readonly inForce: AclList
  readonly edited: AclList
  readonly before: Request<'access.dryRun'>['before']
}

export interface ExamineRequest {
  readonly subject: DoctorSubject
  /** Of the live capture. */
  readonly bench?: BenchFacts
  /** Milliseconds since 1970, of a capture that goes on. */
  readonly now?: number
}

export type ExchangeRequest = Omit<Request<'flows.exchange'>, 'capture'>

export interface ProposalRequest extends Omit<Request<'access.propose'>, 'capture'> {
  readonly inForce: AclList
}

/** A capture that was read in. */
export interface Loaded {
  readonly rows: number
  /** What was wrong, for a person. */
  readonly remarks: readonly string[]
  /** ISO 8601 of the oldest and newest row. */
  readonly from?: string
  readonly to?: string
  /** Of an import: the rows that are marked. */
  readonly marks?: readonly number[]
  readonly bundle?: BundleFacts
}

export interface LiveCounts extends Counts {
  /** Why nothing can be recorded, and what to do. */
  readonly trouble?: string
  /** Findings of the linter. */
  readonly findings?: LintCounts
}

export interface ReportRequest {
  readonly format: ReportFormat
  /** What the person calls the capture. */
  readonly source: string
  /** Absent: all endpoints, all packets. */
  readonly endpoint?: string | undefined
  readonly filter?: string | undefined
  readonly file: string
}

/** Questions to the worker: name → request and answer. Answered in order, after every batch posted before. */
export interface Calls {
  readonly get: { readonly request: { readonly no: number }; readonly answer: PacketDetail | undefined }
  readonly mark: {
    readonly request: { readonly no: number; readonly on: boolean }
    /** Number of the row in the files, by which marks are kept; undefined when the row is not held. */
    readonly answer: number | undefined
  }
  readonly find: { readonly request: Omit<Request<'packets.find'>, 'capture'>; readonly answer: number }
  readonly partner: {
    readonly request: Omit<Request<'packets.partner'>, 'capture'>
    readonly answer: number
  }
  readonly values: {
    readonly request: Omit<Request<'packets.values'>, 'capture'>
    readonly answer: readonly string[]
  }
  readonly read: {
    readonly request: { readonly view: number; readonly window: ViewWindow }
    readonly answer: ViewUpdate<PacketRow>
  }
  readonly readTransactions: {
    readonly request: { readonly view: number; readonly window: ViewWindow }
    readonly answer: ViewUpdate<TransactionRow>
  }
  readonly readTopics: {
    readonly request: { readonly view: number; readonly window: ViewWindow }
    readonly answer: ViewUpdate<TopicRow>
  }
  /** `key`: number of a packet or transaction, or a topic, by what the view shows. */
  readonly locate: {
    readonly request: { readonly view: number; readonly key: string | number }
    readonly answer: number
  }
  /** Of the live capture: the topics of which the broker keeps a message. */
  readonly retained: { readonly request: { readonly topics: readonly string[] }; readonly answer: undefined }
  readonly topicMessages: {
    readonly request: Omit<Request<'topics.messages'>, 'capture'>
    readonly answer: TopicMessages
  }
  readonly topicSeries: {
    readonly request: Omit<Request<'topics.series'>, 'capture'>
    readonly answer: TopicSeries
  }
  readonly transactionOf: { readonly request: { readonly no: number }; readonly answer: number }
  readonly statistics: {
    readonly request: Omit<Request<'transactions.statistics'>, 'capture'>
    readonly answer: TransactionStatistics
  }
  readonly latencies: {
    readonly request: Omit<Request<'transactions.chart'>, 'capture'>
    readonly answer: LatencyChart
  }
  readonly export: { readonly request: ExportRequest; readonly answer: { readonly rows: number } }
  readonly dryRun: { readonly request: DryRunRequest; readonly answer: DryRunResult }
  readonly propose: { readonly request: ProposalRequest; readonly answer: ProposalResult }
  /** The content views that a person chose; none before the first time. */
  readonly contents: {
    readonly request: { readonly choices: readonly ContentChoice[] }
    readonly answer: undefined
  }
  /** Findings of one endpoint, or of all. */
  readonly lint: { readonly request: { readonly endpoint?: string }; readonly answer: LintSummary }
  /** Findings by endpoint. */
  readonly lintCounts: { readonly request: undefined; readonly answer: ReadonlyMap<string, LintCounts> }
  readonly findings: {
    readonly request: { readonly rule: string; readonly endpoint: string }
    readonly answer: readonly FindingRow[]
  }
  readonly suppress: { readonly request: { readonly rules: readonly string[] }; readonly answer: undefined }
  /** Writes the findings down, once all rows are judged. */
  readonly report: { readonly request: ReportRequest; readonly answer: void }
  readonly exchange: { readonly request: ExchangeRequest; readonly answer: Exchange }
  readonly examine: { readonly request: ExamineRequest; readonly answer: Examination }
  readonly subjects: { readonly request: undefined; readonly answer: readonly DoctorSubjectInfo[] }
  readonly flush: { readonly request: undefined; readonly answer: undefined }
  /** Of the live capture. */
  readonly clear: { readonly request: undefined; readonly answer: undefined }
  readonly pin: { readonly request: { readonly on: boolean }; readonly answer: undefined }
  /** Ends the capture and begins another in this folder; answers what was in the one that ended. */
  readonly start: { readonly request: { readonly folder: string }; readonly answer: LiveCounts }
  /** Reads the files of a stored capture. */
  readonly load: { readonly request: undefined; readonly answer: Loaded }
  readonly import: { readonly request: undefined; readonly answer: Loaded }
  /** Writes what is left to write; the last call. */
  readonly finish: { readonly request: undefined; readonly answer: LiveCounts }
}
export type CallName = keyof Calls

/** What a view over a capture shows. */
export type ViewAsk =
  | { readonly of: 'packets'; readonly text: string }
  | { readonly of: 'transactions'; readonly ask: TransactionAsk }
  | { readonly of: 'topics'; readonly ask: TopicAsk }

export type ToWorker =
  | { readonly kind: 'batch'; readonly buffer: ArrayBuffer; readonly used: number }
  | { readonly kind: 'open'; readonly view: number; readonly ask: ViewAsk }
  | { readonly kind: 'close'; readonly view: number }
  | { readonly kind: 'cancel'; readonly id: number }
  | {
      readonly [C in CallName]: {
        readonly kind: 'call'
        readonly id: number
        readonly name: C
        readonly request: Calls[C]['request']
      }
    }[CallName]

export type FromWorker =
  | { readonly kind: 'ready' }
  /** A batch was taken in; its buffer comes back for reuse. */
  | { readonly kind: 'taken'; readonly buffer: ArrayBuffer; readonly counts: LiveCounts }
  | { readonly kind: 'counts'; readonly counts: LiveCounts }
  | { readonly kind: 'changed'; readonly view: number }
  | { readonly kind: 'progress'; readonly id: number; readonly value: number }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown; readonly counts: LiveCounts }
  | { readonly kind: 'failed'; readonly id: number; readonly error: BenchError }
