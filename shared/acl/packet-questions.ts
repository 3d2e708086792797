/**
 * What an access list is asked about one packet, at the places where the broker asks: the will of a CONNECT, the
 * topic of a PUBLISH and the Response Topic it carries, each filter of a SUBSCRIBE, and a message handed over.
 */
import type { Packet } from '../mqtt/packets.ts'
import { getProperty } from '../mqtt/properties.ts'
import type { Question, Subject } from './model.ts'

/** `reply`: a Response Topic must be one that its sender may subscribe to. `deliver`: so must what it receives. */
export type AskedFor = 'will' | 'publish' | 'reply' | 'subscribe' | 'deliver'

export interface PacketQuestion extends Question {
  readonly what: AskedFor
}

/** How the bench's remark on a packet begins that was refused for its will, or for its Response Topic. */
export const WILL_REFUSED = 'the will may not be published'
export const REPLY_REFUSED = 'its Response Topic is not its own'

/**
 * Empty for packets that are not asked about. `direction`: `in` from the client to the broker. `topic`: the Topic
 * Name of a PUBLISH with its alias resolved.
 */
export function packetQuestions(
  packet: Packet,
  direction: 'in' | 'out',
  topic: string,
  who: Subject,
): readonly PacketQuestion[] {
  if (packet.type === 'PUBLISH') {
    const { qos, retain } = packet
    if (direction === 'out') return [{ what: 'deliver', action: 'subscribe', topic, who, qos, retain: false }]
    const reply = getProperty(packet.properties, 'responseTopic')
    return [
      { what: 'publish', action: 'publish', topic, who, qos, retain },
      ...(reply === undefined
        ? []
        : [{ what: 'reply', action: 'subscribe', topic: reply, who, qos, retain: false } as const]),
    ]
  }
  if (direction === 'out') return []
  if (packet.type === 'CONNECT' && packet.will) {
    const { topic: willTopic, qos, retain } = packet.will
    return [{ what: 'will', action: 'publish', topic: willTopic, who, qos, retain }]
  }
  if (packet.type !== 'SUBSCRIBE') return []
  return packet.subscriptions.map(({ filter, qos }) => ({
    what: 'subscribe',
    action: 'subscribe',
    topic: filter,
    who,
    qos,
    retain: false,
  }))
}

/** The client of a connection as the list knows it; what a capture does not say is not known. */
export function connectionSubject(facts: {
  readonly username?: string
  readonly clientId?: string
  readonly endpointId?: string
  readonly remoteAddress: string
  readonly transport: NonNullable<Subject['listener']>['transport']
  readonly listenerPort: number
}): Subject {
  const { username, clientId = '', endpointId = '', remoteAddress, transport, listenerPort } = facts
  return {
    username,
    clientId,
    endpointId,
    address: remoteAddress === '' ? undefined : remoteAddress,
    listener: listenerPort === 0 ? undefined : { transport, port: listenerPort },
  }
}
