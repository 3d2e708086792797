/** What the Oktopus flow has the broker say in CONNACK: where to subscribe, and where answers go. */
import { actionText, type ConnackPart } from '../../../../shared/faults/model.ts'
import { getProperty } from '../../../../shared/mqtt/properties.ts'
import { encodePacket } from '../../../../shared/mqtt/encode.ts'
import type { ConnackPacket, Property } from '../../../../shared/mqtt/packets.ts'
import {
  agentTopic,
  controllerUser,
  isTopicSafe,
  subscribeTopicProperty,
} from '../../../../shared/usp/oktopus.ts'
import type { RuleFactory } from '../rule.ts'

export interface OktopusOptions {
  /** User property `subscribe-topic` in CONNACK (R-MQTT.44). */
  readonly subscribeTopic: boolean
  /** Response Information, when CONNECT asks for it (R-MQTT.12). */
  readonly responseInformation: boolean
  /** `status/<endpoint ID>` says who is there. */
  readonly status: boolean
}

const withMore = (packet: ConnackPacket, property: Property): ConnackPacket => ({
  ...packet,
  properties: [...packet.properties, property],
})

export const oktopus =
  (options: OktopusOptions): RuleFactory =>
  (session) => ({
    name: 'oktopus',
    outbound: {
      CONNACK(packet) {
        const id = session.endpoint?.endpointId ?? ''
        const isController = session.connect?.username === controllerUser
        if (session.level !== 5 || packet.reasonCode !== 0 || isController || !isTopicSafe(id))
          return undefined
        const topic = agentTopic(id)
        const wishes = session.connect?.properties ?? []
        const omitted = session.line?.omitted()
        const says = (part: ConnackPart): boolean => omitted?.parts.includes(part) !== true
        let answer = packet
        if (
          options.responseInformation &&
          says('response-information') &&
          getProperty(wishes, 'requestResponseInformation') === 1
        ) {
          session.responseInformation = topic
          answer = withMore(answer, { name: 'responseInformation', value: topic })
        }
        if (options.subscribeTopic && says('subscribe-topic')) {
          const told = withMore(answer, { name: 'userProperty', value: [subscribeTopicProperty, topic] })
          // [MQTT-3.2.2-20]
          if (encodePacket(told, 5).length <= (getProperty(wishes, 'maximumPacketSize') ?? Infinity)) {
            session.subscribeTopic = topic
            answer = told
          }
        }
        if (omitted) {
          const { fault, parts } = omitted
          return { do: 'change', packet: answer, text: actionText({ kind: 'omit', parts }), fault }
        }
        return answer === packet ? undefined : { do: 'change', packet: answer }
      },
    },
  })
