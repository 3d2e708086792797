/**
 * Messages on their way through aedes. It routes by topic; what it carries is a number, under which the message
 * waits here as it came, so that nothing of it is lost or changed.
 */
import type { Message } from './message.ts'
import type { Session } from './session.ts'

interface Parcel {
  readonly message: Message
  /** The connection that it came over, with which it is given up. */
  readonly owner: Session | undefined
  /** Told how many it reached. */
  readonly routed: ((reached: number) => void) | undefined
}

const NUMBER_BYTES = 4
const NUMBERS = 2 ** 32
/** PUBLISH, QoS 0. */
const FIRST_BYTE = 0x30

export class Transit {
  readonly #parcels = new Map<number, Parcel>()
  #last = 0

  /** Answers the payload to send in its place. */
  payload(message: Message): Buffer {
    const payload = Buffer.allocUnsafe(NUMBER_BYTES)
    payload.writeUInt32BE(this.#put({ message, owner: undefined, routed: undefined }))
    return payload
  }

  /** Answers the PUBLISH to send in its place over a connection. */
  frame(message: Message, owner: Session, routed: Parcel['routed']): Buffer {
    const { topic } = message
    const topicBytes = Buffer.byteLength(topic)
    // A topic, its length, the number, and in 5.0 the length of no properties.
    const length = 2 + topicBytes + NUMBER_BYTES + (owner.level === 5 ? 1 : 0)
    const frame = Buffer.allocUnsafe(length + 4)
    frame[0] = FIRST_BYTE
    let at = 1
    for (let rest = length; rest > 0; rest >>>= 7) frame[at++] = rest < 0x80 ? rest : (rest & 0x7f) | 0x80
    at = frame.writeUInt16BE(topicBytes, at)
    at += frame.write(topic, at)
    if (owner.level === 5) frame[at++] = 0
    at = frame.writeUInt32BE(this.#put({ message, owner, routed }), at)
    return frame.subarray(0, at)
  }

  /** The message for a payload, once. */
  take(payload: Buffer): Parcel | undefined {
    if (payload.length !== NUMBER_BYTES) return undefined
    const number = payload.readUInt32BE()
    const parcel = this.#parcels.get(number)
    this.#parcels.delete(number)
    return parcel
  }

  #put(parcel: Parcel): number {
    this.#last = (this.#last + 1) % NUMBERS
    this.#parcels.set(this.#last, parcel)
    return this.#last
  }

  /** Its connection is over: what aedes did not take by now it never will. */
  forget(owner: Session): void {
    for (const [number, parcel] of this.#parcels) if (parcel.owner === owner) this.#parcels.delete(number)
  }
}
