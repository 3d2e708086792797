/** Refuses a retained message for which the broker has no room. It is kept when it is routed. */
import { refusePublish } from '../refuse.ts'
import type { RuleFactory } from '../rule.ts'
import type { RetainedStore } from '../sessions/retained-store.ts'
import { subjectOf } from './access.ts'
import type { NoteLimit } from './limits.ts'
import { clockNow } from '../clock.ts'

const QUOTA_EXCEEDED = 0x97

export const retained =
  (store: RetainedStore, note: NoteLimit): RuleFactory =>
  (session) => ({
    name: 'retained',
    inbound: {
      PUBLISH(packet) {
        if (!packet.retain) return undefined
        const { topic } = packet
        const text = store.refusal(packet, clockNow())
        if (text === undefined) return undefined
        note({ reasonCode: QUOTA_EXCEEDED, text, who: subjectOf(session), action: 'publish', topic })
        return refusePublish(session, packet, QUOTA_EXCEEDED, text)
      },
    },
  })
