/** One line of the packet list. Drawn anew only when what it shows changes. */
import { memo } from 'react'
import type { PacketRow, Verdict } from '../../../shared/contract/model.ts'
import { Icon } from '../../ui/kit.tsx'

/** Colour by meaning: sessions, messages, subscriptions, acknowledgements, ends. */
const meaning: Readonly<Record<string, string>> = {
  CONNECT: 'connect',
  AUTH: 'connect',
  CONNACK: 'connect',
  PUBLISH: 'publish',
  SUBSCRIBE: 'subscribe',
  UNSUBSCRIBE: 'subscribe',
  DISCONNECT: 'end',
  'TCP CLOSE': 'end',
  MALFORMED: 'end',
}

const typeClass = (row: PacketRow): string =>
  row.verdict === 'refused' ? 'end' : (meaning[row.type] ?? 'ack')

const verdictWords: Readonly<Record<Verdict, string>> = {
  none: '',
  refused: 'refused',
  dropped: 'dropped',
  changed: 'changed',
}

interface Props {
  readonly row: PacketRow
  readonly index: number
  readonly time: string
  readonly selected: boolean
  readonly marked: boolean
}

export const PacketLine = memo(function PacketLine({ row, index, time, selected, marked }: Props) {
  const trouble = row.verdict === 'refused' || row.verdict === 'dropped' || row.kind === 'malformed'
  const verdict = verdictWords[row.verdict]
  return (
    <div
      role="row"
      id={`packet-${index}`}
      className={`packet ${trouble ? 'is-trouble' : ''}`}
      aria-rowindex={index + 2}
      aria-selected={selected}
      data-index={index}
    >
      <span role="gridcell" className="number right dim">
        {marked && <Icon name="mark" label="marked" />}
        {row.no}
      </span>
      <span role="gridcell" className="number right dim">
        {time}
      </span>
      <span role="gridcell" className="cut" title={row.device}>
        {row.device}
      </span>
      <span role="gridcell" className="dim direction">
        <Icon
          name={row.direction === 'in' ? 'in' : 'out'}
          label={row.direction === 'in' ? 'from the device' : 'to the device'}
        />
      </span>
      <span role="gridcell" className={`type ${typeClass(row)}`}>
        {row.type}
      </span>
      <span role="gridcell" className="cut mono" title={row.topic}>
        {row.topic}
      </span>
      <span role="gridcell" className="cut" title={row.usp ? `${row.usp} ${row.info}` : row.info}>
        {verdict && <span className={`verdict is-${row.verdict}`}>{verdict}</span>}
        {row.usp && <span className="usp">{row.usp} </span>}
        {row.info}
      </span>
      <span role="gridcell" className="number right dim">
        {row.length}
      </span>
    </div>
  )
})

/** Stands quietly where a row is on its way. */
export const MissingLine = memo(function MissingLine({ index }: { index: number }) {
  return (
    <div
      role="row"
      className="packet is-missing"
      aria-rowindex={index + 2}
      aria-busy="true"
      data-index={index}
    >
      <span role="gridcell" className="right">
        <i />
      </span>
    </div>
  )
})
