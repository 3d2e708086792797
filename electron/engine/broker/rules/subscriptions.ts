/** SUBSCRIBE and UNSUBSCRIBE, answered filter by filter: a bad one is refused, the others are granted. */
import type { Subscription } from '../../../../shared/mqtt/packets.ts'
import { getProperty } from '../../../../shared/mqtt/properties.ts'
import { isTopicFilter, levelCount } from '../../../../shared/mqtt/topics.ts'
import type { Message } from '../message.ts'
import { reasonString } from '../reason.ts'
import type { Outcome, RuleFactory } from '../rule.ts'
import type { Granted, MqttSession } from '../sessions/mqtt-session.ts'
import type { RetainedStore } from '../sessions/retained-store.ts'
import type { Router } from '../sessions/router.ts'
import { judgeSubscription, subjectOf } from './access.ts'
import type { NoteLimit } from './limits.ts'
import { MAX_TOPIC_LEVELS } from './topics.ts'
import { clockNow } from '../clock.ts'

const TOPIC_FILTER_INVALID = 0x8f
const QUOTA_EXCEEDED = 0x97
const NO_SUBSCRIPTION_EXISTED = 0x11
const FAILURE_3X = 0x80

interface Verdict {
  readonly reasonCode: number
  readonly text: string
}

export interface SubscriptionOptions {
  /** Topic filters of a client. */
  readonly most: number
  readonly router: Router
  readonly retained: RetainedStore
  readonly note: NoteLimit
}

function fault(filter: string): Verdict | undefined {
  const validity = isTopicFilter(filter)
  if (!validity.valid)
    return { reasonCode: TOPIC_FILTER_INVALID, text: `the filter ${filter} ${validity.reason}` }
  if (levelCount(filter) > MAX_TOPIC_LEVELS) {
    return { reasonCode: TOPIC_FILTER_INVALID, text: `a filter has more than ${MAX_TOPIC_LEVELS} levels` }
  }
  return undefined
}

export const subscriptions =
  ({ most, router, retained, note }: SubscriptionOptions): RuleFactory =>
  (session) => {
    const judge = judgeSubscription(session)
    function aboveLimit(had: MqttSession['subscriptions'], { filter }: Subscription): Verdict | undefined {
      if (had.has(filter) || had.size < most) return undefined
      const verdict = {
        reasonCode: QUOTA_EXCEEDED,
        text: `the client has ${most} subscriptions already (broker.maxSubscriptions)`,
      }
      note({ ...verdict, who: subjectOf(session), action: 'subscribe', topic: filter })
      return verdict
    }
    const codeFor = ({ reasonCode }: Verdict): number => (session.level === 5 ? reasonCode : FAILURE_3X)

    return {
      name: 'subscriptions',
      inbound: {
        SUBSCRIBE({ packetId, subscriptions: wishes, properties }): Outcome {
          const { state } = session
          if (!state) return undefined
          const identifier = getProperty(properties, 'subscriptionIdentifier')
          const texts: string[] = []
          const made: ReturnType<Router['subscribe']>[] = []
          const reasonCodes = wishes.map((wish) => {
            const verdict = fault(wish.filter) ?? judge(wish) ?? aboveLimit(state.subscriptions, wish)
            if (verdict) {
              texts.push(verdict.text)
              return codeFor(verdict)
            }
            made.push(router.subscribe(state, wish, identifier))
            return wish.qos
          })
          const text = texts.join('; ')
          const explained = text === '' ? [] : reasonString(session, 'other', text)
          const answer = { type: 'SUBACK', packetId, reasonCodes, properties: explained } as const
          if (made.length === 0) {
            return { do: 'drop', text, reasonCode: reasonCodes[0] as number, answer: [answer] }
          }
          session.send(answer)
          for (const { granted, isNew } of made) {
            session.subscribed(granted)
            if (granted.group) router.here(state)
            else sendRetained(state, granted, isNew)
          }
          return text === '' ? { do: 'take' } : { do: 'take', text }
        },
        UNSUBSCRIBE({ packetId, filters }): Outcome {
          const { state } = session
          if (!state) return undefined
          const texts: string[] = []
          const codes = filters.map((filter) => {
            const verdict = fault(filter)
            if (verdict) texts.push(verdict.text)
            return verdict?.reasonCode ?? (router.unsubscribe(state, filter) ? 0 : NO_SUBSCRIPTION_EXISTED)
          })
          const text = texts.join('; ')
          const explained = text === '' ? [] : reasonString(session, 'other', text)
          const reasonCodes = session.level === 5 ? codes : []
          const answer = { type: 'UNSUBACK', packetId, reasonCodes, properties: explained } as const
          if (texts.length === filters.length) {
            return { do: 'drop', text, reasonCode: TOPIC_FILTER_INVALID, answer: [answer] }
          }
          session.send(answer)
          return text === '' ? { do: 'take' } : { do: 'take', text }
        },
      },
    }

    /** [MQTT-3.3.1-9] to [-11]. */
    function sendRetained(state: MqttSession, granted: Granted, isNew: boolean): void {
      const { filter, qos, retainHandling, identifier, noLocal } = granted
      if (retainHandling === 2 || (retainHandling === 1 && !isNew)) return
      const identifiers = identifier === undefined ? [] : [identifier]
      const found = retained.matching(filter, clockNow())
      // [MQTT-3.8.3-3]
      const wanted = noLocal ? found.filter(({ publisher }) => publisher !== state.clientId) : found
      state.deliverRetained(wanted, (message: Message) => ({
        qos: message.qos < qos ? message.qos : qos,
        retain: true,
        identifiers,
      }))
    }
  }
