/** The columns of the list of packets. */
import type { ClientPacketRow } from '../../../shared/contract/mqtt-client.ts'
import type { GridColumn } from '../../list/grid.tsx'
import type { Sentence } from '../../list/list-grid.tsx'
import { clock, count, dateTime } from '../../ui/format.ts'
import { Icon, State } from '../../ui/kit.tsx'
import { typeClass } from '../packets/meaning.ts'
import { markColours, outcomeText, outcomeTone } from './words.ts'

/** A note has no more columns than these: its text takes the place of the others. */
export const noteSentence: Sentence<ClientPacketRow> = {
  behind: 3,
  of: ({ type, info, bad }) => (type === 'NOTE' ? { text: info, bad } : undefined),
}

/** With the day where that is not today, as what came earlier is kept. */
function dayAndClock(time: number): string {
  const day = new Date(time).toISOString().slice(0, 10)
  return day === new Date().toISOString().slice(0, 10) ? clock(time) : `${day.slice(5)} ${clock(time, false)}`
}

const isMessage = ({ type }: ClientPacketRow): boolean => type === 'PUBLISH'
const whatOf = (row: ClientPacketRow): string => (isMessage(row) ? row.payload : row.info)

export const clientColumns: readonly GridColumn<ClientPacketRow>[] = [
  { title: 'No.', width: '50px', right: true, dim: true, cell: (row) => row.no },
  {
    title: 'Time (UTC)',
    width: '104px',
    right: true,
    dim: true,
    cell: (row) => dayAndClock(row.time),
    hint: (row) => dateTime(row.time),
  },
  {
    title: 'Packet',
    width: '128px',
    cell: (row) =>
      row.type === 'NOTE' ? (
        <Icon name={row.bad ? 'error' : 'note'} label="What happened" />
      ) : (
        <span className={`client-type ${typeClass(row)}`}>
          <Icon name={row.direction} label={row.direction === 'in' ? 'received' : 'sent'} /> {row.type}
          {row.retain && (
            <small className="client-flag" title="Retain: it is, or was, kept by the broker">
              R
            </small>
          )}
          {row.dup && (
            <small className="client-flag" title="DUP: it was sent before">
              DUP
            </small>
          )}
        </span>
      ),
  },
  {
    title: 'Topic',
    width: 'minmax(150px, 1.2fr)',
    mono: true,
    cell: (row) => (
      <>
        {row.colour && <i className="client-colour" style={{ background: markColours[row.colour] }} />}
        {row.topic}
      </>
    ),
    hint: (row) => row.topic,
  },
  {
    title: 'Payload',
    width: 'minmax(140px, 1.5fr)',
    cell: (row) => <span className={row.bad ? 'bad' : isMessage(row) ? 'mono' : ''}>{whatOf(row)}</span>,
    hint: whatOf,
  },
  {
    title: 'Properties',
    width: 'minmax(76px, 0.7fr)',
    dim: true,
    cell: (row) => (isMessage(row) ? row.info : ''),
    hint: (row) => (isMessage(row) ? row.info : ''),
  },
  {
    title: 'Bytes',
    width: '74px',
    right: true,
    dim: true,
    cell: (row) => count(row.length),
  },
  {
    title: 'Outcome',
    width: 'minmax(110px, 0.9fr)',
    cell: (row) => {
      const text = outcomeText(row)
      return text && <State tone={outcomeTone(row)}>{text}</State>
    },
    hint: outcomeText,
  },
]
