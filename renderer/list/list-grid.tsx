/** A list store as a grid of rows in columns: the cursor by mouse and keys, orders by the headers. */
import { memo, useCallback, type CSSProperties, type MouseEvent } from 'react'
import { useStore } from 'zustand'
import type { ViewName, ViewRows } from '../../shared/contract/contract.ts'
import { Icon } from '../ui/kit.tsx'
import { useMenu, type MenuItem } from '../ui/menu.tsx'
import { Rows } from '../ui/rows.tsx'
import { cellClass, type GridColumn } from './grid.tsx'
import { rowAt, type ListStore } from './list-store.ts'
import './grid.css'

export interface SortedColumn<R, S extends string> extends GridColumn<R> {
  /** The order of the bench behind this column; a column without one cannot be sorted by. */
  readonly sort?: S
}

interface ListGridProps<V extends ViewName, S extends string> {
  readonly list: ListStore<V>
  /** Of the element; its rows are called `<id>-<index>`. */
  readonly id: string
  readonly label: string
  /** One and the same at every call. */
  readonly columns: readonly SortedColumn<ViewRows[V], S>[]
  readonly sort?: S
  readonly descending?: boolean
  readonly onSort?: (sort: S) => void
  /** Rows that are a sentence rather than cells. One and the same at every call. */
  readonly sentence?: Sentence<ViewRows[V]>
  /** What can be done with a row: by a right click or the menu key. */
  readonly menu?: (row: ViewRows[V]) => { readonly label: string; readonly items: readonly MenuItem[] }
}

export interface Sentence<R> {
  /** The first columns, which such a row has as any other. */
  readonly behind: number
  /** Undefined for a row of cells. */
  readonly of: (row: R) => { readonly text: string; readonly bad: boolean } | undefined
}

const ROW = 22
const HEADER = 24

export function ListGrid<V extends ViewName, S extends string = never>(props: ListGridProps<V, S>) {
  const { list, id, label, columns, sentence, menu: menuOf } = props
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
    if (!menuOf || !(event.target instanceof Element)) return
    // The menu key is pressed on the grid itself.
    const index = Number(event.target.closest<HTMLElement>('[data-index]')?.dataset['index'] ?? cursor)
    const row = rowAt(state, index)
    if (row === undefined) return
    event.preventDefault()
    list.getState().select(index)
    const byKey = event.clientX === 0 && event.clientY === 0
    const line = byKey ? document.getElementById(`${id}-${index}`)?.getBoundingClientRect() : undefined
    const place = line ? { x: line.left + 60, y: line.bottom } : { x: event.clientX, y: event.clientY }
    open({ ...place, ...menuOf(row) })
  }
  // A list that fits has no tail to leave.
  const leaveTail = () => state.follow && state.total > state.viewport && state.setFollow(false)
  const style = { '--columns': columns.map(({ width }) => width).join(' ') } as CSSProperties
  return (
    <div
      className="grid"
      id={id}
      role="grid"
      tabIndex={0}
      aria-label={label}
      aria-rowcount={state.total + 1}
      aria-colcount={columns.length}
      aria-activedescendant={cursor >= 0 ? `${id}-${cursor}` : undefined}
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
        header={<Header {...props} />}
        headerHeight={HEADER}
        minWidth={leastWidth(columns)}
        row={(index) => (
          <Line
            id={`${id}-${index}`}
            index={index}
            row={rowAt(state, index)}
            columns={columns as readonly GridColumn<unknown>[]}
            sentence={sentence as Sentence<unknown> | undefined}
            selected={index === cursor}
          />
        )}
      />
    </div>
  )
}

/** Sum of the least widths, in pixels. */
const leastWidth = (columns: readonly { readonly width: string }[]): number =>
  columns.reduce((sum, { width }) => sum + Number(/\d+/.exec(width)?.[0] ?? 0), 0)

function Header<V extends ViewName, S extends string>(props: ListGridProps<V, S>) {
  const { columns, sort, descending = false, onSort } = props
  return (
    <div className="grid-row grid-header" role="row" aria-rowindex={1}>
      {columns.map((column) => {
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
              <button
                type="button"
                className="grid-sort"
                onClick={() => column.sort && onSort?.(column.sort)}
              >
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
  readonly row: unknown
  readonly id: string
  readonly index: number
  readonly columns: readonly GridColumn<unknown>[]
  readonly sentence: Sentence<unknown> | undefined
  readonly selected: boolean
}

const Line = memo(function Line({ row, id, index, columns, sentence, selected }: LineProps) {
  const said = row === undefined ? undefined : sentence?.of(row)
  const cells = said ? columns.slice(0, sentence?.behind) : columns
  return (
    <div
      className="grid-row number"
      role="row"
      id={id}
      aria-rowindex={index + 2}
      aria-selected={selected}
      aria-busy={row === undefined}
      data-index={index}
    >
      {row !== undefined &&
        cells.map((column) => (
          <span
            key={column.title}
            role="gridcell"
            className={cellClass(column)}
            title={column.hint?.(row) || undefined}
          >
            {column.cell(row, index)}
          </span>
        ))}
      {said && (
        <span
          role="gridcell"
          className={`cut ${said.bad ? 'bad' : ''}`}
          style={{ gridColumn: `${cells.length + 1} / -1` }}
          title={said.text}
        >
          {said.text}
        </span>
      )}
    </div>
  )
})
