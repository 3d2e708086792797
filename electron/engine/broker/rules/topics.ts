/** Topics a client may not publish to, whoever it is. */
import { levelCount } from '../../../../shared/mqtt/topics.ts'
import type { PublishPacket } from '../../../../shared/mqtt/packets.ts'
import { reasonString } from '../reason.ts'
import type { Outcome, RuleFactory } from '../rule.ts'

const TOPIC_NAME_INVALID = 0x90
const NOT_AUTHORIZED = 0x87
/** What the broker behind the session can hold; OBUSPA's longest topic has six. */
export const MAX_TOPIC_LEVELS = 100

export const topics: RuleFactory = (session) => {
  /** Refuses one message and keeps the connection: an acknowledgement where the version can say no. */
  const refuse = ({ qos, packetId }: PublishPacket, reasonCode: number, text: string): Outcome => {
    if (qos === 0 || packetId === undefined) return { do: 'drop', text, reasonCode }
    const type = qos === 1 ? 'PUBACK' : 'PUBREC'
    const properties = reasonString(session, 'other', text)
    const code = session.level === 5 ? reasonCode : 0
    return { do: 'drop', text, reasonCode, answer: [{ type, packetId, reasonCode: code, properties }] }
  }
  return {
    name: 'topics',
    inbound: {
      PUBLISH(packet) {
        if (levelCount(packet.topic) > MAX_TOPIC_LEVELS) {
          return refuse(packet, TOPIC_NAME_INVALID, `the topic has more than ${MAX_TOPIC_LEVELS} levels`)
        }
        if (packet.topic.startsWith('$SYS/')) {
          return refuse(packet, NOT_AUTHORIZED, 'topics below $SYS are written by the broker only')
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
  }
}
