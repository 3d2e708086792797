/** What the retained messages of the broker take: how many, and how many bytes of topic and payload. Pure. */

export interface RetainedLimits {
  readonly messages: number
  readonly bytes: number
}

interface Entry {
  readonly bytes: number
  /** Milliseconds since 1970; Infinity for a message that does not expire. */
  readonly expiresAt: number
}

export interface RetainedMessage {
  readonly topic: string
  readonly payload: Uint8Array | string
  /** Message Expiry Interval, in seconds. */
  readonly expiry?: number | undefined
}

const sizeOf = ({ topic, payload }: RetainedMessage): number =>
  Buffer.byteLength(topic) + Buffer.byteLength(payload)

export class RetainedLedger {
  readonly #limits: RetainedLimits
  readonly #entries = new Map<string, Entry>()
  #bytes = 0

  constructor(limits: RetainedLimits) {
    this.#limits = limits
  }

  get messages(): number {
    return this.#entries.size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Why the message cannot be kept, as a sentence; undefined when it can. An empty payload takes one away. */
  refusal(message: RetainedMessage, now: number): string | undefined {
    if (message.payload.length === 0 || this.#fits(message)) return undefined
    for (const [topic, { expiresAt }] of this.#entries) if (expiresAt <= now) this.#remove(topic)
    if (this.#fits(message)) return undefined
    const { messages, bytes } = this.#limits
    return this.messages >= messages && !this.#entries.has(message.topic)
      ? `the broker keeps ${messages} retained messages already (broker.maxRetained)`
      : `the retained messages would take more than ${bytes / 1024} KiB (broker.retainedKiB)`
  }

  /** It is kept now, in the place of the one of the same topic; with an empty payload none is. */
  note(message: RetainedMessage, now: number): void {
    this.#remove(message.topic)
    if (message.payload.length === 0) return
    const { expiry } = message
    const bytes = sizeOf(message)
    this.#entries.set(message.topic, {
      bytes,
      expiresAt: expiry === undefined ? Infinity : now + expiry * 1000,
    })
    this.#bytes += bytes
  }

  #fits(message: RetainedMessage): boolean {
    const former = this.#entries.get(message.topic)
    const messages = this.messages + (former ? 0 : 1)
    const bytes = this.#bytes - (former?.bytes ?? 0) + sizeOf(message)
    return messages <= this.#limits.messages && bytes <= this.#limits.bytes
  }

  #remove(topic: string): void {
    this.#bytes -= this.#entries.get(topic)?.bytes ?? 0
    this.#entries.delete(topic)
  }
}
