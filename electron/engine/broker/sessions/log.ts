/**
 * What changes in the state of sessions, told as it happens, for whoever keeps it beyond a restart. Each call
 * returns at once.
 */
import type { Message } from '../message.ts'
import type { Granted, MqttSession } from './mqtt-session.ts'
import type { Delivery } from './queue.ts'

export interface StateLog {
  /** How much was told so far, and how much of that outlives the process by now. */
  readonly position: number
  readonly written: number
  /** Calls `done` once all up to `position` does. */
  whenWritten(position: number, done: () => void): void
  /** A session is there, or what it is has changed: expiry, will, connected or not. */
  session(session: MqttSession): void
  ended(session: MqttSession): void
  subscribed(session: MqttSession, subscription: Granted): void
  unsubscribed(session: MqttSession, filter: string): void
  /** A QoS 2 packet ID of the client is in use, or free again. */
  received(session: MqttSession, packetId: number, inUse: boolean): void
  queued(session: MqttSession, delivery: Delivery): void
  /** It waits no longer: there was no room, or it expired, or another client gets it. */
  dropped(session: MqttSession, delivery: Delivery): void
  sent(session: MqttSession, delivery: Delivery, packetId: number): void
  released(session: MqttSession, packetId: number): void
  /** The client has it. */
  done(session: MqttSession, packetId: number): void
  retained(message: Message): void
  unretained(topic: string): void
}

const nothing = (): void => {}

/** Keeps nothing: a restart is a new beginning. */
export const forgetful: StateLog = {
  position: 0,
  written: 0,
  whenWritten: (_position, done) => done(),
  session: nothing,
  ended: nothing,
  subscribed: nothing,
  unsubscribed: nothing,
  received: nothing,
  queued: nothing,
  dropped: nothing,
  sent: nothing,
  released: nothing,
  done: nothing,
  retained: nothing,
  unretained: nothing,
}
