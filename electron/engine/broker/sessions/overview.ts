/** What people see of sessions, shared subscriptions and retained messages, and what they can do to them. */
import type { ProtocolLevel, Properties, QoS, Subscription } from '../../../../shared/mqtt/packets.ts'
import { Message } from '../message.ts'
import { NEVER_EXPIRES, type Granted, type MqttSession } from './mqtt-session.ts'
import type { RetainedStore } from './retained-store.ts'
import type { Router } from './router.ts'
import type { SessionStore } from './session-store.ts'
import type { SharedGroup } from './shared-group.ts'
import { clockNow } from '../clock.ts'

/** Rows at a time, at most. */
export const MAX_PAGE = 1000
const MS = 1000

export interface SessionRow {
  readonly clientId: string
  readonly username: string | undefined
  readonly connected: boolean
  readonly level: ProtocolLevel
  /** Clean Start, before 5.0 Clean Session, of the last CONNECT. */
  readonly clean: boolean
  /** Session Expiry Interval in seconds; 4,294,967,295 is never. */
  readonly expiry: number
  /** Seconds until it ends; undefined while it is connected and for one that never ends. */
  readonly expiresIn: number | undefined
  /** Messages of QoS 1 and 2 sent and not acknowledged for good. */
  readonly inflightOut: number
  /** QoS 2 messages that came and of which PUBREL did not. */
  readonly inflightIn: number
  readonly queued: number
  readonly queuedBytes: number
  readonly delivered: number
  readonly dropped: number
  readonly subscriptions: readonly SubscriptionRow[]
  readonly will: WillRow | undefined
}

export interface SubscriptionRow extends Subscription {
  readonly identifier?: number
  /** ShareName of a shared subscription; `filter` holds the whole. */
  readonly share?: string
}

export interface WillRow {
  readonly topic: string
  readonly qos: QoS
  readonly retain: boolean
  readonly length: number
  /** Will Delay Interval in seconds. */
  readonly delay: number
  /** Seconds until it goes out, of a client that is gone. */
  readonly dueIn: number | undefined
}

export interface GroupRow {
  readonly group: string
  readonly filter: string
  readonly members: readonly MemberRow[]
  /** Messages that wait for its members. */
  readonly waiting: number
}

export interface MemberRow {
  readonly clientId: string
  readonly connected: boolean
  readonly qos: QoS
  /** Messages given to it, and of those of QoS 1 and 2 the acknowledged ones. */
  readonly delivered: number
  readonly acknowledged: number
  readonly inflight: number
}

export interface RetainedRow {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: QoS
  readonly properties: Properties
  readonly publisher: string | undefined
  /** Milliseconds since 1970. */
  readonly at: number
}

export interface Page<T> {
  readonly rows: readonly T[]
  readonly total: number
}

export interface Overview {
  /** In the order in which the sessions began; at most `MAX_PAGE` rows from number `from` on. */
  sessions(from: number, count: number): Page<SessionRow>
  session(clientId: string): SessionRow | undefined
  groups(from: number, count: number): Page<GroupRow>
  retained(from: number, count: number): Page<RetainedRow>
  /** Ends the connection (0x98, Administrative action), not the session; false when the client is not connected. */
  end(clientId: string): boolean
  /** Ends the session, and the connection first; false when there is none. */
  expire(clientId: string): boolean
  /** Forgets what waits for the client; answers how many messages. */
  dropQueue(clientId: string): number
  /** Takes a retained message away; answers it for `restoreRetained`. */
  clearRetained(topic: string): RetainedRow | undefined
  /** Puts one back, unless a newer one has come; false then, or when there is no room. */
  restoreRetained(row: RetainedRow): boolean
}

export interface OverviewSources {
  readonly states: SessionStore
  readonly router: Router
  readonly retained: RetainedStore
  /** Ends the connection of a client; false when it has none. */
  disconnect(clientId: string): boolean
}

export function overviewOf({ states, router, retained, disconnect }: OverviewSources): Overview {
  return {
    sessions: (from, count) => page(states.all, states.size, from, count, sessionRow),
    session(clientId) {
      const session = states.get(clientId)
      return session && sessionRow(session)
    },
    groups: (from, count) => page(router.groups, router.groups.length, from, count, groupRow),
    retained: (from, count) => page(retained.all, retained.size, from, count, retainedRow),
    end: disconnect,
    expire(clientId) {
      const session = states.get(clientId)
      if (!session) return false
      session.expiry = 0
      // With the connection ends the session.
      if (!disconnect(clientId)) states.end(session)
      return true
    },
    dropQueue: (clientId) => states.get(clientId)?.dropQueue() ?? 0,
    clearRetained(topic) {
      const message = retained.clear(topic)
      return message && retainedRow(message)
    },
    restoreRetained: (row) =>
      retained.get(row.topic) === undefined && retained.keep(new Message({ ...row, retain: true })),
  }
}

function page<T, Row>(
  all: Iterable<T>,
  total: number,
  from: number,
  count: number,
  rowOf: (one: T) => Row,
): Page<Row> {
  const rows: Row[] = []
  const end = from + Math.min(count, MAX_PAGE)
  let at = 0
  for (const one of all) {
    if (at >= end) break
    if (at >= from) rows.push(rowOf(one))
    at += 1
  }
  return { rows, total }
}

const secondsUntil = (time: number | undefined): number | undefined =>
  time === undefined || time === Infinity ? undefined : Math.max(0, Math.ceil((time - clockNow()) / MS))

function sessionRow(session: MqttSession): SessionRow {
  const { clientId, username, connected, level, clean, expiry, will } = session
  return {
    clientId,
    username,
    connected,
    level,
    clean,
    expiry: Math.min(expiry, NEVER_EXPIRES),
    expiresIn: secondsUntil(session.endsAt),
    inflightOut: session.underway,
    inflightIn: session.received.size,
    queued: session.queued,
    queuedBytes: session.queuedBytes,
    delivered: session.delivered,
    dropped: session.dropped,
    subscriptions: [...session.subscriptions.values()].map(subscriptionRow),
    will: will && {
      topic: will.facts.topic,
      qos: will.facts.qos,
      retain: will.facts.retain,
      length: will.facts.payload.length,
      delay: will.delay,
      dueIn: secondsUntil(session.willDue),
    },
  }
}

function subscriptionRow(granted: Granted): SubscriptionRow {
  const { filter, qos, noLocal, retainAsPublished, retainHandling, identifier, group } = granted
  return {
    filter,
    qos,
    noLocal,
    retainAsPublished,
    retainHandling,
    ...(identifier !== undefined && { identifier }),
    ...(group && { share: group.name }),
  }
}

function groupRow(group: SharedGroup): GroupRow {
  let waiting = 0
  const members: MemberRow[] = []
  for (const { session, qos, given, acknowledged } of group.members) {
    const { clientId, connected } = session
    let inflight = 0
    for (const sent of session.unacknowledged.values()) if (sent.group === group) inflight += 1
    for (const delivery of session.waiting) if (delivery.group === group) waiting += 1
    members.push({ clientId, connected, qos, delivered: given, acknowledged, inflight })
  }
  return { group: group.name, filter: group.filter, members, waiting }
}

const retainedRow = ({ topic, payload, qos, properties, publisher, at }: Message): RetainedRow => ({
  topic,
  payload,
  qos,
  properties,
  publisher,
  at,
})
