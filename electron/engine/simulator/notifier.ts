/**
 * Sends notifications, and again until they are answered: retry n after a random time between m·(k/1000)^(n−1) and
 * m·(k/1000)^n, from the tenth on as the tenth (R-NOT.1, R-NOT.2). A retry is the same bytes, as OB-USP-A does it.
 */
import type { World } from './world.ts'

export interface Notification {
  readonly msgId: string
  /** Records in order; more than one where a message is cut into segments. */
  readonly payloads: readonly Uint8Array[]
  readonly topic: string
  /** Send again until NotifyResp comes. */
  readonly retries: boolean
  /** Seconds after which retries end; 0 is never. */
  readonly expiration: number
  /** `USPNotifRetryMinimumWaitInterval`, seconds. */
  readonly minimumWait: number
  /** `USPNotifRetryIntervalMultiplier`, 2000 doubles the wait. */
  readonly multiplier: number
}

interface Waiting {
  readonly notification: Notification
  readonly since: number
  attempts: number
  cancel: () => void
}

/** Notifications that wait for an answer, or for a connection, at once; the oldest gives way. */
export const MAX_WAITING = 100
const LAST_STEP = 10

export class Notifier {
  readonly #world: World
  readonly #send: (topic: string, payload: Uint8Array) => boolean
  /** Send again each so many milliseconds, whatever is answered. */
  readonly #foreverMs: number | undefined
  readonly #waiting = new Map<string, Waiting>()
  /** What came due while there was no connection, by msg_id. */
  readonly #unsent = new Map<string, Notification>()

  /** `send` answers false when there is no connection. */
  constructor(
    world: World,
    send: (topic: string, payload: Uint8Array) => boolean,
    foreverMs: number | undefined,
  ) {
    this.#world = world
    this.#send = send
    this.#foreverMs = foreverMs
  }

  get waiting(): number {
    return this.#waiting.size
  }

  post(notification: Notification): void {
    this.#publish(notification)
    if (!notification.retries && this.#foreverMs === undefined) return
    const [oldest] = this.#waiting.keys()
    if (this.#waiting.size >= MAX_WAITING && oldest !== undefined) this.#end(oldest)
    const waiting: Waiting = { notification, since: this.#world.now(), attempts: 0, cancel: () => undefined }
    this.#waiting.set(notification.msgId, waiting)
    this.#schedule(waiting)
  }

  /** NotifyResp came: pairing is by msg_id alone (R-NOT.9). */
  acknowledge(msgId: string): void {
    if (this.#foreverMs === undefined) this.#end(msgId)
  }

  /** There is a connection again: what came due meanwhile goes out, as OB-USP-A does it. */
  resume(): void {
    const due = [...this.#unsent.values()]
    this.#unsent.clear()
    for (const notification of due) this.#publish(notification)
  }

  stop(): void {
    this.#unsent.clear()
    for (const msgId of this.#waiting.keys()) this.#end(msgId)
  }

  #publish(notification: Notification): void {
    const { msgId, topic, payloads } = notification
    if (payloads.every((payload) => this.#send(topic, payload))) return
    const [oldest] = this.#unsent.keys()
    if (this.#unsent.size >= MAX_WAITING && oldest !== undefined) this.#unsent.delete(oldest)
    this.#unsent.set(msgId, notification)
  }

  #end(msgId: string): void {
    this.#unsent.delete(msgId)
    this.#waiting.get(msgId)?.cancel()
    this.#waiting.delete(msgId)
  }

  #schedule(waiting: Waiting): void {
    const { minimumWait, multiplier } = waiting.notification
    waiting.attempts++
    const power = Math.min(waiting.attempts, LAST_STEP)
    const from = minimumWait * 1000 * (multiplier / 1000) ** (power - 1)
    const to = minimumWait * 1000 * (multiplier / 1000) ** power
    const ms = this.#foreverMs ?? from + this.#world.random() * (to - from)
    waiting.cancel = this.#world.after(ms, () => this.#again(waiting))
  }

  #again(waiting: Waiting): void {
    const { notification, since } = waiting
    const age = this.#world.now() - since
    const ends = notification.expiration > 0 && this.#foreverMs === undefined
    if (ends && age > notification.expiration * 1000) {
      this.#end(notification.msgId)
      return
    }
    this.#publish(notification)
    this.#schedule(waiting)
  }
}
