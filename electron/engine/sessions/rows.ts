/** What the broker says of sessions and groups, as the contract has it. */
import {
  MAX_LISTED,
  type SessionDetail,
  type SessionRow,
  type SharedGroupRow,
} from '../../../shared/contract/sessions.ts'
import { versions } from '../../../shared/mqtt/fields.ts'
import type { GroupRow, SessionRow as Known } from '../broker/sessions/overview.ts'

function common(known: Known): Omit<SessionRow, 'subscriptions' | 'will'> {
  const { clientId, username, connected, level, clean, expiry, expiresIn } = known
  const { inflightOut, inflightIn, queued, queuedBytes, delivered, dropped } = known
  return {
    clientId,
    ...(username !== undefined && { username }),
    connected,
    version: versions[level],
    clean,
    expiry,
    ...(expiresIn !== undefined && { expiresIn }),
    inflightOut,
    inflightIn,
    queued,
    queuedBytes,
    delivered,
    dropped,
  }
}

export const sessionRow = (known: Known): SessionRow => ({
  ...common(known),
  subscriptions: known.subscriptions.length,
  will: known.will !== undefined,
})

export function sessionDetail(known: Known): SessionDetail {
  const { subscriptions, will } = known
  const listed = subscriptions.slice(0, MAX_LISTED)
  return {
    ...common(known),
    subscriptions: listed.map((one) => ({
      filter: one.filter,
      qos: one.qos,
      noLocal: one.noLocal,
      retainAsPublished: one.retainAsPublished,
      retainHandling: one.retainHandling,
      ...(one.identifier !== undefined && { identifier: one.identifier }),
      ...(one.share !== undefined && { share: one.share }),
    })),
    unlisted: subscriptions.length - listed.length,
    ...(will && { will: willOf(will) }),
  }
}

function willOf({ dueIn, ...will }: NonNullable<Known['will']>): NonNullable<SessionDetail['will']> {
  return { ...will, ...(dueIn !== undefined && { dueIn }) }
}

export function groupRow({ group, filter, members, waiting }: GroupRow): SharedGroupRow {
  let [connected, delivered, inflight] = [0, 0, 0]
  for (const member of members) {
    connected += member.connected ? 1 : 0
    delivered += member.delivered
    inflight += member.inflight
  }
  const listed = members.slice(0, MAX_LISTED)
  return {
    key: `$share/${group}/${filter}`,
    group,
    filter,
    members: listed,
    unlisted: members.length - listed.length,
    connected,
    delivered,
    inflight,
    waiting,
  }
}
