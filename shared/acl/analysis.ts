/**
 * Rules that do nothing. Only what can be proved of the list itself is said, rule against rule: a rule that
 * several former ones shadow together is not found, but what is said is true for every client and topic.
 *
 * A proof has to heed the care of `evaluate.ts`: where a condition cannot be judged, a deny rule matches and an
 * allow rule does not.
 */
import { covers, filterShape, type FilterShape } from './match.ts'
import {
  actionsOf,
  qosMask,
  ruleLabel,
  type AclList,
  type AclRule,
  type Action,
  type ListenerCondition,
  type NoUsername,
  type TextPattern,
} from './model.ts'
import { networkCovers, parseNetwork, type Network } from './network.ts'
import { preparePattern } from './pattern.ts'
import { fillWith, PLACEHOLDERS, prepareTemplate, valueFault, type Placeholder } from './template.ts'

export interface AclFinding {
  /**
   * `duplicate`: a former rule says the same. `shadowed`: a former rule decides everything this one could.
   * `never`: no client can meet it. `redundant`: without it the default denies the same.
   */
  readonly kind: 'duplicate' | 'shadowed' | 'never' | 'redundant'
  readonly rule: AclRule
  /** Place in the list, from 0. */
  readonly index: number
  /** The former rule, for `duplicate` and `shadowed`. */
  readonly by?: { readonly rule: AclRule; readonly index: number }
  /** One sentence. */
  readonly text: string
}

/** At most one finding a rule, in order of the list. Rules that are switched off count for nothing. */
export function analyse(list: AclList): readonly AclFinding[] {
  const steps = analysing(list)
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

/** Milliseconds for which a long analysis holds others up. */
const SLICE_MS = 6

/**
 * The same in slices: each rule is held against all before it, so a long list takes a while. `turn` resolves when
 * everybody else had theirs. Answers `undefined` when `stopped` says that nobody wants to know any more.
 */
export async function analyseInSlices(
  list: AclList,
  turn: () => Promise<unknown>,
  stopped: () => boolean = () => false,
): Promise<readonly AclFinding[] | undefined> {
  const steps = analysing(list)
  let deadline = Date.now() + SLICE_MS
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    if (Date.now() < deadline) continue
    await turn()
    if (stopped()) return undefined
    deadline = Date.now() + SLICE_MS
  }
}

/** A step a rule. */
function* analysing(list: AclList): Generator<void, readonly AclFinding[], void> {
  const facts = list.rules.map(factsOf)
  const lastAllow = list.rules.findLastIndex(({ enabled, effect }) => enabled && effect === 'allow')
  const findings: AclFinding[] = []
  for (const [index, one] of facts.entries()) {
    if (!one.rule.enabled) continue
    const finding = neverMatches(one) ?? shadowed(one, facts) ?? redundant(one, lastAllow)
    if (finding !== undefined) findings.push({ rule: one.rule, index, ...finding })
    yield
  }
  return findings
}

type Found = Pick<AclFinding, 'kind' | 'text' | 'by'>

interface Facts {
  readonly rule: AclRule
  readonly index: number
  readonly actions: readonly Action[]
  /** QoS levels and actions that it is about, as bits. */
  readonly mask: number
  readonly placeholders: readonly Placeholder[]
  /** A level with a placeholder is a text that no other level has. */
  readonly shape: FilterShape
  /** What the rule takes at the most, if it denies and a placeholder cannot be filled; absent: every topic. */
  readonly widest: FilterShape | undefined
  readonly network: Network | undefined
}

const ACTION_BITS: Readonly<Record<AclRule['action'], number>> = { publish: 8, subscribe: 16, both: 24 }

function factsOf(rule: AclRule, index: number): Facts {
  const template = prepareTemplate(rule.topic)
  // No topic holds U+0000, so the marks can be mistaken for nothing else.
  const shape = filterShape(fillWith(template, (name) => `\0${name}`))
  const open = shape.levels.findIndex((level) => level.includes('\0'))
  const widest =
    open < 0 ? shape : open === 0 ? undefined : { levels: shape.levels.slice(0, open), rest: true }
  return {
    rule,
    index,
    actions: actionsOf(rule),
    mask: qosMask(rule.qos) | ACTION_BITS[rule.action],
    placeholders: template.placeholders,
    shape,
    widest,
    network: rule.who.network === undefined ? undefined : parseNetwork(rule.who.network),
  }
}

function shadowed(later: Facts, facts: readonly Facts[]): Found | undefined {
  // Of a thousand rules half a million pairs are compared, at each edit.
  for (let index = 0; index < later.index; index++) {
    const former = facts[index] as Facts
    if (!former.rule.enabled || !decidesAll(former, later)) continue
    const by = { rule: former.rule, index: former.index }
    const name = ruleLabel(former.index, former.rule)
    if (former.rule.effect === later.rule.effect && decidesAll(later, former))
      return { kind: 'duplicate', by, text: `It says the same as ${name}.` }
    const decided = former.rule.effect === 'allow' ? 'allows' : 'denies'
    return {
      kind: 'shadowed',
      by,
      text: `It is never reached: ${name} ${decided} everything that it is about.`,
    }
  }
  return undefined
}

