/** Signs between CONNACK and the first Record: what the device subscribes, and where it speaks. */
import { REPLY_REFUSED } from '../../acl/packet-questions.ts'
import { hexByte, reasonName } from '../../mqtt/reason-codes.ts'
import { topicMatches } from '../../mqtt/topics.ts'
import { agentTopic, controllerTopic, parseOktopusTopic } from '../../usp/oktopus.ts'
import { isAnswer, type Attempt, type Filter, type Said } from '../case.ts'
import type { Evidence, Remedy } from '../model.ts'
import { evidence, hears, isGranted, isRefused, onDevice, ownFilter, type Scene } from '../scene.ts'
import type { Sign } from './sign.ts'

const accepted = ({ connack }: Attempt): boolean => connack?.code === 0

const codeName = ({ code = 0 }: Filter, { connect }: Attempt): string =>
  `${hexByte(code)} ${reasonName('SUBACK', code, connect?.packet.level ?? 5)}`

const refusedAt = (filter: Filter, attempt: Attempt): Evidence[] => [
  evidence(filter, `SUBSCRIBE ${filter.filter}`),
  ...(filter.answerNo === undefined
    ? []
    : [{ no: filter.answerNo, time: filter.time, text: `SUBACK ${codeName(filter, attempt)}` }]),
]

const allow = (action: 'publish' | 'subscribe', topic: string): Remedy => ({
  text: `Or let it ${action} ${topic} by an access rule.`,
  action: { do: 'allow', action, topic },
})

const listening = ['mtpEnable', 'mtpProtocol', 'mtpReference', 'responseTopic'] as const

export const subscribeSigns: readonly Sign[] = [
  {
    id: 'nothing-to-subscribe',
    step: 'subscribe',
    state: 'failed',
    find(scene, attempt) {
      const { connack, disconnect, filters } = attempt
      if (!connack || !accepted(attempt) || filters.length > 0 || disconnect?.by !== 'device')
        return undefined
      return {
        text: 'It was let in and left at once: it has nothing to subscribe (R-MQTT.16).',
        evidence: [evidence(connack, 'CONNACK'), evidence(disconnect, 'DISCONNECT by the device')],
        remedies: [onDevice(scene, 'Tell it where to listen.', listening)],
      }
    },
  },
  {
    id: 'subscribe-refused',
    step: 'subscribe',
    state: 'failed',
    find(scene, attempt) {
      const refused = attempt.filters.find(isRefused)
      if (!refused || !attempt.filters.every(isRefused)) return undefined
      const { id } = parseOktopusTopic(refused.filter) ?? {}
      const foreign = id !== undefined && id !== '' && id !== scene.endpointId
      return {
        text: foreign
          ? `It wants to listen on the topic of ${id}, but it is ${scene.endpointId}.`
          : `It wants to listen on ${refused.filter}, which it may not; its own topic is ${agentTopic(scene.endpointId)}.`,
        evidence: refusedAt(refused, attempt),
        remedies: [
          onDevice(scene, 'Give it its own topic.', ['responseTopic']),
          allow('subscribe', refused.filter),
        ],
      }
    },
  },
  {
    id: 'no-suback',
    step: 'subscribe',
    state: 'missing',
    find(_scene, attempt) {
      const open = attempt.filters.find(({ code }) => code === undefined)
      return open && !attempt.filters.some(isGranted)
        ? {
            text: 'Its SUBSCRIBE was not answered; OBUSPA then says nothing and goes on with pings.',
            evidence: [evidence(open, `SUBSCRIBE ${open.filter}`)],
          }
        : undefined
    },
  },
  {
    id: 'no-subscribe',
    step: 'subscribe',
    state: 'missing',
    find(scene, attempt) {
      const { connack, end, filters } = attempt
      if (!connack || !accepted(attempt) || filters.length > 0) return undefined
      return {
        text: end
          ? `The connection ended before it subscribed anything${end.reason ? `: ${end.reason}` : ''}.`
          : 'It is let in and has not subscribed anything yet.',
        evidence: [evidence(end ?? connack, end ? 'connection closed' : 'CONNACK')],
        remedies: [onDevice(scene, 'Tell it where to listen.', listening)],
      }
    },
  },
]

/** Response Topic of what the device says; on 3.1.1 that behind `/reply-to=`. */
const firstSaid = ({ said }: Attempt): Said | undefined => said.find(({ record }) => record !== undefined)

