/** What a journal says, entry by entry: the sessions and retained messages there were at its end. Pure. */
import type { MessageFacts } from '../message.ts'
import {
  KIND,
  readMessage,
  type Entry,
  type QueuedEntry,
  type SentEntry,
  type SessionEntry,
  type SubscribedEntry,
} from './entries.ts'

export interface SessionImage {
  entry: SessionEntry
  readonly subscriptions: Map<string, SubscribedEntry>
  readonly received: Set<number>
  /** Oldest first. */
  readonly queue: Map<string, QueuedEntry>
  readonly underway: Map<number, { readonly entry: SentEntry; readonly released: boolean }>
}

const placeOf = (message: number, share: string | null): string => `${message} ${share ?? ''}`

export class Image {
  readonly sessions = new Map<number, SessionImage>()
  readonly messages = new Map<number, MessageFacts>()
  /** Message numbers by topic, oldest first. */
  readonly retained = new Map<string, number>()

  take(entry: Entry): void {
    switch (entry[0]) {
      case KIND.session:
        return this.#session(entry)
      case KIND.ended:
        this.sessions.delete(entry[1])
        return
      case KIND.message:
        this.messages.set(entry[1], readMessage(entry[2]))
        return
      case KIND.retained:
        return this.#retain(entry[1])
      case KIND.unretained:
        this.retained.delete(entry[1])
        return
      default: {
        const session = this.sessions.get(entry[1])
        if (session) change(session, entry)
      }
    }
  }

  #session(entry: SessionEntry): void {
    const known = this.sessions.get(entry[1])
    if (known) known.entry = entry
    else {
      this.sessions.set(entry[1], {
        entry,
        subscriptions: new Map(),
        received: new Set(),
        queue: new Map(),
        underway: new Map(),
      })
    }
  }

  #retain(no: number): void {
    const topic = this.messages.get(no)?.topic
    if (topic === undefined) return
    this.retained.delete(topic)
    this.retained.set(topic, no)
  }
}

type Change = Exclude<Entry, readonly [1 | 2 | 6 | 12 | 13, ...unknown[]]>

function change(session: SessionImage, entry: Change): void {
  switch (entry[0]) {
    case KIND.subscribed:
      session.subscriptions.set(entry[2], entry)
      return
    case KIND.unsubscribed:
      session.subscriptions.delete(entry[2])
      return
    case KIND.received:
      if (entry[3]) session.received.add(entry[2])
      else session.received.delete(entry[2])
      return
    case KIND.queued:
      session.queue.set(placeOf(entry[2], entry[6]), entry)
      return
    case KIND.dropped:
      session.queue.delete(placeOf(entry[2], entry[3]))
      return
    case KIND.sent:
      session.queue.delete(placeOf(entry[2], entry[6]))
      session.underway.set(entry[7], { entry, released: false })
      return
    case KIND.released: {
      const sent = session.underway.get(entry[2])
      if (!sent) return
      // Put at the end, as in the session itself.
      session.underway.delete(entry[2])
      session.underway.set(entry[2], { ...sent, released: true })
      return
    }
    case KIND.done:
      session.underway.delete(entry[2])
  }
}
