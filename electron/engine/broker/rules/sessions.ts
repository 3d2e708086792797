/** Begins or resumes the session of an accepted client, says so in CONNACK, and leaves it at the end. */
import type { ConnectPacket, Will } from '../../../../shared/mqtt/packets.ts'
import { getProperty, withoutProperty } from '../../../../shared/mqtt/properties.ts'
import type { RuleFactory } from '../rule.ts'
import { NEVER_EXPIRES, type SessionWill } from '../sessions/mqtt-session.ts'
import type { Leaving, SessionStore } from '../sessions/session-store.ts'
import { clockNow } from '../clock.ts'

export const sessions =
  (store: SessionStore): RuleFactory =>
  (session) => {
    /** A connection that ends without a word calls for the will. */
    let leaving: Leaving = { will: true, expiry: undefined }
    return {
      name: 'sessions',
      inbound: {
        /** Any other code than 0 leaves the will in force [MQTT-3.14.4-3]. */
        DISCONNECT({ reasonCode, properties }) {
          leaving = { will: reasonCode !== 0, expiry: getProperty(properties, 'sessionExpiryInterval') }
          return undefined
        },
      },
      outbound: {
        CONNACK(packet) {
          const { connect, clientId } = session
          if (packet.reasonCode !== 0 || !connect) return undefined
          const { level, username, clean, will } = connect
          const { session: state, present } = store.open(
            {
              clientId,
              level,
              username,
              clean,
              expiry: expiryOf(connect),
              will: will && sessionWill(will, clientId),
            },
            clockNow(),
          )
          session.state = state
          // 3.1 has no such flag.
          return { do: 'change', packet: { ...packet, sessionPresent: present && level !== 3 } }
        },
      },
      closed() {
        if (session.state) store.leave(session.state, leaving, clockNow())
      },
    }
  }

/** Session Expiry Interval in seconds. Before 5.0 a session ends with its connection, or never. */
function expiryOf({ level, clean, properties }: ConnectPacket): number {
  if (level !== 5) return clean ? 0 : NEVER_EXPIRES
  return getProperty(properties, 'sessionExpiryInterval') ?? 0
}

function sessionWill({ topic, payload, qos, retain, properties }: Will, publisher: string): SessionWill {
  return {
    delay: getProperty(properties, 'willDelayInterval') ?? 0,
    facts: {
      topic,
      // Copied: it is a part of a larger piece that came from the network.
      payload: Buffer.from(payload),
      qos,
      retain,
      properties: withoutProperty(properties, 'willDelayInterval'),
      publisher,
    },
  }
}
