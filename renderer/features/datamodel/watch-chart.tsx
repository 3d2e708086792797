/** The course of a number. Made anew when the theme changes, because a canvas does not follow style sheets. */
import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { WatchSample } from '../../../shared/contract/watch.ts'
import { useTheme } from '../../app/theme.ts'
import { clock } from '../../ui/format.ts'

const HEIGHT = 180

export function WatchChart({ label, samples }: { label: string; samples: readonly WatchSample[] }) {
  const element = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  const theme = useTheme()
  useEffect(() => {
    const box = element.current
    if (!box) return
    const made = new uPlot(options(box.clientWidth), [[], []], box)
    plot.current = made
    const observer = new ResizeObserver(() => made.setSize({ width: box.clientWidth, height: HEIGHT }))
    observer.observe(box)
    return () => {
      observer.disconnect()
      made.destroy()
    }
  }, [theme])
  useEffect(() => {
    plot.current?.setData([samples.map(([time]) => time / 1000), samples.map(([, value]) => Number(value))])
  }, [samples, theme])
  const last = samples.at(-1)
  return (
    <div ref={element} className="model-chart" role="img" aria-label={`${label}: ${last?.[1] ?? ''} now`} />
  )
}

/** Seconds between two marks of the time axis. */
const seconds = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 86_400]

function options(width: number): uPlot.Options {
  const style = getComputedStyle(document.documentElement)
  const color = (name: string) => style.getPropertyValue(name).trim()
  const axis = {
    stroke: color('--dim'),
    font: `11px ${style.getPropertyValue('--font')}`,
    ticks: { show: false },
    grid: { stroke: color('--line'), width: 1 },
  }
  return {
    width,
    height: HEIGHT,
    padding: [8, 12, 0, 0],
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
    legend: { live: true, markers: { show: false } },
    axes: [
      {
        ...axis,
        size: 24,
        space: 80,
        incrs: seconds,
        values: (_, splits) => splits.map((at) => clock(at * 1000, false)),
      },
      { ...axis, size: 70 },
    ],
    series: [
      { label: 'Time', value: (_, at) => (at === null ? '' : clock(at * 1000)) },
      {
        label: 'Value',
        stroke: color('--accent'),
        width: 1.5,
        points: { size: 4 },
        value: (_, value) => (value === null ? '' : String(value)),
      },
    ],
  }
}
