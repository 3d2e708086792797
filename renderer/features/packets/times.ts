/** The time column in its formats. Pure. */
import type { PacketRow } from '../../../shared/contract/model.ts'
import { elapsed, localTimeOfDay, timeOfDay, type Moment, type TimeFormat } from '../../ui/format.ts'

interface Base {
  /** The row shown above; absent for the first row and while it is not here. */
  readonly previous: PacketRow | undefined
  /** The first packet of the capture, once known. */
  readonly first: Moment | undefined
}

const formats: Readonly<Record<TimeFormat, (row: PacketRow, base: Base) => string>> = {
  delta: (row, { previous }) => (previous ? elapsed(previous, row) : ''),
  utc: (row) => timeOfDay(row, 3),
  'utc-ns': (row) => timeOfDay(row, 9),
  local: localTimeOfDay,
  first: (row, { first }) => (first ? elapsed(first, row) : ''),
}

export const timeText = (format: TimeFormat, row: PacketRow, base: Base): string => formats[format](row, base)
