/** Makes sessions and retained messages again of what a journal says. */
import { Message } from '../message.ts'
import type { RetainedStore } from '../sessions/retained-store.ts'
import type { Router } from '../sessions/router.ts'
import type { Opening, SessionStore } from '../sessions/session-store.ts'
import type { MqttSession } from '../sessions/mqtt-session.ts'
import { Delivery } from '../sessions/queue.ts'
import { readMessage, type QueuedEntry, type SentEntry, type SessionEntry } from './entries.ts'
import type { Image, SessionImage } from './image.ts'

export interface Restored {
  readonly states: SessionStore
  readonly router: Router
  readonly retained: RetainedStore
}

/** A client that was connected when the bench ended left at `now`: its session and its will count from there. */
export function restore(image: Image, to: Restored, now: number): void {
  const messages = new Map<number, Message>()
  const messageOf = (no: number): Message | undefined => {
    const facts = image.messages.get(no)
    const made = messages.get(no) ?? (facts && new Message(facts))
    if (made) messages.set(no, made)
    return made
  }
  for (const no of image.retained.values()) {
    const message = messageOf(no)
    if (message && !message.expired(now)) to.retained.keep(message)
  }
  const opened = [...image.sessions.values()].map((one) => {
    const { session } = to.states.open(openingOf(one.entry), now)
    fill(session, one, to.router, messageOf)
    return { session, entry: one.entry }
  })
  // Only now: the will of one is a message for others.
  for (const { session, entry } of opened) {
    const [, , , , , , , endsAt, , willDue] = entry
    const left = { will: true, expiry: undefined, endsAt: endsAt === -1 ? Infinity : endsAt, willDue }
    to.states.leave(session, left, now)
  }
}

function fill(
  session: MqttSession,
  { subscriptions, received, underway, queue }: SessionImage,
  router: Router,
  messageOf: (no: number) => Message | undefined,
): void {
  for (const entry of subscriptions.values()) {
    const [, , filter, qos, noLocal, retainAsPublished, retainHandling, identifier] = entry
    const wish = { filter, qos, noLocal, retainAsPublished, retainHandling }
    router.subscribe(session, wish, identifier ?? undefined)
  }
  for (const packetId of received) session.received.add(packetId)
  const put = (entry: QueuedEntry | SentEntry, packetId: number | undefined, released: boolean): void => {
    const [, , no, qos, retain, identifiers, share] = entry
    const message = messageOf(no)
    const group = share === null ? undefined : session.subscriptions.get(share)?.group
    if (!message) return
    const delivery = new Delivery(message, { qos, retain, identifiers }, group)
    session.restore(delivery, packetId, released)
  }
  for (const [packetId, { entry, released }] of underway) put(entry, packetId, released)
  for (const entry of queue.values()) put(entry, undefined, false)
}

function openingOf(entry: SessionEntry): Opening {
  const [, , clientId, level, username, clean, expiry, , will] = entry
  return {
    clientId,
    level,
    username: username ?? undefined,
    clean,
    expiry,
    will: will ? { facts: readMessage(will[0]), delay: will[1] } : undefined,
  }
}
