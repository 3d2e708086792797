/**
 * EMQX's `acl.conf` (versions 4 and 5): Erlang terms, `{allow | deny, Who, Action, [Topic, …]}.`, of which the first
 * that matches decides; after the last, the setting `authorization.no_match` does.
 *
 * One term may become several rules, in place of it, since a rule here has one topic and one set of conditions.
 */
import { hasHostBits, parseNetwork } from '../network.ts'
import { ACL_LIMITS, type AclRule, type Effect, type Qos, type Who } from '../model.ts'
import { regexFault } from '../pattern.ts'
import { ErlangError, parseTerms, type Term } from './erlang.ts'
import { Import, refused, TOO_LONG, type Imported } from './report.ts'

export function importEmqx(text: string): Imported {
  if (text.length > ACL_LIMITS.file) return refused(TOO_LONG)
  const into = new Import('emqx')
  let terms: Term[]
  try {
    terms = parseTerms(text)
  } catch (error) {
    if (error instanceof ErlangError)
      return refused(`${error.message} EMQX does not load this file.`, error.line)
    throw error
  }
  for (const term of terms) importRule(term, into)
  addRemarks(into)
  return into.result()
}

function importRule(term: Term, into: Import): void {
  const { line } = term
  const [permission, who, action, topics, ...more] = term.kind === 'tuple' ? term.items : []
  const effect = atom(permission)
  if ((effect !== 'allow' && effect !== 'deny') || who === undefined || more.length > 0) {
    into.note(
      'error',
      'This is no rule {allow | deny, Who, Action, [Topic, …]}. EMQX does not load this file.',
      line,
    )
    return
  }
  if (action === undefined && atom(who) === 'all') {
    into.rule(line, { name: `${effect} all`, effect, action: 'both', topic: '#', who: {} })
    return
  }
  const act = actionOf(action)
  const filters = topics?.kind === 'list' ? topics.items : undefined
  if (typeof act === 'string' || filters === undefined) {
    into.dropped(line, effect, typeof act === 'string' ? act : 'Its topics are no list.')
    return
  }
  const { people, losses } = peopleOf(who, effect)
  for (const loss of losses) {
    if (effect === 'allow') into.dropped(line, effect, loss)
    else into.note('narrower', `This deny rule is made broader. ${loss}`, line)
  }
  for (const one of people) {
    for (const filter of filters) if (!into.overflowed) addTopic(filter, { effect, who: one, ...act }, into)
  }
}

const atom = (term: Term | undefined): string | undefined => (term?.kind === 'atom' ? term.name : undefined)

type Act = Pick<AclRule, 'action' | 'qos' | 'retain'>
const ACTIONS: Readonly<Record<string, AclRule['action']>> = {
  publish: 'publish',
  subscribe: 'subscribe',
  all: 'both',
  // Version 4.
  pubsub: 'both',
}

/** The action, or why it does not translate. */
function actionOf(term: Term | undefined): Act | string {
  const [name, options] = term?.kind === 'tuple' ? term.items : [term]
  const word = atom(name) ?? ''
  const action = Object.hasOwn(ACTIONS, word) ? ACTIONS[word] : undefined
  if (action === undefined) return `Its action is none of ${Object.keys(ACTIONS).join(', ')}.`
  if (options === undefined) return { action }
  if (options.kind !== 'list') return 'The options of its action are no list.'
  const levels = new Set<Qos>()
  let retain: boolean | undefined
  for (const option of options.items) {
    const [key, value] = option.kind === 'tuple' ? option.items : []
    if (atom(key) === 'qos' && value !== undefined) {
      for (const level of value.kind === 'list' ? value.items : [value]) {
        if (level.kind !== 'integer' || ![0, 1, 2].includes(level.value))
          return 'Its QoS is none of 0, 1 and 2.'
        levels.add(level.value as Qos)
      }
    } else if (atom(key) === 'retain' && ['true', 'false', 'all'].includes(atom(value) ?? '')) {
      if (atom(value) !== 'all') retain = atom(value) === 'true'
    } else return 'An option of its action is neither qos nor retain.'
  }
  if (
    levels.size === 0 &&
    options.items.some((option) => option.kind === 'tuple' && atom(option.items[0]) === 'qos')
  )
    return 'Its list of QoS levels is empty.'
  const some = levels.size > 0 && levels.size < 3
  return {
    action,
    ...(some && { qos: { only: [...levels].sort() } }),
    // EMQX, too, asks subscriptions nothing about it.
    ...(retain !== undefined && action !== 'subscribe' && { retain }),
  }
}

