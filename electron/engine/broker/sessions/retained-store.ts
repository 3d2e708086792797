/** Retained messages: the last one of each topic, bounded in number and bytes of topics, payloads and properties. */
import { topicMatches } from '../../../../shared/mqtt/topics.ts'
import { propertiesSize, type Message } from '../message.ts'
import type { StateLog } from './log.ts'

export interface RetainedLimits {
  readonly messages: number
  readonly bytes: number
}

type Sized = Pick<Message, 'topic' | 'payload' | 'properties'>

const sizeOf = ({ topic, payload, properties }: Sized): number =>
  Buffer.byteLength(topic) + payload.length + propertiesSize(properties)

export class RetainedStore {
  readonly #limits: RetainedLimits
  readonly #log: StateLog
  readonly #messages = new Map<string, Message>()
  #bytes = 0

  constructor(limits: RetainedLimits, log: StateLog) {
    this.#limits = limits
    this.#log = log
  }

  get size(): number {
    return this.#messages.size
  }
  get bytes(): number {
    return this.#bytes
  }
  /** In the order in which they came. */
  get all(): Iterable<Message> {
    return this.#messages.values()
  }

  /** Why the message cannot be kept, as a sentence; undefined when it can. An empty payload takes one away. */
  refusal(message: Sized, now: number): string | undefined {
    if (message.payload.length === 0 || this.#fits(message)) return undefined
    this.sweep(now)
    if (this.#fits(message)) return undefined
    const { messages, bytes } = this.#limits
    return this.size >= messages && !this.#messages.has(message.topic)
      ? `the broker keeps ${messages} retained messages already (broker.maxRetained)`
      : `the retained messages would take more than ${bytes / 1024} KiB (broker.retainedKiB)`
  }

  /** Keeps it in the place of the one of the same topic; false when there is no room [MQTT-3.3.1-5] to [-7]. */
  keep(message: Message): boolean {
    if (message.payload.length === 0) {
      this.clear(message.topic)
      return true
    }
    if (this.refusal(message, message.at) !== undefined) return false
    this.#remove(message.topic)
    this.#messages.set(message.topic, message)
    this.#bytes += sizeOf(message)
    this.#log.retained(message)
    return true
  }

  /** Takes it away; answers it, so that it can be put back. */
  clear(topic: string): Message | undefined {
    const message = this.#remove(topic)
    if (message) this.#log.unretained(topic)
    return message
  }

  get(topic: string): Message | undefined {
    return this.#messages.get(topic)
  }

  /** Those that a filter without `$share/` matches and that have not expired. */
  matching(filter: string, now: number): readonly Message[] {
    const exact = this.#messages.get(filter)
    if (exact) return exact.expired(now) ? [] : [exact]
    if (!/[#+]/.test(filter)) return []
    const found: Message[] = []
    for (const message of this.#messages.values())
      if (topicMatches(filter, message.topic) && !message.expired(now)) found.push(message)
    return found
  }

  /** Takes away what has expired. */
  sweep(now: number): void {
    for (const message of this.#messages.values()) if (message.expired(now)) this.clear(message.topic)
  }

  #fits(message: Sized): boolean {
    const former = this.#messages.get(message.topic)
    const messages = this.size + (former ? 0 : 1)
    const bytes = this.#bytes - (former ? sizeOf(former) : 0) + sizeOf(message)
    return messages <= this.#limits.messages && bytes <= this.#limits.bytes
  }

  #remove(topic: string): Message | undefined {
    const message = this.#messages.get(topic)
    if (!message) return undefined
    this.#messages.delete(topic)
    this.#bytes -= sizeOf(message)
    return message
  }
}
