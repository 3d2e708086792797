/** Signs once the topics are right: what the device says and whether it answers. */
import { agentTopic } from '../../usp/oktopus.ts'
import type { Attempt, Said } from '../case.ts'
import type { Evidence } from '../model.ts'
import { evidence, hears, isGranted, onDevice, type Scene } from '../scene.ts'
import { silence } from '../silence.ts'
import type { Sign } from './sign.ts'

const toController = [
  'controllerEnable',
  'controllerMtpEnable',
  'controllerProtocol',
  'controllerReference',
  'controllerTopic',
] as const
const boot = [
  'bootId',
  'bootEnable',
  'bootRecipient',
  'bootType',
  'bootEvent',
  'bootPersistent',
  'bootRetry',
] as const

/** An answer may take this long before it is missed, in milliseconds. */
const ANSWER_MS = 3000

const firstGranted = ({ filters }: Attempt) => filters.find(isGranted)
const spoke = ({ said }: Attempt): Said | undefined => said.find(({ record }) => record !== undefined)

/** The last thing that was asked of it and has no answer. */
export const unanswered = ({ asked, answers }: Attempt): Said | undefined =>
  asked.findLast(({ record }) => record?.msgId === undefined || !answers.has(record.msgId))

/** An answer that came, with its request. */
export function answerEvidence({ asked, answers }: Attempt): Evidence[] {
  const request = asked.findLast(({ record }) => record?.msgId !== undefined && answers.has(record.msgId))
  const answer = request?.record?.msgId === undefined ? undefined : answers.get(request.record.msgId)
  if (!request || !answer || answer.dropped) return []
  const ms = Math.round(answer.time - request.time)
  return [evidence(request, request.usp), evidence(answer, `${answer.usp} after ${ms} ms`)]
}

export const uspSigns: readonly Sign[] = [
  {
    id: 'says-nothing',
    step: 'connect-record',
    state: 'missing',
    find(scene, attempt) {
      const granted = firstGranted(attempt)
      if (!granted || spoke(attempt)) return undefined
      return {
        text: 'It listens and says nothing: it does not know the controller, or not how to reach it.',
        evidence: [evidence(granted, `SUBSCRIBE ${granted.filter}`)],
        remedies: [onDevice(scene, 'Tell it of the controller.', ['controllerId', ...toController])],
      }
    },
  },
  {
    id: 'no-connect-record',
    step: 'connect-record',
    state: 'missing',
    soft: true,
    find(_scene, attempt) {
      const said = spoke(attempt)
      return said && !attempt.connectRecord
        ? {
            text: 'It speaks, but no Connect Record was seen on this connection (R-MTP.6).',
            evidence: [evidence(said, said.usp)],
          }
        : undefined
    },
  },
  {
    id: 'no-boot',
    step: 'boot',
    state: 'missing',
    soft: true,
    find(scene, attempt) {
      const said = spoke(attempt)
      return said
        ? {
            text: 'No Boot! came: it has no subscription to it, or it only reconnected, since Boot! is sent once a start.',
            evidence: [evidence(said, said.usp)],
            remedies: [onDevice(scene, 'Subscribe the controller to Boot!.', boot)],
          }
        : undefined
    },
  },
  {
    id: 'no-answer',
    step: 'answer',
    state: 'failed',
    find(scene, attempt) {
      const request = unanswered(attempt)
      if (!request || answerEvidence(attempt).length > 0) return undefined
      if (scene.now - request.time < ANSWER_MS) return undefined
      const reason = silence(requestFacts(scene, attempt, request))[0]
      return {
        text: `${request.usp || 'What was sent to it'} has no answer. ${reason}`,
        evidence: [evidence(request, request.usp || `PUBLISH ${request.topic}`)],
      }
    },
  },
  {
    id: 'answer-dropped',
    step: 'answer',
    state: 'failed',
    find(_scene, { answers }) {
      const dropped = [...answers.values()].findLast((answer) => answer.dropped)
      return dropped
        ? {
            text: `It answers, but to ${dropped.topic}, where it may not: ${dropped.dropped?.text}.`,
            evidence: [evidence(dropped, dropped.usp)],
            remedies: [
              {
                text: 'Let it answer there by an access rule, or ask with a Response Topic that it may use.',
                action: { do: 'allow', action: 'publish', topic: dropped.topic },
              },
            ],
          }
        : undefined
    },
  },
  {
    id: 'not-delivered',
    step: 'answer',
    state: 'failed',
    find(scene, attempt) {
      if (!firstGranted(attempt) || attempt.asked.length > 0) return undefined
      const lost = scene.requests.findLast(
        (request) => request.time > attempt.first.time && !request.dropped && !hears(attempt, request.topic),
      )
      return lost
        ? {
            text: `${lost.usp} was sent to ${lost.topic}, which it has not subscribed: it never got it.`,
            evidence: [evidence(lost, lost.usp)],
            remedies: [
              onDevice(scene, `Let it listen on ${agentTopic(scene.endpointId)}.`, ['responseTopic']),
            ],
          }
        : undefined
    },
  },
  {
    id: 'not-asked',
    step: 'answer',
    state: 'missing',
    find: (scene, attempt) =>
      attempt.asked.length === 0 && (firstGranted(attempt) || attempt.begunBefore)
        ? {
            text: 'Nothing was asked of it yet.',
            remedies: [
              {
                text: 'Ask it who it is.',
                action: { do: 'ask', endpointId: scene.endpointId },
              },
            ],
          }
        : undefined,
  },
]

function requestFacts(scene: Scene, attempt: Attempt, { record, topic, replyTo }: Said) {
  const known = attempt.connectRecord?.record?.toId
  return {
    endpointId: scene.endpointId,
    level: attempt.connect?.packet.level ?? 5,
    topic,
    replyTo,
    record: record && { toId: record.toId, fromId: record.fromId },
    subscribed: hears(attempt, topic) !== undefined,
    ...(known !== undefined && { controllerId: known }),
  }
}
