/**
 * A virtual table: one row height, a cursor that keys move, and rows that can be dragged to another place. It stands
 * where it stood when one comes back to its view.
 */
import {
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  type CSSProperties,
  type DragEvent,
  type KeyboardEvent,
  type ReactNode,
} from 'react'
import { useModel } from '../app/model.ts'
import { Rows } from '../ui/rows.tsx'
import { reveal } from '../ui/scroll.ts'
import { rowAfter, stepOf } from './move-keys.ts'
import './grid.css'

export interface GridColumn<R> {
  readonly title: string
  /** As a grid track; its first number is its least width in pixels. */
  readonly width: string
  readonly right?: boolean
  readonly mono?: boolean
  readonly dim?: boolean
  readonly cell: (row: R, index: number) => ReactNode
  /** The whole text, when the cell may be too narrow for it or says it short. */
  readonly hint?: (row: R) => string | undefined
}

interface GridProps<R> {
  /** Of the element; rows are called `<id>-<index>`. */
  readonly id: string
  readonly label: string
  readonly columns: readonly GridColumn<R>[]
  readonly rows: readonly R[]
  readonly keyOf: (row: R) => string | number
  readonly selected?: string | number | undefined
  readonly onSelect: (row: R) => void
  /** Keys beyond moving the cursor; answers whether it was one. */
  readonly onKey?: (event: KeyboardEvent) => boolean
  /** A row was dropped before the row at `to` (or at the end). */
  readonly onDrop?: (row: R, to: number) => void
  readonly tone?: (row: R) => string | undefined
  readonly rowHeight?: number
}

const HEADER = 24
const LEAST_PAGE = 1

export function Grid<R>(props: GridProps<R>) {
  const { id, label, columns, rows, keyOf, selected, onSelect, onKey, onDrop, tone, rowHeight = 22 } = props
  const { scrolled } = useModel()
  const [top, setTop] = useState(() => scrolled.get(id) ?? 0)
  const viewport = useRef(0)
  const dragged = useRef<R>(undefined)
  const [dropAt, setDropAt] = useState<number>()
  const cursor = selected === undefined ? -1 : rows.findIndex((row) => keyOf(row) === selected)

  useEffect(() => void scrolled.set(id, top), [scrolled, id, top])
  useLayoutEffect(() => {
    if (cursor >= 0) setTop((now) => reveal(cursor, now, viewport.current))
  }, [cursor])

  const style = {
    '--columns': columns.map((column) => column.width).join(' '),
    '--grid-row': `${rowHeight}px`,
  } as CSSProperties
  const minWidth = columns.reduce((sum, { width }) => sum + Number(/\d+/.exec(width)?.[0] ?? 0), 0)

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey) return
    if (!onKey?.(event)) {
      if (event.altKey) return
      const page = Math.max(LEAST_PAGE, Math.floor(viewport.current) - 1)
      const to = cursorAfter(event.key, cursor, rows.length, page)
      const row = to === undefined ? undefined : rows[to]
      if (row === undefined) return
      onSelect(row)
    }
    event.preventDefault()
  }
  const placeOf = (event: DragEvent<HTMLElement>, index: number) => {
    const { top: above, height } = event.currentTarget.getBoundingClientRect()
    return event.clientY > above + height / 2 ? index + 1 : index
  }
  const endDrag = () => {
    dragged.current = undefined
    setDropAt(undefined)
  }
  const dragHandlers = (row: R, index: number) =>
    onDrop && {
      draggable: true,
      onDragStart: (event: DragEvent<HTMLElement>) => {
        dragged.current = row
        event.dataTransfer.effectAllowed = 'move'
        event.dataTransfer.setData('text/plain', String(keyOf(row)))
      },
      onDragOver: (event: DragEvent<HTMLElement>) => {
        if (dragged.current === undefined) return
        event.preventDefault()
        setDropAt(placeOf(event, index))
      },
      onDrop: (event: DragEvent<HTMLElement>) => {
        event.preventDefault()
        if (dragged.current !== undefined) onDrop(dragged.current, placeOf(event, index))
        endDrag()
      },
      onDragEnd: endDrag,
    }
  const dropMark = (index: number) =>
    dropAt === index ? 'drop-before' : dropAt === rows.length && index === rows.length - 1 ? 'drop-after' : ''

  return (
    <div
      className="grid"
      id={id}
      role="grid"
      tabIndex={0}
      aria-label={label}
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length}
      aria-activedescendant={cursor >= 0 ? `${id}-${cursor}` : undefined}
      style={style}
      onKeyDown={onKeyDown}
    >
      <Rows
        total={rows.length}
        rowHeight={rowHeight}
        top={top}
        onTop={setTop}
        onViewport={(fit) => (viewport.current = fit)}
        header={
          <div className="grid-row grid-header" role="row" aria-rowindex={1}>
            {columns.map(({ title, right }) => (
              <span key={title} role="columnheader" className={`cut ${right ? 'right' : ''}`}>
                {title}
              </span>
            ))}
          </div>
        }
        headerHeight={HEADER}
        minWidth={minWidth}
        row={(index) => {
          const row = rows[index]
          if (row === undefined) return null
          return (
            <div
              className={`grid-row number ${tone?.(row) ?? ''} ${dropMark(index)}`}
              role="row"
              id={`${id}-${index}`}
              aria-rowindex={index + 2}
              aria-selected={index === cursor}
              onMouseDown={() => onSelect(row)}
              {...dragHandlers(row, index)}
            >
              {columns.map((column) => (
                <span
                  key={column.title}
                  role="gridcell"
                  className={cellClass(column)}
                  title={column.hint?.(row) || undefined}
                >
                  {column.cell(row, index)}
                </span>
              ))}
            </div>
          )
        }}
      />
    </div>
  )
}

/** Of a cell. */
export const cellClass = ({ right, mono, dim }: Pick<GridColumn<never>, 'right' | 'mono' | 'dim'>): string =>
  ['cut', right && 'right', mono && 'mono', dim && 'dim'].filter(Boolean).join(' ')

/** Where a key moves the cursor to; `undefined` for other keys. Without a cursor it begins at the first row. */
function cursorAfter(key: string, cursor: number, total: number, page: number): number | undefined {
  const by = stepOf(key, page)
  return by === undefined ? undefined : rowAfter(cursor, by, total)
}
