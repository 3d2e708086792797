/** Refusing one message and keeping the connection. */
import type { PublishPacket } from '../../../shared/mqtt/packets.ts'
import { reasonString } from './reason.ts'
import type { Outcome } from './rule.ts'
import type { Session } from './session.ts'

/** The client does not get to know that this message was refused. */
export const isUntold = ({ level }: Session, { qos }: PublishPacket): boolean => qos === 0 || level !== 5

/**
 * An acknowledgement says no where the version can. A message of QoS 0 or 3.x is dropped, which only the bench
 * can tell: 3.x has no other way but to hang up, and then the device would send it again for ever.
 */
export function refusePublish(
  session: Session,
  { qos, packetId }: PublishPacket,
  reasonCode: number,
  text: string,
): Extract<Outcome, { do: 'drop' }> {
  if (qos === 0 || packetId === undefined) return { do: 'drop', text, reasonCode }
  const type = qos === 1 ? 'PUBACK' : 'PUBREC'
  const code = session.level === 5 ? reasonCode : 0
  const answer = {
    type,
    packetId,
    reasonCode: code,
    properties: reasonString(session, 'other', text),
  } as const
  return { do: 'drop', text, reasonCode, answer: [answer] }
}
