/**
 * What keeps sessions and retained messages beyond a restart: takes what changes as a `StateLog`, writes it, and
 * gives it back at the next start. Only sessions that outlive their connection are kept, and wills of all.
 */
import { Encoder } from '@msgpack/msgpack'
import type { Message } from '../message.ts'
import type { StateLog } from '../sessions/log.ts'
import type { Granted, MqttSession } from '../sessions/mqtt-session.ts'
import type { Delivery } from '../sessions/queue.ts'
import { KIND, storeMessage, type Entry, type SessionEntry } from './entries.ts'
import { JournalFile } from './journal-file.ts'

/** What is to be in a journal that is made anew. */
export interface Kept {
  readonly sessions: Iterable<MqttSession>
  readonly retained: Iterable<Message>
}

export interface JournalOptions {
  readonly path: string
  readonly syncEach: boolean
  /** Made anew at this size at the earliest. */
  readonly compactBytes?: number
  onProblem(text: string): void
}

/** All of a session at one moment; what it holds changes later. */
interface SessionMoment {
  readonly session: MqttSession
  readonly entry: SessionEntry
  readonly subscriptions: readonly Granted[]
  readonly received: readonly number[]
  readonly underway: readonly (readonly [packetId: number, sent: Delivery, released: boolean])[]
  readonly waiting: readonly Delivery[]
}

export class Journal implements StateLog {
  readonly #file: JournalFile
  #kept: (() => Kept) | undefined
  #sessions = 0
  #messages = 0
  /** How often the journal was made anew: a message that carries this number stands in it. */
  #edition = 0
  readonly #encoder = new Encoder()

  constructor(options: JournalOptions) {
    this.#file = new JournalFile({ ...options, snapshot: () => this.#snapshot() })
  }

  /** From here on changes are written; `kept` answers all there is. Resolves when the first file is in place. */
  async start(kept: () => Kept): Promise<void> {
    this.#kept = kept
    await this.#file.compact()
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  get position(): number {
    return this.#file.position
  }
  get written(): number {
    return this.#file.written
  }
  whenWritten(position: number, done: () => void): void {
    this.#file.whenWritten(position, done)
  }

  session(session: MqttSession): void {
    if (session.no === 0 && !session.lasting && !session.will) return
    this.#write(this.#sessionEntry(session))
  }
  ended(session: MqttSession): void {
    if (session.no !== 0) this.#write([KIND.ended, session.no])
  }
  subscribed(session: MqttSession, granted: Granted): void {
    if (session.lasting) this.#write(subscribedEntry(session, granted))
  }
  unsubscribed(session: MqttSession, filter: string): void {
    if (session.lasting) this.#write([KIND.unsubscribed, session.no, filter])
  }
  received(session: MqttSession, packetId: number, inUse: boolean): void {
    if (session.lasting) this.#write([KIND.received, session.no, packetId, inUse])
  }
  queued(session: MqttSession, delivery: Delivery): void {
    if (!session.lasting || delivery.terms.qos === 0) return
    this.#keep(delivery.message)
    this.#write(queuedEntry(session, delivery))
  }
  dropped(session: MqttSession, { message, group }: Delivery): void {
    if (session.lasting && message.no !== 0)
      this.#write([KIND.dropped, session.no, message.no, group?.key ?? null])
  }
  sent(session: MqttSession, delivery: Delivery, packetId: number): void {
    if (!session.lasting) return
    this.#keep(delivery.message)
    this.#write(sentEntry(session, delivery, packetId))
  }
  released(session: MqttSession, packetId: number): void {
    if (session.lasting) this.#write([KIND.released, session.no, packetId])
  }
  done(session: MqttSession, packetId: number): void {
    if (session.lasting) this.#write([KIND.done, session.no, packetId])
  }
  retained(message: Message): void {
    this.#keep(message)
    this.#write([KIND.retained, message.no])
  }
  unretained(topic: string): void {
    this.#write([KIND.unretained, topic])
  }

  /** Writes the message, unless it stands in this file already. */
  #keep(message: Message): void {
    if (message.edition === this.#edition) return
    this.#messages += 1
    message.no = this.#messages
    message.edition = this.#edition
    this.#write([KIND.message, message.no, storeMessage(message)])
  }

  #write(entry: Entry): void {
    if (this.#kept) this.#file.append(this.#encoder.encode(entry))
  }

  #sessionEntry(session: MqttSession): SessionEntry {
    if (session.no === 0) {
      this.#sessions += 1
      session.no = this.#sessions
    }
    const { no, clientId, level, username, clean, expiry, endsAt, will, willDue } = session
    const ends = endsAt === undefined ? null : endsAt === Infinity ? -1 : endsAt
    const stored = will ? ([storeMessage({ ...will.facts, at: 0 }), will.delay] as const) : null
    return [1, no, clientId, level, username ?? null, clean, expiry, ends, stored, willDue ?? null]
  }

