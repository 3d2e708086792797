/** The columns of sessions, shared groups and their members. */
import type { SessionRow, SessionSort, SharedGroupRow } from '../../../shared/contract/sessions.ts'
import type { SortedColumn } from '../../list/list-grid.tsx'
import { count, size } from '../../ui/format.ts'
import { State } from '../../ui/kit.tsx'
import { balanceText, expiryText, inflightText } from './words.ts'

const quiet = (n: number) => (n === 0 ? <span className="dim">0</span> : count(n))

export const sessionColumns: readonly SortedColumn<SessionRow, SessionSort>[] = [
  {
    title: 'State',
    width: '106px',
    sort: 'connected',
    cell: ({ connected }) => (
      <State tone={connected ? 'ok' : 'off'}>{connected ? 'connected' : 'away'}</State>
    ),
  },
  {
    title: 'Client ID',
    width: 'minmax(150px, 1.6fr)',
    sort: 'clientId',
    cell: ({ clientId }) => clientId,
    hint: ({ clientId }) => clientId,
  },
  {
    title: 'User',
    width: 'minmax(70px, 0.8fr)',
    cell: ({ username }) => username || <span className="dim">none</span>,
    hint: ({ username }) => username,
  },
  { title: 'MQTT', width: '54px', cell: ({ version }) => version },
  { title: 'Ends', width: 'minmax(136px, 0.8fr)', cell: expiryText, hint: expiryText },
  {
    title: 'Subscriptions',
    width: '98px',
    right: true,
    sort: 'subscriptions',
    cell: ({ subscriptions }) => quiet(subscriptions),
  },
  {
    title: 'In flight',
    width: '84px',
    right: true,
    sort: 'inflightOut',
    cell: (row) => (row.inflightOut + row.inflightIn === 0 ? quiet(0) : inflightText(row)),
    hint: ({ inflightOut, inflightIn }) =>
      `${count(inflightOut)} to the client without its acknowledgement, ${count(inflightIn)} of QoS 2 from it without PUBREL`,
  },
  {
    title: 'Waiting',
    width: '70px',
    right: true,
    sort: 'queued',
    cell: ({ queued }) => quiet(queued),
    hint: ({ queued, queuedBytes }) => `${count(queued)} messages, ${size(queuedBytes)}`,
  },
  {
    title: 'Bytes',
    width: '70px',
    right: true,
    sort: 'queuedBytes',
    cell: ({ queuedBytes }) => (queuedBytes === 0 ? '' : size(queuedBytes)),
  },
  {
    title: 'Delivered',
    width: '78px',
    right: true,
    sort: 'delivered',
    cell: ({ delivered }) => quiet(delivered),
  },
  {
    title: 'Dropped',
    width: '70px',
    right: true,
    sort: 'dropped',
    cell: ({ dropped }) => (dropped === 0 ? quiet(0) : <span className="warn">{count(dropped)}</span>),
  },
  { title: 'Will', width: '44px', cell: ({ will }) => (will ? 'yes' : '') },
]

export const groupColumns: readonly SortedColumn<SharedGroupRow, never>[] = [
  {
    title: 'Group',
    width: 'minmax(100px, 0.6fr)',
    cell: ({ group }) => group,
    hint: ({ group }) => group,
  },
  {
    title: 'Topic filter',
    width: 'minmax(180px, 1.4fr)',
    mono: true,
    cell: ({ filter }) => filter,
    hint: ({ filter }) => filter,
  },
  {
    title: 'Members',
    width: '110px',
    cell: ({ members, unlisted, connected }) => {
      const all = members.length + unlisted
      return (
        <State tone={connected === 0 ? 'bad' : connected < all ? 'warn' : 'ok'}>
          {count(connected)} of {count(all)} here
        </State>
      )
    },
  },
  { title: 'Delivered', width: '80px', right: true, cell: ({ delivered }) => quiet(delivered) },
  { title: 'In flight', width: '70px', right: true, cell: ({ inflight }) => quiet(inflight) },
  { title: 'Waiting', width: '70px', right: true, cell: ({ waiting }) => quiet(waiting) },
  { title: 'Balance', width: 'minmax(150px, 0.9fr)', cell: balanceText, hint: balanceText },
]
