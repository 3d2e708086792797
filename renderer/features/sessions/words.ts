/** How sessions and shared groups are said. Pure. */
import {
  NEVER_EXPIRES,
  type GroupMember,
  type SessionRow,
  type SharedGroupRow,
} from '../../../shared/contract/sessions.ts'
import { count, plural, span } from '../../ui/format.ts'

type Expiring = Pick<SessionRow, 'connected' | 'expiry' | 'expiresIn'>

/** When the session ends. */
export function expiryText({ connected, expiry, expiresIn }: Expiring): string {
  if (expiresIn !== undefined) return `in ${span(expiresIn)}`
  if (expiry === NEVER_EXPIRES) return 'never'
  if (!connected) return ''
  return expiry === 0 ? 'with the connection' : `${span(expiry)} after it leaves`
}

/** Messages on their way: out, and in brackets those that came. */
export const inflightText = ({
  inflightOut,
  inflightIn,
}: Pick<SessionRow, 'inflightOut' | 'inflightIn'>): string =>
  inflightIn > 0 ? `${count(inflightOut)} (${count(inflightIn)} in)` : count(inflightOut)

/** Share of the messages of the group, 0 … 1; even shares while nothing was given. */
export const shareOf = ({ delivered }: GroupMember, group: SharedGroupRow): number =>
  group.delivered === 0 ? 0 : delivered / group.delivered

/** How evenly the members that are there are used. */
export function balanceText(group: SharedGroupRow): string {
  const { members, delivered, connected, waiting } = group
  if (connected === 0) return waiting > 0 ? 'nobody is there: messages wait' : 'nobody is there'
  if (delivered === 0) return 'nothing yet'
  if (connected === 1) return 'one member takes all'
  const here = members.filter((member) => member.connected)
  const most = Math.max(...here.map((member) => member.delivered))
  const even = here.reduce((sum, member) => sum + member.delivered, 0) / here.length
  const times = even === 0 ? 1 : most / even
  return times < 1.25 ? 'even' : `the busiest has ${times.toFixed(1)} times its share`
}

/** Messages given out and not acknowledged, and those that wait for a member. */
export const lagText = ({ inflight, waiting }: SharedGroupRow): string =>
  [plural(inflight, 'message') + ' under way', waiting > 0 ? `${count(waiting)} wait` : '']
    .filter(Boolean)
    .join(', ')

export const retainHandlingWords = ['when subscribed', 'when new', 'never'] as const
