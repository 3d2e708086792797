/** A list, and over it why nothing stands in it. The list goes on measuring how many rows fit, and so goes on asking. */
import type { ReactNode } from 'react'
import './list.css'

export function ListWithReason({ reason, children }: { reason: ReactNode; children: ReactNode }) {
  return (
    <div className="list-pane">
      {reason && <div className="list-reason">{reason}</div>}
      {children}
    </div>
  )
}
