/** Flows over the contract: files in the workspace's `flows/`, and their runs. */
import * as v from 'valibot'
import { MAX_ATTACHMENT } from '../flow/attachments.ts'
import type { Json } from '../flow/json.ts'
import type { Problem as FlowProblem } from '../flow/format/source.ts'
import type { ResultComparison } from '../flow/compare/compare.ts'
import type { FlowMatrix } from '../flow/compare/matrix.ts'
import { FLOW_REPORT_FORMATS } from '../flow/report/report.ts'
import type { FlowResult, FlowStatus } from '../flow/run/result.ts'
import { command } from './command.ts'
import { flowRecordCommands } from './flow-record.ts'
import { flowStepCommands } from './flow-steps.ts'

export type { FlowProblem }

/** A flow as the list shows it. */
export interface FlowFile {
  /** Below `flows/`, with slashes: `starter/bring-up.yaml`. */
  readonly path: string
  readonly name: string
  readonly tags: readonly string[]
  readonly requirements: readonly string[]
  readonly steps: number
  /** Errors in its text; such a flow cannot be run. */
  readonly errors: number
  readonly changedAt: number
}

/** What a run asks the person. */
export interface FlowQuestion {
  readonly token: number
  readonly text: string
  readonly choices: readonly string[]
  /** What a file is called that may be given with the answer. */
  readonly file?: string
}

export interface FlowRunState {
  readonly id: string
  readonly name: string
  /** Empty for a text that is no file. */
  readonly path: string
  readonly device: string
  readonly status: FlowStatus
  /** It holds before the next step. */
  readonly paused: boolean
  /** It stands there now and can be told to go on: `before` its step, or behind it, as it `failed`. */
  readonly held?: 'before' | 'failed'
  /** The packet that a filter made it hold after. */
  readonly heldBy?: number
  /** Path of the step that it holds before, or began last: `steps.2`. */
  readonly step: string
  /** Steps that ended, and steps that the flow has (turns of loops not counted). */
  readonly done: number
  readonly steps: number
  readonly failed: number
  readonly questions: readonly FlowQuestion[]
  readonly startedAt: number
  /** Of a run that is repeated. */
  readonly series?: FlowSeries
}

export interface FlowSeries {
  /** The first run of it. */
  readonly id: string
  /** From 1. */
  readonly turn: number
  /** How often at the most. */
  readonly times?: number
  /** No turn begins after this moment, in milliseconds since 1970. */
  readonly until?: number
}

/** A result that is kept. */
export interface FlowResultInfo {
  readonly id: string
  readonly name: string
  readonly device: string
  readonly status: FlowStatus
  readonly startedAt: number
  readonly bytes: number
}

export interface FlowFiles {
  /** Undefined until the folder was looked at, which nobody does who has nothing to do with flows. */
  readonly files: readonly FlowFile[] | undefined
  /** Files beyond the limit that are not listed. */
  readonly more: number
}

/** Apart from the files, as it changes with every step. */
export interface FlowRuns {
  /** Those under way, and the newest that ended. */
  readonly runs: readonly FlowRunState[]
  /** Newest first. */
  readonly results: readonly FlowResultInfo[]
}

/** Flows that come with the bench. */
export const FLOW_SETS = ['starter', 'tp469'] as const
export type FlowSet = (typeof FLOW_SETS)[number]

export const MAX_FLOW_TEXT = 2_000_000
const text = (max: number) => v.pipe(v.string(), v.maxLength(max))
const id = v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,150}$/))
/** No part of a path may leave the folder, be hidden, or be a name that some system does not take. */
export const flowPath = v.pipe(
  text(500),
  v.regex(
    /^(?:[A-Za-z0-9_][A-Za-z0-9 _.()+-]*\/){0,8}[A-Za-z0-9_][A-Za-z0-9 _.()+-]*\.ya?ml$/,
    'A path of a flow has letters, digits, blanks and _ . ( ) + -, and ends in .yaml.',
  ),
)
const json = v.custom<Json>((value) => value !== undefined && JSON.stringify(value).length <= 1_000_000)

/** Of an attachment: no part of a path. */
const attached = v.pipe(text(200), v.regex(/^\d{1,3}-[^/\\\0]{1,150}$/))

/** Where a run holds. */
const holds = {
  /** Before these steps, by path, and after packets that these filters take. */
  breakpoints: v.optional(v.pipe(v.array(text(10_000)), v.maxLength(200))),
  filters: v.optional(v.pipe(v.array(text(10_000)), v.maxLength(20))),
  /** Behind a step that failed, before the rest is given up. */
  failures: v.optional(v.boolean()),
}
export type FlowHolds = { readonly [N in keyof typeof holds]?: v.InferOutput<(typeof holds)[N]> }

