/**
 * Messages between a client and its session: what it publishes goes on to be routed and is answered then; its
 * answers to what it was sent end here (MQTT 5.0, 4.3).
 */
import type { Properties, PublishPacket } from '../../../../shared/mqtt/packets.ts'
import { Message } from '../message.ts'
import type { Outcome, RuleFactory } from '../rule.ts'
import type { Session } from '../session.ts'
import type { Transit } from '../transit.ts'
import { clockNow } from '../clock.ts'

const NO_MATCHING_SUBSCRIBERS = 0x10
const PACKET_ID_NOT_FOUND = 0x92
const taken: Outcome = { do: 'take' }

export const exchange =
  (transit: Transit): RuleFactory =>
  (session) => ({
    name: 'exchange',
    inbound: {
      PUBLISH(packet) {
        const { qos, packetId = 0 } = packet
        const message = messageOf(packet, session.clientId)
        if (qos === 2) session.state?.take(packetId)
        const routed = qos === 0 ? undefined : (reached: number) => answer(session, qos, packetId, reached)
        transit.send({ message, owner: session, routed })
        return taken
      },
      PUBREL({ packetId }) {
        const known = session.state?.letGo(packetId) === true
        const reasonCode = known || session.level !== 5 ? 0 : PACKET_ID_NOT_FOUND
        session.send({ type: 'PUBCOMP', packetId, reasonCode, properties: [] })
        return taken
      },
      PUBACK({ packetId }) {
        session.state?.acknowledged(packetId)
        return taken
      },
      PUBREC({ packetId, reasonCode }) {
        session.state?.recorded(packetId, reasonCode)
        return taken
      },
      PUBCOMP({ packetId }) {
        session.state?.completed(packetId)
        return taken
      },
    },
  })

function answer(session: Session, qos: 1 | 2, packetId: number, reached: number): void {
  const reasonCode = reached === 0 && session.level === 5 ? NO_MATCHING_SUBSCRIBERS : 0
  session.send({ type: qos === 1 ? 'PUBACK' : 'PUBREC', packetId, reasonCode, properties: [] })
}

function messageOf({ topic, qos, retain, payload, properties }: PublishPacket, publisher: string): Message {
  // What may wait is copied: its bytes are a part of a large piece that came from the network.
  const waits = qos > 0 || retain
  return new Message({
    topic,
    qos,
    retain,
    payload: waits ? Buffer.from(payload) : payload,
    properties: waits && properties.length > 0 ? ownProperties(properties) : properties,
    publisher,
    at: clockNow(),
  })
}

const ownProperties = (properties: Properties): Properties =>
  properties.map((property) =>
    property.name === 'correlationData' ? { ...property, value: Buffer.from(property.value) } : property,
  )
