/** Two panes and a bar between them that can be dragged, or moved with the arrow keys. */
import { useRef, type CSSProperties, type ReactNode } from 'react'
import { useDrag } from './drag.ts'

interface SplitProps {
  /** `down`: one above the other. `across`: side by side. */
  readonly direction: 'down' | 'across'
  /** What the bar parts, for screen readers. */
  readonly label: string
  /** Share of the first pane, 0 … 1. */
  readonly ratio: number
  readonly onRatio: (ratio: number) => void
  readonly first: ReactNode
  /** Without a second pane the first takes everything. */
  readonly second: ReactNode | undefined
}

const LEAST = 0.12
const STEP = 0.03
const bounded = (ratio: number) => Math.min(1 - LEAST, Math.max(LEAST, ratio))

export function Split({ direction, label, ratio, onRatio, first, second }: SplitProps) {
  const element = useRef<HTMLDivElement>(null)
  const down = direction === 'down'
  const drag = useDrag(
    () => ratio,
    (from, dx, dy) => {
      const box = element.current?.getBoundingClientRect()
      const length = box ? (down ? box.height : box.width) : 0
      if (length > 0) onRatio(bounded(from + (down ? dy : dx) / length))
    },
  )
  const tracks = second === undefined ? '1fr' : `minmax(0, ${ratio}fr) 1px minmax(0, ${1 - ratio}fr)`
  const style: CSSProperties = down
    ? { gridTemplateRows: tracks, gridTemplateColumns: 'minmax(0, 1fr)' }
    : { gridTemplateColumns: tracks, gridTemplateRows: 'minmax(0, 1fr)' }
  return (
    <div className="split" ref={element} style={style}>
      {first}
      {second !== undefined && (
        <div
          className={`split-bar ${direction} ${drag.moving ? 'moving' : ''}`}
          role="separator"
          tabIndex={0}
          aria-label={label}
          aria-orientation={down ? 'horizontal' : 'vertical'}
          aria-valuenow={Math.round(ratio * 100)}
          aria-valuemin={LEAST * 100}
          aria-valuemax={100 - LEAST * 100}
          {...drag.handlers}
          onKeyDown={(event) => {
            const by = { ArrowUp: -STEP, ArrowLeft: -STEP, ArrowDown: STEP, ArrowRight: STEP }[event.key]
            if (by === undefined) return
            event.preventDefault()
            onRatio(bounded(ratio + by))
          }}
        />
      )}
      {second}
    </div>
  )
}
