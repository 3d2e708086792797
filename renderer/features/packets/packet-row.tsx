/** One line of the packet list. Drawn anew only when what it shows changes. */
import { memo, type ReactNode } from 'react'
import type { RuleColour } from '../../../shared/contract/look.ts'
import type { PacketRow, Verdict } from '../../../shared/contract/model.ts'
import { Icon } from '../../ui/kit.tsx'
import type { Column } from './columns.ts'
import { isTrouble, typeClass } from './meaning.ts'
import '../lint/severity.css'

const verdictWords: Readonly<Record<Verdict, string>> = {
  none: '',
  refused: 'refused',
  dropped: 'dropped',
  changed: 'changed',
}

export function VerdictMark({ verdict }: { verdict: Verdict }) {
  return verdict === 'none' ? null : <span className={`verdict is-${verdict}`}>{verdictWords[verdict]}</span>
}

interface Cell {
  readonly className: string
  readonly title?: (row: PacketRow) => string
  readonly show: (row: PacketRow, time: string, shown: readonly Column[]) => ReactNode
}

const has = (shown: readonly Column[], id: Column['id']) => shown.some((column) => column.id === id)

const cells: Readonly<Record<Column['id'], Cell>> = {
  no: {
    className: 'number right dim',
    show: (row) => (
      <>
        {row.marked && <Icon name="mark" label="marked" />}
        {row.no}
      </>
    ),
  },
  time: { className: 'number right dim', show: (_, time) => time },
  connection: { className: 'number right dim', show: (row) => row.connection },
  device: { className: 'cut', title: (row) => row.device, show: (row) => row.device },
  direction: {
    className: 'dim direction',
    show: (row) => (
      <Icon name={row.direction} label={row.direction === 'in' ? 'from the device' : 'to the device'} />
    ),
  },
  type: { className: 'type', show: (row) => <span className={typeClass(row)}>{row.type}</span> },
  topic: { className: 'cut mono', title: (row) => row.topic, show: (row) => row.topic },
  usp: { className: 'cut usp', title: (row) => row.usp, show: (row) => row.usp },
  verdict: { className: 'cut', show: (row) => <VerdictMark verdict={row.verdict} /> },
  info: {
    className: 'cut',
    title: (row) => (row.usp ? `${row.usp} ${row.info}` : row.info),
    show: (row, _, shown) => (
      <>
        {row.finding && (
          <span className={`severity is-${row.finding}`}>
            <Icon name={row.finding} label={`the linter found: ${row.finding}`} />
          </span>
        )}
        {!has(shown, 'verdict') && <VerdictMark verdict={row.verdict} />}
        {row.usp && !has(shown, 'usp') && <span className="usp">{row.usp} </span>}
        {row.info}
      </>
    ),
  },
  bytes: { className: 'number right dim', show: (row) => row.length },
}

/** What a cell says that may be cut there; undefined where it always fits. */
export const hintOf = (row: PacketRow, column: Column['id']): string | undefined =>
  cells[column].title?.(row) || undefined

interface Props {
  /** Undefined while it is on its way: the line stands there quietly. */
  readonly row: PacketRow | undefined
  readonly index: number
  readonly time: string
  readonly columns: readonly Column[]
  readonly colour: RuleColour | undefined
  /** The cursor is on it. */
  readonly current: boolean
  /** It belongs to the selection. */
  readonly selected: boolean
}

const ruleClass = (colour: RuleColour | undefined): string => (colour ? `rule-${colour}` : '')

export const PacketLine = memo(function PacketLine(props: Props) {
  const { row, index, time, columns, colour, current, selected } = props
  const ground = row === undefined ? 'is-missing' : isTrouble(row) ? 'is-trouble' : ruleClass(colour)
  return (
    <div
      role="row"
      id={current ? `packet-${index}` : undefined}
      className={`grid-row packet ${ground} ${current ? 'is-current' : ''}`}
      aria-rowindex={index + 2}
      aria-selected={selected}
      aria-busy={row === undefined || undefined}
      data-index={index}
    >
      {columns.map(({ id }, place) => {
        const { className, show } = cells[id]
        return (
          <span key={id} role="gridcell" className={className} data-column={id}>
            {row === undefined ? place === 0 && <i /> : show(row, time, columns)}
          </span>
        )
      })}
    </div>
  )
})
