/** Which packet may come when, and from whom. (That CONNECT comes first, the session sees at the first byte.) */
import { getProperty } from '../../../../shared/mqtt/properties.ts'
import type { PacketHandlers, RuleFactory } from '../rule.ts'

const PROTOCOL_ERROR = 0x82

export const order: RuleFactory = (session) => {
  const reject = (text: string) => ({ do: 'reject', reasonCode: PROTOCOL_ERROR, text }) as const
  const fromServerOnly = ({ type }: { readonly type: string }) => reject(`${type} is sent by servers only`)

  const inbound: PacketHandlers = {
    /** [MQTT-3.1.0-2] */
    CONNECT: () =>
      session.phase === 'waiting' ? undefined : reject('a second CONNECT on the same connection'),
    /** [MQTT-3.3.4-6] */
    PUBLISH: (packet) =>
      packet.properties.length > 0 && getProperty(packet.properties, 'subscriptionIdentifier') !== undefined
        ? reject('a Subscription Identifier is sent by servers only')
        : undefined,
    CONNACK: fromServerOnly,
    SUBACK: fromServerOnly,
    UNSUBACK: fromServerOnly,
    PINGRESP: fromServerOnly,
    /** A session that was to end with the connection cannot be prolonged (MQTT 5.0, 3.14.2.2.2). */
    DISCONNECT(packet) {
      const expiry = getProperty(packet.properties, 'sessionExpiryInterval')
      const before = session.connect && getProperty(session.connect.properties, 'sessionExpiryInterval')
      return expiry && !before
        ? reject('DISCONNECT sets a Session Expiry Interval, but CONNECT had none')
        : undefined
    },
  }
  return { name: 'order', inbound }
}
