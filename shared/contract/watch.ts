/**
 * The part of the contract about watched parameters: the bench asks for them again and again, or lets the device
 * tell, whether or not a view is open. Histories are bounded and end with the bench.
 */
import * as v from 'valibot'
import { command } from './command.ts'
import { endpointIdSchema } from './usp.ts'

/** `time` in milliseconds since 1970. */
export type WatchSample = readonly [time: number, value: string]

export interface WatchRow {
  readonly id: string
  readonly endpointId: string
  readonly path: string
  /** Seconds between two questions; 0: the device tells by ValueChange. */
  readonly seconds: number
  readonly last?: WatchSample
  readonly previous?: WatchSample
  /** Samples kept; one is kept when the value changes, and of numbers each. */
  readonly samples: number
  /** All samples are numbers: it can be drawn. */
  readonly numeric: boolean
  /** Why there is no value now, and what to do. */
  readonly problem?: string
}

/** Samples kept of one parameter. */
export const MAX_SAMPLES = 3600
/** Parameters watched at the same time. */
export const MAX_WATCHED = 100

const parameterPath = v.pipe(
  v.string(),
  v.maxLength(4096),
  v.regex(/^[^*[\]]+\.[^.*[\]()!]+$/, 'A parameter path, without * and [ ]'),
)
const id = v.pipe(v.string(), v.maxLength(100))

export const watchCommands = {
  /** Begins to watch parameters; one that is watched already takes the new pace. */
  'model.watch': command<void>()(
    v.strictObject({
      endpointId: endpointIdSchema,
      paths: v.pipe(v.array(parameterPath), v.minLength(1), v.maxLength(MAX_WATCHED)),
      /** 0: a ValueChange subscription is made on the device, and deleted again at the end. */
      seconds: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(3600)),
    }),
  ),
  'model.unwatch': command<void>()(v.strictObject({ id })),
  /** Samples, oldest first, those after `since` only. */
  'model.watched': command<readonly WatchSample[]>()(v.strictObject({ id, since: v.optional(v.number()) })),
} as const
