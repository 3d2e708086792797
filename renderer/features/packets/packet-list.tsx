/** The packet list: header, rows, cursor, tail. */
import { useCallback, useMemo, type MouseEvent } from 'react'
import { useStore } from 'zustand'
import { useModel } from '../../app/model.ts'
import { rowAt } from '../../list/list-store.ts'
import { Rows } from '../../ui/rows.tsx'
import { columns, layout } from './columns.ts'
import { PacketHeader } from './packet-header.tsx'
import { MissingLine, PacketLine } from './packet-row.tsx'
import { timeText } from './times.ts'
import { useFirstMoment } from './first-moment.ts'

const ROW = 22
const HEADER = 24

export function PacketList() {
  const model = useModel()
  const { list } = model.packets
  const state = useStore(list)
  const marks = useStore(model.packets, (packets) => packets.marks)
  const format = useStore(model.settings, (settings) => settings.timeFormat)
  const widths = useStore(model.settings, (settings) => settings.columns)
  const first = useFirstMoment(format === 'first')
  const marked = useMemo(() => new Set(marks), [marks])
  const { template, minWidth } = useMemo(() => layout(widths, format === 'utc-ns'), [widths, format])
  const cursor = state.cursor?.index ?? -1

  const row = (index: number, key: number) => {
    const packet = rowAt(state, index)
    if (!packet) return <MissingLine key={key} index={index} />
    const time = timeText(format, packet, { previous: rowAt(state, index - 1), first })
    return (
      <PacketLine
        key={key}
        row={packet}
        index={index}
        time={time}
        selected={index === cursor}
        marked={marked.has(packet.no)}
      />
    )
  }
  const onMouseDown = useCallback(
    (event: MouseEvent<HTMLElement>) => {
      if (event.button !== 0 || !(event.target instanceof Element)) return
      const index = event.target.closest<HTMLElement>('[data-index]')?.dataset['index']
      if (index !== undefined) list.getState().select(Number(index))
    },
    [list],
  )
  // A list that fits has no tail to leave.
  const leaveTail = () => state.follow && state.total > state.viewport && state.setFollow(false)
  return (
    <div
      className="packet-list"
      id="packets-list"
      role="grid"
      tabIndex={0}
      aria-label="Packets"
      aria-rowcount={state.total + 1}
      aria-colcount={columns.length}
      aria-activedescendant={cursor >= 0 ? `packet-${cursor}` : undefined}
      style={{ '--columns': template } as React.CSSProperties}
      onMouseDown={onMouseDown}
    >
      <Rows
        total={state.total}
        rowHeight={ROW}
        top={state.top}
        onTop={state.scroll}
        onUp={leaveTail}
        onViewport={state.resize}
        row={row}
        header={<PacketHeader />}
        headerHeight={HEADER}
        minWidth={minWidth}
      />
    </div>
  )
}
