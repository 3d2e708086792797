/**
 * Filters are judged one by one: a bad one is refused in SUBACK, the others are granted. aedes gets the good
 * ones; its answer is put back into the order in which the device asked, and what was granted is kept.
 */
import type { SubscribePacket, Subscription } from '../../../../shared/mqtt/packets.ts'
import { isTopicFilter, levelCount } from '../../../../shared/mqtt/topics.ts'
import { reasonString } from '../reason.ts'
import type { Outcome, RuleFactory } from '../rule.ts'
import { judgeSubscription, subjectOf } from './access.ts'
import type { NoteLimit } from './limits.ts'
import type { StoredSubscriptions } from './stored-subscriptions.ts'
import { MAX_TOPIC_LEVELS } from './topics.ts'

const TOPIC_FILTER_INVALID = 0x8f
const QUOTA_EXCEEDED = 0x97
const SHARED_NOT_SUPPORTED = 0x9e
const FAILURE_3X = 0x80
const FIRST_ERROR = 0x80

interface Verdict {
  readonly reasonCode: number
  readonly text: string
}

function fault(filter: string): Verdict | undefined {
  const validity = isTopicFilter(filter)
  if (!validity.valid)
    return { reasonCode: TOPIC_FILTER_INVALID, text: `the filter ${filter} ${validity.reason}` }
  if (levelCount(filter) > MAX_TOPIC_LEVELS) {
    return { reasonCode: TOPIC_FILTER_INVALID, text: `a filter has more than ${MAX_TOPIC_LEVELS} levels` }
  }
  if (filter.startsWith('$share/')) {
    return {
      reasonCode: SHARED_NOT_SUPPORTED,
      text: `the filter ${filter} is a shared subscription, which is not offered yet`,
    }
  }
  return undefined
}

/** The order in which aedes answers: it gathers the filters as keys of an object, last one wins. */
const answeredOrder = (filters: readonly string[]): string[] =>
  filters.length === 1 ? [...filters] : Object.keys(Object.fromEntries(filters.map((filter) => [filter, 0])))

export const subscriptions =
  (most: number, stored: StoredSubscriptions, note: NoteLimit): RuleFactory =>
  (session) => {
    const judge = judgeSubscription(session)
    /** Filters asked for and not yet granted, that the client does not have. */
    const pending = new Set<string>()
    let accepted = false
    function aboveLimit({ filter }: Subscription): Verdict | undefined {
      const { subscriptions: had } = session
      if (had.has(filter) || pending.has(filter)) return undefined
      if (had.size + pending.size < most) {
        pending.add(filter)
        return undefined
      }
      const verdict = {
        reasonCode: QUOTA_EXCEEDED,
        text: `the client has ${most} subscriptions already (broker.maxSubscriptions)`,
      }
      note({ ...verdict, who: subjectOf(session), action: 'subscribe', topic: filter })
      return verdict
    }
    /** Asked and not yet answered, by packet ID. */
    const asked = new Map<
      number,
      { readonly packet: SubscribePacket; readonly verdicts: readonly (Verdict | undefined)[] }
    >()
    const dropped = new Map<number, readonly (Verdict | undefined)[]>()
    const codeFor = ({ reasonCode }: Verdict): number => (session.level === 5 ? reasonCode : FAILURE_3X)
    const reasons = (verdicts: readonly (Verdict | undefined)[]): string =>
      verdicts.flatMap((verdict) => (verdict ? [verdict.text] : [])).join('; ')
    const explain = (verdicts: readonly (Verdict | undefined)[]) =>
      reasonString(session, 'other', reasons(verdicts))

    return {
      name: 'subscriptions',
      inbound: {
        SUBSCRIBE(packet): Outcome {
          const verdicts = packet.subscriptions.map(
            (wish) => fault(wish.filter) ?? judge(wish) ?? aboveLimit(wish),
          )
          const good = packet.subscriptions.filter((_, i) => !verdicts[i])
          if (good.length === 0) {
            const reasonCodes = verdicts.map((verdict) => codeFor(verdict as Verdict))
            const { packetId } = packet
            const answer = { type: 'SUBACK', packetId, reasonCodes, properties: explain(verdicts) } as const
            return {
              do: 'drop',
              text: reasons(verdicts),
              reasonCode: reasonCodes[0] as number,
              answer: [answer],
            }
          }
          asked.set(packet.packetId, { packet, verdicts })
          if (good.length === packet.subscriptions.length) return undefined
          return { do: 'change', packet: { ...packet, subscriptions: good }, text: reasons(verdicts) }
        },
        UNSUBSCRIBE(packet): Outcome {
          const verdicts = packet.filters.map((filter): Verdict | undefined => {
            const verdict = fault(filter)
            return verdict?.reasonCode === TOPIC_FILTER_INVALID ? verdict : undefined
          })
          const good = packet.filters.filter((_, i) => !verdicts[i])
          for (const filter of good) session.subscriptions.delete(filter)
          if (good.length === packet.filters.length) return undefined
          if (good.length > 0) {
            dropped.set(packet.packetId, verdicts)
            return { do: 'change', packet: { ...packet, filters: good }, text: reasons(verdicts) }
          }
          const reasonCodes = session.level === 5 ? verdicts.map(() => TOPIC_FILTER_INVALID) : []
          const { packetId } = packet
          const answer = { type: 'UNSUBACK', packetId, reasonCodes, properties: explain(verdicts) } as const
          return { do: 'drop', text: reasons(verdicts), reasonCode: TOPIC_FILTER_INVALID, answer: [answer] }
        },
      },
      outbound: {
        /** Here the session before it, if there was one, has ended. */
        CONNACK(packet): Outcome {
          if (packet.reasonCode !== 0) return undefined
          accepted = true
          const former = stored.take(session.clientId)
          if (packet.sessionPresent)
            for (const [filter, qos] of former) session.subscriptions.set(filter, qos)
          return undefined
        },
        SUBACK(packet): Outcome {
          const request = asked.get(packet.packetId)
          if (!request) return undefined
          asked.delete(packet.packetId)
          const { verdicts } = request
          const filters = request.packet.subscriptions.map(({ filter }) => filter)
          const order = answeredOrder(filters.filter((_, i) => !verdicts[i]))
          const codes = new Map(order.map((filter, i) => [filter, packet.reasonCodes[i] ?? FIRST_ERROR]))
          for (const filter of filters) pending.delete(filter)
          for (const [filter, code] of codes) if (code < FIRST_ERROR) session.subscribed(filter, code)
          const reasonCodes = filters.map((filter, i) => {
            const verdict = verdicts[i]
            return verdict ? codeFor(verdict) : (codes.get(filter) ?? FIRST_ERROR)
          })
          const refused = verdicts.some((verdict) => verdict)
          const properties = refused ? [...packet.properties, ...explain(verdicts)] : packet.properties
          return { do: 'change', packet: { ...packet, reasonCodes, properties } }
        },
        UNSUBACK(packet): Outcome {
          if (session.wasTakenAway(packet.packetId)) {
            return { do: 'drop', text: 'the device did not ask for this UNSUBSCRIBE' }
          }
          const verdicts = dropped.get(packet.packetId)
          if (!verdicts) return undefined
          dropped.delete(packet.packetId)
          if (session.level !== 5) return undefined
          const codes = [...packet.reasonCodes]
          const reasonCodes = verdicts.map((verdict) => verdict?.reasonCode ?? codes.shift() ?? FIRST_ERROR)
          return { do: 'change', packet: { ...packet, reasonCodes } }
        },
      },
      closed() {
        if (accepted) stored.store(session.clientId, session.subscriptions)
      },
    }
  }
