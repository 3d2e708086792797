/**
 * A QoS 2 message that the client sends once more is not taken once more, whatever the rules behind would say now
 * [MQTT-4.3.3-10].
 */
import type { RuleFactory } from '../rule.ts'

export const repeats: RuleFactory = (session) => ({
  name: 'repeats',
  inbound: {
    PUBLISH({ qos, packetId }) {
      if (qos !== 2 || packetId === undefined || !session.state?.received.has(packetId)) return undefined
      session.send({ type: 'PUBREC', packetId, reasonCode: 0, properties: [] })
      return { do: 'take', text: `packet ID ${packetId} is in use: the message came before` }
    },
  },
})
