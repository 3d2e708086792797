/** How many findings each device has in the live capture, for the list of devices. */
import type { LintCounts } from '../../../shared/contract/lint.ts'
import type { CaptureState } from '../../../shared/contract/model.ts'
import { Throttle } from '../throttle.ts'

/** With many devices an answer of the worker is large. */
const ASK_MS = 1000

export interface DeviceFindings {
  /** Of one endpoint; `undefined` when there is none. */
  of(endpointId: string): LintCounts | undefined
  /** The live capture is another than before. */
  captureChanged(state: CaptureState): void
  stop(): void
}

export interface DeviceFindingsOptions {
  /** Asks the capture worker for the counts by endpoint. */
  readonly ask: () => Promise<ReadonlyMap<string, LintCounts>>
  readonly onChange: () => void
  /** Milliseconds between two questions. */
  readonly every?: number
}

export function createDeviceFindings({
  ask,
  onChange,
  every = ASK_MS,
}: DeviceFindingsOptions): DeviceFindings {
  let counts: ReadonlyMap<string, LintCounts> = new Map()
  let seen = ''
  const question = new Throttle(every, () => {
    ask().then(
      (answer) => {
        counts = answer
        onChange()
      },
      // The worker ended, and said so. The capture that begins in its place is looked at anew.
      () => (seen = ''),
    )
  })
  return {
    of: (endpointId) => counts.get(endpointId),
    captureChanged({ findings, droppedRows, since }) {
      // Where rows are dropped, findings may move from one device to another without a change of their sum.
      const now = JSON.stringify([findings, droppedRows, since])
      if (now === seen || findings === undefined) return
      seen = now
      question.request()
    },
    stop: () => question.stop(),
  }
}
