/** The rules in the order in which an inbound packet meets them; an outbound one meets them backwards. */
import type { Access } from '../../access/access.ts'
import type { RuleFactory } from '../rule.ts'
import { access } from './access.ts'
import { alias } from './alias.ts'
import { disguise, type DisguiseState } from './disguise.ts'
import { identity } from './identity.ts'
import { limits } from './limits.ts'
import { oktopus, type OktopusOptions } from './oktopus.ts'
import { order } from './order.ts'
import { subscriptions } from './subscriptions.ts'
import { takeover, type ClientIds } from './takeover.ts'
import { topics } from './topics.ts'

export interface RuleOptions {
  readonly clientIds: ClientIds
  /** Absent: nobody is asked for anything. */
  readonly access?: Access
  readonly disguiseState: DisguiseState
  readonly oktopus: OktopusOptions
  readonly topicAliasMaximum: number
  readonly maxPacketBytes: number
}

export const allRules = (options: RuleOptions): readonly RuleFactory[] => [
  order,
  identity,
  limits(options.maxPacketBytes),
  oktopus(options.oktopus),
  alias(options.topicAliasMaximum),
  topics,
  ...(options.access ? [access(options.access)] : []),
  subscriptions,
  // Behind every rule that may turn a CONNECT away, so that only an admitted one ends its predecessor.
  takeover(options.clientIds),
  disguise(options.disguiseState),
]
