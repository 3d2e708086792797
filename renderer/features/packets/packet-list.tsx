/** The packet list: header, rows, cursor, selection, tail, and the menu of a cell. */
import { useCallback, useMemo, type MouseEvent } from 'react'
import { useStore } from 'zustand'
import { useModel } from '../../app/model.ts'
import { rowAt } from '../../list/list-store.ts'
import { useMenu } from '../../ui/menu.tsx'
import { Rows } from '../../ui/rows.tsx'
import { cellMenu } from './cell-menu.ts'
import { createColouring } from './colouring.ts'
import { columns, layout, shownColumns, type Column } from './columns.ts'
import { useFirstMoment } from './first-moment.ts'
import { PacketHeader } from './packet-header.tsx'
import { hintOf, PacketLine } from './packet-row.tsx'
import { useTab } from './use-tab.ts'
import { timeText } from './times.ts'
import '../../list/grid.css'

const ROW = 22
const HEADER = 24

export function PacketList() {
  const model = useModel()
  const tab = useTab()
  const { list } = tab
  const state = useStore(list)
  const anchor = useStore(tab, ({ anchor }) => anchor)
  const format = useStore(model.settings, (settings) => settings.timeFormat)
  const widths = useStore(model.settings, (settings) => settings.columns)
  const chosen = useStore(model.settings, (settings) => settings.columnsShown)
  const rules = useStore(model.look, (look) => look.colourRules)
  const first = useFirstMoment(tab.capture, format === 'first')
  const shown = useMemo(() => shownColumns(chosen), [chosen])
  const colourOf = useMemo(() => createColouring(rules), [rules])
  const { template, minWidth } = useMemo(
    () => layout(shown, widths, format === 'utc-ns'),
    [shown, widths, format],
  )
  const { menu, open } = useMenu()
  const cursor = state.cursor?.index ?? -1
  const selection = anchor === undefined ? undefined : tab.selection()

  const row = (index: number) => {
    const packet = rowAt(state, index)
    const inside = packet && selection && packet.no >= selection.from && packet.no <= selection.to
    return (
      <PacketLine
        row={packet}
        index={index}
        time={packet ? timeText(format, packet, { previous: rowAt(state, index - 1), first }) : ''}
        columns={shown}
        colour={packet && colourOf(packet)}
        current={index === cursor}
        selected={index === cursor || Boolean(inside)}
      />
    )
  }
  const onMouseDown = useCallback(
    (event: MouseEvent<HTMLElement>) => {
      const index = indexOf(event)
      if (index === undefined || (event.button !== 0 && event.button !== 2)) return
      if (event.button === 0 && event.shiftKey) tab.extend({ index })
      // A right click inside a selection is about the selection.
      else if (event.button === 0 || !isSelected(event)) list.getState().select(index)
    },
    [tab, list],
  )
  const onContextMenu = (event: MouseEvent<HTMLElement>) => {
    const index = indexOf(event)
    const packet = index === undefined ? undefined : rowAt(list.getState(), index)
    if (!packet || !(event.target instanceof Element)) return
    event.preventDefault()
    const column = columnOf(event.target)
    open({
      x: event.clientX,
      y: event.clientY,
      label: `Packet ${packet.no}`,
      items: cellMenu(model, tab, packet, column),
    })
  }
  // Of the cell under the pointer alone: most rows are gone before anybody could ask what was cut.
  const onMouseMove = (event: MouseEvent<HTMLElement>) => {
    const cell = event.target instanceof Element && event.target.closest<HTMLElement>('[data-column]')
    const index = indexOf(event)
    if (!cell || index === undefined) return
    const packet = rowAt(list.getState(), index)
    const column = columnOf(cell)
    cell.title = (packet && column && hintOf(packet, column.id)) ?? ''
  }
  // A list that fits has no tail to leave.
  const leaveTail = () => state.follow && state.total > state.viewport && state.setFollow(false)
  return (
    <div
      className="grid packet-list"
      id="packets-list"
      role="grid"
      tabIndex={0}
      aria-label="Packets"
      aria-multiselectable="true"
      aria-rowcount={state.total + 1}
      aria-colcount={shown.length}
      aria-activedescendant={cursor >= 0 ? `packet-${cursor}` : undefined}
      style={{ '--columns': template } as React.CSSProperties}
      onMouseDown={onMouseDown}
      onMouseMove={onMouseMove}
      onContextMenu={onContextMenu}
    >
      <Rows
        total={state.total}
        rowHeight={ROW}
        top={state.top}
        onTop={state.scroll}
        onUp={leaveTail}
        onViewport={state.resize}
        row={row}
        header={<PacketHeader columns={shown} />}
        headerHeight={HEADER}
        minWidth={minWidth}
      />
      {menu}
    </div>
  )
}

const rowElement = ({ target }: MouseEvent): HTMLElement | null =>
  target instanceof Element ? target.closest<HTMLElement>('[data-index]') : null

function columnOf(element: Element): Column | undefined {
  const id = element.closest<HTMLElement>('[data-column]')?.dataset['column']
  return columns.find((candidate) => candidate.id === id)
}

function indexOf(event: MouseEvent): number | undefined {
  const index = rowElement(event)?.dataset['index']
  return index === undefined ? undefined : Number(index)
}

const isSelected = (event: MouseEvent): boolean => rowElement(event)?.getAttribute('aria-selected') === 'true'
