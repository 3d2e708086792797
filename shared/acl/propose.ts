/**
 * A least-privilege list from what clients were recorded to do: it allows what was recorded, and no more.
 *
 * - A level that is the client's endpoint ID, user name or client ID becomes a placeholder (in that order, where
 *   two are alike), also as a piece of a `/reply-to=` level. Such a rule is for every client, each with its own.
 * - A rule without a placeholder is for the recorded user name (without one, the client ID) alone.
 * - QoS goes no higher than recorded, and retained messages are allowed only where there were some.
 * - Many topics that differ in one level can be grouped under `+`. That allows more than was recorded, so it is
 *   done only when asked for (`groupFrom`), never at the first level, and the rule says so.
 */
import { parseShared } from '../mqtt/topics.ts'
import { topicPrefix } from '../usp/oktopus.ts'
import { topicFault } from './evaluate.ts'
import { covers, filterShape } from './match.ts'
import {
  ACL_LIMITS,
  type AclList,
  type AclRule,
  type Action,
  type Qos,
  type Question,
  type Subject,
  type Who,
} from './model.ts'
import { prepareTemplate, templateFault, valueFault, type Placeholder } from './template.ts'

export interface ProposeOptions {
  /** This many topics that differ in one level become one rule with `+`. Absent: never. */
  readonly groupFrom?: number
}

export interface ProposedRule {
  readonly rule: AclRule
  /** How many questions it covers, and the places in the recording of the first 100 of them. */
  readonly count: number
  readonly first: readonly number[]
}

export interface Proposal {
  readonly list: AclList
  /** In order of the list. */
  readonly rules: readonly ProposedRule[]
  /** Questions that no rule could be made for, by reason. */
  readonly leftOut: ReadonlyMap<string, number>
}

const FIRST = 100

interface Need {
  readonly action: Action
  readonly topic: string
  readonly who: Who
  /** Identifies `who`. */
  readonly scope: string
  qos: Qos
  /** Which values of RETAIN were seen, as bits: 1 for false, 2 for true. */
  retain: number
  /** Topics grouped under its `+`. */
  readonly grouped: number
  count: number
  first: readonly number[]
}

/** Recorded questions → list. Denied ones should be left out by the caller, unless they are wanted. */
export function propose(questions: Iterable<Question>, options: ProposeOptions = {}): Proposal {
  const proposer = new Proposer()
  let place = 0
  for (const question of questions) proposer.add(question, place++)
  return proposer.finish(options)
}

/** The same, question by question: it holds a bounded number of rules, however many questions come. */
export class Proposer {
  readonly #needs = new Map<string, Need>()
  readonly #leftOut = new Map<string, number>()

