/**
 * The supported data model of simulated agents, and what a factory-fresh one holds. One is shared by all agents that
 * use it: nothing in here changes after it was read.
 */
import type { ValueType } from '../../../shared/usp/value-types.ts'

export interface ParameterType {
  readonly name: string
  readonly type: ValueType
  readonly access: 'ro' | 'rw' | 'wo'
  /** May hold placeholders, see `Facts`. */
  readonly initial: string
  readonly allowed?: readonly string[]
  /** Reads as empty text. */
  readonly isSecret: boolean
  /** Changes of its own accord all the time: no ValueChange notifications. */
  readonly isQuiet: boolean
  /** Keeps the value it was given first. */
  readonly isOnce: boolean
  /** A number of rows: the table that is counted. */
  readonly counts?: string
}

export interface CommandType {
  readonly name: string
  readonly isAsync: boolean
  readonly inputs: readonly { readonly name: string; readonly isMandatory: boolean }[]
  /** Output argument to what it is answered with. */
  readonly outputs: ReadonlyMap<string, string>
}

export interface EventType {
  readonly name: string
  readonly args: readonly string[]
}

export interface ObjectType {
  /** In the notation of the supported model: `Device.LocalAgent.Controller.{i}.` */
  readonly path: string
  readonly name: string
  readonly isTable: boolean
  readonly canAdd: boolean
  readonly canDelete: boolean
  readonly keys: readonly (readonly string[])[]
  readonly parameters: ReadonlyMap<string, ParameterType>
  readonly commands: ReadonlyMap<string, CommandType>
  readonly events: ReadonlyMap<string, EventType>
  readonly children: ReadonlyMap<string, ObjectType>
}

export interface Schema {
  /** `data_model_inst_uri` of GetSupportedDMResp. */
  readonly uri: string
  /** `Device.` */
  readonly root: ObjectType
  /** Full parameter path to value; may hold placeholders. */
  readonly values: ReadonlyMap<string, string>
  /** Path of a table (`Device.LocalAgent.Controller.`) to its instance numbers, rising. */
  readonly rows: ReadonlyMap<string, readonly number[]>
  /** Values of a factory-fresh agent, those with their initial value included. */
  readonly parameterCount: number
}

/** `Device.LocalAgent.Controller.{i}.MTP.{i}.MQTT.` for an instance path; names are kept, numbers become `{i}`. */
export const supportedPath = (path: string): string => path.replace(/\.\d+(?=\.|$)/g, '.{i}')

/** An object and all below it, in the order of the description. */
export function* typesBelow(type: ObjectType): Generator<ObjectType> {
  yield type
  for (const child of type.children.values()) yield* typesBelow(child)
}
