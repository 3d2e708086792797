/** Following the pointer from press to release, also outside the element. */
import { useRef, useState, type PointerEvent } from 'react'

interface Drag {
  readonly moving: boolean
  readonly handlers: {
    readonly onPointerDown: (event: PointerEvent<HTMLElement>) => void
    readonly onPointerMove: (event: PointerEvent<HTMLElement>) => void
    readonly onPointerUp: (event: PointerEvent<HTMLElement>) => void
    readonly onPointerCancel: (event: PointerEvent<HTMLElement>) => void
  }
}

/** `start` answers what the drag begins from; `move` gets it with the distance in pixels since the press. */
export function useDrag<S>(
  start: (event: PointerEvent<HTMLElement>) => S,
  move: (from: S, dx: number, dy: number) => void,
): Drag {
  const from = useRef<{ value: S; x: number; y: number }>(undefined)
  const [moving, setMoving] = useState(false)
  const end = () => {
    from.current = undefined
    setMoving(false)
  }
  return {
    moving,
    handlers: {
      onPointerDown(event) {
        if (event.button !== 0) return
        event.preventDefault()
        event.currentTarget.setPointerCapture(event.pointerId)
        from.current = { value: start(event), x: event.clientX, y: event.clientY }
        setMoving(true)
      },
      onPointerMove(event) {
        if (from.current)
          move(from.current.value, event.clientX - from.current.x, event.clientY - from.current.y)
      },
      onPointerUp: end,
      onPointerCancel: end,
    },
  }
}
