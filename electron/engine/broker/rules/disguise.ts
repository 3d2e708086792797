/**
 * What aedes is shown of a client: that it connects anew, with nothing to remember and a name that cannot harm,
 * since aedes keeps client IDs as keys of a plain object. It ends the process over one called `__proto__`, its own
 * keep-alive clock closes without a reason code, and its sessions and wills are not those of the standard.
 */
import { withoutProperty } from '../../../../shared/mqtt/properties.ts'
import type { RuleFactory } from '../rule.ts'

/** In front of every client ID, so that none is the name of an object's member. */
const CLIENT_PREFIX = '='

export const disguise: RuleFactory = (session) => ({
  name: 'disguise',
  inbound: {
    CONNECT: ({ level }) => ({
      do: 'change',
      packet: {
        type: 'CONNECT',
        level,
        clean: true,
        keepAlive: 0,
        clientId: CLIENT_PREFIX + session.clientId,
        properties: [],
      },
    }),
    DISCONNECT: ({ properties }) =>
      properties.length === 0
        ? undefined
        : { do: 'change', packet: { type: 'DISCONNECT', reasonCode: 0, properties: [] } },
  },
  outbound: {
    /** aedes offers no shared subscriptions; the bench does. */
    CONNACK: (packet) => ({
      do: 'change',
      packet: { ...packet, properties: withoutProperty(packet.properties, 'sharedSubscriptionAvailable') },
    }),
  },
})
