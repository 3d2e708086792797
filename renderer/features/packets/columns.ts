/** The columns of the packet list: what they are called and how wide they are. Pure. */

export interface Column {
  readonly id: 'no' | 'time' | 'device' | 'direction' | 'type' | 'topic' | 'info' | 'bytes'
  readonly title: string
  /** Pixels, until a person changes it. The one without takes what is left. */
  readonly width?: number
  readonly right?: boolean
}

export const columns: readonly Column[] = [
  { id: 'no', title: 'No.', width: 76, right: true },
  { id: 'time', title: 'Time', width: 92, right: true },
  { id: 'device', title: 'Device', width: 158 },
  { id: 'direction', title: '', width: 28 },
  { id: 'type', title: 'Type', width: 98 },
  { id: 'topic', title: 'Topic', width: 316 },
  { id: 'info', title: 'Info' },
  { id: 'bytes', title: 'Bytes', width: 68, right: true },
]

export const LEAST_WIDTH = 28
const LEAST_REST = 140
/** A nanosecond time of day needs more room than the other formats. */
const LONG_TIME = 150

export type Widths = Readonly<Record<string, number>>

export const widthOf = (column: Column, widths: Widths, longTime: boolean): number | undefined =>
  widths[column.id] ?? (column.id === 'time' && longTime ? LONG_TIME : column.width)

/** As `grid-template-columns`, and the least width of a row in pixels. */
export function layout(widths: Widths, longTime: boolean): { template: string; minWidth: number } {
  const sizes = columns.map((column) => widthOf(column, widths, longTime))
  return {
    template: sizes
      .map((size) => (size === undefined ? `minmax(${LEAST_REST}px, 1fr)` : `${size}px`))
      .join(' '),
    minWidth: sizes.reduce<number>((sum, size) => sum + (size ?? LEAST_REST), 0),
  }
}
