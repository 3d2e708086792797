/** The rules in the order in which an inbound packet meets them; an outbound one meets them backwards. */
import type { Access } from '../../access/access.ts'
import type { Limits } from '../context.ts'
import type { RuleFactory } from '../rule.ts'
import type { RetainedStore } from '../sessions/retained-store.ts'
import type { Router } from '../sessions/router.ts'
import type { SessionStore } from '../sessions/session-store.ts'
import type { Transit } from '../transit.ts'
import { access } from './access.ts'
import { alias } from './alias.ts'
import { auth } from './auth.ts'
import { disguise } from './disguise.ts'
import { faults } from './faults.ts'
import { exchange } from './exchange.ts'
import { identity } from './identity.ts'
import { limits, type NoteLimit } from './limits.ts'
import { oktopus, type OktopusOptions } from './oktopus.ts'
import { order } from './order.ts'
import { redirect, type RedirectOptions } from './redirect.ts'
import { repeats } from './repeats.ts'
import { retained } from './retained.ts'
import { sessions } from './sessions.ts'
import { shrink } from './shrink.ts'
import { subscriptions } from './subscriptions.ts'
import { takeover, type ClientIds } from './takeover.ts'
import { topics } from './topics.ts'

export interface RuleOptions {
  readonly clientIds: ClientIds
  /** Absent: nobody is asked for anything. */
  readonly access?: Access
  readonly oktopus: OktopusOptions
  readonly limits: Limits
  readonly redirect: RedirectOptions
  readonly retained: RetainedStore
  readonly router: Router
  readonly sessions: SessionStore
  readonly transit: Transit
  readonly note: NoteLimit
}

export const allRules = (options: RuleOptions): readonly RuleFactory[] => [
  // The last to see CONNACK: it adds only what still has room there.
  oktopus(options.oktopus),
  shrink,
  order,
  auth(options.access),
  identity,
  limits(options.limits, options.note),
  redirect(options.redirect),
  alias(options.limits.topicAliasMaximum),
  faults,
  repeats,
  topics,
  ...(options.access ? [access(options.access)] : []),
  retained(options.retained, options.note),
  subscriptions({ ...options, most: options.limits.subscriptions }),
  exchange(options.transit),
  sessions(options.sessions),
  // Behind every rule that may turn a CONNECT away, so that only an admitted one ends its predecessor.
  takeover(options.clientIds),
  disguise,
]
