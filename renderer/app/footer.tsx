/** Below every view: the bench in figures. What was lost or dropped appears only when there is any. */
import { useStore } from 'zustand'
import { JobsTray } from '../features/captures/jobs-tray.tsx'
import { useNow } from '../ui/clock.ts'
import { clock, count, plural, rate } from '../ui/format.ts'
import { useModel } from './model.ts'

export function Footer() {
  const { live } = useModel()
  const stats = useStore(live, (state) => state.stats)
  const capture = useStore(live, (state) => state.capture)
  const slowDrops = useStore(live, (state) =>
    state.history.reduce((sum, sample) => sum + sample.slowDrops, 0),
  )
  const dropped = capture?.droppedRows ?? 0
  const lost = capture?.lostFrames ?? 0
  return (
    <footer className="footer number">
      {stats && (
        <>
          <span>{plural(stats.devicesOnline, 'device')} online</span>
          <span>{rate(stats.packetsIn + stats.packetsOut)} packets/s</span>
          <span title="99th percentile of the time the broker's event loop takes for one turn">
            loop p99 {stats.loopP99.toFixed(1)} ms
          </span>
        </>
      )}
      <JobsTray />
      <span className="spacer" />
      {capture?.trouble && (
        <span className="bad cut" title={capture.trouble}>
          {capture.trouble}
        </span>
      )}
      {dropped > 0 && (
        <span title="Removed at the old end, so that the capture stays within its budget">
          {count(dropped)} oldest dropped
        </span>
      )}
      {slowDrops > 0 && (
        <span
          className="warn"
          title="QoS 0 messages not sent to readers that were too slow, in the last 10 minutes"
        >
          {count(slowDrops)} not sent to slow readers
        </span>
      )}
      {lost > 0 && (
        <span
          className="bad"
          title="The recording was behind: these frames were passed on but are not in the list"
        >
          {plural(lost, 'frame')} not recorded
        </span>
      )}
      <Clock />
    </footer>
  )
}

const Clock = () => <time>UTC {clock(useNow(), false)}</time>
