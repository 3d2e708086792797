/**
 * Faults on purpose over what a device sends. What goes to it meets them where it leaves (outbound.ts), so that
 * messages need not be decoded for it.
 */
import { byFault, fateText } from '../../../../shared/faults/lane.ts'
import type { Fate } from '../../../../shared/faults/book.ts'
import { encodePacket } from '../../../../shared/mqtt/encode.ts'
import type { Packet, PacketType, QoS } from '../../../../shared/mqtt/packets.ts'
import { isReasonCodeAllowed } from '../../../../shared/mqtt/reason-codes.ts'
import { refusePublish } from '../refuse.ts'
import { forEveryType } from '../rule-table.ts'
import type { Outcome, RuleFactory } from '../rule.ts'
import type { Session } from '../session.ts'

const UNSPECIFIED_ERROR = 0x80

export const faults: RuleFactory = (session) => {
  const meet = (packet: Packet): Outcome => {
    const { line } = session
    if (!line?.busy) return undefined
    const topic = packet.type === 'PUBLISH' ? packet.topic : ''
    const fate = line.fate('in', topic, () => encodePacket(packet, session.level))
    if (!fate && !line.receiving) return undefined
    if (fate && isEnd(fate)) return ended(session, packet, fate)
    // What is behind a CONNECT is not read before that one was accepted.
    if (packet.type === 'CONNECT') return fate && held(fate)
    const crowd = line.crowd
    if (crowd) return { do: 'hold', until: crowd.then(() => undefined) }
    return {
      do: 'defer',
      ...(fate && { text: fateText(fate), fault: fate.fault }),
      to: (run) => line.receive(run, fate),
    }
  }
  return { name: 'fault', inbound: forEveryType(meet) }
}

const isEnd = ({ drop, refuse, cut }: Fate): boolean =>
  drop === true || refuse !== undefined || cut !== undefined

function held(fate: Fate): Outcome {
  const wait = new Promise<void>((resolve) => {
    setTimeout(resolve, fate.delayMs)
  })
  return { do: 'hold', until: wait.then(() => undefined), text: fateText(fate), fault: fate.fault }
}

/** What ends the way of a packet: the device is answered, not answered, or cut off. */
function ended(session: Session, packet: Packet, fate: Fate): Outcome {
  const { fault, refuse, cut } = fate
  if (refuse !== undefined) return refusal(session, packet, refuse, byFault(fault), fault)
  const text = fateText(fate)
  if (cut !== undefined) setImmediate(() => session.cut(text))
  return { do: 'drop', text, fault }
}

function refusal(session: Session, packet: Packet, wished: number, text: string, fault: string): Outcome {
  const codeFor = (type: PacketType): number =>
    isReasonCodeAllowed(type, wished, session.level) ? wished : UNSPECIFIED_ERROR
  const { level } = session
  if (packet.type === 'PUBLISH' && packet.qos > 0) {
    const reasonCode = codeFor(ackOf(packet.qos))
    return { ...refusePublish(session, packet, reasonCode, text), fault }
  }
  if (packet.type === 'SUBSCRIBE') {
    const reasonCodes = packet.subscriptions.map(() => codeFor('SUBACK'))
    const answer = { type: 'SUBACK', packetId: packet.packetId, reasonCodes, properties: [] } as const
    return { do: 'drop', text, fault, answer: [answer] }
  }
  if (packet.type === 'UNSUBSCRIBE' && level === 5) {
    const reasonCodes = packet.filters.map(() => codeFor('UNSUBACK'))
    const answer = { type: 'UNSUBACK', packetId: packet.packetId, reasonCodes, properties: [] } as const
    return { do: 'drop', text, fault, answer: [answer] }
  }
  return { do: 'reject', reasonCode: wished, text, fault }
}

const ackOf = (qos: QoS) => (qos === 1 ? 'PUBACK' : 'PUBREC')
