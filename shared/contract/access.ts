/** The part of the contract about access: who may connect, what they may do, and what was refused. */
import * as v from 'valibot'
import type { AclFinding } from '../acl/analysis.ts'
import type { Explanation } from '../acl/explain.ts'
import type { AclList, Subject } from '../acl/model.ts'
import { command } from './command.ts'

export interface UserInfo {
  readonly username: string
  /** `nats`: NATS has the same; `here`: only the workspace has it; `awaiting`: imported, needs a new password. */
  readonly source: 'nats' | 'here' | 'awaiting'
  /** Milliseconds since 1970. */
  readonly changedAt?: number
  /** Will be written to NATS once that is back. */
  readonly pending: boolean
  /** Endpoint IDs that it may state besides its own name. */
  readonly endpoints: readonly string[]
}

/**
 * Why a CONNECT was refused; `limit`: a limit of the broker refused that, or something else. `endpoint`: it states
 * one that is not the user's; `certificate`: one that is not the certificate's.
 */
export type RefusalCause =
  'no-user' | 'unknown-user' | 'wrong-password' | 'endpoint' | 'certificate' | 'tls' | 'limit'

/** What a refused device showed besides its names. */
export interface Presented {
  /** `MQTT 5.0` */
  readonly version: string
  /** It gave no client ID; the one in its row is another with each attempt. */
  readonly assigned: boolean
  /** Subject of its certificate. */
  readonly certificate?: string
}

/** The same refusal again only counts up. */
export interface DenialInfo {
  readonly id: number
  readonly who: Subject
  /** Absent where an access rule decided. */
  readonly cause?: RefusalCause
  /** Of a CONNECT. */
  readonly presented?: Presented
  readonly action: 'connect' | 'publish' | 'subscribe' | 'deliver'
  readonly topic: string
  readonly reasonCode: number
  /** The device got no reason code: there is none for a message of QoS 0 or MQTT 3, nor at delivery. */
  readonly untold?: boolean
  readonly text: string
  /** Of a message that was not handed over: client ID of the last one to publish there, if known. */
  readonly publisher?: string
  /** ID of the access rule that decided. */
  readonly rule?: string
  /** Milliseconds since 1970. */
  readonly firstAt: number
  readonly lastAt: number
  readonly count: number
  /** A knock that can be admitted with one click, and what that would do; absent where it cannot. */
  readonly admit?: string
}

export interface AclVersion {
  readonly version: number
  /** Milliseconds since 1970. */
  readonly changedAt: number
  readonly changedBy: string
  readonly note: string
  readonly rules: number
}

export interface NatsInfo {
  readonly server: 'starting' | 'running' | 'restarting' | 'absent' | 'external' | 'failed' | 'stopped'
  readonly connected: boolean
  readonly version?: string
  /** Without secrets. */
  readonly url?: string
  /** What is wrong and what to do. */
  readonly message?: string
  /** Where credentials are kept now: `file` without NATS, `away` while it is gone, `shared` in step with it. */
  readonly credentials: 'file' | 'away' | 'shared'
  /** Changes that wait for NATS. */
  readonly pending: number
}

/** What the access view shows all the time; lists are asked for by commands. */
export interface AccessState {
  /** Whoever reaches a listener may do everything. */
  readonly open: boolean
  readonly users: number
  readonly list: AclList
  readonly findings: readonly AclFinding[]
  /** Newest last. */
  readonly denials: readonly DenialInfo[]
  readonly denialsDropped: number
  readonly nats: NatsInfo
}

/** How often each rule decided, by its ID; a rule that never did is absent. */
export type RuleHits = Readonly<Record<string, number>>

const text = (max: number) => v.pipe(v.string(), v.maxLength(max))
const username = v.pipe(v.string(), v.minLength(1), v.maxLength(1000))
const format = v.picklist(['mosquitto', 'emqx', 'hivemq'])
export type AclFormat = v.InferOutput<typeof format>
/** Checked by shared/acl/parse.ts, which tells rule and field. */
const list = v.unknown()

export const accessCommands = {
  'access.setOpen': command<void>()(v.strictObject({ open: v.boolean() })),
  'access.users': command<readonly UserInfo[]>()(v.undefined()),
  'access.user.set': command<void>()(v.strictObject({ username, password: text(4096) })),
  /** Answers the new password: the only time it is told. */
  'access.user.generate': command<{ readonly password: string }>()(v.strictObject({ username })),
  'access.user.remove': command<void>()(v.strictObject({ username })),
  'access.user.endpoints': command<void>()(
    v.strictObject({ username, endpoints: v.pipe(v.array(text(1000)), v.maxLength(100)) }),
  ),
  /** User names of a Mosquitto password file; its hashes are of no use, so each needs a new password. */
  'access.user.import': command<{ readonly added: number; readonly remarks: readonly string[] }>()(
    v.strictObject({ text: text(4_000_000) }),
  ),
  /** Puts an edited list in force. `conflict` when it was changed since `basedOn`. */
  'access.rules.save': command<{
    readonly version: number
    /** Subscriptions of live sessions that the new list ended. */
    readonly takenAway: readonly { readonly endpointId: string; readonly filter: string }[]
  }>()(v.strictObject({ list, basedOn: v.number(), note: text(2000) })),
  'access.rules.history': command<readonly AclVersion[]>()(v.undefined()),
  'access.rules.version': command<AclList>()(v.strictObject({ version: v.number() })),
  'access.rules.check': command<readonly AclFinding[]>()(v.strictObject({ list })),
  /** What a list, the one in force or an edited one, says to one question, and why. */
  'access.ask': command<Explanation>()(
    v.strictObject({
      list: v.optional(list),
      action: v.picklist(['publish', 'subscribe']),
      topic: text(65_535),
      username: v.optional(text(1000)),
      clientId: text(1000),
      endpointId: text(1000),
      address: v.optional(text(100)),
      qos: v.picklist([0, 1, 2]),
      retain: v.boolean(),
    }),
  ),
  'access.rules.import': command<{ readonly list: AclList; readonly remarks: readonly string[] }>()(
    v.strictObject({ format, text: text(4_000_000) }),
  ),
  'access.rules.export': command<{ readonly text: string; readonly remarks: readonly string[] }>()(
    v.strictObject({
      format,
      list: v.optional(list),
      /** What stands for the endpoint ID there: no other broker knows one. */
      endpointAs: v.picklist(['username', 'clientid']),
    }),
  ),
  /** Lets in who knocked: with the password it presented, or the endpoint ID it stated. */
  'access.admit': command<void>()(v.strictObject({ id: v.number() })),
  'access.forget': command<void>()(v.strictObject({ id: v.number() })),
} as const
