/**
 * Decides with an access list: the first rule that matches, else deny.
 *
 * A rule matches a PUBLISH when its topic filter takes the Topic Name. For a SUBSCRIBE, which asks for many
 * topics at once, a rule of either effect is read so that no device gets more than the list allows:
 *
 * - an allow rule matches when its filter takes *every* topic the asked filter can bring;
 * - a deny rule matches when its filter takes *any* of them.
 *
 * So a subscription that is allowed brings only topics that the list allows one by one. (The reverse does not
 * hold: what two allow rules cover only together is denied.) A shared subscription is judged by its inner
 * filter. An invalid Topic Name or Topic Filter is denied before any rule is asked.
 *
 * The same care holds where a condition cannot be judged: a placeholder whose value could widen the rule
 * (`template.ts`), a regular expression over a value that is too long, an address that is not known. An allow
 * rule then does not match. A deny rule takes the condition as met; its unfillable placeholder, and all that
 * follows it, as `#`. Otherwise a device could slip out of a deny rule by choosing an odd client ID.
 */
import { firstWildcard, isTopicFilter, isTopicName, parseShared, topicMatches } from '../mqtt/topics.ts'
import { missesOf, prepareWho, type Miss, type PreparedCondition } from './conditions.ts'
import { covers, filterShape, overlaps, type FilterShape } from './match.ts'
import {
  qosMask,
  ruleLabel,
  type AclList,
  type AclRule,
  type Action,
  type Decision,
  type Qos,
  type Question,
  type Subject,
} from './model.ts'
import { hashLevels, Sieve } from './sieve.ts'
import { fillTemplate, PLACEHOLDERS, prepareTemplate, type Filled, type Template } from './template.ts'

/** A list prepared for questions. Holds nothing of the clients that asked. */
export interface CompiledAcl {
  readonly list: AclList
  /** Prepares the list for one client, whose facts must not change. */
  session(who: Subject): SessionAcl
}

export interface SessionAcl {
  decide(action: Action, topic: string, qos: Qos, retain: boolean): Decision
}

/** A rule as all sessions share it. */
export interface PreparedRule {
  readonly rule: AclRule
  readonly index: number
  readonly publish: boolean
  readonly subscribe: boolean
  readonly qosMask: number
  readonly conditions: readonly PreparedCondition[]
  readonly template: Template
}

/** A rule that applies to a client, its placeholders filled. */
export interface ActiveRule {
  readonly prepared: PreparedRule
  /** `undefined` is every topic, those that begin with `$` too. */
  readonly filter: string | undefined
  readonly shape: FilterShape | undefined
  readonly decision: Decision
}

export function prepareRule(rule: AclRule, index: number): PreparedRule {
  return {
    rule,
    index,
    publish: rule.action !== 'subscribe',
    subscribe: rule.action !== 'publish',
    qosMask: qosMask(rule.qos),
    conditions: prepareWho(rule),
    template: prepareTemplate(rule.topic),
  }
}

/** The rule for this client; `undefined` when it cannot match whatever the client asks. */
export function activate(prepared: PreparedRule, who: Subject): ActiveRule | undefined {
  const misses = missesOf(prepared.conditions, who)
  const denies = prepared.rule.effect === 'deny'
  if (misses.some((miss) => miss.known || !denies)) return undefined
  const filled = fillTemplate(prepared.template, who)
  if (filled.ok) return active(prepared, filled.filter, misses)
  if (!denies) return undefined
  const widened = filled.before === '' ? undefined : `${filled.before}#`
  return active(prepared, widened, misses, filled)
}

function active(
  prepared: PreparedRule,
  filter: string | undefined,
  misses: readonly Miss[] = [],
  unfilled?: Filled & { ok: false },
): ActiveRule {
  const { rule, index } = prepared
  const doubts = misses.map((miss) => `, since ${miss.text()}`)
  if (unfilled !== undefined)
    doubts.push(
      `, with every topic ${unfilled.before && `below ${unfilled.before} `}since ${unfilledText(unfilled)}`,
    )
  const verb = rule.effect === 'allow' ? 'allows' : 'denies'
  const why = `${ruleLabel(index, rule)} ${verb} it${doubts.join('')}`
  const shape = filter === undefined ? undefined : filterShape(filter)
  return { prepared, filter, shape, decision: { verdict: rule.effect, rule, index, why } }
}

export const unfilledText = ({ placeholder, reason }: Filled & { ok: false }): string =>
  `\${${placeholder}} cannot be filled: the ${PLACEHOLDERS[placeholder].label} ${reason}`

/** Whether the topic condition of an active rule holds for a valid Topic Name. */
export const takesName = ({ filter }: ActiveRule, topic: string): boolean =>
  filter === undefined || topicMatches(filter, topic)

/** Whether it holds for the shape of an asked filter. */
export function takesFilter({ shape, decision }: ActiveRule, asked: FilterShape): boolean {
  if (shape === undefined) return true
  return decision.verdict === 'allow' ? covers(shape, asked) : overlaps(shape, asked)
}

const NO_RULE: Decision = {
  verdict: 'deny',
  why: 'no rule matches, and what no rule allows is denied',
}

