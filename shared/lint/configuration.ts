/**
 * What agents said of their own MQTT configuration in this capture (TR-181, `Device.MQTT.Client` and
 * `Device.LocalAgent.MTP`). What was changed at the device meanwhile is not known: rules that compare with it only
 * warn. Bounded: the agents heard of longest ago are forgotten.
 */
import { isTrue } from '../usp/boolean.ts'
import { BoundedMap } from './bounded.ts'
import type { At, Said } from './moments.ts'
import type { Message } from './message.ts'
import { type ToldValue, valuesIn } from './values.ts'

const MAX_AGENTS = 2000
/** Values of one agent. */
const MAX_VALUES = 500

const OBJECTS = ['Device.MQTT.Client.', 'Device.LocalAgent.MTP.']
const WATCHED =
  /^Device\.(?:MQTT\.Client\.\d+\.(?:ClientID|Username|KeepAliveTime|Subscription\.\d+\.(?:Enable|Topic))|LocalAgent\.MTP\.\d+\.MQTT\.(?:Reference|ResponseTopicConfigured))$/
const CLIENT_ID = /^(Device\.MQTT\.Client\.\d+\.)ClientID$/
const REFERENCE = /^Device\.LocalAgent\.MTP\.\d+\.MQTT\.Reference$/
const RESPONSE_TOPIC = /\.ResponseTopicConfigured$/
const TOPIC = /\.Topic$/

/** A subscription was switched off, and no other row wants its topic. */
export interface SwitchedOff {
  /** Of its Enable. */
  readonly path: string
  readonly topic: string
}

interface Agent {
  readonly values: Map<string, Said>
  /** Row of its USP client: as its only MTP refers to it, else as the client ID shows. */
  matched?: string
}

export class Configuration {
  readonly #agents = new BoundedMap<string, Agent>(MAX_AGENTS)

  /** Takes what an agent tells over a connection with this client ID; answers what it switched off. */
  learn(endpointId: string, body: Message, clientId: string, at: At): readonly SwitchedOff[] {
    const off: SwitchedOff[] = []
    const set = body.type !== 'usp.GetResp'
    for (const told of valuesIn(body, OBJECTS)) {
      const path = told.object + told.name
      if (!WATCHED.test(path)) continue
      const agent = this.#agentOf(endpointId)
      const before = agent.values.get(path)
      // Reading what was set does not make it older.
      if (before?.value === told.value) continue
      if (before === undefined && agent.values.size >= MAX_VALUES) continue
      agent.values.set(path, { ...at, path, value: told.value, set })
      const client = CLIENT_ID.exec(path)?.[1]
      if (client !== undefined && clientId !== '' && told.value === clientId) agent.matched = client
      if (set && told.name === 'Enable' && !isTrue(told.value)) off.push(...switchedOff(agent, told))
    }
    return off
  }

  /** What is known of the client behind an agent's connections; nothing when it is not known which row that is. */
  of(endpointId: string): readonly Said[] {
    const agent = this.#agents.get(endpointId)
    const client = agent && clientOf(agent)
    if (agent === undefined || client === undefined) return []
    const values = [...agent.values.values()]
    const responseTopics = values.filter(({ path }) => RESPONSE_TOPIC.test(path))
    return [
      ...values.filter(
        ({ path }) => path.startsWith(client) && (!TOPIC.test(path) || isEnabled(agent, path)),
      ),
      ...(responseTopics.length === 1 ? responseTopics : []),
    ]
  }

  #agentOf(endpointId: string): Agent {
    const known = this.#agents.get(endpointId)
    if (known !== undefined) return known
    const agent: Agent = { values: new Map() }
    this.#agents.set(endpointId, agent)
    return agent
  }
}

function clientOf({ values, matched }: Agent): string | undefined {
  const references = [...values.values()].filter(({ path, value }) => REFERENCE.test(path) && value !== '')
  const [only] = references
  return only !== undefined && references.length === 1 ? `${only.value.replace(/\.$/, '')}.` : matched
}

const isEnabled = ({ values }: Agent, topicPath: string): boolean =>
  isTrue(values.get(topicPath.replace(TOPIC, '.Enable'))?.value)

function switchedOff(agent: Agent, { object, name }: ToldValue): readonly SwitchedOff[] {
  const topic = agent.values.get(`${object}Topic`)?.value
  if (topic === undefined || topic === '') return []
  const wanted = [...agent.values.values()].some(
    ({ path, value }) => TOPIC.test(path) && value === topic && isEnabled(agent, path),
  )
  return wanted ? [] : [{ path: object + name, topic }]
}
