/** Latency over time. */
import { useMemo } from 'react'
import type uPlot from 'uplot'
import type { LatencyChart } from '../../../shared/contract/transactions.ts'
import { clock } from '../../ui/format.ts'
import { Plot, plotColours } from '../../ui/plot.tsx'

const HEIGHT = 170
const series = [
  { label: 'median', column: 'p50', colour: '--publish', dash: undefined },
  { label: '95 %', column: 'p95', colour: '--subscribe', dash: undefined },
  { label: 'largest', column: 'max', colour: '--end', dash: [4, 3] },
] as const

export function LatencyPlot({ chart }: { chart: LatencyChart | undefined }) {
  const data = useMemo((): uPlot.AlignedData => {
    if (!chart) return [[]]
    const seconds = chart.time.map((ms) => ms / 1000)
    return [seconds, ...series.map(({ column }) => [...chart[column]])]
  }, [chart])
  return (
    <>
      <Plot label="Latency over time: median, 95 % and largest" height={HEIGHT} make={options} data={data} />
      <ul className="legend">
        {series.map(({ label, colour, dash }) => (
          <li key={label}>
            <svg className="legend-line" viewBox="0 0 18 4" aria-hidden="true">
              <line
                x2="18"
                y1="2"
                y2="2"
                stroke={`var(${colour})`}
                strokeWidth="2"
                strokeDasharray={dash?.join(' ')}
              />
            </svg>
            {label}
          </li>
        ))}
      </ul>
    </>
  )
}

/** `10 ms`, `1 s`: what stands at an axis is round. */
const roundText = (ms: number): string => (ms < 1000 ? `${ms} ms` : `${ms / 1000} s`)

function options(): Omit<uPlot.Options, 'width' | 'height'> {
  const { colour, axis, grid } = plotColours()
  return {
    legend: { show: false },
    padding: [8, 8, 0, 0],
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
    scales: { x: { time: true }, y: { distr: 3, log: 10 } },
    axes: [
      {
        ...axis,
        grid,
        size: 22,
        space: 84,
        // Within a second the seconds alone would all be the same.
        values: (_, splits, __, ___, step) => splits.map((at) => clock(at * 1000, step < 1)),
      },
      {
        ...axis,
        grid,
        size: 64,
        values: (_, splits) => splits.map((ms) => (ms === null ? '' : roundText(ms))),
      },
    ],
    series: [
      {},
      ...series.map(({ label, colour: name, dash }) => ({
        label,
        stroke: colour(name),
        width: 1.5,
        spanGaps: true,
        points: { size: 4 },
        ...(dash && { dash: [...dash] }),
      })),
    ],
  }
}
