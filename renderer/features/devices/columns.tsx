/** The columns of the device list. */
import type { DeviceRow, EndpointSource } from '../../../shared/contract/model.ts'
import type { SortedColumn } from '../../list/list-grid.tsx'
import { useNow } from '../../ui/clock.ts'
import { ago, count, dateTime } from '../../ui/format.ts'
import { State } from '../../ui/kit.tsx'
import { FindingCounts, countsText } from '../lint/counts.tsx'
import type { DeviceSort } from './store.ts'

export const sourceWords: Readonly<Record<EndpointSource, string>> = {
  'usp-endpoint-id': 'user property usp-endpoint-id',
  username: 'user name',
  'client-id': 'client ID',
}

export const transportWords = { tcp: 'TCP', tls: 'TLS', ws: 'WebSocket', wss: 'Secure WebSocket' } as const

export const deviceColumns: readonly SortedColumn<DeviceRow, DeviceSort>[] = [
  {
    title: 'State',
    width: '78px',
    sort: 'online',
    cell: (row) => <State tone={row.online ? 'ok' : 'off'}>{row.online ? 'online' : 'offline'}</State>,
    hint: (row) => (row.online ? '' : (row.lastEnd ?? '')),
  },
  {
    title: 'Endpoint ID',
    width: 'minmax(184px, 2fr)',
    sort: 'endpointId',
    cell: (row) => (
      <>
        {row.endpointId} <span className="dim device-source">{sourceShort[row.endpointSource]}</span>
      </>
    ),
    hint: (row) => `${row.endpointId}, taken from the ${sourceWords[row.endpointSource]}`,
  },
  {
    title: 'Model',
    width: 'minmax(110px, 1fr)',
    cell: (row) => modelText(row) || <span className="dim">{discoveryWord(row)}</span>,
    hint: (row) =>
      [row.usp?.manufacturer, modelText(row), row.usp?.discovery.text].filter(Boolean).join('. '),
  },
  {
    title: 'Findings',
    width: '90px',
    sort: 'findings',
    cell: (row) => <FindingCounts counts={row.findings} />,
    hint: (row) => row.findings && `${countsText(row.findings)} of the linter in the live capture`,
  },
  { title: 'Role', width: '56px', cell: (row) => row.role },
  {
    title: 'Address',
    width: '116px',
    mono: true,
    cell: (row) => row.remoteAddress,
    hint: (row) => row.remoteAddress,
  },
  { title: 'MQTT', width: '50px', cell: (row) => row.version },
  {
    title: 'Over',
    width: '46px',
    cell: (row) => row.transport.toUpperCase(),
    hint: (row) => transportWords[row.transport],
  },
  {
    title: 'Client ID',
    width: 'minmax(72px, 0.8fr)',
    mono: true,
    cell: (row) => row.clientId,
    hint: (row) => row.clientId,
  },
  {
    title: 'User',
    width: 'minmax(54px, 0.7fr)',
    cell: (row) => row.username || <span className="dim">none</span>,
    hint: (row) => row.username,
  },
  { title: 'Connects', width: '70px', right: true, cell: (row) => count(row.connects) },
  { title: 'In', width: '52px', right: true, sort: 'packetsIn', cell: (row) => count(row.packetsIn) },
  { title: 'Out', width: '52px', right: true, cell: (row) => count(row.packetsOut) },
  {
    title: 'Last seen',
    width: '84px',
    sort: 'lastSeenAt',
    cell: (row) => <Ago at={row.lastSeenAt} />,
    hint: (row) => dateTime(row.lastSeenAt),
  },
]

const Ago = ({ at }: { at: number }) => ago(at, useNow())

/** `Router 1.2`; empty while nothing is known. */
const modelText = ({ usp }: DeviceRow): string =>
  [usp?.modelName, usp?.softwareVersion].filter(Boolean).join(' ')

/** Why nothing is known yet. */
function discoveryWord({ usp }: DeviceRow): string {
  const words = { waiting: 'waits', asking: 'asking…', failed: 'no answer', partly: 'no answer' } as const
  const state = usp?.discovery.state
  return state === undefined || state === 'off' || state === 'done' ? '' : words[state]
}

const sourceShort: Readonly<Record<EndpointSource, string>> = {
  'usp-endpoint-id': 'property',
  username: 'user name',
  'client-id': 'client ID',
}
