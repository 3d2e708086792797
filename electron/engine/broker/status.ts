/**
 * Oktopus' presence messages: `status/<endpoint ID>` says 1 once a device subscribed to its agent topic, and 0
 * when that connection is gone (QoS 1, not retained).
 */
import { controllerUser, holdsAgentTopic, isTopicSafe, statusTopic } from '../../../shared/usp/oktopus.ts'
import type { Session } from './session.ts'

export interface StatusAnnouncer {
  subscribed(session: Session, filter: string): void
  ended(session: Session): void
}

export function announceStatus(publish: (topic: string, payload: '0' | '1') => void): StatusAnnouncer {
  const present = new WeakSet<Session>()
  return {
    subscribed(session, filter) {
      const id = session.endpoint?.endpointId ?? ''
      const isDevice = session.connect?.username !== controllerUser && isTopicSafe(id)
      if (!isDevice || !holdsAgentTopic(filter) || present.has(session)) return
      present.add(session)
      publish(statusTopic(id), '1')
    },
    ended(session) {
      if (present.has(session)) publish(statusTopic(session.endpoint?.endpointId ?? ''), '0')
    },
  }
}
