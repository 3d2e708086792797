/** A view that is a list: bars above it, the list, and below a movable bar the detail of the row under the cursor. */
import type { ReactNode } from 'react'
import { useSplit } from '../app/use-split.ts'
import { Split } from '../ui/split.tsx'
import './list.css'

interface ListFrameProps {
  /** Under which the height of the list is remembered. */
  readonly name: string
  /** Of the bar between list and detail. */
  readonly label: string
  /** Share of the list at first. */
  readonly share: number
  readonly bars: ReactNode
  readonly list: ReactNode
  /** Absent while there is nothing to show. */
  readonly detail: ReactNode | undefined
}

export function ListFrame({ name, label, share, bars, list, detail }: ListFrameProps) {
  const [ratio, setRatio] = useSplit(name, share)
  return (
    <div className="list-view">
      {bars}
      <Split direction="down" label={label} ratio={ratio} onRatio={setRatio} first={list} second={detail} />
    </div>
  )
}
