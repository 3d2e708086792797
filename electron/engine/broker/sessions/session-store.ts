/** The sessions of a broker by client ID: when each begins, is resumed and ends, and its will with it. */
import { Message } from '../message.ts'
import type { StateLog } from './log.ts'
import { MqttSession, NEVER_EXPIRES, type SessionOptions, type SessionWill } from './mqtt-session.ts'
import { QueueBudget, type QueueLimits } from './queue.ts'
import type { Router } from './router.ts'
import type { ProtocolLevel } from '../../../../shared/mqtt/packets.ts'
import { clockNow } from '../clock.ts'

export interface SessionLimits extends QueueLimits {
  /** Bytes that wait for all clients together. */
  readonly allBytes: number
  /** Sessions kept of clients that are away; the one away for longest goes first. */
  readonly away: number
}

/** What a CONNECT says of the session. */
export interface Opening {
  readonly clientId: string
  readonly level: ProtocolLevel
  readonly username: string | undefined
  readonly clean: boolean
  /** Session Expiry Interval in seconds. */
  readonly expiry: number
  readonly will: SessionWill | undefined
}

export interface Leaving {
  /** The connection ended in a way that calls for the will [MQTT-3.1.2-8]. */
  readonly will: boolean
  /** Set by DISCONNECT, in seconds. */
  readonly expiry: number | undefined
  /** Known from before a restart, in milliseconds since 1970: when the session ends, and when the will is due. */
  readonly endsAt?: number | null
  readonly willDue?: number | null
}

export interface StoreOptions {
  readonly limits: SessionLimits
  readonly router: Router
  readonly log: StateLog
  publish(will: Message): void
  onDropped: SessionOptions['onDropped']
}

const MS = 1000

export class SessionStore {
  readonly #options: StoreOptions
  readonly #sessionOptions: SessionOptions
  readonly #sessions = new Map<string, MqttSession>()
  /** Of clients that are away, the longest first. */
  readonly #away = new Set<MqttSession>()
  /** Sessions ended to keep within the limit. */
  evicted = 0

  constructor(options: StoreOptions) {
    this.#options = options
    this.#sessionOptions = {
      queue: options.limits,
      budget: new QueueBudget(options.limits.allBytes),
      log: options.log,
      onDropped: options.onDropped,
      onAttached: (session) => options.router.here(session),
    }
  }

  get size(): number {
    return this.#sessions.size
  }
  get all(): Iterable<MqttSession> {
    return this.#sessions.values()
  }

  get(clientId: string): MqttSession | undefined {
    return this.#sessions.get(clientId)
  }

  /** A client was accepted. `present`: it resumes the session that it had [MQTT-3.1.2-4] to [-6]. */
  open(opening: Opening, now: number): { readonly session: MqttSession; readonly present: boolean } {
    const { clientId, level, username, clean, expiry, will } = opening
    const former = this.#sessions.get(clientId)
    const present = former !== undefined && !clean && !isOver(former, now)
    if (former && !present) this.end(former)
    const session = present ? former : new MqttSession(clientId, this.#sessionOptions)
    this.#away.delete(session)
    this.#sessions.set(clientId, session)
    Object.assign(session, { level, username, clean, expiry, will })
    session.endsAt = undefined
    // It came back in time: the will of the connection before is not sent [MQTT-3.1.3-9].
    session.willDue = undefined
    this.#options.log.session(session)
    return { session, present }
  }

  /** Its connection is gone. */
  leave(session: MqttSession, { will, expiry, endsAt, willDue }: Leaving, now: number): void {
    if (this.#sessions.get(session.clientId) !== session) return
    session.detach()
    if (expiry !== undefined) session.expiry = expiry
    if (!will) session.will = undefined
    if (session.will && (session.will.delay === 0 || session.expiry === 0)) this.#sendWill(session)
    if (session.will) session.willDue = willDue ?? now + session.will.delay * MS
    if (session.expiry === 0) return this.end(session)
    session.endsAt = endsAt ?? (session.expiry === NEVER_EXPIRES ? Infinity : now + session.expiry * MS)
    this.#away.add(session)
    this.#options.log.session(session)
    this.#options.router.away(session)
    if (this.#away.size > this.#options.limits.away) this.#evict()
  }

  /** Ends what is due at `now`: sessions, and the wait of wills. */
  sweep(now: number): void {
    for (const session of this.#away) {
      if (session.willDue !== undefined && session.willDue <= now) this.#sendWill(session)
      if (isOver(session, now)) this.end(session)
    }
  }

  /** Ends a session at once; a will that still waits goes out [MQTT-3.1.3-9]. Its connection must be gone. */
  end(session: MqttSession): void {
    if (session.will) this.#sendWill(session)
    this.#sessions.delete(session.clientId)
    this.#away.delete(session)
    this.#options.router.forget(session)
    session.dropQueue()
    this.#options.log.ended(session)
  }

  #sendWill(session: MqttSession): void {
    const { will } = session
    session.will = undefined
    session.willDue = undefined
    this.#options.log.session(session)
    if (will) this.#options.publish(new Message({ ...will.facts, at: clockNow() }))
  }

  #evict(): void {
    for (const session of this.#away) {
      this.evicted += 1
      return this.end(session)
    }
  }
}

const isOver = ({ endsAt }: MqttSession, now: number): boolean => endsAt !== undefined && endsAt <= now
