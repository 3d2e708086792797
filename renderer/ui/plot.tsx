/** A chart of uPlot that follows the size of its box. To be made anew (`key`) when the theme changes. */
import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'

interface PlotProps {
  /** What is drawn, for who cannot see it. */
  readonly label: string
  /** Pixels. */
  readonly height: number
  /** Asked once. */
  readonly make: () => Omit<uPlot.Options, 'width' | 'height'>
  readonly data: uPlot.AlignedData
}

export function Plot({ label, height, make, data }: PlotProps) {
  const element = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  const first = useRef(make)

  useEffect(() => {
    const box = element.current
    if (!box) return
    const made = new uPlot({ ...first.current(), width: box.clientWidth, height }, [[]], box)
    plot.current = made
    const observer = new ResizeObserver(() => made.setSize({ width: box.clientWidth, height }))
    observer.observe(box)
    return () => {
      observer.disconnect()
      made.destroy()
    }
  }, [height])

  useEffect(() => plot.current?.setData(data), [data])

  return <div ref={element} className="plot" role="img" aria-label={label} />
}

/** Colours and type of the theme, which a canvas does not take from style sheets. */
export function plotColours() {
  const style = getComputedStyle(document.documentElement)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  const font = `11px ${style.getPropertyValue('--font')}`
  return {
    colour,
    axis: { stroke: colour('--dim'), font, ticks: { show: false } },
    grid: { stroke: colour('--line'), width: 1 },
  }
}
