/** Where everything of a ladder stands, in pixels, for the screen and for a file alike. Pure. */
import type { PacketRow } from '../../../shared/contract/model.ts'
import { isTrouble, typeClass } from '../packets/meaning.ts'
import { laneEnds, type Lane } from './lanes.ts'
import { brackets, duration, findLinks, secondsBetween, type BracketPart } from './links.ts'

export const ROW = 34
export const HEADER = 34
/** Left of the lanes: number and time, then latencies and brackets from requests to their answers. */
export const TIME_WIDTH = 128
export const LINK_WIDTH = 112
export const LANES_LEFT = TIME_WIDTH + LINK_WIDTH
/** Right of the lanes. */
const EDGE = 12
const LEAST_LANE = 150
/** Within a row: the label above the arrow. */
export const LABEL_Y = 16
export const ARROW_Y = 24
/** Seconds without a packet that are worth a word. */
export const GAP = 1

export interface Geometry {
  readonly lanes: readonly Lane[]
  readonly laneWidth: number
  /** Of the whole ladder. */
  readonly width: number
  /** Of what is seen of it at a time. */
  readonly seen: number
  /**
   * Of what stays in place while the lanes scroll sideways beneath it: the times, and where there are more lanes
   * than room the broker's lane, which is the first one then.
   */
  readonly pinned: number
}

/** Lanes share what is there, and take what they need. The whole is seen at once, as in a file. */
export function wholeGeometry(lanes: readonly Lane[], available: number): Geometry {
  const rest = available - LANES_LEFT - EDGE
  const laneWidth = Math.max(LEAST_LANE, Math.floor(rest / Math.max(1, lanes.length)))
  const width = LANES_LEFT + laneWidth * lanes.length + EDGE
  return { lanes, laneWidth, width, seen: width, pinned: LANES_LEFT }
}

/** The same for a window that is `available` wide. */
export function geometryFor(lanes: readonly Lane[], available: number): Geometry {
  const whole = wholeGeometry(lanes, available)
  if (whole.width <= available) return whole
  const isBroker = ({ kind }: Lane) => kind === 'broker'
  return {
    ...whole,
    lanes: [...lanes.filter(isBroker), ...lanes.filter((lane) => !isBroker(lane))],
    seen: available,
    pinned: LANES_LEFT + whole.laneWidth,
  }
}

export const isBrokerPinned = ({ pinned }: Geometry): boolean => pinned > LANES_LEFT

export const laneX = ({ laneWidth }: Geometry, index: number): number =>
  LANES_LEFT + laneWidth * (index + 0.5)

export interface Rung {
  readonly row: PacketRow
  /** The arrow, from tail to head. */
  readonly tail: number
  readonly head: number
  readonly label: string
  readonly trouble: boolean
  /** Class of the packet's meaning. */
  readonly meaning: string
  /** `1.3 s` without a packet before it. */
  readonly gap: string | undefined
  /** The number of the packet that it answers, and how long that took: `2.1 ms`. */
  readonly answers: { readonly no: number; readonly after: string } | undefined
  readonly brackets: readonly BracketPart[]
}

/** The rungs of rows that follow each other in a list. */
export function rungs(rows: readonly PacketRow[], geometry: Geometry): Rung[] {
  const parts = brackets(findLinks(rows), rows.length)
  return rows.map((row, index) => {
    const { from, to } = laneEnds(geometry.lanes, row)
    const before = rows[index - 1]
    const pause = before ? secondsBetween(before, row) : 0
    const { answers } = row
    return {
      row,
      tail: laneX(geometry, from),
      head: laneX(geometry, to),
      label: isBrokerPinned(geometry) ? `${row.device} · ${labelOf(row)}` : labelOf(row),
      trouble: isTrouble(row),
      meaning: typeClass(row),
      gap: pause >= GAP ? duration(pause) : undefined,
      answers: answers && { no: answers.no, after: duration(answers.nsec / 1e9) },
      brackets: parts[index] ?? [],
    }
  })
}

const labelOf = ({ type, usp, info, topic }: PacketRow): string =>
  [type, usp || (type === 'PUBLISH' ? topic : ''), usp ? '' : info].filter(Boolean).join(' ')
