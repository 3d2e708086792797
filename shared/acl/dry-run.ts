/** What would change: two lists asked the same recorded questions, one after the other, at constant memory. */
import { compileAcl, type CompiledAcl, type SessionAcl } from './evaluate.ts'
import { ruleLabel, type AclList, type Decision, type Question, type Subject } from './model.ts'

/** `rule-changed`: the verdict is the same, another rule gives it. Rules are told apart by their ID. */
export type ChangeKind = 'newly-denied' | 'newly-allowed' | 'rule-changed'
export const CHANGE_KINDS: readonly ChangeKind[] = ['newly-denied', 'newly-allowed', 'rule-changed']

export interface Change {
  readonly kind: ChangeKind
  readonly before: Decision
  readonly after: Decision
}

export type DryRunCounts = Readonly<Record<ChangeKind | 'asked' | 'same', number>>

/** Sessions that stay prepared: the devices of a capture come in turns. */
const KEPT_SESSIONS = 500

export class DryRun {
  readonly #before: CompiledAcl
  readonly #after: CompiledAcl
  readonly #kept = new Map<string, readonly [SessionAcl, SessionAcl]>()
  readonly #counts = { asked: 0, same: 0, 'newly-denied': 0, 'newly-allowed': 0, 'rule-changed': 0 }

  constructor(before: AclList, after: AclList) {
    this.#before = compileAcl(before)
    this.#after = compileAcl(after)
  }

  get counts(): DryRunCounts {
    return { ...this.#counts }
  }

  /**
   * Counts the question; answers what is different for it, if anything. `recorded` is what was decided when it
   * happened, and takes the place of what the first list would say: no rule is known then, only the verdict counts.
   */
  ask(question: Question, recorded?: Decision): Change | undefined {
    const decided = this.decide(question)
    const before = recorded ?? decided.before
    const { after } = decided
    const kind = changeKind(before, after, recorded === undefined)
    this.#counts.asked++
    this.#counts[kind ?? 'same']++
    return kind && { kind, before, after }
  }

  /** What each list says. */
  decide({ action, topic, who, qos, retain }: Question): Pick<Change, 'before' | 'after'> {
    const [one, other] = this.#sessionsOf(who)
    return {
      before: one.decide(action, topic, qos, retain),
      after: other.decide(action, topic, qos, retain),
    }
  }

  #sessionsOf(who: Subject): readonly [SessionAcl, SessionAcl] {
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

function changeKind(before: Decision, after: Decision, byRule: boolean): ChangeKind | undefined {
  if (before.verdict !== after.verdict) return after.verdict === 'deny' ? 'newly-denied' : 'newly-allowed'
  return byRule && before.rule?.id !== after.rule?.id ? 'rule-changed' : undefined
}

/** `rule 3 "name"`, or `no rule`. */
export const deciderText = ({ rule, index }: Pick<Decision, 'rule' | 'index'>): string =>
  rule && index !== undefined ? ruleLabel(index, rule) : 'no rule'
