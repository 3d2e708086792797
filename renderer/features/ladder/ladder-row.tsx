/** One packet of the ladder: an arrow from lane to lane. */
import { memo } from 'react'
import { Icon } from '../../ui/kit.tsx'
import { VerdictMark } from '../packets/packet-row.tsx'
import {
  ARROW_Y,
  isBrokerPinned,
  LANES_LEFT,
  laneX,
  LINK_WIDTH,
  ROW,
  TIME_WIDTH,
  type Geometry,
  type Rung,
} from './layout.ts'
import type { BracketPart } from './links.ts'

interface Props {
  readonly rung: Rung
  readonly geometry: Geometry
  readonly index: number
  readonly time: string
  readonly current: boolean
}

/** Pixels of an arrow's head. */
const HEAD = 7

export const LadderRung = memo(function LadderRung({ rung, geometry, index, time, current }: Props) {
  const { row, label, meaning, trouble, gap, answers } = rung
  const { pinned, seen, width } = geometry
  const side = isBrokerPinned(geometry)
  const left = side ? pinned : Math.min(rung.tail, rung.head)
  const right = side ? width : Math.max(rung.tail, rung.head)
  return (
    <div
      className={`rung ${trouble ? 'is-trouble' : ''} ${current ? 'is-current' : ''}`}
      role="row"
      id={`rung-${index}`}
      aria-rowindex={index + 2}
      aria-selected={current}
      data-index={index}
    >
      {gap && <span className="rung-gap" style={{ width }} />}
      <svg className="rung-lines" width={width} height={ROW} aria-hidden="true">
        <Lanes geometry={geometry} />
        <Arrow rung={rung} />
      </svg>
      <span
        role="gridcell"
        className={`rung-label ${meaning}`}
        style={{ left: left + 8, width: right - left - 16 }}
      >
        <span
          className="cut"
          style={side ? { left: pinned + 8, maxWidth: seen - pinned - 24 } : undefined}
          title={`${row.type} ${row.usp} ${row.info}`}
        >
          <VerdictMark verdict={row.verdict} />
          {label}
        </span>
      </span>
      <span className={`rung-pinned ${side ? 'is-side' : ''}`} style={{ width: pinned }}>
        <svg className="rung-lines" width={pinned} height={ROW} aria-hidden="true">
          {side && <Lanes geometry={geometry} />}
          {side && <Arrow rung={rung} />}
          <Brackets parts={rung.brackets} />
        </svg>
        {gap && (
          <span className="rung-gap-text" style={{ width: TIME_WIDTH - 8 }}>
            {gap}
          </span>
        )}
        <span className="rung-time number dim" role="gridcell" style={{ width: TIME_WIDTH }}>
          <span>
            {row.marked && <Icon name="mark" label="marked" />}
            {row.no}
          </span>
          <span>{time}</span>
        </span>
        {answers && (
          <span
            role="gridcell"
            className="rung-answer number dim"
            style={{ left: TIME_WIDTH, width: LINK_WIDTH - BRACKETS }}
            title={`Answers packet ${answers.no} after ${answers.after}`}
          >
            {answers.after}
          </span>
        )}
      </span>
    </div>
  )
})

export const MissingRung = memo(function MissingRung(props: { index: number; geometry: Geometry }) {
  return (
    <div
      className="rung"
      role="row"
      aria-rowindex={props.index + 2}
      aria-busy="true"
      data-index={props.index}
    >
      <svg className="rung-lines" width={props.geometry.width} height={ROW} aria-hidden="true">
        <Lanes geometry={props.geometry} />
      </svg>
    </div>
  )
})

function Lanes({ geometry }: { geometry: Geometry }) {
  return geometry.lanes.map(({ id }, index) => {
    const x = laneX(geometry, index)
    return <line key={id} className="lane" x1={x} x2={x} y1={0} y2={ROW} />
  })
}

function Arrow({ rung: { tail, head, meaning, trouble } }: { rung: Rung }) {
  const back = head > tail ? -HEAD : HEAD
  return (
    <g className={meaning}>
      <line x1={tail} x2={head} y1={ARROW_Y} y2={ARROW_Y} className={trouble ? 'is-refused' : ''} />
      {trouble ? (
        <path d={`M${head - 4} ${ARROW_Y - 4}l8 8m0-8l-8 8`} className="cross" />
      ) : (
        <path d={`M${head} ${ARROW_Y}l${back} -4v8z`} className="tip" />
      )}
    </g>
  )
}

const SLOT = 6
/** Pixels that the brackets take beside the lanes. */
const BRACKETS = 46

/** From a request down to its answer. */
function Brackets({ parts }: { parts: readonly BracketPart[] }) {
  return parts.map(({ slot, part }, index) => {
    const x = LANES_LEFT - 10 - slot * SLOT
    const right = LANES_LEFT - 2
    const path =
      part === 'start'
        ? `M${right} ${ARROW_Y}H${x}V${ROW}`
        : part === 'end'
          ? `M${x} 0V${ARROW_Y}H${right}`
          : `M${x} 0V${ROW}`
    return <path key={index} className="bracket" d={path} />
  })
}
