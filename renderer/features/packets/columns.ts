/** The columns of the packet list: what they are called, how wide they are, and what a filter calls them. Pure. */
import type { PacketRow } from '../../../shared/contract/model.ts'

export interface Column {
  readonly id:
    | 'no'
    | 'time'
    | 'connection'
    | 'device'
    | 'direction'
    | 'type'
    | 'topic'
    | 'usp'
    | 'verdict'
    | 'info'
    | 'bytes'
  readonly title: string
  /** Where the title is too short to say what it is. */
  readonly name?: string
  /** Pixels, until a person changes it. The one without takes what is left. */
  readonly width?: number
  readonly right?: boolean
  /** Shown only when a person chose it. */
  readonly optional?: boolean
  /** Cannot be hidden. */
  readonly fixed?: boolean
  /** Field of the filter language and its value in a row; undefined where the row has none. */
  readonly field?: (row: PacketRow) => readonly [name: string, value: string | number] | undefined
}

const kindOfRow = (row: PacketRow) =>
  row.kind === 'packet' ? (['mqtt.msgtype', row.type] as const) : (['kind', row.kind] as const)

/** The first word of a USP summary is the message type; a Record without a message has none. */
const uspOf = ({ usp }: PacketRow) => {
  const [type = ''] = usp.split(' ', 1)
  return /^[A-Z_]+$/.test(type) ? (['usp.type', type] as const) : undefined
}

export const columns: readonly Column[] = [
  {
    id: 'no',
    title: 'No.',
    name: 'Number',
    width: 76,
    right: true,
    field: (row) => ['frame.number', row.no],
  },
  { id: 'time', title: 'Time', width: 92, right: true },
  {
    id: 'connection',
    title: 'Conn.',
    name: 'Connection',
    width: 60,
    right: true,
    optional: true,
    field: (row) => ['connection', row.connection],
  },
  { id: 'device', title: 'Device', width: 158, field: (row) => ['device', row.device] },
  {
    id: 'direction',
    title: '',
    name: 'Direction',
    width: 28,
    field: (row) => ['direction', row.direction],
  },
  { id: 'type', title: 'Type', width: 98, fixed: true, field: kindOfRow },
  {
    id: 'topic',
    title: 'Topic',
    width: 316,
    field: (row) => (row.topic ? ['mqtt.topic', row.topic] : undefined),
  },
  { id: 'usp', title: 'USP', width: 150, optional: true, field: uspOf },
  {
    id: 'verdict',
    title: 'Verdict',
    width: 76,
    optional: true,
    field: (row) => (row.verdict === 'none' ? undefined : ['verdict', row.verdict]),
  },
  { id: 'info', title: 'Info', fixed: true, field: uspOf },
  { id: 'bytes', title: 'Bytes', width: 68, right: true, field: (row) => ['frame.len', row.length] },
]

export const nameOf = ({ name, title }: Column): string => name ?? title

/** Columns shown, in order; `shown` holds what a person changed. */
export const shownColumns = (shown: Readonly<Record<string, boolean>>): Column[] =>
  columns.filter(({ id, optional, fixed }) => fixed || (shown[id] ?? !optional))

export const LEAST_WIDTH = 28
const LEAST_REST = 140
/** A nanosecond time of day needs more room than the other formats. */
const LONG_TIME = 150

export type Widths = Readonly<Record<string, number>>

export const widthOf = (column: Column, widths: Widths, longTime: boolean): number | undefined =>
  widths[column.id] ?? (column.id === 'time' && longTime ? LONG_TIME : column.width)

/** As `grid-template-columns`, and the least width of a row in pixels. */
export function layout(
  shown: readonly Column[],
  widths: Widths,
  longTime: boolean,
): { template: string; minWidth: number } {
  const sizes = shown.map((column) => widthOf(column, widths, longTime))
  return {
    template: sizes
      .map((size) => (size === undefined ? `minmax(${LEAST_REST}px, 1fr)` : `${size}px`))
      .join(' '),
    minWidth: sizes.reduce<number>((sum, size) => sum + (size ?? LEAST_REST), 0),
  }
}
