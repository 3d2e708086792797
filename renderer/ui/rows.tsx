/**
 * A virtual list of rows of one height. The position is given and reported in rows, so whoever holds the list
 * can keep it in place while rows come and go. Only what is seen is in the document.
 */
import { useEffect, useLayoutEffect, useRef, useState, type ReactNode } from 'react'
import {
  clampTop,
  isScaled,
  noPin,
  pinAfter,
  renderedRows,
  rowsRendered,
  scrollHeight,
  toScrollTop,
  toTop,
  type Extent,
} from './scroll.ts'

interface RowsProps {
  readonly total: number
  readonly rowHeight: number
  /** First row seen, with a fraction. */
  readonly top: number
  readonly onTop: (top: number) => void
  /** The wheel was turned up: known before the list has moved, so that a list that follows can stop in time. */
  readonly onUp?: () => void
  /** How many rows fit, with a fraction; called on every change of size, and with 0 when the list goes. */
  readonly onViewport: (rows: number) => void
  /**
   * Renders row `index`; its element must be `rowHeight` high. It stays with the row while that is in sight, and passes
   * on to another one afterwards, so that elements are filled anew and not made anew.
   */
  readonly row: (index: number) => ReactNode
  /** Stays above the rows while they scroll. */
  readonly header?: ReactNode
  readonly headerHeight?: number
  /** Least width of the rows, in pixels; below it the list scrolls sideways. */
  readonly minWidth?: number
}

/**
 * Rows rendered beyond each edge, so that a small scroll shows no gap before the next frame. None while the list is
 * kept at an end that rows come to: all of them change each time, and a turn of the wheel is told before it moves.
 */
const OVERSCAN = 6
/**
 * Milliseconds after which a list stands still. Until then rows keep their place in the document wherever they are
 * seen, as an element that moves there is laid out as if it were new; then whoever reads the document finds them in
 * their order.
 */
const REST_MS = 200

export function Rows(props: RowsProps) {
  const { total, rowHeight, top, onTop, onViewport, onUp, header, headerHeight = 0 } = props
  const element = useRef<HTMLDivElement>(null)
  const [height, setHeight] = useState(0)
  const whole: Extent = { total, rowHeight, viewport: height }
  const [lastPin, setPin] = useState(noPin)
  const pin = pinAfter(lastPin, top, whole)
  if (pin !== lastPin) setPin(pin)
  const { hidden, passed } = pin
  // What is scrolled is the rows that are not left out; their indices begin at `hidden`.
  const extent: Extent = { ...whole, total: total - hidden }
  const position = clampTop(top - hidden, extent)
  const scrollTop = toScrollTop(position, extent)
  const { start, end } = renderedRows(position, extent, pin.atEnd && passed > 0 ? 0 : OVERSCAN)
  const slots = rowsRendered(extent, OVERSCAN)
  /** Slot of the first row, and of the one that comes first in the document. */
  const first = modulo(hidden + start - passed, slots)
  const [foremost, setForemost] = useState(0)
  useEffect(() => {
    if (first === foremost) return
    const timer = setTimeout(setForemost, REST_MS, first)
    return () => clearTimeout(timer)
  }, [first, foremost])

  // Listeners are registered once and read what the last render knew.
  const latest = useRef({ extent, hidden, position, onTop, onUp, onViewport })
  useLayoutEffect(() => {
    latest.current = { extent, hidden, position, onTop, onUp, onViewport }
  })

  useLayoutEffect(() => {
    const list = element.current
    if (!list) return
    const measure = () => {
      const rows = Math.max(0, list.clientHeight - headerHeight)
      setHeight(rows)
      latest.current.onViewport(rows / rowHeight)
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(list)
    return () => {
      observer.disconnect()
      latest.current.onViewport(0)
    }
  }, [headerHeight, rowHeight])

  useLayoutEffect(() => {
    const list = element.current
    if (!list || Math.abs(list.scrollTop - scrollTop) < 1) return
    list.scrollTop = scrollTop
  }, [scrollTop])

  useEffect(() => {
    const list = element.current
    if (!list) return
    const onScroll = () => {
      const { extent, hidden, position, onTop } = latest.current
      // The bar is where this list put it (or where a shorter list left it): not the person's doing.
      if (Math.abs(list.scrollTop - toScrollTop(position, extent)) < 1) return
      onTop(hidden + toTop(list.scrollTop, extent))
    }
    const onWheel = (event: WheelEvent) => {
      const { extent, hidden, position, onTop, onUp } = latest.current
      if (event.ctrlKey || event.shiftKey) return
      if (event.deltaY < 0) onUp?.()
      if (!isScaled(extent)) return
      event.preventDefault()
      const pixels =
        event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * extent.rowHeight : event.deltaY
      onTop(hidden + clampTop(position + pixels / extent.rowHeight, extent))
    }
    list.addEventListener('scroll', onScroll, { passive: true })
    list.addEventListener('wheel', onWheel, { passive: false })
    return () => {
      list.removeEventListener('scroll', onScroll)
      list.removeEventListener('wheel', onWheel)
    }
  }, [])

  const rows: ReactNode[] = []
  for (let i = 0; i < slots; i++) {
    const slot = modulo(foremost + i, slots)
    const at = start + modulo(slot - first, slots)
    if (at >= end) continue
    rows.push(
      <div key={slot} className="rows-place" role="presentation" style={{ order: at }}>
        {props.row(hidden + at)}
      </div>,
    )
  }
  return (
    <div ref={element} className="rows" role="presentation">
      {header}
      <div
        className="rows-extent"
        role="presentation"
        style={{ height: scrollHeight(extent), minWidth: props.minWidth }}
      >
        <div
          className="rows-window"
          role="presentation"
          style={{ top: (start - position) * rowHeight + scrollTop }}
        >
          {rows}
        </div>
      </div>
    </div>
  )
}

const modulo = (value: number, of: number): number => ((value % of) + of) % of
