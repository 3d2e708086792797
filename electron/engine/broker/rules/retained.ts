/** Refuses a retained message for which the broker has no room. What is kept, the broker notes itself. */
import { getProperty } from '../../../../shared/mqtt/properties.ts'
import { refusePublish } from '../refuse.ts'
import type { RetainedLedger } from '../retained-ledger.ts'
import type { RuleFactory } from '../rule.ts'
import { subjectOf } from './access.ts'
import type { NoteLimit } from './limits.ts'

const QUOTA_EXCEEDED = 0x97

export const retained =
  (ledger: RetainedLedger, note: NoteLimit): RuleFactory =>
  (session) => ({
    name: 'retained',
    inbound: {
      PUBLISH(packet) {
        if (!packet.retain) return undefined
        const { topic, payload, properties } = packet
        const expiry = getProperty(properties, 'messageExpiryInterval')
        const text = ledger.refusal({ topic, payload, expiry }, Date.now())
        if (text === undefined) return undefined
        note({ reasonCode: QUOTA_EXCEEDED, text, who: subjectOf(session), action: 'publish', topic })
        return refusePublish(session, packet, QUOTA_EXCEEDED, text)
      },
    },
  })
