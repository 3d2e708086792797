/** What would change: two lists asked the same recorded questions. Streams, at constant memory. */
import { compileAcl, type CompiledAcl, type SessionAcl } from './evaluate.ts'
import { ruleLabel, type AclList, type Decision, type Question, type Subject } from './model.ts'

export type ChangeKind = 'newly-denied' | 'newly-allowed' | 'rule-changed'

export interface Difference<Q extends Question> {
  readonly kind: ChangeKind
  /** The question as it was given, with whatever else it carries, e.g. the number of its packet. */
  readonly question: Q
  readonly before: Decision
  readonly after: Decision
  /** One sentence. */
  readonly text: string
}

export interface DryRunSummary {
  readonly asked: number
  readonly same: number
  readonly 'newly-denied': number
  readonly 'newly-allowed': number
  /** The verdict is the same, another rule gives it. Rules are told apart by their ID. */
  readonly 'rule-changed': number
}

/** Sessions that stay prepared: the devices of a capture come in turns. */
const KEPT_SESSIONS = 500

/** Yields the questions that the two lists decide differently, in order; returns the counts. */
export function* dryRun<Q extends Question>(
  before: AclList,
  after: AclList,
  questions: Iterable<Q>,
): Generator<Difference<Q>, DryRunSummary, void> {
  const sessions = new Sessions(compileAcl(before), compileAcl(after))
  const counts = { asked: 0, same: 0, 'newly-denied': 0, 'newly-allowed': 0, 'rule-changed': 0 }
  for (const question of questions) {
    const { action, topic, qos, retain } = question
    const [one, other] = sessions.of(question.who)
    const was = one.decide(action, topic, qos, retain)
    const is = other.decide(action, topic, qos, retain)
    const kind = changeKind(was, is)
    counts.asked++
    counts[kind ?? 'same']++
    if (kind !== undefined)
      yield {
        kind,
        question,
        before: was,
        after: is,
        text: `Before: ${decider(was)}. After: ${decider(is)}.`,
      }
  }
  return counts
}

function changeKind(before: Decision, after: Decision): ChangeKind | undefined {
  if (before.verdict !== after.verdict) return after.verdict === 'deny' ? 'newly-denied' : 'newly-allowed'
  return before.rule?.id === after.rule?.id ? undefined : 'rule-changed'
}

const decider = ({ verdict, rule, index }: Decision): string =>
  `${verdict === 'allow' ? 'allowed' : 'denied'} by ${rule && index !== undefined ? ruleLabel(index, rule) : 'default'}`

type Pair = readonly [SessionAcl, SessionAcl]

class Sessions {
  readonly #before: CompiledAcl
  readonly #after: CompiledAcl
  readonly #kept = new Map<string, Pair>()

  constructor(before: CompiledAcl, after: CompiledAcl) {
    this.#before = before
    this.#after = after
  }

  of(who: Subject): Pair {
    const { username, clientId, endpointId, address, listener } = who
    const key = JSON.stringify([
      username ?? null,
      clientId,
      endpointId,
      address,
      listener?.transport,
      listener?.port,
    ])
    const known = this.#kept.get(key)
    if (known !== undefined) return known
    // The oldest goes: a Map keeps the order in which keys came.
    const oldest = this.#kept.keys().next()
    if (this.#kept.size >= KEPT_SESSIONS && oldest.done !== true) this.#kept.delete(oldest.value)
    const pair = [this.#before.session(who), this.#after.session(who)] as const
    this.#kept.set(key, pair)
    return pair
  }
}
