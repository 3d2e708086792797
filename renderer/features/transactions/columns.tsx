/** The columns of the list of transactions. */
import type { GridColumn } from '../../list/grid.tsx'
import type { SeenPacket, TransactionRow } from '../../../shared/contract/transactions.ts'
import { latencyText, timeOfDay } from '../../ui/format.ts'
import { State } from '../../ui/kit.tsx'
import { outcomeText, outcomeTone, remarksOf } from './words.ts'

const seenHint = (seen: SeenPacket | undefined): string =>
  seen?.passedOn === undefined ? '' : `In packet ${seen.no}, passed on in packet ${seen.passedOn}`

export const transactionColumns: readonly GridColumn<TransactionRow>[] = [
  { title: 'No.', width: '54px', right: true, dim: true, cell: (row) => row.id },
  { title: 'Time (UTC)', width: '108px', right: true, dim: true, cell: (row) => timeOfDay(row, 3) },
  {
    title: 'Device',
    width: 'minmax(150px, 1fr)',
    cell: (row) => row.device,
    hint: (row) => `${row.device}, with ${row.controller || 'a controller without a name'}`,
  },
  {
    title: 'Type',
    width: '144px',
    cell: (row) => <span className="usp">{row.type}</span>,
    hint: (row) => row.type,
  },
  {
    title: 'What',
    width: 'minmax(170px, 2.2fr)',
    cell: (row) => row.summary,
    hint: (row) => row.summary,
  },
  {
    title: 'Outcome',
    width: 'minmax(136px, 1fr)',
    cell: (row) => <State tone={outcomeTone(row)}>{outcomeText(row)}</State>,
    hint: outcomeText,
  },
  {
    title: 'Latency',
    width: '76px',
    right: true,
    cell: (row) => (row.latencyMs === undefined ? '' : latencyText(row.latencyMs)),
  },
  {
    title: 'Request',
    width: '68px',
    right: true,
    dim: true,
    cell: (row) => row.request?.no,
    hint: (row) => seenHint(row.request),
  },
  {
    title: 'Answer',
    width: '68px',
    right: true,
    dim: true,
    cell: (row) => row.answer?.no,
    hint: (row) => seenHint(row.answer),
  },
  { title: 'Remarks', width: 'minmax(64px, 0.5fr)', cell: remarksOf, hint: remarksOf },
  {
    title: 'msg_id',
    width: 'minmax(64px, 0.5fr)',
    mono: true,
    cell: (row) => row.msgId,
    hint: (row) => row.msgId,
  },
]
