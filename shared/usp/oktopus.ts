/**
 * The Oktopus message flow over MQTT as constants and pure functions: which topics there are, who a client is,
 * and the reply topic of MQTT 3.1.1 devices.
 */
import type { EndpointSource } from '../contract/model.ts'

export const topicPrefix = 'oktopus/usp/v1'

/** MQTT user name and endpoint ID of the controller. */
export const controllerUser = 'oktopusController'

/** Name of the MQTT 5 user property by which a CONNECT states its endpoint ID (R-MQTT.13). */
export const endpointIdProperty = 'usp-endpoint-id'

/** Name of the MQTT 5 user property by which a CONNACK says what to subscribe to (R-MQTT.44). */
export const subscribeTopicProperty = 'subscribe-topic'

/** Where an agent listens. */
export const agentTopic = (id: string) => `${topicPrefix}/agent/${id}`
/** Where an agent sends what it was not asked for, and answers about itself. */
export const controllerTopic = (id: string) => `${topicPrefix}/controller/${id}`
/** Where an agent answers requests of users. */
export const apiTopic = (id: string) => `${topicPrefix}/api/${id}`
/** Where the broker says `1` (there) or `0` (gone) about an agent. */
export const statusTopic = (id: string) => `${topicPrefix}/status/${id}`

export type OktopusTopicKind = 'agent' | 'controller' | 'api' | 'status'

export interface OktopusTopic {
  readonly kind: OktopusTopicKind
  /** Empty for the bare topic `oktopus/usp/v1/controller`, which all devices share. */
  readonly id: string
}

const topicPattern = new RegExp(`^${topicPrefix}/(?:(controller)|(agent|controller|api|status)/([^/+#]+))$`)

/** What a topic name means in the flow; a `/reply-to=` suffix does not matter. `undefined` for other topics. */
export function parseOktopusTopic(topic: string): OktopusTopic | undefined {
  const [, shared, kind, id] = topicPattern.exec(splitReplyTo(topic).topic) ?? []
  if (shared) return { kind: 'controller', id: '' }
  return kind && id ? { kind: kind as OktopusTopicKind, id } : undefined
}

export interface EndpointIdentity {
  readonly endpointId: string
  readonly source: EndpointSource
}

/**
 * The endpoint ID of a client: the property named `usp-endpoint-id` (MQTT 5), else the user name, else the
 * client ID; empty values do not count. (Oktopus itself takes the first user property, whatever its name.)
 * The answer is empty only when the client ID is, too: ask again once one was assigned.
 */
export function endpointIdentity(connect: {
  readonly userProperties: readonly (readonly [name: string, value: string])[]
  readonly username: string | undefined
  readonly clientId: string
}): EndpointIdentity {
  const stated = connect.userProperties.find(([name, value]) => name === endpointIdProperty && value !== '')
  if (stated) return { endpointId: stated[1], source: 'usp-endpoint-id' }
  if (connect.username) return { endpointId: connect.username, source: 'username' }
  return { endpointId: connect.clientId, source: 'client-id' }
}

/** UTF-16 units, at most 3 bytes each in UTF-8: any topic made with such an ID fits into 65,535 bytes. */
const maxIdLength = 21_800

/** Whether an endpoint ID can stand as one level of a topic name [MQTT-4.7.1-1, MQTT-4.7.3-1, MQTT-4.7.3-2]. */
export function isTopicSafe(id: string): boolean {
  return id !== '' && id.length <= maxIdLength && !/[/+#\0]/.test(id)
}

/** Whether a subscription makes its client an agent that is there: a filter under `oktopus/usp/v1/agent`. */
export function holdsAgentTopic(filter: string): boolean {
  const inner = filter.replace(/^\$share\/[^/]*\//, '')
  return inner === `${topicPrefix}/agent` || inner.startsWith(`${topicPrefix}/agent/`)
}

const replyMark = '/reply-to='

/** The topic name with which an MQTT 3.1.1 endpoint publishes to `topic`, answers wanted on `replyTo` (R-MQTT.24). */
export function joinReplyTo(topic: string, replyTo: string): string {
  return topic + replyMark + replyTo.replaceAll('/', '%2F')
}

/**
 * Undoes `joinReplyTo`: what follows the last `/reply-to=` is the reply topic, `%2F` standing for `/` (R-MQTT.25;
 * `%2f` is taken as well). Without the mark `replyTo` is absent; with nothing after it, empty.
 */
export function splitReplyTo(topic: string): { readonly topic: string; readonly replyTo?: string } {
  const at = topic.lastIndexOf(replyMark)
  if (at <= 0) return { topic }
  return { topic: topic.slice(0, at), replyTo: topic.slice(at + replyMark.length).replace(/%2f/gi, '/') }
}
