/** Topics a client may not publish to, whoever it is. */
import { levelCount } from '../../../../shared/mqtt/topics.ts'
import { refusePublish } from '../refuse.ts'
import type { RuleFactory } from '../rule.ts'

const TOPIC_NAME_INVALID = 0x90
const NOT_AUTHORIZED = 0x87
/** What the broker behind the session can hold; OBUSPA's longest topic has six. */
export const MAX_TOPIC_LEVELS = 100

export const topics: RuleFactory = (session) => ({
  name: 'topics',
  inbound: {
    PUBLISH(packet) {
      if (levelCount(packet.topic) > MAX_TOPIC_LEVELS) {
        return refusePublish(
          session,
          packet,
          TOPIC_NAME_INVALID,
          `the topic has more than ${MAX_TOPIC_LEVELS} levels`,
        )
      }
      if (packet.topic.startsWith('$SYS/')) {
        return refusePublish(
          session,
          packet,
          NOT_AUTHORIZED,
          'topics below $SYS are written by the broker only',
        )
      }
      return undefined
    },
    CONNECT({ will }) {
      if (!will) return undefined
      if (levelCount(will.topic) > MAX_TOPIC_LEVELS || will.topic.startsWith('$SYS/')) {
        const text = `the will topic ${will.topic.slice(0, 80)} is reserved or has more than ${MAX_TOPIC_LEVELS} levels`
        return { do: 'reject', reasonCode: TOPIC_NAME_INVALID, text }
      }
      return undefined
    },
  },
})
