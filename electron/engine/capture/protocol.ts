/** What travels between the broker's thread and the capture worker. */
import type { ViewUpdate, ViewWindow } from '../../../shared/contract/contract.ts'
import type { PacketDetail, PacketRow } from '../../../shared/contract/model.ts'
import type { BenchError } from '../../../shared/contract/result.ts'
import type { Counts } from './archive.ts'
import type { Instant } from './clock.ts'

/** Given to the worker at its start. */
export interface WorkerSettings {
  readonly epoch: Instant
  readonly budgetBytes: number
}

/** Questions to the worker: name → request and answer. Answered in order, after every batch posted before. */
export interface Calls {
  readonly get: { readonly request: { readonly no: number }; readonly answer: PacketDetail | undefined }
  readonly flush: { readonly request: undefined; readonly answer: undefined }
  readonly clear: { readonly request: undefined; readonly answer: undefined }
  readonly read: {
    readonly request: { readonly view: number; readonly window: ViewWindow }
    readonly answer: ViewUpdate<PacketRow>
  }
  readonly locate: {
    readonly request: { readonly view: number; readonly no: number }
    readonly answer: number
  }
}
export type CallName = keyof Calls

export type ToWorker =
  | { readonly kind: 'batch'; readonly buffer: ArrayBuffer; readonly used: number }
  | { readonly kind: 'open'; readonly view: number; readonly text: string }
  | { readonly kind: 'close'; readonly view: number }
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
  | { readonly kind: 'taken'; readonly buffer: ArrayBuffer; readonly counts: Counts }
  | { readonly kind: 'changed'; readonly view: number }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown; readonly counts: Counts }
  | { readonly kind: 'failed'; readonly id: number; readonly error: BenchError }