  /** All that is to be kept now, as entries that are made when they are asked for. */
  #snapshot(): Iterable<Uint8Array> {
    const { sessions, retained } = this.#kept?.() ?? { sessions: [], retained: [] }
    this.#edition += 1
    const mark = (message: Message): void => {
      message.edition = this.#edition
      if (message.no === 0) message.no = this.#messages += 1
    }
    const messages = [...retained]
    for (const message of messages) mark(message)
    const moments: SessionMoment[] = []
    for (const session of sessions) {
      if (!session.lasting && !session.will) continue
      const moment = momentOf(session, this.#sessionEntry(session))
      for (const [, { message }] of moment.underway) mark(message)
      for (const { message } of moment.waiting) mark(message)
      moments.push(moment)
    }
    return this.#entries(messages, moments)
  }

  *#entries(retained: readonly Message[], moments: readonly SessionMoment[]): Generator<Uint8Array> {
    const encoder = new Encoder()
    const known = new Set<number>()
    function* keep(message: Message): Generator<Uint8Array> {
      if (known.has(message.no)) return
      known.add(message.no)
      yield encoder.encode([KIND.message, message.no, storeMessage(message)])
    }
    for (const message of retained) {
      yield* keep(message)
      yield encoder.encode([KIND.retained, message.no])
    }
    for (const { session, entry, subscriptions, received, underway, waiting } of moments) {
      yield encoder.encode(entry)
      for (const granted of subscriptions) yield encoder.encode(subscribedEntry(session, granted))
      for (const packetId of received) yield encoder.encode([KIND.received, session.no, packetId, true])
      for (const [packetId, sent, released] of underway) {
        yield* keep(sent.message)
        yield encoder.encode(sentEntry(session, sent, packetId))
        if (released) yield encoder.encode([KIND.released, session.no, packetId])
      }
      for (const delivery of waiting) {
        if (delivery.terms.qos === 0) continue
        yield* keep(delivery.message)
        yield encoder.encode(queuedEntry(session, delivery))
      }
    }
  }
}

function momentOf(session: MqttSession, entry: SessionEntry): SessionMoment {
  if (!session.lasting) return { session, entry, subscriptions: [], received: [], underway: [], waiting: [] }
  return {
    session,
    entry,
    subscriptions: [...session.subscriptions.values()],
    received: [...session.received],
    underway: [...session.unacknowledged].map(([packetId, sent]) => [packetId, sent, sent.released] as const),
    waiting: session.waiting,
  }
}

const subscribedEntry = ({ no }: MqttSession, granted: Granted): Entry => {
  const { filter, qos, noLocal, retainAsPublished, retainHandling, identifier } = granted
  return [KIND.subscribed, no, filter, qos, noLocal, retainAsPublished, retainHandling, identifier ?? null]
}

const queuedEntry = ({ no }: MqttSession, { message, terms, group }: Delivery): Entry => [
  KIND.queued,
  no,
  message.no,
  terms.qos,
  terms.retain,
  terms.identifiers,
  group?.key ?? null,
]

const sentEntry = ({ no }: MqttSession, { message, terms, group }: Delivery, packetId: number): Entry => [
  KIND.sent,
  no,
  message.no,
  terms.qos,
  terms.retain,
  terms.identifiers,
  group?.key ?? null,
  packetId,
]
