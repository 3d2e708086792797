/** Why a list decides as it does: for every rule before the one that decides, what of it did not hold. */
import { missesOf, type WhoField } from './conditions.ts'
import {
  activate,
  askedShape,
  decide,
  prepareRule,
  takesFilter,
  takesName,
  topicFault,
  unfilledText,
} from './evaluate.ts'
import { overlaps } from './match.ts'
import { actionsOf, type AclList, type AclRule, type Decision, type Question } from './model.ts'
import { fillTemplate } from './template.ts'

export type Condition = 'enabled' | 'action' | WhoField | 'qos' | 'retain' | 'topic'

export interface PassedRule {
  readonly rule: AclRule
  readonly index: number
  /** At least one, in the order of the type `Condition`. */
  readonly misses: readonly { readonly condition: Condition; readonly text: string }[]
}

export interface Explanation {
  readonly decision: Decision
  /** The rules before the deciding one, in order; every rule when none decided; none for an invalid topic. */
  readonly passed: readonly PassedRule[]
}

export function explain(list: AclList, question: Question): Explanation {
  const decision = decide(list, question)
  if (topicFault(question.action, question.topic) !== undefined) return { decision, passed: [] }
  const before = list.rules.slice(0, decision.index)
  return {
    decision,
    passed: before.map((rule, index) => ({ rule, index, misses: misses(rule, index, question) })),
  }
}

function misses(rule: AclRule, index: number, question: Question): PassedRule['misses'] {
  const { action, qos, retain, who } = question
  const prepared = prepareRule(rule, index)
  const found: { condition: Condition; text: string }[] = []
  if (!rule.enabled) found.push({ condition: 'enabled', text: 'it is switched off' })
  if (!actionsOf(rule).includes(action))
    found.push({
      condition: 'action',
      text: `it is about ${rule.action === 'publish' ? 'publishing' : 'subscribing'}`,
    })
  for (const miss of missesOf(prepared.conditions, who)) {
    if (miss.known || rule.effect === 'allow') found.push({ condition: miss.condition, text: miss.text() })
  }
  if ((prepared.qosMask & (1 << qos)) === 0)
    found.push({ condition: 'qos', text: `it is not for QoS ${qos}` })
  if (action === 'publish' && rule.retain !== undefined && rule.retain !== retain)
    found.push({
      condition: 'retain',
      text: rule.retain ? 'it is for retained messages' : 'it is not for retained messages',
    })
  const topic = topicMiss(rule, index, question)
  if (topic !== undefined) found.push({ condition: 'topic', text: topic })
  return found
}

/** Judged as if the other conditions held, so that each is told on its own. */
function topicMiss(rule: AclRule, index: number, { action, topic, who }: Question): string | undefined {
  const bare = prepareRule({ ...rule, who: {} }, index)
  const active = activate(bare, who)
  if (active === undefined) {
    const filled = fillTemplate(bare.template, who)
    return filled.ok ? undefined : unfilledText(filled)
  }
  const { filter = '' } = active
  if (action === 'publish')
    return takesName(active, topic) ? undefined : `its filter ${filter} does not take the topic`
  const asked = askedShape(topic)
  if (takesFilter(active, asked)) return undefined
  const part = active.shape !== undefined && overlaps(active.shape, asked)
  return `its filter ${filter} takes ${part ? 'only a part' : 'none'} of what the subscription asks for`
}
