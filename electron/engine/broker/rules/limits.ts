/** Tells an MQTT 5 client the largest packet it may send (MQTT 5.0, 3.2.2.3.6); the session enforces it. */
import type { RuleFactory } from '../rule.ts'

export const limits =
  (maxPacketBytes: number): RuleFactory =>
  (session) => ({
    name: 'limits',
    outbound: {
      CONNACK(packet) {
        if (session.level !== 5 || packet.reasonCode !== 0) return undefined
        const maximum = { name: 'maximumPacketSize', value: maxPacketBytes } as const
        return { do: 'change', packet: { ...packet, properties: [...packet.properties, maximum] } }
      },
    },
  })