export const topicSigns: readonly Sign[] = [
  {
    id: 'own-topic-refused',
    step: 'topics',
    state: 'failed',
    find(scene, attempt) {
      const refused = attempt.filters.find(
        (filter) => isRefused(filter) && !hears(attempt, filter.filter.replace(/\/#$/, '')),
      )
      if (!refused || !attempt.filters.some(isGranted)) return undefined
      const advertised = attempt.said.some(({ replyTo }) => replyTo === refused.filter)
      return {
        text: advertised
          ? `It was refused ${refused.filter} and still names it as Response Topic: answers to it vanish.`
          : `It was refused ${refused.filter}; answers sent there would vanish.`,
        evidence: refusedAt(refused, attempt),
        remedies: [
          onDevice(scene, 'Give it its own topic.', ['responseTopic']),
          allow('subscribe', refused.filter),
        ],
      }
    },
  },
  {
    id: 'foreign-agent-topic',
    step: 'topics',
    state: 'failed',
    find(scene, attempt) {
      const { endpointId } = scene
      const foreign = attempt.filters.find((filter) => {
        const topic = isGranted(filter) ? parseOktopusTopic(filter.filter.replace(/\/#$/, '')) : undefined
        return topic?.kind === 'agent' && topic.id !== endpointId
      })
      if (!foreign || ownFilter(attempt, endpointId)) return undefined
      return {
        text: `It listens on ${foreign.filter}, but it is ${endpointId}: what the controller sends to it does not arrive.`,
        evidence: [evidence(foreign, `SUBSCRIBE ${foreign.filter}`)],
        remedies: [onDevice(scene, 'Give it its own topic.', ['endpointId', 'responseTopic'])],
      }
    },
  },
  {
    id: 'hears-itself',
    step: 'topics',
    state: 'failed',
    find(scene, attempt) {
      const own = attempt.said.find(({ topic }) => hears(attempt, topic))
      const filter = own && hears(attempt, own.topic)
      if (!own || !filter || attempt.begunBefore) return undefined
      return {
        text: `It listens on the topic it speaks to (${own.topic}): it gets its own messages back.`,
        evidence: [evidence(filter, `SUBSCRIBE ${filter.filter}`), evidence(own, `PUBLISH ${own.topic}`)],
        remedies: [
          onDevice(scene, 'Give it a topic to listen on and another to speak to.', [
            'responseTopic',
            'controllerTopic',
          ]),
        ],
      }
    },
  },
  {
    id: 'reply-topic-refused',
    step: 'topics',
    state: 'failed',
    find(scene, { said }) {
      const refused = said.at(-1)?.dropped?.text.startsWith(REPLY_REFUSED) ? said.at(-1) : undefined
      if (!refused) return undefined
      return {
        text: `Its messages are dropped: the Response Topic ${refused.replyTo} is not its own.`,
        evidence: [evidence(refused, `PUBLISH ${refused.topic}`)],
        remedies: [onDevice(scene, 'Give it its own topic.', ['endpointId', 'responseTopic'])],
      }
    },
  },
  {
    id: 'publish-refused',
    step: 'topics',
    state: 'failed',
    find(scene, { said }) {
      // What went through later was mended; a refused answer is a matter of the request.
      const refused = said.findLast(
        (one, i) =>
          one.dropped !== undefined &&
          !isAnswer(one) &&
          !said.slice(i + 1).some(({ topic, dropped }) => topic === one.topic && dropped === undefined),
      )
      if (!refused) return undefined
      const { id } = parseOktopusTopic(refused.topic) ?? {}
      const foreign = id !== undefined && id !== '' && id !== scene.endpointId
      return {
        text: foreign
          ? `It speaks on the topic of ${id}, but it is ${scene.endpointId}: its messages are dropped.`
          : `What it sends to ${refused.topic} is dropped: ${refused.dropped?.text}.`,
        evidence: [evidence(refused, `PUBLISH ${refused.topic}`)],
        remedies: [
          onDevice(scene, 'Let it speak where the controller listens.', ['endpointId', 'controllerTopic']),
          allow('publish', refused.topic),
        ],
      }
    },
  },
  {
    id: 'nobody-listens',
    step: 'topics',
    state: 'failed',
    find(scene, { said, answers }) {
      // Who is answered is heard, wherever that may be.
      if (answers.size > 0) return undefined
      const lost = said.find(({ topic, record }) => {
        if (record === undefined) return false
        const kind = parseOktopusTopic(topic)?.kind
        return kind !== 'controller' && kind !== 'api'
      })
      if (!lost) return undefined
      return {
        text: `It speaks to ${lost.topic}, where no controller of this bench listens; that would be ${controllerTopic(scene.endpointId)}.`,
        evidence: [evidence(lost, `PUBLISH ${lost.topic}`)],
        remedies: [onDevice(scene, 'Let it speak where the controller listens.', ['controllerTopic'])],
      }
    },
  },
  {
    id: 'wrong-id-in-topic',
    step: 'topics',
    state: 'failed',
    find(scene, { said }) {
      const wrong = said.find(({ topic }) => {
        const { kind, id } = parseOktopusTopic(topic) ?? {}
        return kind === 'controller' && id !== '' && id !== scene.endpointId
      })
      if (!wrong) return undefined
      return {
        text: `It speaks on the topic of ${parseOktopusTopic(wrong.topic)?.id}, but it is ${scene.endpointId}: what it says is taken for another device's.`,
        evidence: [evidence(wrong, `PUBLISH ${wrong.topic}`)],
        remedies: [
          onDevice(scene, 'Put its own endpoint ID into the topic.', ['endpointId', 'controllerTopic']),
        ],
      }
    },
  },
  {
    id: 'response-topic-not-subscribed',
    step: 'topics',
    state: 'failed',
    find(scene, attempt) {
      const lost = attempt.said.find(({ replyTo }) => replyTo !== undefined && !hears(attempt, replyTo))
      if (!lost) return undefined
      return {
        text: `It wants answers on ${lost.replyTo}, which it has not subscribed: they vanish.`,
        evidence: [
          evidence(lost, `Response Topic ${lost.replyTo}`),
          ...attempt.filters.slice(0, 3).map((filter) => evidence(filter, `SUBSCRIBE ${filter.filter}`)),
        ],
        remedies: [onDevice(scene, 'Give it one topic for both.', ['mtpReference', 'responseTopic'])],
      }
    },
  },
  {
    id: 'another-from-id',
    step: 'topics',
    state: 'failed',
    find(scene, attempt) {
      const { connect } = attempt
      const other = attempt.said.find(
        ({ record }) => record && record.fromId !== '' && record.fromId !== scene.endpointId,
      )
      if (!connect?.stated || !other) return undefined
      return {
        text: `Its CONNECT states the endpoint ID ${scene.endpointId}, but its Records come from ${other.record?.fromId} (R-MQTT.13).`,
        evidence: [evidence(connect, 'usp-endpoint-id'), evidence(other, `from_id ${other.record?.fromId}`)],
        remedies: [onDevice(scene, 'Give it one endpoint ID.', ['endpointId'])],
      }
    },
  },
  {
    id: 'not-reachable',
    step: 'topics',
    state: 'failed',
    find(scene, attempt) {
      const granted = attempt.filters.find(isGranted)
      // Where it wants its answers is as good: the controller takes the Response Topic of what it said.
      const said = firstSaid(attempt)
      if (!granted || ownFilter(attempt, scene.endpointId) || (said?.replyTo && hears(attempt, said.replyTo)))
        return undefined
      return {
        text: `It listens on ${granted.filter}, but the controller sends to ${agentTopic(scene.endpointId)}.`,
        evidence: [evidence(granted, `SUBSCRIBE ${granted.filter}`)],
        remedies: [onDevice(scene, 'Give it its own topic.', ['endpointId', 'responseTopic'])],
      }
    },
  },
]

/** What shows that it is reached and speaks where it is heard. */
export function topicEvidence(scene: Scene, attempt: Attempt): Evidence[] {
  const said = firstSaid(attempt)
  const filter =
    ownFilter(attempt, scene.endpointId) ??
    (said?.replyTo === undefined ? undefined : hears(attempt, said.replyTo))
  if (!filter || !topicFits(filter)) return []
  return [
    evidence(filter, `listens on ${filter.filter}`),
    ...(said ? [evidence(said, `speaks to ${said.topic}`)] : []),
  ]
}

const topicFits = ({ filter }: Pick<Filter, 'filter'>): boolean => !topicMatches(filter, controllerTopic('x'))