interface People {
  /** Alternatives: one rule each. */
  readonly people: readonly Who[]
  readonly losses: readonly string[]
}

/** Alternatives that a rule may be split into. */
const MAX_PEOPLE = 100

/** What is lost of an allow rule goes with its alternative; of a deny rule, with its condition. */
function peopleOf(term: Term, effect: Effect): People {
  const fallback = effect === 'allow' ? [] : [{}]
  const lost = (text: string): People => ({ people: fallback, losses: [text] })
  if (atom(term) === 'all') return { people: [{}], losses: [] }
  const [kind, value, ...more] = term.kind === 'tuple' ? term.items : []
  const name = atom(kind)
  if (value === undefined || more.length > 0) return lost(`Its condition ${name ?? ''} is not known here.`)
  if ((name === 'and' || name === 'or') && value.kind === 'list') {
    const parts = value.items.map((item) => peopleOf(item, effect))
    const losses = parts.flatMap((part) => part.losses)
    if (name === 'or')
      return bounded(
        parts.flatMap(({ people }) => people),
        losses,
        lost,
      )
    let people: readonly Who[] = [{}]
    for (const part of parts) {
      const joined = people.flatMap((one) => part.people.map((other) => joinWho(one, other)))
      if (joined.includes(undefined)) return lost('It has two conditions on the same thing.')
      people = joined.filter((one) => one !== undefined)
      if (people.length > MAX_PEOPLE) break
    }
    return bounded(people, losses, lost)
  }
  if (name === 'ipaddrs' && value.kind === 'list') {
    const parts = value.items.map((item) => networkOf(item))
    const bad = parts.find((part) => typeof part === 'string')
    return typeof bad === 'string'
      ? lost(bad)
      : bounded(
          parts.filter((part) => typeof part !== 'string'),
          [],
          lost,
        )
  }
  const who = conditionOf(name, value)
  return typeof who === 'string' ? lost(who) : { people: [who], losses: [] }
}

const bounded = (
  people: readonly Who[],
  losses: readonly string[],
  lost: (text: string) => People,
): People =>
  people.length > MAX_PEOPLE ? lost(`It has more than ${MAX_PEOPLE} alternatives.`) : { people, losses }

function joinWho(one: Who, other: Who): Who | undefined {
  const clash = Object.keys(one).some((key) => Object.hasOwn(other, key))
  return clash && JSON.stringify(one) !== JSON.stringify(other) ? undefined : { ...one, ...other }
}

const TEXT_FIELDS: Readonly<Record<string, 'username' | 'clientId'>> = {
  user: 'username',
  username: 'username',
  client: 'clientId',
  clientid: 'clientId',
}

/** One condition, or why it does not translate. */
function conditionOf(name: string | undefined, value: Term): Who | string {
  if (name === 'ipaddr') return networkOf(value)
  const field = name !== undefined && Object.hasOwn(TEXT_FIELDS, name) ? TEXT_FIELDS[name] : undefined
  if (field === undefined) return `Its condition ${name ?? ''} is not known here.`
  if (value.kind === 'text') return { [field]: { exact: value.text } }
  const [re, source] = value.kind === 'tuple' ? value.items : []
  if (atom(re) !== 're' || source?.kind !== 'text') return `Its ${name} is neither a string nor {re, "…"}.`
  const fault = regexFault(source.text)
  return fault === undefined ? { [field]: { regex: source.text } } : `Its regular expression ${fault}.`
}

