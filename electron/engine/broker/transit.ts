/**
 * Messages on their way through aedes. It routes by topic; what it carries is nothing but that topic, while the
 * message waits here as it came, so that nothing of it is lost or changed.
 */
import type { Message } from './message.ts'
import type { Session } from './session.ts'

export interface Parcel {
  readonly message: Message
  /** The connection that it came over. */
  readonly owner: Session | undefined
  /** Told how many it reached. */
  readonly routed: ((reached: number) => void) | undefined
}

/** Answers when the bus has what is published to the topic. */
type Publish = (topic: string) => void

export class Transit {
  readonly #publish: Publish
  #parcel: Parcel | undefined

  constructor(publish: Publish) {
    this.#publish = publish
  }

  send(parcel: Parcel): void {
    // One message may bring about another, such as the will of a client that is cut off over it.
    const outer = this.#parcel
    this.#parcel = parcel
    this.#publish(parcel.message.topic)
    this.#parcel = outer
  }

  /** What the bus was given just now, once. */
  take(): Parcel | undefined {
    const parcel = this.#parcel
    this.#parcel = undefined
    return parcel
  }
}
