/** Messages that wait for one client, bounded in number and bytes: the oldest goes when there is no room. */
import type { Message, Terms } from '../message.ts'
import { Fifo } from './fifo.ts'
import type { SharedGroup } from './shared-group.ts'

/** A message on its way to one client. */
export class Delivery {
  readonly message: Message
  readonly terms: Terms
  /** The group of the shared subscription that it came through. */
  readonly group: SharedGroup | undefined
  /** PUBREC came: the message is the client's, and PUBREL stands in for it. */
  released = false
  /** Number of the connection that it was sent over last; 0 is none. */
  sentOver = 0

  constructor(message: Message, terms: Terms, group?: SharedGroup) {
    this.message = message
    this.terms = terms
    this.group = group
  }
}

export interface QueueLimits {
  readonly messages: number
  readonly bytes: number
}

/** Bytes that all queues of a broker may take together. */
export class QueueBudget {
  readonly limit: number
  used = 0

  constructor(limit: number) {
    this.limit = limit
  }
}

export class MessageQueue {
  readonly #items = new Fifo<Delivery>()
  readonly #limits: QueueLimits
  readonly #budget: QueueBudget
  #bytes = 0

  constructor(limits: QueueLimits, budget: QueueBudget) {
    this.#limits = limits
    this.#budget = budget
  }

  get size(): number {
    return this.#items.size
  }
  get bytes(): number {
    return this.#bytes
  }

  /** Adds at the end; answers what had to go for it: the oldest, or itself where it can never fit. */
  push(delivery: Delivery): readonly Delivery[] {
    const { size } = delivery.message
    const { messages, bytes } = this.#limits
    if (messages === 0 || size > bytes || this.#budget.used + size > this.#budget.limit + this.#bytes)
      return [delivery]
    const gone: Delivery[] = []
    while (
      this.#items.size >= messages ||
      this.#bytes + size > bytes ||
      this.#budget.used + size > this.#budget.limit
    ) {
      gone.push(this.shift() as Delivery)
    }
    this.#items.push(delivery)
    this.#count(size)
    return gone
  }

  shift(): Delivery | undefined {
    const delivery = this.#items.shift()
    if (delivery) this.#count(-delivery.message.size)
    return delivery
  }

  /** Takes out those that `wanted` says, in order. */
  take(wanted: (delivery: Delivery) => boolean): readonly Delivery[] {
    const taken: Delivery[] = []
    for (const delivery of this.#items.takeAll()) {
      if (wanted(delivery)) taken.push(delivery)
      else this.#items.push(delivery)
    }
    for (const { message } of taken) this.#count(-message.size)
    return taken
  }

  /** All that waits, oldest first. */
  toArray(): readonly Delivery[] {
    return this.#items.toArray()
  }

  #count(bytes: number): void {
    this.#bytes += bytes
    this.#budget.used += bytes
  }
}
