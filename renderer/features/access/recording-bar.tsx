/** Which recording is asked, of all packets or some, and the run: to start, watch and stop. */
import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import type { CaptureInfo } from '../../../shared/contract/model.ts'
import { parseFilter } from '../../../shared/filter/filter.ts'
import { useModel } from '../../app/model.ts'
import { FilterEditor } from '../../filter/filter-editor.tsx'
import { isViewable, viewId } from '../captures/store.ts'

interface Props {
  readonly kind: 'dryRun' | 'proposal'
  readonly title: string
  /** Why it cannot be started now. */
  readonly fault?: string | undefined
  readonly onStart: () => void
  readonly children: ReactNode
}

const noCaptures: readonly CaptureInfo[] = []

export function RecordingBar({ kind, title, fault, onStart, children }: Props) {
  const { live, recordings, packets } = useModel()
  const recording = useStore(recordings, (state) => state.recording)
  const job = useStore(recordings, (state) => state[kind].job)
  const captures = useStore(live, (state) => state.captures ?? noCaptures).filter(isViewable)
  const shown = useStore(packets, (state) => state.tabs)
  const set = (change: Partial<typeof recording>) =>
    recordings.setState({ recording: { ...recording, ...change } })
  const known = recording.capture === 'live' || captures.some((one) => viewId(one) === recording.capture)
  const view = shown.find(({ capture }) => capture === recording.capture)?.list.getState().params.filter
  const wrong = known
    ? parseFilter(recording.filter).ok
      ? fault
      : 'The filter is not right.'
    : 'This capture is no longer open.'
  return (
    <div className="recording-bar">
      <select
        className="input"
        aria-label="Recording"
        title="Stored captures stand here once they are opened under Captures"
        value={recording.capture}
        onChange={({ target }) => set({ capture: target.value })}
      >
        {!known && <option value={recording.capture}>a capture that was closed</option>}
        <option value="live">Live capture</option>
        {captures
          .filter(({ state }) => state !== 'live')
          .map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
      </select>
      <FilterEditor
        key={recording.capture}
        id={`access-${kind}-filter`}
        label="Packets that are asked about"
        placeholder="All packets, or a filter"
        value={recording.filter}
        capture={recording.capture}
        onChange={(filter) => set({ filter })}
        onEnter={() => wrong === undefined && onStart()}
      />
      {view !== undefined && view !== '' && view !== recording.filter && (
        <button
          type="button"
          className="button"
          title={`Take the filter of the Packets view: ${view}`}
          onClick={() => set({ filter: view })}
        >
          As in Packets
        </button>
      )}
      {children}
      {job === undefined ? (
        <button
          type="button"
          className="button main"
          disabled={wrong !== undefined}
          title={wrong}
          onClick={onStart}
        >
          {title}
        </button>
      ) : (
        <Progress job={job} onStop={() => recordings.stop(kind)} />
      )}
    </div>
  )
}

function Progress({ job, onStop }: { job: string; onStop: () => void }) {
  const { live } = useModel()
  const part = useStore(live, (state) => state.jobs.find(({ id }) => id === job)?.progress ?? 0)
  return (
    <>
      <progress max={1} value={part} aria-label="How far it is" />
      <span className="number dim">{Math.floor(part * 100)} %</span>
      <button type="button" className="button" onClick={onStop}>
        Stop
      </button>
    </>
  )
}
