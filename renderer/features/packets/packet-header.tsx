/** Column titles, their bars for resizing, and the choice of the time format. */
import { memo } from 'react'
import { useStore } from 'zustand'
import { useModel } from '../../app/model.ts'
import type { SettingsStore } from '../../app/settings.ts'
import { useDrag } from '../../ui/drag.ts'
import { timeFormatLabels, timeFormats, type TimeFormat } from '../../ui/format.ts'
import { Icon } from '../../ui/kit.tsx'
import { useMenu, type MenuItem } from '../../ui/menu.tsx'
import { columns, LEAST_WIDTH, nameOf, shownColumns, widthOf, type Column } from './columns.ts'

export const PacketHeader = memo(function PacketHeader({ columns: shown }: { columns: readonly Column[] }) {
  const { settings } = useModel()
  const { menu, open } = useMenu()
  return (
    <div
      className="grid-row grid-header packet-header"
      role="row"
      aria-rowindex={1}
      title="Right-click to choose the columns"
      onContextMenu={(event) => {
        event.preventDefault()
        event.stopPropagation()
        open({ x: event.clientX, y: event.clientY, label: 'Columns', items: columnItems(settings) })
      }}
    >
      {menu}
      {shown.map((column) => (
        <span
          key={column.id}
          role="columnheader"
          className={column.right ? 'right' : ''}
          aria-label={nameOf(column)}
        >
          {column.id === 'time' ? <TimeFormatChoice /> : <span className="cut">{column.title}</span>}
          {column.width !== undefined && column.id !== 'bytes' && <ColumnBar column={column} />}
        </span>
      ))}
    </div>
  )
})

/** One switch a column, and the way back to the first ones. */
export function columnItems(settings: SettingsStore): MenuItem[] {
  const { columnsShown, set } = settings.getState()
  const shown = shownColumns(columnsShown)
  return [
    ...columns
      .filter(({ fixed }) => !fixed)
      .map((column) => {
        const checked = shown.includes(column)
        return {
          title: nameOf(column),
          checked,
          run: () => set({ columnsShown: { ...columnsShown, [column.id]: !checked } }),
        }
      }),
    { title: 'First columns and widths', group: '', run: () => set({ columnsShown: {}, columns: {} }) },
  ]
}

/** As column titles, short. */
const titles: Readonly<Record<TimeFormat, string>> = {
  delta: 'Δ time',
  utc: 'UTC',
  'utc-ns': 'UTC',
  local: 'Local time',
  first: 'Since first',
}

function TimeFormatChoice() {
  const { settings } = useModel()
  const format = useStore(settings, (state) => state.timeFormat)
  return (
    <span className="time-format" title={`Time: ${timeFormatLabels[format]}`}>
      {titles[format]} <Icon name="down" />
      <select
        aria-label="Time format"
        value={format}
        onChange={(event) => {
          const chosen = timeFormats.find((candidate) => candidate === event.target.value)
          if (chosen) settings.getState().set({ timeFormat: chosen })
        }}
      >
        {timeFormats.map((id) => (
          <option key={id} value={id}>
            {timeFormatLabels[id]}
          </option>
        ))}
      </select>
    </span>
  )
}

const STEP = 12

function ColumnBar({ column }: { column: Column }) {
  const { settings } = useModel()
  const widths = useStore(settings, (state) => state.columns)
  const long = useStore(settings, (state) => state.timeFormat === 'utc-ns')
  const width = widthOf(column, widths, long) ?? 0
  const resize = (to: number) =>
    settings.getState().set({ columns: { ...widths, [column.id]: Math.max(LEAST_WIDTH, Math.round(to)) } })
  const drag = useDrag(
    () => width,
    (from, dx) => resize(from + dx),
  )
  const reset = () => {
    const { [column.id]: _gone, ...others } = widths
    settings.getState().set({ columns: others })
  }
  return (
    <span
      className={`column-bar ${drag.moving ? 'moving' : ''}`}
      role="separator"
      aria-orientation="vertical"
      aria-label={`Width of ${nameOf(column)}`}
      aria-valuenow={width}
      tabIndex={0}
      title="Drag to resize; double-click for the first width"
      {...drag.handlers}
      onDoubleClick={reset}
      onKeyDown={(event) => {
        const by = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key]
        if (!by) return
        event.preventDefault()
        resize(width + by)
      }}
    />
  )
}
