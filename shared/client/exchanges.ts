/**
 * What a client has sent and not yet finished: publishes at QoS 1 and 2, SUBSCRIBE and UNSUBSCRIBE, by their packet
 * identifiers, in the order in which they were sent. Pure.
 */
import type { AckPacket, Packet, PublishPacket, SubackPacket, UnsubackPacket } from '../mqtt/packets.ts'

export type Awaited = 'PUBACK' | 'PUBREC' | 'PUBCOMP' | 'SUBACK' | 'UNSUBACK'
export type Answer =
  (AckPacket & { readonly type: 'PUBACK' | 'PUBREC' | 'PUBCOMP' }) | SubackPacket | UnsubackPacket

export const isAnswer = (packet: Packet): packet is Answer =>
  packet.type === 'PUBACK' ||
  packet.type === 'PUBREC' ||
  packet.type === 'PUBCOMP' ||
  packet.type === 'SUBACK' ||
  packet.type === 'UNSUBACK'

export interface Exchange {
  readonly id: number
  readonly packetId: number
  awaits: Awaited
  /** Milliseconds of the session's clock. */
  readonly sentAt: number
  /** To send it again on the next connection; with its topic, since aliases end with the connection. */
  readonly publish?: PublishPacket
}

/** How an exchange ended. */
export type ExchangeEnd =
  | { readonly kind: 'answered'; readonly packet: Answer; readonly ms: number }
  | { readonly kind: 'lost'; readonly text: string }

export const lost = (text: string): ExchangeEnd => ({ kind: 'lost', text })

export const acknowledge = (type: AckPacket['type'], packetId: number, reasonCode: number): AckPacket => ({
  type,
  packetId,
  reasonCode,
  properties: [],
})

const MAX_PACKET_ID = 65_535

export class Exchanges {
  readonly #byPacketId = new Map<number, Exchange>()
  #lastPacketId = 0
  #publishes = 0

  get size(): number {
    return this.#byPacketId.size
  }
  /** Publishes among them: what Receive Maximum counts. */
  get publishes(): number {
    return this.#publishes
  }

  /** Undefined when all identifiers are in use. */
  freePacketId(): number | undefined {
    for (let tried = 0; tried < MAX_PACKET_ID; tried++) {
      this.#lastPacketId = (this.#lastPacketId % MAX_PACKET_ID) + 1
      if (!this.#byPacketId.has(this.#lastPacketId)) return this.#lastPacketId
    }
    return undefined
  }

  add(exchange: Exchange): void {
    this.#byPacketId.set(exchange.packetId, exchange)
    if (exchange.publish) this.#publishes++
  }

  /** The exchange that this answer belongs to; undefined for one that nobody waits for. */
  find({ type, packetId }: Answer): Exchange | undefined {
    const found = this.#byPacketId.get(packetId)
    return found?.awaits === type ? found : undefined
  }

  end({ packetId, publish }: Exchange): void {
    if (this.#byPacketId.delete(packetId) && publish) this.#publishes--
  }

  /** Takes out all of these; oldest first. */
  takeAll(which: (exchange: Exchange) => boolean = () => true): Exchange[] {
    const taken = [...this.#byPacketId.values()].filter(which)
    taken.forEach((exchange) => this.end(exchange))
    return taken
  }

  all(): Iterable<Exchange> {
    return this.#byPacketId.values()
  }
}