/** Decisions kept a session, and the longest topic that is kept, in UTF-16 units: at most some 64 KiB. */
const CACHED_DECISIONS = 256
const LONGEST_CACHED = 128

export function compileAcl(list: AclList): CompiledAcl {
  const rules = list.rules.flatMap((rule, index) => (rule.enabled ? [prepareRule(rule, index)] : []))
  // Most rules are the same for every client: these are made once and shared, so that a session stays small.
  const shared = rules.map((prepared) =>
    prepared.conditions.length === 0 && prepared.template.placeholders.length === 0
      ? active(prepared, prepared.rule.topic)
      : undefined,
  )
  const common = sievesOf(shared.filter((rule) => rule !== undefined))
  return {
    list,
    session(who) {
      const own = rules.map((prepared, i) => (shared[i] ? undefined : activate(prepared, who)))
      const all = rules.map((_, i) => shared[i] ?? own[i])
      return sessionOf(
        all.filter((rule) => rule !== undefined),
        [common, sievesOf(own.filter((rule) => rule !== undefined))],
      )
    },
  }
}

/** Rules by what topics may fall under them, for each of the actions. */
type Sieves = Readonly<Record<Action, Sieve<ActiveRule>>>

const sievesOf = (rules: readonly ActiveRule[]): Sieves => ({
  publish: new Sieve(rules.filter(({ prepared }) => prepared.publish)),
  subscribe: new Sieve(rules.filter(({ prepared }) => prepared.subscribe)),
})

/** The first rule of several sets that takes this topic and that `holds`. */
function firstOf(
  sieves: readonly Sieves[],
  action: Action,
  topic: string,
  holds: (rule: ActiveRule) => boolean,
): ActiveRule | undefined {
  const numbers = hashLevels(topic)
  let found: ActiveRule | undefined
  for (const sieve of sieves) found = sieve[action].first(numbers, holds, found?.prepared.index) ?? found
  return found
}

function sessionOf(rules: readonly ActiveRule[], sieves: readonly Sieves[]): SessionAcl {
  /** One map for each combination of QoS and retain: a topic is then its own key. */
  const cache: (Map<string, Decision> | undefined)[] = []
  let cached = 0

  const publish = (topic: string, qos: Qos, retain: boolean): Decision => {
    const variant = retain ? qos + 3 : qos
    const known = cache[variant]?.get(topic)
    if (known !== undefined) return known
    const decision = decidePublish(sieves, topic, qos, retain)
    if (topic.length > LONGEST_CACHED) return decision
    if (++cached > CACHED_DECISIONS) {
      cache.length = 0
      cached = 1
    }
    const map = (cache[variant] ??= new Map<string, Decision>())
    map.set(topic, decision)
    return decision
  }
  return {
    decide: (action, topic, qos, retain) =>
      action === 'publish' ? publish(topic, qos, retain) : decideSubscribe(rules, sieves, topic, qos),
  }
}

/** Why a topic is denied before any rule is asked; `undefined` when it is valid. */
export function topicFault(action: Action, topic: string): string | undefined {
  const validity = action === 'publish' ? isTopicName(topic) : isTopicFilter(topic)
  if (validity.valid) return undefined
  return `the topic ${action === 'publish' ? 'name' : 'filter'} ${validity.reason}`
}

/** What a valid filter asks for: a shared one is its inner filter. */
const askedFilter = (topic: string): string => parseShared(topic)?.filter ?? topic
export const askedShape = (topic: string): FilterShape => filterShape(askedFilter(topic))

function decidePublish(sieves: readonly Sieves[], topic: string, qos: Qos, retain: boolean): Decision {
  const fault = topicFault('publish', topic)
  if (fault !== undefined) return { verdict: 'deny', why: fault }
  const bit = 1 << qos
  const holds = (active: ActiveRule): boolean => {
    const { prepared } = active
    if ((prepared.qosMask & bit) === 0) return false
    if (prepared.rule.retain !== undefined && prepared.rule.retain !== retain) return false
    return takesName(active, topic)
  }
  return firstOf(sieves, 'publish', topic, holds)?.decision ?? NO_RULE
}

function decideSubscribe(
  rules: readonly ActiveRule[],
  sieves: readonly Sieves[],
  topic: string,
  qos: Qos,
): Decision {
  const fault = topicFault('subscribe', topic)
  if (fault !== undefined) return { verdict: 'deny', why: fault }
  const inner = askedFilter(topic)
  const asked = filterShape(inner)
  const bit = 1 << qos
  const holds = (active: ActiveRule): boolean =>
    (active.prepared.qosMask & bit) !== 0 && takesFilter(active, asked)
  // A filter without a wildcard, which is what devices ask for, is one topic.
  const found =
    firstWildcard(inner) === undefined
      ? firstOf(sieves, 'subscribe', inner, holds)
      : rules.find((active) => active.prepared.subscribe && holds(active))
  return found?.decision ?? NO_RULE
}

/** One question. Prepares the whole list for it: for more than a few, use `compileAcl`. */
export function decide(list: AclList, { action, topic, who, qos, retain }: Question): Decision {
  return compileAcl(list).session(who).decide(action, topic, qos, retain)
}
