/** The device list: one row an endpoint ID. */
import { memo, useCallback, type CSSProperties, type MouseEvent } from 'react'
import { useStore } from 'zustand'
import type { DeviceRow } from '../../../shared/contract/model.ts'
import { useModel } from '../../app/model.ts'
import { rowAt } from '../../list/list-store.ts'
import { useNow } from '../../ui/clock.ts'
import { Icon } from '../../ui/kit.tsx'
import { Rows } from '../../ui/rows.tsx'
import { deviceColumns, deviceMinWidth, deviceTemplate } from './columns.tsx'
import '../../list/grid.css'

const ROW = 22
const HEADER = 24
const style = { '--columns': deviceTemplate } as CSSProperties

export function DeviceList() {
  const { devices } = useModel()
  const { list } = devices
  const state = useStore(list)
  const now = useNow()
  const cursor = state.cursor?.index ?? -1
  const onMouseDown = useCallback(
    (event: MouseEvent<HTMLElement>) => {
      if (event.button !== 0 || !(event.target instanceof Element)) return
      const index = event.target.closest<HTMLElement>('[data-index]')?.dataset['index']
      if (index !== undefined) list.getState().select(Number(index))
    },
    [list],
  )
  return (
    <div
      className="grid device-list"
      id="devices-list"
      role="grid"
      tabIndex={0}
      aria-label="Devices"
      aria-rowcount={state.total + 1}
      aria-colcount={deviceColumns.length}
      aria-activedescendant={cursor >= 0 ? `device-${cursor}` : undefined}
      style={style}
      onMouseDown={onMouseDown}
    >
      <Rows
        total={state.total}
        rowHeight={ROW}
        top={state.top}
        onTop={state.scroll}
        onViewport={state.resize}
        header={<DeviceHeader />}
        headerHeight={HEADER}
        minWidth={deviceMinWidth}
        row={(index, key) => (
          <DeviceLine
            key={key}
            index={index}
            row={rowAt(state, index)}
            now={now}
            selected={index === cursor}
          />
        )}
      />
    </div>
  )
}

function DeviceHeader() {
  const { devices } = useModel()
  const { sort, descending } = useStore(devices.list, (state) => state.params)
  return (
    <div className="grid-row grid-header device-header" role="row" aria-rowindex={1}>
      {deviceColumns.map((column) => {
        const sorted = column.sort !== undefined && column.sort === sort
        const order = sorted ? (descending ? 'descending' : 'ascending') : column.sort && 'none'
        return (
          <span
            key={column.title}
            role="columnheader"
            className={`cut ${column.right ? 'right' : ''}`}
            aria-sort={order}
          >
            {column.sort === undefined ? (
              column.title
            ) : (
              <button type="button" onClick={() => column.sort && devices.sortBy(column.sort)}>
                {column.title}
                {sorted && <span className={descending ? '' : 'is-up'}>{<Icon name="down" />}</span>}
              </button>
            )}
          </span>
        )
      })}
    </div>
  )
}

interface LineProps {
  readonly row: DeviceRow | undefined
  readonly index: number
  readonly now: number
  readonly selected: boolean
}

const DeviceLine = memo(function DeviceLine({ row, index, now, selected }: LineProps) {
  return (
    <div
      className="grid-row device number"
      role="row"
      id={`device-${index}`}
      aria-rowindex={index + 2}
      aria-selected={selected}
      aria-busy={row === undefined}
      data-index={index}
    >
      {row &&
        deviceColumns.map((column) => (
          <span
            key={column.title}
            role="gridcell"
            className={`cut ${column.right ? 'right' : ''} ${column.mono ? 'mono' : ''}`}
            title={column.hint?.(row, now) || undefined}
          >
            {column.cell(row, now)}
          </span>
        ))}
    </div>
  )
})
