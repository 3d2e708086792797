/** Who the client is: its own client ID, or one that the bench assigns. */
import { randomBytes } from 'node:crypto'
import type { RuleFactory } from '../rule.ts'

const CLIENT_IDENTIFIER_NOT_VALID = 0x85
/** What a string on the wire can hold, less what the bench puts in front of it. */
const MAX_CLIENT_ID_BYTES = 65_000

export const identity: RuleFactory = (session) => ({
  name: 'identity',
  inbound: {
    CONNECT(packet) {
      if (Buffer.byteLength(packet.clientId) > MAX_CLIENT_ID_BYTES) {
        const text = `a client ID of more than ${MAX_CLIENT_ID_BYTES} bytes`
        return { do: 'reject', reasonCode: CLIENT_IDENTIFIER_NOT_VALID, text }
      }
      if (packet.clientId !== '') return undefined
      if (packet.level === 3 || (packet.level === 4 && !packet.clean)) {
        // [MQTT-3.1.3-8] of 3.1.1; 3.1 knows no empty client ID at all.
        const text =
          packet.level === 3
            ? 'MQTT 3.1 needs a client ID'
            : 'an empty client ID needs Clean Session 1, since nothing could find the session again'
        return { do: 'reject', reasonCode: CLIENT_IDENTIFIER_NOT_VALID, text }
      }
      session.assign(`oktobench-${randomBytes(8).toString('hex')}`)
      return undefined
    },
  },
  outbound: {
    /** [MQTT-3.2.2-16] */
    CONNACK(packet) {
      if (!session.assignedClientId || session.level !== 5 || packet.reasonCode !== 0) return undefined
      const assigned = { name: 'assignedClientIdentifier', value: session.clientId } as const
      return { do: 'change', packet: { ...packet, properties: [...packet.properties, assigned] } }
    },
  },
})
