/**
 * The part of the contract about data models over time: snapshots of a device (files in the workspace), and what
 * differs between two of them, two devices or two firmwares.
 */
import * as v from 'valibot'
import { command } from './command.ts'
import type { ModelValue, SupportedObject } from './data-model.ts'
import { callIdSchema, endpointIdSchema, type PathFailure } from './usp.ts'

export interface SnapshotHead {
  readonly name: string
  readonly note: string
  readonly endpointId: string
  readonly softwareVersion?: string
  /** Milliseconds since 1970. */
  readonly takenAt: number
  /** What was asked for: object paths, `["Device."]` for all. */
  readonly paths: readonly string[]
}

/** Values as they were at one moment, and what the device supported then. */
export interface Snapshot extends SnapshotHead {
  /** By path in rising order. */
  readonly values: readonly ModelValue[]
  /** Below `paths`; empty when the supported model was not known. */
  readonly supported: readonly SupportedObject[]
  /** Parts that the device did not tell, and why. */
  readonly failures: readonly PathFailure[]
}

/** A row of the list of snapshots. */
export interface SnapshotInfo extends SnapshotHead {
  /** Name of its file in `snapshots/` without `.json`. */
  readonly id: string
  readonly values: number
  readonly failures: number
  readonly bytes: number
}

/** The event `snapshots`. */
export interface SnapshotsState {
  /** The newest first. */
  readonly list: readonly SnapshotInfo[]
  /** Files in `snapshots/` that cannot be read, and why. */
  readonly unreadable: readonly { readonly file: string; readonly text: string }[]
}

export type Change = 'added' | 'removed' | 'changed'

export interface ValueDifference {
  readonly path: string
  readonly change: Change
  readonly before?: string
  readonly after?: string
  /** It changes by itself: the model says that it never causes a ValueChange, as counters and clocks do. */
  readonly quiet: boolean
}

export interface SupportedDifference {
  /** `Device.WiFi.SSID.{i}.`, `Device.WiFi.SSID.{i}.Enable`, `Device.Reboot()`, `Device.Boot!`. */
  readonly path: string
  readonly what: 'object' | 'parameter' | 'command' | 'event'
  readonly change: Change
  /** What of it, e.g. `type`, `access`, with both sides in words; both sides of what was added are in one. */
  readonly aspects: readonly (readonly [aspect: string, before: string, after: string])[]
}

/** One side of a comparison, as it was found. */
export interface ComparedHead extends SnapshotHead {
  readonly values: number
  readonly objects: number
  readonly failures: number
}

export interface Difference {
  readonly left: ComparedHead
  readonly right: ComparedHead
  /** What only one side was asked for is left out. */
  readonly paths: readonly string[]
  readonly values: readonly ValueDifference[]
  readonly supported: readonly SupportedDifference[]
  /** Values that are the same on both sides. */
  readonly same: number
  /** Differences beyond the limit of an answer, which are counted only. */
  readonly more: number
}

/** Differences in one answer. */
export const MAX_DIFFERENCES = 20_000

const text = (max: number) => v.pipe(v.string(), v.maxLength(max))
const path = v.pipe(text(4096), v.minLength(1))
const snapshotId = v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,150}$/))

export const comparedSchema = v.variant('kind', [
  v.strictObject({ kind: v.literal('snapshot'), id: snapshotId }),
  /** As it is now: it is asked, for the paths of the other side. */
  v.strictObject({ kind: v.literal('device'), endpointId: endpointIdSchema }),
  /** What its software of this version supported, as it was read then; no values. */
  v.strictObject({
    kind: v.literal('model'),
    endpointId: endpointIdSchema,
    softwareVersion: text(1000),
  }),
])
export type Compared = v.InferOutput<typeof comparedSchema>

export const snapshotCommands = {
  /** Reads values as a job and keeps them as a file in `snapshots/`; the event `snapshots` then lists it. */
  'model.takeSnapshot': command<{ readonly job: string }>()(
    v.strictObject({
      endpointId: endpointIdSchema,
      /** Object paths; `["Device."]` for all. */
      paths: v.pipe(v.array(path), v.minLength(1), v.maxLength(100)),
      name: text(200),
      note: text(20_000),
    }),
  ),
  'model.snapshot': command<Snapshot>()(v.strictObject({ id: snapshotId })),
  'model.renameSnapshot': command<void>()(
    v.strictObject({ id: snapshotId, name: text(200), note: text(20_000) }),
  ),
  /** Moves it to the trash of the folder. */
  'model.deleteSnapshot': command<void>()(v.strictObject({ id: snapshotId })),
  /** Looks at the folder again: files may have been put there. */
  'model.listSnapshots': command<void>()(v.undefined()),
  /** Versions of the software of a device whose supported model is kept, the newest reading first. */
  'model.versions': command<readonly { readonly softwareVersion: string; readonly readAt: number }[]>()(
    v.strictObject({ endpointId: endpointIdSchema }),
  ),
  /** `usp.cancel` with `call` stops it. */
  'model.compare': command<Difference>()(
    v.strictObject({ left: comparedSchema, right: comparedSchema, call: v.optional(callIdSchema) }),
  ),
} as const
