/** What the Oktopus flow has the broker say in CONNACK: where to subscribe, and where answers go. */
import { getProperty } from '../../../../shared/mqtt/properties.ts'
import type { Property } from '../../../../shared/mqtt/packets.ts'
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
        const extra: Property[] = []
        if (options.subscribeTopic) {
          session.subscribeTopic = topic
          extra.push({ name: 'userProperty', value: [subscribeTopicProperty, topic] })
        }
        const asked = session.connect && getProperty(session.connect.properties, 'requestResponseInformation')
        if (options.responseInformation && asked === 1) {
          session.responseInformation = topic
          extra.push({ name: 'responseInformation', value: topic })
        }
        if (extra.length === 0) return undefined
        return { do: 'change', packet: { ...packet, properties: [...packet.properties, ...extra] } }
      },
    },
  })
