/** The chart itself. Made anew when the theme changes, because a canvas does not follow style sheets. */
import { useLayoutEffect, useMemo, useRef } from 'react'
import type uPlot from 'uplot'
import type { StatsSample } from '../../../shared/contract/model.ts'
import { compact, clock } from '../../ui/format.ts'
import { Plot, plotColours } from '../../ui/plot.tsx'
import { chartData, series } from './series.ts'

interface Props {
  readonly history: readonly StatsSample[]
  /** Index of the sample under the pointer, or undefined. */
  readonly onHover: (index: number | undefined) => void
}

const HEIGHT = 150
const WINDOW = 600

export function Chart({ history, onHover }: Props) {
  const hover = useRef(onHover)
  useLayoutEffect(() => {
    hover.current = onHover
  })
  const data = useMemo(() => chartData(history), [history])
  return (
    <Plot
      label="Packets and devices of the last ten minutes"
      height={HEIGHT}
      make={() => options((index) => hover.current(index))}
      data={data}
    />
  )
}

function options(onHover: (index: number | undefined) => void): Omit<uPlot.Options, 'width' | 'height'> {
  const { colour, axis, grid } = plotColours()
  return {
    legend: { show: false },
    padding: [8, 4, 0, 0],
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
    scales: {
      x: { time: true, range: (_, __, max) => [max - WINDOW, max] },
      packets: { range: (_, __, max) => [0, Math.max(10, max * 1.1)] },
      devices: { range: (_, __, max) => [0, Math.max(4, Math.ceil(max * 1.25))] },
    },
    axes: [
      {
        ...axis,
        grid,
        size: 22,
        space: 60,
        values: (_, splits) => splits.map((at) => clock(at * 1000, false).slice(0, 5)),
      },
      {
        ...axis,
        grid,
        scale: 'packets',
        size: 40,
        values: (_, splits) => splits.map((n) => (Number.isInteger(n) ? compact(n) : '')),
      },
      {
        ...axis,
        scale: 'devices',
        side: 1,
        size: 30,
        grid: { show: false },
        values: (_, splits) => splits.map((n) => (Number.isInteger(n) ? compact(n) : '')),
      },
    ],
    series: [
      {},
      ...series.map(({ label, scale, color: name, dash }) => ({
        label,
        scale,
        stroke: colour(name),
        width: 1.5,
        points: { show: false },
        ...(dash && { dash }),
      })),
    ],
    hooks: { setCursor: [({ cursor }) => onHover(cursor.idx ?? undefined)] },
  }
}
