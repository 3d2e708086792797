/**
 * The access list that a new bench starts with: the Oktopus flow, strict.
 *
 * Oktopus itself lets a device publish to everything below `oktopus/usp/v1/controller`, and so speak for any
 * other device. Here a device has its own topics alone. MQTT 3.1.1 devices append where they want the answer
 * (`/reply-to=…`, R-MQTT.24), and the controller, which may publish anywhere, sends it there: so the reply
 * topic, too, must be the device's own.
 *
 * The rules go by the endpoint ID, as devices state it. What ties an endpoint ID to the credentials that a
 * device presents is not the business of an access list, but of whoever admits the connection.
 */
import {
  agentTopic,
  apiTopic,
  controllerTopic,
  controllerUser,
  statusTopic,
  topicPrefix,
} from '../usp/oktopus.ts'
import type { AclList, AclRule } from './model.ts'

const ENDPOINT = '${endpoint}'

type Draft = Pick<AclRule, 'id' | 'name' | 'effect' | 'action' | 'topic'> & Partial<AclRule>

const rule = (draft: Draft): AclRule => ({ who: {}, enabled: true, ...draft })

/** The topic with the device's own agent topic as reply topic, as MQTT 3.1.1 devices write it. */
const withReplyTo = (topic: string): string =>
  `${topic}/reply-to=${agentTopic(ENDPOINT).replaceAll('/', '%2F')}`

const publish = (id: string, name: string, topic: string): AclRule[] => [
  rule({ id, name, effect: 'allow', action: 'publish', topic }),
  rule({
    id: `${id}-3.1.1`,
    name: `${name} (MQTT 3.1.1)`,
    note: 'The reply topic in the topic name must be the own agent topic (R-MQTT.24).',
    effect: 'allow',
    action: 'publish',
    topic: withReplyTo(topic),
  }),
]

const lookAround = (id: string, topic: string): AclRule =>
  rule({
    id,
    name: 'An agent without configuration looks for itself',
    note: 'What an agent subscribes to that was not told its topics (R-MQTT.45). Off: the CONNACK tells them.',
    effect: 'allow',
    action: 'subscribe',
    topic,
    enabled: false,
  })

const controller = { username: { exact: controllerUser } } as const

export const OKTOPUS_DEFAULTS: AclList = {
  version: 0,
  rules: [
    rule({
      id: 'controller',
      name: 'The controller may do everything',
      effect: 'allow',
      action: 'both',
      topic: '#',
      who: controller,
    }),
    rule({
      id: 'controller-sys',
      name: 'The controller reads what the broker says of itself',
      effect: 'allow',
      action: 'subscribe',
      topic: '$SYS/#',
      who: controller,
    }),
    rule({
      id: 'odd-endpoint',
      name: 'No endpoint ID that looks like a reply topic',
      note: 'Below controller/ it could not be told from the reply topic of an MQTT 3.1.1 device.',
      effect: 'deny',
      action: 'both',
      topic: '#',
      who: { endpointId: { wildcard: 'reply-to=*' } },
    }),
    rule({
      id: 'commands',
      name: 'Only the controller speaks to agents',
      effect: 'deny',
      action: 'publish',
      topic: agentTopic('#'),
    }),
    rule({
      id: 'status',
      name: 'Only the bench says who is there',
      effect: 'deny',
      action: 'publish',
      topic: statusTopic('#'),
    }),
    rule({
      id: 'listen',
      name: 'A device listens on its own agent topic',
      note: 'Also below it, as MQTT 3.1.1 agents subscribe.',
      effect: 'allow',
      action: 'subscribe',
      topic: agentTopic(`${ENDPOINT}/#`),
    }),
    ...publish('answer', 'A device answers the controller', controllerTopic(ENDPOINT)),
    ...publish('notify', 'A device speaks to the controller', `${topicPrefix}/controller`),
    ...publish('api', 'A device answers users', apiTopic(ENDPOINT)),
    lookAround('unconfigured-2', `+/${ENDPOINT}/#`),
    lookAround('unconfigured-3', `+/+/${ENDPOINT}/#`),
  ],
}