  /** `place`: where it stands in the recording; never falls. */
  add(question: Question, place: number): void {
    const need = needOf(question, place)
    if (typeof need === 'string') return this.#leaveOut(need)
    const key = keyOf(need)
    const known = this.#needs.get(key)
    if (known !== undefined) absorb(known, need)
    else if (this.#needs.size < ACL_LIMITS.rules) this.#needs.set(key, need)
    else this.#leaveOut(TOO_MANY)
  }

  finish({ groupFrom = Number.POSITIVE_INFINITY }: ProposeOptions = {}): Proposal {
    const rules = fold(group([...this.#needs.values()], groupFrom)).map((need, index) => ({
      rule: ruleOf(need, index),
      count: need.count,
      first: need.first,
    }))
    const list = { version: 0, rules: rules.map(({ rule }) => rule) }
    return { list, rules, leftOut: this.#leftOut }
  }

  #leaveOut(reason: string): void {
    this.#leftOut.set(reason, (this.#leftOut.get(reason) ?? 0) + 1)
  }
}

const TOO_MANY = `there are more than ${ACL_LIMITS.rules} different topics`

/** What must be allowed for a question, or why no rule can say it. */
function needOf({ action, topic, who, qos, retain }: Question, place: number): Need | string {
  const fault = topicFault(action, topic)
  if (fault !== undefined) return fault
  const plain = (action === 'subscribe' && parseShared(topic)?.filter) || topic
  if (plain.includes('${')) return 'the topic holds ${, which a rule takes for a placeholder'
  if (templateFault(plain) !== undefined) return `the topic ${templateFault(plain)}`
  const general = plain
    .split('/')
    .map((level) => generalise(level, who))
    .join('/')
  const own = prepareTemplate(general).placeholders.length === 0
  const scope = own ? scopeOf(who) : {}
  const pattern = scope.username ?? scope.clientId
  if (pattern && 'exact' in pattern && pattern.exact.length > ACL_LIMITS.pattern)
    return `the user name or client ID is longer than ${ACL_LIMITS.pattern} characters`
  const seen = action === 'subscribe' ? 0 : retain ? 2 : 1
  const key = JSON.stringify(scope)
  return {
    action,
    topic: general,
    who: scope,
    scope: key,
    qos,
    retain: seen,
    grouped: 0,
    count: 1,
    first: [place],
  }
}

const scopeOf = ({ username, clientId }: Subject): Who =>
  username === undefined
    ? { username: { none: true }, clientId: { exact: clientId } }
    : { username: { exact: username } }

const keyOf = ({ action, topic, scope }: Need): string => `${action} ${topic} ${scope}`

/** Words of the flow are no names, even if a client is called like one of them. */
const WORDS = new Set([...topicPrefix.split('/'), 'agent', 'controller', 'api', 'status'])

function generalise(level: string, who: Subject): string {
  const values: readonly [Placeholder, string | undefined][] = [
    ['endpoint', who.endpointId],
    ['username', who.username],
    ['clientid', who.clientId],
  ]
  for (const [name, value] of values) {
    if (value === undefined || valueFault(value) !== undefined || value.startsWith('$') || WORDS.has(value))
      continue
    if (level === value) return `\${${name}}`
    if (!level.startsWith('reply-to=')) continue
    const pieces = level.split(/(%2F|=)/i)
    if (pieces.includes(value))
      return pieces.map((piece) => (piece === value ? `\${${name}}` : piece)).join('')
  }
  return level
}

function absorb(into: Need, more: Need): void {
  into.qos = into.qos > more.qos ? into.qos : more.qos
  into.retain |= more.retain
  into.count += more.count
  if (into.first.length < FIRST || more.first[0]! < into.first.at(-1)!)
    into.first = [...into.first, ...more.first].sort((a, b) => a - b).slice(0, FIRST)
}

/** Puts topics that differ in one level only under a `+` there, last levels first. */
function group(needs: readonly Need[], from: number): Need[] {
  const open = new Set(needs)
  const deepest = Math.max(0, ...needs.map(({ topic }) => topic.split('/').length))
  for (let level = deepest - 1; level > 0 && from < Number.POSITIVE_INFINITY; level--) {
    const alike = new Map<string, Need[]>()
    for (const need of open) {
      const levels = need.topic.split('/')
      const own = levels[level]
      if (own === undefined || /[+#]|\$\{/.test(own)) continue
      const key = keyOf({ ...need, topic: levels.with(level, '+').join('/') })
      alike.set(key, [...(alike.get(key) ?? []), need])
    }
    for (const members of alike.values()) {
      if (members.length < Math.max(2, from)) continue
      const [one] = members
      const topic = one!.topic.split('/').with(level, '+').join('/')
      const whole: Need = { ...one!, topic, grouped: members.length, qos: 0, retain: 0, count: 0, first: [] }
      for (const member of members) {
        absorb(whole, member)
        open.delete(member)
      }
      open.add(whole)
    }
  }
  return [...open]
}

/** Leaves out what another need covers without becoming any broader itself. */
function fold(needs: readonly Need[]): Need[] {
  const shapes = new Map(needs.map((need) => [need, filterShape(need.topic)]))
  const kept = new Set(needs)
  const wide = needs.filter(({ topic }) => /[+#]/.test(topic))
  for (const need of needs) {
    const wider = wide.find(
      (other) =>
        other !== need &&
        kept.has(other) &&
        other.action === need.action &&
        other.scope === need.scope &&
        other.qos >= need.qos &&
        (other.retain & need.retain) === need.retain &&
        covers(shapes.get(other)!, shapes.get(need)!),
    )
    if (wider === undefined) continue
    absorb(wider, need)
    kept.delete(need)
  }
  return [...kept]
}

const SEEN = { 1: false, 2: true } as const

function ruleOf({ action, topic, who, qos, retain, grouped, count }: Need, index: number): AclRule {
  const times = count === 1 ? 'one packet' : `${count} packets`
  const more = grouped > 0 ? ` ${grouped} topics are grouped here, so it allows more than was recorded.` : ''
  const verb = action === 'publish' ? 'Publish to' : 'Subscribe'
  return {
    id: `proposed-${index + 1}`,
    name: `${verb} ${topic}`.slice(0, ACL_LIMITS.name),
    note: `Covers ${times} of the recording.${more}`,
    effect: 'allow',
    action,
    topic,
    who,
    ...(qos < 2 && { qos: { max: qos } }),
    ...((retain === 1 || retain === 2) && { retain: SEEN[retain] }),
    enabled: true,
  }
}
