/**
 * Scroll arithmetic of long lists. A position is a number of rows (with a fraction), so it does not depend on
 * pixels. Chromium caps an element at 33,554,428 px and keeps scroll offsets as 32-bit floats, which are exact
 * to the pixel up to 16,777,216: above that the scroll range is scaled, and the wheel is followed by hand.
 */
export const MAX_SCROLL_HEIGHT = 16_000_000

export interface Extent {
  readonly total: number
  readonly rowHeight: number
  /** Height of the part of the list that is seen, in pixels. */
  readonly viewport: number
}

/** Height of the scrolled element, in pixels. */
export const scrollHeight = ({ total, rowHeight }: Extent): number =>
  Math.min(total * rowHeight, MAX_SCROLL_HEIGHT)

export const isScaled = ({ total, rowHeight }: Extent): boolean => total * rowHeight > MAX_SCROLL_HEIGHT

/** The last position: the list's end is at the bottom of the viewport. */
export const lastTop = ({ total, rowHeight, viewport }: Extent): number =>
  Math.max(0, total - viewport / rowHeight)

export const clampTop = (top: number, extent: Extent): number => Math.min(Math.max(0, top), lastTop(extent))

/** Pixels of scroll a row takes: the row height, or less when scaled. */
function pixelsPerRow(extent: Extent): number {
  const last = lastTop(extent)
  return last > 0 && isScaled(extent) ? (scrollHeight(extent) - extent.viewport) / last : extent.rowHeight
}

export const toScrollTop = (top: number, extent: Extent): number =>
  clampTop(top, extent) * pixelsPerRow(extent)

export const toTop = (scrollTop: number, extent: Extent): number =>
  clampTop(scrollTop / pixelsPerRow(extent), extent)

/** How many rows are rendered wherever the list stands, its ends aside: a part of one may be seen on each side. */
export const rowsRendered = ({ rowHeight, viewport }: Extent, over: number): number =>
  Math.ceil(viewport / rowHeight) + 1 + 2 * over

/** Rows to render: those seen and `over` more on each side. `end` is exclusive. */
export function renderedRows(top: number, extent: Extent, over: number): { start: number; end: number } {
  const first = Math.floor(top) - over
  const start = Math.max(0, first)
  const end = Math.min(extent.total, first + rowsRendered(extent, over))
  return { start, end: Math.max(start, end) }
}

/** The position nearest to `top` that shows the row `index` whole. */
export function reveal(index: number, top: number, visibleRows: number): number {
  if (index < top) return index
  if (index + 1 > top + visibleRows) return Math.max(0, index + 1 - visibleRows)
  return top
}

/**
 * A list that is kept at its end. Its geometry stands still while rows come: as many rows as came are left out at
 * its start, so that a row's text is all that changes on the screen, and not where everything lies. Only the
 * scroll bar needs the whole length, and it gets that once in a while.
 */
export interface Pin {
  readonly total: number
  readonly atEnd: boolean
  /** Rows at the start that are left out of the scroll range. */
  readonly hidden: number
  /** Rows that came while the list was kept at its end, ever: so a place on the screen can keep its element. */
  readonly passed: number
  /** Times that rows came since the scroll range was the whole one. */
  readonly steps: number
}
export const noPin: Pin = { total: 0, atEnd: false, hidden: 0, passed: 0, steps: 0 }

/** So often the scroll bar may show an older length: for about a second, at the pace of the bench. */
const PIN_STEPS = 10

/** One and the same while nothing came and the end was neither reached nor left. */
export function pinAfter(old: Pin, top: number, extent: Extent): Pin {
  const { total } = extent
  const last = lastTop(extent)
  const atEnd = last > 0 && top >= last
  const grown = total - old.total
  if (grown === 0 && atEnd === old.atEnd) return old
  const start: Pin = { total, atEnd, hidden: 0, passed: old.passed, steps: 0 }
  if (!atEnd || !old.atEnd || grown < 0) return start
  const passed = old.passed + grown
  return old.steps + 1 < PIN_STEPS
    ? { total, atEnd, hidden: old.hidden + grown, passed, steps: old.steps + 1 }
    : { ...start, passed }
}
