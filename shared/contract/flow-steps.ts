/**
 * The steps of a run, as a view: those of a run under way while it goes on, or of a result that is kept. A result may
 * have ten thousands of steps with large answers in them, so a row has what a line shows, and `flows.step` the rest.
 */
import * as v from 'valibot'
import type { FlowResult, StepResult, StepStatus } from '../flow/run/result.ts'
import { command } from './command.ts'

export interface FlowStepRow {
  /** Where it stands in the result, another for each turn of a loop and each attempt: `steps/2/0`. */
  readonly key: string
  /** How deep, from 0. */
  readonly depth: number
  /** `phase` heads setup, steps or clean-up where a flow has more than one of them. */
  readonly kind: StepResult['kind'] | 'phase'
  /** In the flow: `steps.2.else.0`; empty for a phase. */
  readonly path: string
  readonly title: string
  readonly status: StepStatus
  readonly attempt?: number
  /** Milliseconds since 1970, and milliseconds. */
  readonly start?: number
  readonly duration?: number
  readonly latency?: number
  readonly note?: string
  /** The first ones; `flows.step` has all. */
  readonly packets: readonly number[]
  readonly differences: number
  /** It has steps in it; absent: none. */
  readonly folded?: boolean
  /** Passed turns of a loop that are not listed. */
  readonly omitted?: number
}

export const MAX_FOLDED = 2000
const id = v.pipe(v.string(), v.maxLength(151))
const key = v.pipe(v.string(), v.maxLength(1000))

export const flowStepParams = v.strictObject({
  /** Of a run or a result; empty: no rows. */
  id,
  /** Keys of rows whose steps are not shown. */
  folded: v.pipe(v.array(key), v.maxLength(MAX_FOLDED)),
  /** `wrong`: what failed or could not be judged, and what it stands in. */
  only: v.picklist(['all', 'wrong']),
})

export const flowStepCommands = {
  /** What there is to be said of a run or a result as a whole: its steps are left out. */
  'flows.head': command<FlowResult>()(v.strictObject({ id })),
  /** One step with differences, what was seen and variables; without the steps in it. */
  'flows.step': command<StepResult>()(v.strictObject({ id, key })),
} as const
