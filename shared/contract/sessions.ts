/**
 * The part of the contract about what the broker remembers of its clients: MQTT sessions (4.1), shared
 * subscriptions (4.8.2) and retained messages (3.3.1.3). Sections are those of MQTT 5.0.
 */
import * as v from 'valibot'
import type { Properties, QoS } from '../mqtt/packets.ts'
import { command } from './command.ts'
import type { MqttVersion } from './model.ts'

const text = (max: number) => v.pipe(v.string(), v.maxLength(max))
const clientId = text(65_535)
const topic = v.pipe(v.string(), v.minLength(1), v.maxLength(65_535))

/** Session Expiry Interval of a session that never ends. */
export const NEVER_EXPIRES = 0xffff_ffff
/** Subscriptions of a session, and members of a group, in one answer. */
export const MAX_LISTED = 1000

export const sessionSorts = [
  'clientId',
  'connected',
  'queued',
  'queuedBytes',
  'inflightOut',
  'delivered',
  'dropped',
  'subscriptions',
] as const
export type SessionSort = (typeof sessionSorts)[number]

export const sessionViews = {
  /** `text`: words that must all occur in client ID, user, a topic filter or the will's topic. */
  sessions: {
    params: v.strictObject({
      text: text(2000),
      state: v.picklist(['all', 'connected', 'away']),
      sort: v.picklist(sessionSorts),
      descending: v.boolean(),
    }),
  },
  /** `text`: words that must all occur in group, filter or a member's client ID. */
  sharedGroups: { params: v.strictObject({ text: text(2000) }) },
} as const

export const sessionCommands = {
  'sessions.get': command<SessionDetail>()(v.strictObject({ clientId })),
  /** Ends the connection (MQTT 5.0: DISCONNECT 0x98, Administrative action); the session stays if it outlives that. */
  'sessions.end': command<void>()(v.strictObject({ clientId })),
  /** Ends the session with all it holds, its connection first; a will that waits is sent. */
  'sessions.expire': command<void>()(v.strictObject({ clientId })),
  /** Forgets the messages that wait for the client. */
  'sessions.dropQueue': command<{ readonly dropped: number }>()(v.strictObject({ clientId })),
  /** The message that the broker keeps of a topic. */
  'retained.get': command<RetainedMessage>()(v.strictObject({ topic })),
  /** Takes retained messages away: that of a topic, and with `below` those of all topics below it. */
  'retained.clear': command<RetainedCleared>()(v.strictObject({ topic, below: v.boolean() })),
  /** Puts back what one `retained.clear` took away, where nothing newer has come since. */
  'retained.restore': command<RetainedRestored>()(v.strictObject({ undo: text(100) })),
} as const

export interface SessionRow {
  readonly clientId: string
  readonly username?: string
  readonly connected: boolean
  readonly version: MqttVersion
  /** Clean Start, before 5.0 Clean Session, of the last CONNECT. */
  readonly clean: boolean
  /** Session Expiry Interval in seconds. */
  readonly expiry: number
  /** Seconds until it ends; absent while its client is connected, and for one that never ends. */
  readonly expiresIn?: number
  /** Messages of QoS 1 and 2 sent and not acknowledged for good. */
  readonly inflightOut: number
  /** QoS 2 messages that came and of which PUBREL did not. */
  readonly inflightIn: number
  /** Messages that wait, and their bytes. */
  readonly queued: number
  readonly queuedBytes: number
  readonly delivered: number
  /** Messages dropped since there was no room, they expired or somebody dropped the queue. */
  readonly dropped: number
  readonly subscriptions: number
  readonly will: boolean
}

export interface SessionSubscription {
  /** With `$share/{group}/`, where it is shared. */
  readonly filter: string
  readonly qos: QoS
  readonly noLocal: boolean
  readonly retainAsPublished: boolean
  readonly retainHandling: number
  /** Subscription Identifier. */
  readonly identifier?: number
  /** ShareName. */
  readonly share?: string
}

export interface SessionDetail extends Omit<SessionRow, 'subscriptions' | 'will'> {
  readonly subscriptions: readonly SessionSubscription[]
  /** Subscriptions that did not fit in this answer. */
  readonly unlisted: number
  readonly will?: {
    readonly topic: string
    readonly qos: QoS
    readonly retain: boolean
    readonly length: number
    /** Will Delay Interval in seconds. */
    readonly delay: number
    /** Seconds until it goes out, of a client that is gone. */
    readonly dueIn?: number
  }
}

export interface GroupMember {
  readonly clientId: string
  readonly connected: boolean
  readonly qos: QoS
  /** Messages given to it, and of those of QoS 1 and 2 the acknowledged ones. */
  readonly delivered: number
  readonly acknowledged: number
  readonly inflight: number
}

export interface SharedGroupRow {
  /** `$share/{group}/{filter}`; unique. */
  readonly key: string
  readonly group: string
  readonly filter: string
  readonly members: readonly GroupMember[]
  /** Members that did not fit. */
  readonly unlisted: number
  readonly connected: number
  readonly delivered: number
  readonly inflight: number
  /** Messages that wait for its members. */
  readonly waiting: number
}

export interface RetainedMessage {
  readonly topic: string
  readonly qos: QoS
  /** Milliseconds since 1970. */
  readonly at: number
  /** Client ID; absent for what the bench itself published. */
  readonly publisher?: string
  readonly payload: Uint8Array
  /** As published. */
  readonly properties: Properties
}

export interface RetainedCleared {
  readonly messages: number
  readonly bytes: number
  /** For `retained.restore`; absent when there was nothing, or more than is kept for undoing. */
  readonly undo?: string
}

export interface RetainedRestored {
  readonly messages: number
  /** Not put back: something newer had come, or there was no room. */
  readonly left: number
}
