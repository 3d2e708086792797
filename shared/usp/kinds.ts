/** Names of what USP messages are, as people and the contract use them. */

/** Any JSON value, as protobuf JSON is made of them. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | {
      readonly [name: string]: JsonValue
    }

/** Requests, in the order of their field numbers in `usp.Request`, with the name of that field. */
export const requestFields = {
  Get: 'get',
  GetSupportedDM: 'get_supported_dm',
  GetInstances: 'get_instances',
  Set: 'set',
  Add: 'add',
  Delete: 'delete',
  Operate: 'operate',
  Notify: 'notify',
  GetSupportedProtocol: 'get_supported_protocol',
  Register: 'register',
  Deregister: 'deregister',
} as const
export type RequestKind = keyof typeof requestFields
export const requestKinds = Object.keys(requestFields) as readonly RequestKind[]

/** What an agent asks a controller; in everything else the agent is asked. */
export const agentRequests: ReadonlySet<string> = new Set<RequestKind>(['Notify', 'Register', 'Deregister'])

export type { NotifyKind } from './peek.ts'
