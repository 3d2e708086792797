/** What the client in front sent and received: one row a packet. */
import { memo, useCallback, type CSSProperties, type MouseEvent } from 'react'
import { useStore } from 'zustand'
import type { ClientPacketRow } from '../../../shared/contract/mqtt-client.ts'
import { useModel } from '../../app/model.ts'
import { rowAt } from '../../list/list-store.ts'
import { useMenu } from '../../ui/menu.tsx'
import { Rows } from '../../ui/rows.tsx'
import { clientColumns, clientMinWidth, clientTemplate, NOTE_COLUMNS } from './columns.tsx'
import { rowMenu } from './row-menu.ts'
import '../../list/grid.css'

const ROW = 22
const HEADER = 24
const style = { '--columns': clientTemplate } as CSSProperties

export function ClientPacketList() {
  const model = useModel()
  const { list } = model.client
  const state = useStore(list)
  const cursor = state.cursor?.index ?? -1
  const onMouseDown = useCallback(
    (event: MouseEvent<HTMLElement>) => {
      if (event.button !== 0 || !(event.target instanceof Element)) return
      const index = event.target.closest<HTMLElement>('[data-index]')?.dataset['index']
      if (index !== undefined) list.getState().select(Number(index))
    },
    [list],
  )
  const { menu, open } = useMenu()
  const onContextMenu = (event: MouseEvent<HTMLElement>) => {
    if (!(event.target instanceof Element)) return
    const index = Number(event.target.closest<HTMLElement>('[data-index]')?.dataset['index'] ?? cursor)
    const row = rowAt(state, index)
    if (!row) return
    event.preventDefault()
    list.getState().select(index)
    const byKey = event.clientX === 0 && event.clientY === 0
    const line = byKey
      ? document.getElementById(`client-packet-${index}`)?.getBoundingClientRect()
      : undefined
    const place = line ? { x: line.left + 60, y: line.bottom } : { x: event.clientX, y: event.clientY }
    open({ ...place, label: `Packet ${row.no}`, items: rowMenu(model, row) })
  }
  // A list that fits has no tail to leave.
  const leaveTail = () => state.follow && state.total > state.viewport && state.setFollow(false)
  return (
    <div
      className="grid client-list"
      id="client-list"
      role="grid"
      tabIndex={0}
      aria-label="Packets of the client"
      aria-rowcount={state.total + 1}
      aria-colcount={clientColumns.length}
      aria-activedescendant={cursor >= 0 ? `client-packet-${cursor}` : undefined}
      style={style}
      onMouseDown={onMouseDown}
      onContextMenu={onContextMenu}
    >
      {menu}
      <Rows
        total={state.total}
        rowHeight={ROW}
        top={state.top}
        onTop={state.scroll}
        onUp={leaveTail}
        onViewport={state.resize}
        header={<Header />}
        headerHeight={HEADER}
        minWidth={clientMinWidth}
        row={(index, key) => (
          <Line key={key} index={index} row={rowAt(state, index)} selected={index === cursor} />
        )}
      />
    </div>
  )
}

function Header() {
  return (
    <div className="grid-row grid-header" role="row" aria-rowindex={1}>
      {clientColumns.map(({ title, right }) => (
        <span key={title} role="columnheader" className={`cut ${right ? 'right' : ''}`}>
          {title}
        </span>
      ))}
    </div>
  )
}

interface LineProps {
  readonly row: ClientPacketRow | undefined
  readonly index: number
  readonly selected: boolean
}

const Line = memo(function Line({ row, index, selected }: LineProps) {
  return (
    <div
      className="grid-row number"
      role="row"
      id={`client-packet-${index}`}
      aria-rowindex={index + 2}
      aria-selected={selected}
      aria-busy={row === undefined}
      data-index={index}
    >
      {row &&
        columnsOf(row).map(({ title, right, mono, dim, cell, hint }) => (
          <span
            key={title}
            role="gridcell"
            className={['cut', right && 'right', mono && 'mono', dim && 'dim'].filter(Boolean).join(' ')}
            title={hint?.(row) || undefined}
          >
            {cell(row)}
          </span>
        ))}
      {row?.type === 'NOTE' && (
        <span role="gridcell" className={`cut client-note-text ${row.bad ? 'bad' : ''}`} title={row.info}>
          {row.info}
        </span>
      )}
    </div>
  )
})

const columnsOf = ({ type }: ClientPacketRow) =>
  type === 'NOTE' ? clientColumns.slice(0, NOTE_COLUMNS) : clientColumns
