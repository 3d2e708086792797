/**
 * Asks the guard: at CONNECT (password, endpoint ID, will), PUBLISH, each filter of SUBSCRIBE, and once more
 * when a message is handed over, since a stored session may hold what an older access list allowed.
 */
import type { Subject } from '../../../../shared/acl/model.ts'
import type { Presented } from '../../../../shared/contract/access.ts'
import { REPLY_REFUSED, WILL_REFUSED } from '../../../../shared/acl/packet-questions.ts'
import { levelName } from '../../../../shared/mqtt/fields.ts'
import type { PublishPacket, Subscription } from '../../../../shared/mqtt/packets.ts'
import { getProperty } from '../../../../shared/mqtt/properties.ts'
import type { Access, ClientAccess, Refusal } from '../../access/access.ts'
import { isUntold, refusePublish } from '../refuse.ts'
import type { Outcome, RuleFactory } from '../rule.ts'
import type { Session } from '../session.ts'

/** Who asks, as the access list knows it. */
export function subjectOf({ connect, clientId, endpoint, facts }: Session): Subject {
  return {
    username: connect?.username,
    clientId,
    endpointId: endpoint?.endpointId ?? '',
    address: facts.remoteAddress,
    listener: { transport: facts.transport, port: facts.listenerPort },
  }
}

/** What it showed in its CONNECT besides that. */
export const presentedBy = ({ level, assignedClientId, certificate }: Session): Presented => ({
  version: levelName(level),
  assigned: assignedClientId,
  ...(certificate && { certificate: certificate.facts.subject }),
})

/** Judges one filter of a SUBSCRIBE; the rule `subscriptions` asks for each. */
export const judgeSubscription =
  (session: Session) =>
  ({ filter, qos }: Subscription): Refusal | undefined =>
    session.access?.judge('subscribe', filter, qos, false)

export const access =
  (guard: Access): RuleFactory =>
  (session) => ({
    name: 'access',
    inbound: {
      CONNECT({ password, will }): Outcome {
        const who = subjectOf(session)
        const refusal = guard.admit(who, password, session.certificate, presentedBy(session), session.proven)
        if (refusal) return { do: 'reject', ...refusal }
        const client: ClientAccess = guard.client(who)
        session.access = client
        const willRefusal = will && client.judge('publish', will.topic, will.qos, will.retain)
        if (!willRefusal) return undefined
        return { do: 'reject', ...willRefusal, text: `${WILL_REFUSED}: ${willRefusal.text}` }
      },
      PUBLISH(packet: PublishPacket): Outcome {
        const { topic, qos, retain } = packet
        const refusal =
          session.access?.judge('publish', topic, qos, retain, isUntold(session, packet)) ??
          foreignReply(session, packet)
        return refusal && refusePublish(session, packet, refusal.reasonCode, refusal.text)
      },
    },
    outbound: {
      PUBLISH({ topic, qos }, origin): Outcome {
        if (session.access?.mayReceive(topic, qos) !== false) return undefined
        const refusal = session.access.judgeDelivery(topic, qos, origin?.publisher)
        return refusal && { do: 'drop', ...refusal }
      },
    },
  })

/**
 * A Response Topic that the client may not subscribe to: whoever answers, and may publish anywhere, would send to
 * somebody else on its behalf.
 */
function foreignReply(session: Session, packet: PublishPacket): Refusal | undefined {
  const { properties, qos } = packet
  const topic = properties.length === 0 ? undefined : getProperty(properties, 'responseTopic')
  const refusal =
    topic === undefined
      ? undefined
      : session.access?.judge('subscribe', topic, qos, false, isUntold(session, packet))
  return refusal && { ...refusal, text: `${REPLY_REFUSED}: ${refusal.text}` }
}
