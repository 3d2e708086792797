/**
 * A client that keeps its half of the session as the standard wants it: it sends again what was not acknowledged,
 * and takes a QoS 2 message once. What it acknowledges, and when, a test decides.
 */
import type { Packet, PublishPacket } from '../../shared/mqtt/packets.ts'
import { publishPacket, WireClient } from './wire.ts'

interface Outgoing {
  readonly packet: PublishPacket
  released: boolean
}

export class Endpoint {
  readonly clientId: string
  /** Payloads of the messages that were handed to the application, in order. */
  readonly received: string[] = []
  /** Answers what comes at once; else it waits for `answer`. */
  answers = true
  readonly #outgoing = new Map<number, Outgoing>()
  /** QoS 2 packet IDs that were recorded and not yet released. */
  readonly #recorded = new Set<number>()
  #unanswered: Packet[] = []
  #wire: WireClient | undefined
  #lastId = 0

  constructor(clientId: string) {
    this.clientId = clientId
  }

  get connected(): boolean {
    return this.#wire?.isClosed === false
  }
  /** Messages that were not acknowledged for good. */
  get pending(): number {
    return this.#outgoing.size
  }

  async connect(port: number): Promise<void> {
    this.drop()
    const wire = await WireClient.open(port)
    const properties = [{ name: 'sessionExpiryInterval', value: 3600 } as const]
    const { sessionPresent } = await wire.hello({ clientId: this.clientId, clean: false, properties })
    // Packets may have come in the same piece as CONNACK.
    const early = wire.untaken
    this.#wire = wire
    if (!sessionPresent) this.#recorded.clear()
    wire.onPacket = (packet) => this.#take(packet)
    for (const packet of early) this.#take(packet)
    for (const [packetId, { packet, released }] of this.#outgoing) {
      if (released) wire.send({ type: 'PUBREL', packetId, reasonCode: 0, properties: [] })
      else wire.send({ ...packet, dup: true })
    }
  }

  /** Breaks the connection. */
  drop(): void {
    if (this.#wire) this.#wire.onPacket = undefined
    this.#wire?.destroy()
    this.#wire = undefined
    this.#unanswered = []
  }

  async subscribe(filter: string, qos: 0 | 1 | 2): Promise<void> {
    const wish = { filter, qos, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const
    this.#wire?.send({ type: 'SUBSCRIBE', packetId: 65_535, subscriptions: [wish], properties: [] })
    await this.#wire?.next('SUBACK')
  }

  publish(topic: string, payload: string, qos: 1 | 2): void {
    do this.#lastId = (this.#lastId % 60_000) + 1
    while (this.#outgoing.has(this.#lastId))
    const packet = publishPacket(topic, payload, { qos, packetId: this.#lastId })
    this.#outgoing.set(this.#lastId, { packet, released: false })
    this.#wire?.send(packet)
  }

  /** Answers what was held back. */
  answer(): void {
    const held = this.#unanswered
    this.#unanswered = []
    for (const packet of held) this.#respond(packet)
  }

  #take(packet: Packet): void {
    if (packet.type === 'PUBLISH') {
      const { qos, packetId = 0, payload } = packet
      if (qos !== 2 || !this.#recorded.has(packetId)) this.received.push(Buffer.from(payload).toString())
      if (qos === 2) this.#recorded.add(packetId)
    }
    if (this.answers) this.#respond(packet)
    else this.#unanswered.push(packet)
  }

  #respond(packet: Packet): void {
    const wire = this.#wire
    if (!wire) return
    switch (packet.type) {
      case 'PUBLISH': {
        const { qos, packetId = 0 } = packet
        const type = qos === 1 ? 'PUBACK' : 'PUBREC'
        if (qos > 0) wire.send({ type, packetId, reasonCode: 0, properties: [] })
        return
      }
      case 'PUBREL':
        this.#recorded.delete(packet.packetId)
        return wire.send({ type: 'PUBCOMP', packetId: packet.packetId, reasonCode: 0, properties: [] })
      case 'PUBREC': {
        const { packetId } = packet
        const sent = this.#outgoing.get(packetId)
        if (sent) {
          // PUBRELs go out in the order of the PUBRECs.
          this.#outgoing.delete(packetId)
          this.#outgoing.set(packetId, { ...sent, released: true })
        }
        return wire.send({ type: 'PUBREL', packetId, reasonCode: 0, properties: [] })
      }
      case 'PUBACK':
      case 'PUBCOMP':
        this.#outgoing.delete(packet.packetId)
    }
  }
}
