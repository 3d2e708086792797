/** The chart itself. Made anew when the theme changes, because a canvas does not follow style sheets. */
import { useEffect, useLayoutEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { StatsSample } from '../../../shared/contract/model.ts'
import { compact, clock } from '../../ui/format.ts'
import { chartData, series } from './series.ts'

interface Props {
  readonly history: readonly StatsSample[]
  /** Index of the sample under the pointer, or undefined. */
  readonly onHover: (index: number | undefined) => void
}

const HEIGHT = 150
const WINDOW = 600

export function Chart({ history, onHover }: Props) {
  const element = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  const hover = useRef(onHover)
  useLayoutEffect(() => {
    hover.current = onHover
  })

  useEffect(() => {
    const box = element.current
    if (!box) return
    const made = new uPlot(
      options(box.clientWidth, (index) => hover.current(index)),
      [[]],
      box,
    )
    plot.current = made
    const observer = new ResizeObserver(() => made.setSize({ width: box.clientWidth, height: HEIGHT }))
    observer.observe(box)
    return () => {
      observer.disconnect()
      made.destroy()
    }
  }, [])

  useEffect(() => plot.current?.setData(chartData(history)), [history])

  return (
    <div
      ref={element}
      className="chart"
      role="img"
      aria-label="Packets and devices of the last ten minutes"
    />
  )
}

function options(width: number, onHover: (index: number | undefined) => void): uPlot.Options {
  const style = getComputedStyle(document.documentElement)
  const color = (name: string) => style.getPropertyValue(name).trim()
  const font = `11px ${style.getPropertyValue('--font')}`
  const axis = { stroke: color('--dim'), font, ticks: { show: false } }
  const grid = { stroke: color('--line'), width: 1 }
  return {
    width,
    height: HEIGHT,
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
        stroke: color(name),
        width: 1.5,
        points: { show: false },
        ...(dash && { dash }),
      })),
    ],
    hooks: { setCursor: [({ cursor }) => onHover(cursor.idx ?? undefined)] },
  }
}