/** Does `former` match every question that `later` matches? */
function decidesAll(former: Facts, later: Facts): boolean {
  if ((later.mask & ~former.mask) !== 0) return false
  const retain = former.rule.retain
  if (later.actions.includes('publish') && retain !== undefined && retain !== later.rule.retain) return false
  if (former.rule.effect === 'allow' && later.rule.effect === 'deny' && hasDoubts(former)) return false
  // Topics first: most pairs differ there.
  return later.actions.every((action) => topicDecides(former, later, action)) && whoCovers(former, later)
}

/** Can it happen that a condition of the rule cannot be judged? */
const hasDoubts = ({ rule: { who }, placeholders }: Facts): boolean =>
  placeholders.length > 0 ||
  who.network !== undefined ||
  who.listener !== undefined ||
  [who.username, who.clientId, who.endpointId].some((pattern) => pattern !== undefined && 'regex' in pattern)

function topicDecides(former: Facts, later: Facts, action: Action): boolean {
  if (later.rule.effect === 'allow') return covers(former.shape, later.shape)
  if (former.rule.effect === 'allow' && action === 'subscribe') {
    // The later rule matches every filter that touches its topics; the former must cover each of those whole.
    const first = later.widest?.levels[0]
    if (first === undefined) return false
    return covers(former.shape, filterShape(first.startsWith('$') ? `${first}/#` : '#'))
  }
  if (former.rule.topic === later.rule.topic) return true
  if (former.placeholders.length > 0 || later.widest === undefined) return false
  return covers(former.shape, later.widest)
}

function whoCovers(former: Facts, later: Facts): boolean {
  const wide = former.rule.who
  const narrow = later.rule.who
  if (former.network !== undefined) {
    if (later.network === undefined || !networkCovers(former.network, later.network)) return false
  }
  return (
    usernameCovers(wide.username, narrow.username) &&
    textCovers(wide.clientId, narrow.clientId, true) &&
    textCovers(wide.endpointId, narrow.endpointId, true) &&
    listenerCovers(wide.listener, narrow.listener)
  )
}

type UsernameCondition = TextPattern | NoUsername | undefined

function usernameCovers(wide: UsernameCondition, narrow: UsernameCondition): boolean {
  if (wide === undefined) return true
  if (narrow === undefined) return false
  if ('none' in wide || 'none' in narrow) return 'none' in wide && 'none' in narrow
  return textCovers(wide, narrow, false)
}

function textCovers(
  wide: TextPattern | undefined,
  narrow: TextPattern | undefined,
  always: boolean,
): boolean {
  if (wide === undefined) return true
  const all = 'wildcard' in wide && /^\*+$/.test(wide.wildcard)
  if (narrow === undefined) return all && always
  if (all) return true
  if ('exact' in narrow) return preparePattern(wide)(narrow.exact) === 'yes'
  if ('wildcard' in wide) return 'wildcard' in narrow && wide.wildcard === narrow.wildcard
  return 'regex' in wide && 'regex' in narrow && wide.regex === narrow.regex
}

const listenerCovers = (
  wide: ListenerCondition | undefined,
  narrow: ListenerCondition | undefined,
): boolean =>
  (wide?.transport === undefined || wide.transport === narrow?.transport) &&
  (wide?.port === undefined || wide.port === narrow?.port)

const VALUE_OF = { username: 'username', clientid: 'clientId', endpoint: 'endpointId' } as const

/** An allow rule whose placeholder no client that it is for can fill. */
function neverMatches({ rule, placeholders }: Facts): Found | undefined {
  if (rule.effect === 'deny') return undefined
  for (const name of placeholders) {
    const pattern = rule.who[VALUE_OF[name]]
    const fault = pattern === undefined ? undefined : patternFault(pattern)
    if (fault === undefined) continue
    const text = `It can never match: \${${name}} cannot be filled, since the ${PLACEHOLDERS[name].label} ${fault}.`
    return { kind: 'never', text }
  }
  return undefined
}

function patternFault(pattern: TextPattern | NoUsername): string | undefined {
  if ('none' in pattern) return valueFault(undefined)
  if ('exact' in pattern) return valueFault(pattern.exact)
  // Whatever the stars stand for, the other characters are in the value.
  if (!('wildcard' in pattern)) return undefined
  const literal = pattern.wildcard.replaceAll(/[*?]/g, '')
  return literal === '' ? undefined : valueFault(literal)
}

function redundant({ rule, index }: Facts, lastAllow: number): Found | undefined {
  if (rule.effect === 'allow' || index < lastAllow) return undefined
  return {
    kind: 'redundant',
    text: 'It changes nothing: no rule after it allows anything, and the default denies.',
  }
}
