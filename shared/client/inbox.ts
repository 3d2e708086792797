/** Messages that come: their Topic Aliases, and what of QoS 2 is not released yet. */
import { PROTOCOL_ERROR } from '../mqtt/error.ts'
import type { AckPacket, Properties, PublishPacket } from '../mqtt/packets.ts'
import { getProperty } from '../mqtt/properties.ts'
import type { Aliases } from './aliases.ts'
import type { About } from './effects.ts'
import { acknowledge } from './exchanges.ts'

const RECEIVE_MAXIMUM_EXCEEDED = 0x93
const TOPIC_ALIAS_INVALID = 0x94

/** What to tell of a message, and what to do about it. */
export interface Taken {
  readonly about: About
  readonly answer?: AckPacket
  /** How the server broke the standard. */
  readonly fault?: { readonly reasonCode: number; readonly text: string }
}

export class Inbox {
  readonly #aliases: Aliases
  /** QoS 2 messages received and not yet released, which outlive the connection. */
  readonly #unreleased = new Set<number>()

  constructor(aliases: Aliases) {
    this.#aliases = aliases
  }

  clear(): void {
    this.#unreleased.clear()
  }

  /** `asked`: the properties of CONNECT, which say what the server has to keep to. */
  take(packet: PublishPacket, asked: Properties): Taken {
    const { qos, packetId = 0, properties } = packet
    const alias = getProperty(properties, 'topicAlias')
    if (alias !== undefined && alias > (getProperty(asked, 'topicAliasMaximum') ?? 0)) {
      const text = `the Topic Alias ${alias} is above the maximum of CONNECT`
      return { about: { topic: packet.topic }, fault: { reasonCode: TOPIC_ALIAS_INVALID, text } }
    }
    const topic = this.#aliases.received(packet)
    const again = qos === 2 && this.#unreleased.has(packetId)
    const about = { topic, ...(again && { again }) }
    if (topic === '') {
      const text = `the Topic Alias ${alias} stands for no topic yet`
      return { about, fault: { reasonCode: PROTOCOL_ERROR, text } }
    }
    if (qos === 0) return { about }
    if (qos === 1) return { about, answer: acknowledge('PUBACK', packetId, 0) }
    this.#unreleased.add(packetId)
    if (this.#unreleased.size <= (getProperty(asked, 'receiveMaximum') ?? 65_535))
      return { about, answer: acknowledge('PUBREC', packetId, 0) }
    const text = 'more messages are under way than Receive Maximum allows'
    return { about, fault: { reasonCode: RECEIVE_MAXIMUM_EXCEEDED, text } }
  }

  /** Whether it was there. */
  release(packetId: number): boolean {
    return this.#unreleased.delete(packetId)
  }
}
