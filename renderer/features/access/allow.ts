/** From a denial to the least rule that would have allowed it. Pure. */
import { decide } from '../../../shared/acl/evaluate.ts'
import { ruleLabel, type AclRule, type Question, type Who } from '../../../shared/acl/model.ts'
import { propose } from '../../../shared/acl/propose.ts'
import type { DenialInfo } from '../../../shared/contract/access.ts'
import { freeId, judgeable } from './rules.ts'

type Rules = readonly AclRule[]

export type Allowed =
  | { readonly ok: true; readonly rules: Rules; readonly rule: AclRule }
  | { readonly ok: false; readonly reason: string }

/** The question that was denied; a refused CONNECT asks for no topic. */
export function questionOf({ action, topic, who }: DenialInfo): Question | undefined {
  if (action === 'connect') return undefined
  return { action: action === 'publish' ? 'publish' : 'subscribe', topic, who, qos: 0, retain: false }
}

/**
 * `rules` with one more that allows what was denied, before the rule that decided. It is for this user alone
 * (without one, this client ID), and its topic follows the endpoint ID where the topic has it in a level.
 */
export function allowDenied(rules: Rules, denial: DenialInfo): Allowed {
  const question = questionOf(denial)
  if (question === undefined)
    return { ok: false, reason: 'A refused connection is admitted under Knocking, not by a rule.' }
  const now = decide({ version: 0, rules: judgeable(rules) }, question)
  if (now.verdict === 'allow') return { ok: false, reason: `The rules allow it already: ${now.why}.` }
  const { rules: proposed, leftOut } = propose([question])
  const found = proposed[0]?.rule
  if (found === undefined)
    return { ok: false, reason: `No rule can allow it: ${[...leftOut.keys()].join(', ')}.` }
  const { username, clientId } = denial.who
  const who: Who =
    username === undefined
      ? { username: { none: true }, clientId: { exact: clientId } }
      : { username: { exact: username } }
  const rule: AclRule = {
    id: freeId('allowed', rules),
    name: found.name,
    note: 'Made from a denial. It is for this user alone; without the user it would be for every device.',
    effect: 'allow',
    action: question.action,
    topic: found.topic,
    who,
    enabled: true,
  }
  const place = now.index ?? rules.length
  const next = rules.toSpliced(place, 0, rule)
  const then = decide({ version: 0, rules: judgeable(next) }, question)
  if (then.verdict === 'allow') return { ok: true, rules: next, rule }
  return {
    ok: false,
    reason: `${ruleLabel(place, rule)} would not be enough: ${then.why}. Write the rule by hand.`,
  }
}
