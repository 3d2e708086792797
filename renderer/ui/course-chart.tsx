/** The course of one number over time. To be made anew (`key`) when the theme changes. */
import type uPlot from 'uplot'
import { clock } from './format.ts'
import { Plot, plotColours } from './plot.tsx'
import './course-chart.css'

const HEIGHT = 180

interface CourseChartProps {
  /** What is drawn. */
  readonly label: string
  /** Seconds since 1970, rising, and a value to each. */
  readonly data: readonly [time: readonly number[], value: readonly number[]]
}

export function CourseChart({ label, data: [time, value] }: CourseChartProps) {
  const now = value.at(-1)
  return (
    <div className="course-chart">
      <Plot
        label={`${label}: ${now ?? ''} now`}
        height={HEIGHT}
        make={options}
        data={[[...time], [...value]]}
      />
    </div>
  )
}

/** Seconds between two marks of the time axis. */
const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 86_400]

function options(): Omit<uPlot.Options, 'width' | 'height'> {
  const { colour, axis, grid } = plotColours()
  return {
    padding: [8, 28, 0, 0],
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
    legend: { live: true, markers: { show: false } },
    axes: [
      {
        ...axis,
        grid,
        size: 24,
        space: 80,
        incrs: steps,
        values: (_, splits) => splits.map((at) => clock(at * 1000, false)),
      },
      { ...axis, grid, size: 70 },
    ],
    series: [
      { label: 'Time', value: (_, at) => (at === null ? '' : clock(at * 1000)) },
      {
        label: 'Value',
        stroke: colour('--accent'),
        width: 1.5,
        points: { size: 4 },
        value: (_, number) => (number === null ? '' : String(number)),
      },
    ],
  }
}