function networkOf(value: Term): Who | string {
  if (value.kind !== 'text') return 'Its address is no string.'
  const network = parseNetwork(value.text)
  if (network === undefined) return `Its address ${value.text.slice(0, 50)} is no IPv4 or IPv6 network.`
  // EMQX clears host bits, too; the list wants them cleared where they are written.
  return { network: hasHostBits(value.text) ? networkText(network) : value.text }
}

function networkText({ family, bits, prefix }: NonNullable<ReturnType<typeof parseNetwork>>): string {
  const size = family === 4 ? 8n : 16n
  const count = family === 4 ? 4 : 8
  const groups = Array.from(
    { length: count },
    (_, i) => (bits >> (size * BigInt(count - 1 - i))) & ((1n << size) - 1n),
  )
  const text = groups.map((group) => group.toString(family === 4 ? 10 : 16)).join(family === 4 ? '.' : ':')
  return `${text}/${prefix}`
}

function addTopic(
  term: Term,
  rule: Act & { readonly effect: Effect; readonly who: Who },
  into: Import,
): void {
  const { line } = term
  const { effect } = rule
  const [eq, literal] = term.kind === 'tuple' ? term.items : []
  const exact = atom(eq) === 'eq' && literal?.kind === 'text' ? literal.text : undefined
  const given = term.kind === 'text' ? term.text : undefined
  const plain = exact ?? (given?.startsWith('eq ') ? given.slice(3) : undefined)
  if (plain === undefined && given === undefined) {
    into.dropped(line, effect, 'A topic is neither a string nor {eq, "…"}.')
    return
  }
  if (plain !== undefined && /[+#]/.test(plain)) {
    into.dropped(
      line,
      effect,
      `{eq, "${plain}"} means subscriptions to exactly this filter, which a rule here cannot say.`,
    )
    return
  }
  if (plain?.includes('${')) {
    into.dropped(line, effect, 'Its topic holds ${ as it is, which would be taken for a placeholder here.')
    return
  }
  const topic = plain ?? legacy(given!, line, into)
  into.rule(line, { name: `${effect} ${rule.action} ${topic}`, topic, ...rule })
}

/** `%u` and `%c` as whole levels, the placeholders of version 4. */
function legacy(topic: string, line: number, into: Import): string {
  const read = topic
    .split('/')
    .map((level) => (level === '%u' ? '${username}' : level === '%c' ? '${clientid}' : level))
  const filled = read.join('/')
  if (filled !== topic)
    into.note(
      'different',
      '%u and %c are read as placeholders, as EMQX 4 does; EMQX 5 takes them as they are.',
      line,
    )
  return filled
}

function addRemarks(into: Import): void {
  const { rules } = into.result().list
  if (rules.length === 0) return
  into.note(
    'different',
    'What no rule matches is denied here. EMQX goes by authorization.no_match, which allows unless it is set to deny.',
  )
  into.note(
    'narrower',
    'EMQX compares the filter of a subscription with that of a rule as if it were a topic. Here an allow rule must cover ' +
      'all that is asked for, and a deny rule counts as soon as it touches it.',
  )
  const open = rules.map(({ topic }) => /^[+#]/.test(topic))
  const text =
    'In EMQX before 5.8.4 a rule whose topic begins with + or # is about topics that begin with $, too; here it is not'
  if (rules.some(({ effect }, i) => effect === 'allow' && open[i]))
    into.note('narrower', `${text} [MQTT-4.7.2-1].`)
  const lastAllow = rules.findLastIndex(({ effect }) => effect === 'allow')
  if (rules.some(({ effect }, i) => effect === 'deny' && open[i] && i < lastAllow))
    into.note('wider', `${text}: add a deny rule for $SYS/# where that is meant.`)
}
