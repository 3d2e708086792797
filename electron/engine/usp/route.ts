/** Where a request to a device goes, and why it cannot. Pure. */
import { topicMatches, parseShared } from '../../../shared/mqtt/topics.ts'
import {
  agentTopic,
  apiTopic,
  controllerTopic,
  isTopicSafe,
  joinReplyTo,
} from '../../../shared/usp/oktopus.ts'

/** A device's connection, as far as a message to it goes. */
export interface Line {
  /** Protocol level of its CONNECT. */
  readonly level: 3 | 4 | 5
  /** Topic filters granted. */
  readonly subscriptions: ReadonlyMap<string, unknown>
  /** What the access list says about handing it a message. */
  mayReceive(topic: string): boolean
}

export interface Wish {
  readonly endpointId: string
  /** Chosen by the person: taken as it is. */
  readonly topic?: string
  /** Places the device itself named, best first. */
  readonly known: readonly (string | undefined)[]
  /** `api`: a person asked; `controller`: the bench itself, as Oktopus tells them apart. */
  readonly answersTo: 'api' | 'controller'
}

export interface Route {
  /** Topic Name; of MQTT 3.1.1 with `/reply-to=` (R-MQTT.24). */
  readonly topic: string
  readonly responseTopic: string
}

export type Routing =
  | { readonly ok: true; readonly route: Route }
  | { readonly ok: false; readonly outcome: 'unreachable' | 'refused'; readonly text: string }

export function routeTo(line: Line, { endpointId, topic: chosen, known, answersTo }: Wish): Routing {
  if (!isTopicSafe(endpointId)) {
    const text = `The endpoint ID ${endpointId} cannot stand in a topic: it holds one of / + #, or is too long.`
    return { ok: false, outcome: 'unreachable', text }
  }
  const responseTopic = answersTo === 'api' ? apiTopic(endpointId) : controllerTopic(endpointId)
  const dressed = (topic: string): string => (line.level === 5 ? topic : joinReplyTo(topic, responseTopic))
  const filters = [...line.subscriptions.keys()].map((filter) => parseShared(filter)?.filter ?? filter)
  const listens = (topic: string): boolean => filters.some((filter) => topicMatches(filter, dressed(topic)))
  const candidates = [agentTopic(endpointId), ...known.filter((one) => one !== undefined)]
  const topic = chosen ?? candidates.find(listens)
  if (topic === undefined || !listens(topic)) {
    return { ok: false, outcome: 'unreachable', text: deaf(topic ?? agentTopic(endpointId), line, filters) }
  }
  const name = dressed(topic)
  if (!line.mayReceive(name)) {
    const text = `The access rules let the device receive nothing on ${name}: see Access, Ask.`
    return { ok: false, outcome: 'refused', text }
  }
  return { ok: true, route: { topic: name, responseTopic } }
}

function deaf(topic: string, { level }: Line, filters: readonly string[]): string {
  const to = filters.length === 0 ? 'to nothing' : `to ${filters.join(', ')} only`
  const base = `The device is connected, but subscribed ${to}: a request on ${topic} does not reach it.`
  if (level === 5 || !filters.includes(topic)) {
    return `${base} Let it subscribe ${topic}, or set the topic for this device.`
  }
  return `${base} An MQTT 3.1.1 device must subscribe ${topic}/#, since /reply-to=… is appended (R-MQTT.24).`
}