export const flowCommands = {
  /** Looks at the folder again; the event `flowFiles` then lists it. */
  'flows.scan': command<void>()(v.undefined()),
  /** `stamp` changes with the text. */
  'flows.read': command<{
    readonly text: string
    readonly stamp: string
    readonly problems: readonly FlowProblem[]
  }>()(v.strictObject({ path: flowPath })),
  /**
   * Whole or not at all. A text with errors is kept, too: one goes on with it later. With `over` it is `conflict`
   * when the file has another stamp by now; `new`: when there is one.
   */
  'flows.write': command<{ readonly stamp: string; readonly problems: readonly FlowProblem[] }>()(
    v.strictObject({ path: flowPath, text: text(MAX_FLOW_TEXT), over: v.optional(text(100)) }),
  ),
  /** `conflict` when the name is taken. */
  'flows.rename': command<void>()(v.strictObject({ from: flowPath, to: flowPath })),
  /** Moves it to `.trash` in the folder. */
  'flows.delete': command<void>()(v.strictObject({ path: flowPath })),
  /** Writes the flows of a set that are not there into a folder of its name; answers their paths. */
  'flows.addSet': command<{ readonly added: readonly string[] }>()(
    v.strictObject({ set: v.picklist(FLOW_SETS) }),
  ),
  'flows.check': command<{ readonly problems: readonly FlowProblem[] }>()(
    v.strictObject({ text: text(MAX_FLOW_TEXT) }),
  ),
  /** Starts a run. `invalid-request` for a flow with errors. */
  'flows.run': command<{ readonly run: string }>()(
    v.strictObject({
      source: v.union([
        v.strictObject({ path: flowPath }),
        /** `calls`: texts of the flows that it may call, by name. */
        v.strictObject({
          text: text(MAX_FLOW_TEXT),
          /** Of the file that the text is of, changed or not: from there it calls others. */
          path: v.optional(flowPath),
          calls: v.optional(v.record(text(500), text(MAX_FLOW_TEXT))),
        }),
      ]),
      device: v.pipe(text(1024), v.minLength(1)),
      variables: v.optional(v.record(text(200), json)),
      /** Values of the secrets that the flow names; they stand in no result. */
      secrets: v.optional(v.record(text(200), text(10_000))),
      /** 0: as fast as answers come; 1: with the gaps of the recording. */
      pace: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1000))),
      /** Holds before the first step. */
      paused: v.optional(v.boolean()),
      ...holds,
      /** Again and again, a result each: so often, or until that much time has passed (milliseconds). */
      repeat: v.optional(
        v.strictObject({
          times: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100_000))),
          for: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(7 * 86_400_000))),
        }),
      ),
    }),
  ),
  /** Of a run under way; in place of those it has. */
  'flows.breakpoints': command<void>()(v.strictObject({ run: id, ...holds })),
  /**
   * Does the step before, or the one that failed, once more while the run is held: as it was, or as this text of one
   * step has it. `invalid-request` for a text with errors.
   */
  'flows.again': command<void>()(v.strictObject({ run: id, step: v.optional(text(MAX_FLOW_TEXT)) })),
  /** `stop` does the clean-up, and ends a series; a second one ends that as well. */
  'flows.control': command<void>()(
    v.strictObject({ run: id, action: v.picklist(['pause', 'continue', 'step', 'again', 'stop']) }),
  ),
  /** `invalid-request` for a file that is too large: the question stays. */
  'flows.answer': command<void>()(
    v.strictObject({
      run: id,
      token: v.number(),
      choice: text(1000),
      file: v.optional(
        v.strictObject({
          name: text(500),
          bytes: v.pipe(
            v.instance(Uint8Array),
            v.check(
              ({ length }) => length <= MAX_ATTACHMENT,
              `A file has ${MAX_ATTACHMENT >> 20} MiB at the most.`,
            ),
          ),
        }),
      ),
    }),
  ),
  /** `file` as the result names it. */
  'flows.attachment': command<{ readonly bytes: Uint8Array }>()(v.strictObject({ id, file: attached })),
  /** Makes a copy for the person; answers its path in the workspace, for `host.deliver`. */
  'flows.exportAttachment': command<{ readonly file: string }>()(v.strictObject({ id, file: attached })),
  /** Of a run under way as far as it is, or one that is kept. */
  'flows.result': command<FlowResult>()(v.strictObject({ id })),
  'flows.report': command<{ readonly text: string }>()(
    v.strictObject({
      ids: v.pipe(v.array(id), v.minLength(1), v.maxLength(200)),
      format: v.picklist(FLOW_REPORT_FORMATS),
    }),
  ),
  /** What differs from the result `before` to the result `after`, of the same flow or not. */
  'flows.compare': command<ResultComparison>()(v.strictObject({ before: id, after: id })),
  /** Devices × flows over all results that are kept; `at` is a place in `results` of the event. */
  'flows.matrix': command<FlowMatrix>()(v.undefined()),
  'flows.deleteResult': command<void>()(v.strictObject({ id })),
  ...flowStepCommands,
  ...flowRecordCommands,
} as const
