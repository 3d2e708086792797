/**
 * What an access list is: an ordered list of rules, the first that matches decides, and what no rule matches is
 * denied. Plain data; `parse.ts` reads and writes its JSON form, `evaluate.ts` decides with it.
 */

export type Effect = 'allow' | 'deny'
export type Action = 'publish' | 'subscribe'
export type Qos = 0 | 1 | 2

/** One text of a client. All of the value is compared, only a regular expression may match a part of it. */
export type TextPattern =
  | { readonly exact: string }
  /** `*` stands for any characters, also none; `?` for one. */
  | { readonly wildcard: string }
  /** ECMAScript syntax with the `u` flag; anchor it with `^` and `$`. See `pattern.ts` for what is refused. */
  | { readonly regex: string }

/** Clients that gave no user name at all. An empty user name is a user name. */
export interface NoUsername {
  readonly none: true
}

export type ListenerTransport = 'tcp' | 'tls' | 'ws' | 'wss'

/** At least one of the two. */
export interface ListenerCondition {
  readonly transport?: ListenerTransport
  readonly port?: number
}

/** Every condition given must hold; `{}` is everybody. */
export interface Who {
  readonly username?: TextPattern | NoUsername
  readonly clientId?: TextPattern
  readonly endpointId?: TextPattern
  /** IPv4 or IPv6 network, `192.168.0.0/16`, or one address. */
  readonly network?: string
  readonly listener?: ListenerCondition
}

/** QoS of a message, or the one a subscription asks for. `only` is ascending and not empty. */
export type QosCondition = { readonly max: Qos } | { readonly only: readonly Qos[] }

export interface AclRule {
  /** Unique in its list and kept over edits. */
  readonly id: string
  readonly name: string
  readonly note?: string
  readonly effect: Effect
  readonly action: Action | 'both'
  /** A topic filter, not shared, in which `${username}`, `${clientid}` and `${endpoint}` stand for the client's. */
  readonly topic: string
  readonly who: Who
  readonly qos?: QosCondition
  /** Of a message; a subscription is not asked for it. */
  readonly retain?: boolean
  readonly enabled: boolean
}

export interface AclList {
  /** Counts the edits of this list. */
  readonly version: number
  readonly rules: readonly AclRule[]
}

/** The client that asks, as it stands after CONNECT. */
export interface Subject {
  readonly username: string | undefined
  readonly clientId: string
  readonly endpointId: string
  /** IPv4 or IPv6; `undefined` where it is not known, e.g. in an imported capture. */
  readonly address: string | undefined
  readonly listener: { readonly transport: ListenerTransport; readonly port: number } | undefined
}

/** The best name there is for a client. */
export const subjectName = ({ endpointId, username, clientId, address }: Subject): string =>
  endpointId || username || clientId || address || 'unknown'

export interface Question {
  readonly action: Action
  /** The Topic Name of a message (a will too), or the Topic Filter of a subscription, shared ones whole. */
  readonly topic: string
  readonly who: Subject
  readonly qos: Qos
  /** False for a subscription. */
  readonly retain: boolean
}

export interface Decision {
  readonly verdict: Effect
  /** The rule that decided; absent when none matched or the topic is not valid. */
  readonly rule?: AclRule
  /** Its place in the list, from 0. */
  readonly index?: number
  /** One sentence for a person. */
  readonly why: string
}

/** Bounds of a list, checked when it is read. Lengths are in UTF-16 units. */
export const ACL_LIMITS = {
  rules: 2000,
  id: 100,
  name: 200,
  note: 2000,
  /** One pattern of `who`. */
  pattern: 1000,
  /** JSON text of a whole list: 4 Mi. */
  text: 4 * 1024 * 1024,
  /** Text of a foreign file to import: 1 Mi. */
  file: 1024 * 1024,
} as const

export const QOS_LEVELS: readonly Qos[] = [0, 1, 2]

/** The QoS levels a condition admits, as bits 0 to 2. */
export function qosMask(condition: QosCondition | undefined): number {
  if (condition === undefined) return 0b111
  if ('max' in condition) return (2 << condition.max) - 1
  return condition.only.reduce((mask: number, qos) => mask | (1 << qos), 0)
}

export const actionsOf = ({ action }: Pick<AclRule, 'action'>): readonly Action[] =>
  action === 'both' ? ['publish', 'subscribe'] : [action]

/** How texts name a rule: its place counted from 1, and its name. */
export const ruleLabel = (index: number, { name }: Pick<AclRule, 'name'>): string =>
  `rule ${index + 1} "${name}"`
