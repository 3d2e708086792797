/** The rules in the order in which an inbound packet meets them; an outbound one meets them backwards. */
import type { Access } from '../../access/access.ts'
import type { Limits } from '../context.ts'
import type { RetainedLedger } from '../retained-ledger.ts'
import type { RuleFactory } from '../rule.ts'
import { access } from './access.ts'
import { alias } from './alias.ts'
import { disguise, type DisguiseState } from './disguise.ts'
import { identity } from './identity.ts'
import { limits, type NoteLimit } from './limits.ts'
import { oktopus, type OktopusOptions } from './oktopus.ts'
import { order } from './order.ts'
import { retained } from './retained.ts'
import { StoredSubscriptions } from './stored-subscriptions.ts'
import { subscriptions } from './subscriptions.ts'
import { takeover, type ClientIds } from './takeover.ts'
import { topics } from './topics.ts'

export interface RuleOptions {
  readonly clientIds: ClientIds
  /** Absent: nobody is asked for anything. */
  readonly access?: Access
  readonly disguiseState: DisguiseState
  readonly oktopus: OktopusOptions
  readonly limits: Limits
  readonly retained: RetainedLedger
  readonly note: NoteLimit
}

export const allRules = (options: RuleOptions): readonly RuleFactory[] => [
  order,
  identity,
  limits(options.limits, options.note),
  oktopus(options.oktopus),
  alias(options.limits.topicAliasMaximum),
  topics,
  ...(options.access ? [access(options.access)] : []),
  retained(options.retained, options.note),
  subscriptions(options.limits.subscriptions, new StoredSubscriptions(), options.note),
  // Behind every rule that may turn a CONNECT away, so that only an admitted one ends its predecessor.
  takeover(options.clientIds),
  disguise(options.disguiseState),
]
