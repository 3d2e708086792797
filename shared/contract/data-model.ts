/**
 * The part of the contract about the data model of a device: what it supports (kept by the bench once it was read)
 * and what it holds now (asked when wanted). Reading is lazy: a tree asks for one object at a time.
 */
import * as v from 'valibot'
import type { ValueType } from '../usp/value-types.ts'
import { command } from './command.ts'
import { callIdSchema, endpointIdSchema, timeoutSchema, type PathFailure } from './usp.ts'

export type ObjectAccess = 'read-only' | 'add-delete' | 'add-only' | 'delete-only'
export type ParameterAccess = 'read-only' | 'read-write' | 'write-only'
export type ParameterType = 'unknown' | ValueType

export interface SupportedParameter {
  readonly name: string
  readonly access: ParameterAccess
  readonly type: ParameterType
  /** `will-ignore`: a ValueChange subscription on it never fires. */
  readonly valueChange: 'unknown' | 'allowed' | 'will-ignore'
}
export interface SupportedCommand {
  /** With `()`. */
  readonly name: string
  readonly kind: 'unknown' | 'sync' | 'async'
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
}
export interface SupportedEvent {
  /** With `!`. */
  readonly name: string
  readonly args: readonly string[]
}
export interface SupportedObject {
  /** `Device.WiFi.SSID.{i}.` */
  readonly path: string
  readonly access: ObjectAccess
  readonly multiInstance: boolean
  readonly parameters: readonly SupportedParameter[]
  readonly commands: readonly SupportedCommand[]
  readonly events: readonly SupportedEvent[]
  readonly uniqueKeys: readonly (readonly string[])[]
  /** Instances of it whose model differs from this (mount points). */
  readonly divergentPaths: readonly string[]
}

/** What a device supports, sorted by path. */
export interface SupportedModel {
  readonly endpointId: string
  /** Milliseconds since 1970. */
  readonly readAt: number
  /** The software it was read from: another one now means that it should be read again. */
  readonly softwareVersion?: string
  readonly objects: readonly SupportedObject[]
  /** Subtrees that could not be read, and why. */
  readonly failures: readonly PathFailure[]
}

/** One value of one device; the unit of which listings, snapshots and differences are made. */
export type ModelValue = readonly [path: string, value: string]

/**
 * Values as they were at one moment, by path in rising order. A snapshot is one of these, kept; a difference
 * compares two.
 */
export interface ModelValues {
  readonly endpointId: string
  /** Milliseconds since 1970: when the first answer came. */
  readonly takenAt: number
  /** The paths asked for. */
  readonly paths: readonly string[]
  readonly values: readonly ModelValue[]
  readonly failures: readonly PathFailure[]
}

/** A row of a table. */
export interface ModelInstance {
  /** `Device.WiFi.SSID.3.` */
  readonly path: string
  readonly uniqueKeys: readonly (readonly [name: string, value: string])[]
}

/** One object or table as a tree opens it. */
export interface ModelNode {
  readonly path: string
  /** Rows, of a table. */
  readonly instances: readonly ModelInstance[]
  /** Parameters of this object alone, with full paths. */
  readonly values: readonly ModelValue[]
  /** Child objects and tables that the supported model has, by full path without `{i}`. */
  readonly children: readonly string[]
  readonly failures: readonly PathFailure[]
}

export type SubscriptionKind =
  'ValueChange' | 'ObjectCreation' | 'ObjectDeletion' | 'OperationComplete' | 'Event'

/** A row of Device.LocalAgent.Subscription. on the device. */
export interface ModelSubscription {
  /** `Device.LocalAgent.Subscription.2.` */
  readonly path: string
  readonly id: string
  readonly enabled: boolean
  /** As the device has it, e.g. `Device.LocalAgent.Controller.1`. */
  readonly recipient: string
  readonly kind: string
  readonly references: readonly string[]
  readonly persistent: boolean
  readonly notifyRetry: boolean
}

const text = (max: number) => v.pipe(v.string(), v.maxLength(max))
const path = v.pipe(text(4096), v.minLength(1))
const paths = v.pipe(v.array(path), v.minLength(1), v.maxLength(1000))
const timeoutMs = v.optional(timeoutSchema)

export const dataModelCommands = {
  /** The supported model as it was read last, also from an earlier day; `not-found` when it never was. */
  'model.get': command<SupportedModel>()(v.strictObject({ endpointId: endpointIdSchema })),
  /**
   * Reads the supported model, below `path` only or all of it, and answers what is known then. The event `usp` tells
   * how far it is; `usp.cancel` with `call` stops it.
   */
  'model.refresh': command<SupportedModel>()(
    v.strictObject({ endpointId: endpointIdSchema, path: v.optional(path), call: v.optional(callIdSchema) }),
  ),
  /** One object or table: its values, rows and children. Ends with `.`. */
  'model.open': command<ModelNode>()(v.strictObject({ endpointId: endpointIdSchema, path, timeoutMs })),
  /** Values below paths (search paths too), e.g. for a snapshot: `["Device."]`. Asked table by table. */
  'model.values': command<ModelValues>()(
    v.strictObject({
      endpointId: endpointIdSchema,
      paths,
      /** Levels below each path; 0 is all. */
      maxDepth: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1000)),
      timeoutMs,
      call: v.optional(callIdSchema),
    }),
  ),
  /** Subscriptions on the device, of every controller. */
  'model.subscriptions': command<readonly ModelSubscription[]>()(
    v.strictObject({ endpointId: endpointIdSchema }),
  ),
  /** Adds a Subscription row for this controller; what then comes stands in the view `notifications`. */
  'model.subscribe': command<ModelSubscription>()(
    v.strictObject({
      endpointId: endpointIdSchema,
      kind: v.picklist(['ValueChange', 'ObjectCreation', 'ObjectDeletion', 'OperationComplete', 'Event']),
      references: paths,
      /** Absent: one is made. */
      id: v.optional(v.pipe(text(64), v.minLength(1))),
      persistent: v.boolean(),
      notifyRetry: v.boolean(),
    }),
  ),
  /** Deletes a Subscription row. */
  'model.unsubscribe': command<void>()(v.strictObject({ endpointId: endpointIdSchema, path })),
} as const
