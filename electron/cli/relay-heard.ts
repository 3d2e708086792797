/** What a message of a device tells of the device: how it speaks MQTT, and where it listens. Pure. */
import { peekRecord } from '../../shared/usp/peek.ts'
import { splitReplyTo } from '../../shared/usp/oktopus.ts'

export interface HeardMessage {
  readonly topic: string
  readonly payload: Uint8Array
  readonly properties?: { readonly responseTopic?: string; readonly contentType?: string } | undefined
}

export interface Heard {
  /** Endpoint ID in the Record; empty where the payload is none. */
  readonly from: string
  readonly msgId: string | undefined
  /** It comes, or says that it goes. */
  readonly says: 'connect' | 'disconnect' | undefined
  /** Protocol level, where the message shows it: only MQTT 5.0 has properties, only 3.1.1 needs `/reply-to=`. */
  readonly level: 4 | 5 | undefined
  /** Where it wants its answers: there it listens. */
  readonly agentTopic: string | undefined
}

export function hear({ topic, payload, properties = {} }: HeardMessage): Heard {
  const record = peekRecord(payload, 0, payload.length)
  const { replyTo } = splitReplyTo(topic)
  const { responseTopic, contentType } = properties
  const isNew = responseTopic !== undefined || contentType !== undefined
  const agentTopic = replyTo ?? responseTopic
  return {
    from: record?.fromId ?? '',
    msgId: record?.msgId,
    says:
      record?.kind === 'mqtt_connect' ? 'connect' : record?.kind === 'disconnect' ? 'disconnect' : undefined,
    level: isNew ? 5 : replyTo !== undefined ? 4 : undefined,
    // No wildcards: it becomes a subscription.
    agentTopic: agentTopic === undefined || /^$|[+#]/.test(agentTopic) ? undefined : agentTopic,
  }
}
