/**
 * Topic aliases, both ways (MQTT 5.0, 3.3.2.3.4). Inbound they are resolved here, so that everything behind
 * sees the topic. Outbound the topics that a client gets again and again are shortened, as far as it allows.
 */
import type { PublishPacket } from '../../../../shared/mqtt/packets.ts'
import { getProperty, withoutProperty } from '../../../../shared/mqtt/properties.ts'
import type { Origin, Outcome, PacketHandlers, RuleFactory } from '../rule.ts'

const PROTOCOL_ERROR = 0x82
const TOPIC_ALIAS_INVALID = 0x94
/** Kept per connection in each direction, whatever a client would allow. */
const MOST_OUTBOUND = 256
/** The property, and what the lengths before it may grow by. */
const ALIAS_BYTES = 5

export const alias =
  (maximum: number): RuleFactory =>
  (session) => {
    const inboundTopics = new Map<number, string>()

    const resolve = (packet: PublishPacket): Outcome => {
      if (packet.properties.length === 0) return undefined
      const number = getProperty(packet.properties, 'topicAlias')
      if (number === undefined) return undefined
      if (number > maximum) {
        // [MQTT-3.3.2-9]
        const text = `Topic Alias ${number} is above the Topic Alias Maximum ${maximum} of CONNACK`
        return { do: 'reject', reasonCode: TOPIC_ALIAS_INVALID, text }
      }
      if (packet.topic !== '') inboundTopics.set(number, packet.topic)
      const topic = inboundTopics.get(number)
      if (topic === undefined) {
        const text = `Topic Alias ${number} was never given a topic on this connection`
        return { do: 'reject', reasonCode: PROTOCOL_ERROR, text }
      }
      const properties = withoutProperty(packet.properties, 'topicAlias')
      return { do: 'change', packet: { ...packet, topic, properties } }
    }

    const outboundNumbers = new Map<string, number>()
    const wished = (name: 'topicAliasMaximum' | 'maximumPacketSize'): number | undefined =>
      session.connect && getProperty(session.connect.properties, name)
    const clientMaximum = (): number => Math.min(wished('topicAliasMaximum') ?? 0, MOST_OUTBOUND)
    const shorten = (packet: PublishPacket, origin?: Origin): Outcome => {
      const known = outboundNumbers.get(packet.topic)
      const number = known ?? outboundNumbers.size + 1
      // All taken: later topics go in full. Aliases are never moved, so that a capture stays easy to read.
      if (number > clientMaximum()) return undefined
      // Given together with the topic it makes the packet longer, maybe too long for the client.
      const length = (origin?.length ?? 0) + ALIAS_BYTES
      if (known === undefined && length > (wished('maximumPacketSize') ?? Infinity)) return undefined
      outboundNumbers.set(packet.topic, number)
      const properties = [{ name: 'topicAlias', value: number } as const, ...packet.properties]
      return { do: 'change', packet: { ...packet, topic: known ? '' : packet.topic, properties } }
    }

    return {
      name: 'alias',
      inbound: { PUBLISH: resolve },
      // Read anew after CONNECT: a client without aliases keeps its undecoded way out.
      get outbound(): PacketHandlers {
        if (session.level !== 5 || !session.connect) return {}
        return {
          CONNACK(packet) {
            if (packet.reasonCode !== 0 || maximum === 0) return undefined
            const offer = { name: 'topicAliasMaximum', value: maximum } as const
            return { do: 'change', packet: { ...packet, properties: [...packet.properties, offer] } }
          },
          ...(clientMaximum() > 0 ? { PUBLISH: shorten } : {}),
        }
      },
    }
  }
