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

export class Transit {
  readonly #parcels = new Map<number, Parcel>()
  #last = 0

  /** Answers the payload to send in its place. */
  put(message: Message, owner?: Session, routed?: Parcel['routed']): Buffer {
    this.#last = (this.#last + 1) % NUMBERS
    this.#parcels.set(this.#last, { message, owner, routed })
    const payload = Buffer.allocUnsafe(NUMBER_BYTES)
    payload.writeUInt32BE(this.#last)
    return payload
  }

  /** The message for a payload, once. */
  take(payload: Buffer): Parcel | undefined {
    if (payload.length !== NUMBER_BYTES) return undefined
    const number = payload.readUInt32BE()
    const parcel = this.#parcels.get(number)
    this.#parcels.delete(number)
    return parcel
  }

  /** Its connection is over: what aedes did not take by now it never will. */
  forget(owner: Session): void {
    for (const [number, parcel] of this.#parcels) if (parcel.owner === owner) this.#parcels.delete(number)
  }
}
