/**
 * What a device may not exceed, and is told beforehand where MQTT 5 has a word for it: the largest packet
 * (3.2.2.3.6; the session enforces it) and the messages under way (Receive Maximum, 3.2.2.3.3). A connection that
 * came above a limit of the broker is refused at its CONNECT, where the device can be told why.
 */
import type { Denial } from '../../access/access.ts'
import type { Limits } from '../context.ts'
import type { PacketHandlers, RuleFactory } from '../rule.ts'
import { presentedBy, subjectOf } from './access.ts'

/** Tells people of something that a limit refused. */
export type NoteLimit = (denial: Omit<Denial, 'cause'>) => void

const RECEIVE_MAXIMUM_EXCEEDED = 0x93
/** What a Receive Maximum is when it is not given. */
const ANY = 65_535

export const limits =
  ({ maxPacketBytes, inflight }: Limits, note: NoteLimit): RuleFactory =>
  (session) => {
    const inbound: PacketHandlers = {
      CONNECT() {
        const { refusal } = session
        if (!refusal) return undefined
        const presented = presentedBy(session)
        note({ ...refusal, presented, who: subjectOf(session), action: 'connect', topic: '' })
        return { do: 'reject', ...refusal }
      },
      PUBLISH({ topic, qos, packetId }) {
        if (qos === 0 || packetId === undefined) return undefined
        // One sent again counts once.
        const underWay = session.unanswered.add(packetId).size
        // 3.x has no such word: nobody told the device [MQTT-3.3.4-9].
        if (underWay <= inflight || session.level !== 5) return undefined
        const text = `more than ${inflight} messages under way, the Receive Maximum of the broker (broker.inflight)`
        const refusal = { reasonCode: RECEIVE_MAXIMUM_EXCEEDED, text }
        note({ ...refusal, who: subjectOf(session), action: 'publish', topic })
        return { do: 'reject', ...refusal }
      },
    }
    return {
      name: 'limits',
      inbound,
      outbound: {
        CONNACK(packet) {
          if (session.level !== 5 || packet.reasonCode !== 0) return undefined
          const properties = [
            ...packet.properties,
            { name: 'maximumPacketSize', value: maxPacketBytes } as const,
            ...(inflight < ANY ? [{ name: 'receiveMaximum', value: inflight } as const] : []),
          ]
          return { do: 'change', packet: { ...packet, properties } }
        },
      },
    }
  }
