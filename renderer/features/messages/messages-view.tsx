/** Composing any USP message, sending it, and what came back. */
import { useStore } from 'zustand'
import { requestKinds, type RequestKind } from '../../../shared/usp/kinds.ts'
import { useModel } from '../../app/model.ts'
import { useSplit } from '../../app/use-split.ts'
import { plural } from '../../ui/format.ts'
import { Keys } from '../../ui/kit.tsx'
import { Split } from '../../ui/split.tsx'
import { DevicePicker } from '../devices/device-picker.tsx'
import { AnswerPane } from './answer-pane.tsx'
import { Composer } from './composer.tsx'
import { LibraryPane } from './library-pane.tsx'
import { RecordPane } from './record-pane.tsx'
import { VersionRemark } from './version-remark.tsx'
import '../../filter/filter.css'
import '../../list/list.css'
import './messages.css'

export function MessagesView() {
  const { messages } = useModel()
  const mode = useStore(messages, (state) => state.mode)
  const [library, setLibrary] = useSplit('messages-library', 0.2)
  const [answer, setAnswer] = useSplit('messages-answer', 0.56)
  return (
    <div className="list-view">
      <Bar />
      <Split
        direction="across"
        label="Width of the kept messages"
        ratio={library}
        onRatio={setLibrary}
        first={<LibraryPane />}
        second={
          mode === 'record' ? (
            <RecordPane />
          ) : (
            <Split
              direction="down"
              label="Height of the message"
              ratio={answer}
              onRatio={setAnswer}
              first={<Composer />}
              second={<AnswerPane />}
            />
          )
        }
      />
    </div>
  )
}

const timeouts: readonly (readonly [ms: number, title: string])[] = [
  [2000, '2 s'],
  [5000, '5 s'],
  [10_000, '10 s'],
  [30_000, '30 s'],
  [120_000, '2 min'],
  [600_000, '10 min'],
]
const RAW = 'Raw Record'

function Bar() {
  const { messages, live } = useModel()
  const { mode, draft, targets, running, timeoutMs } = useStore(messages)
  const controller = useStore(live, (state) => state.usp?.controller)
  const fault = draft.fault !== undefined
  const choose = (value: string) => {
    if (value === RAW) return messages.setState({ mode: 'record' })
    messages.setState({ mode: 'message' })
    messages.setKind(value as RequestKind)
  }
  const down = controller !== undefined && controller.state !== 'connected'
  return (
    <>
      <div className="filter-bar message-bar">
        <select
          className="input"
          aria-label="Kind of message"
          value={mode === 'record' ? RAW : draft.kind}
          onChange={(event) => choose(event.target.value)}
        >
          {requestKinds.map((kind) => (
            <option key={kind}>{kind}</option>
          ))}
          <option>{RAW}</option>
        </select>
        <DevicePicker
          label="Devices to send to"
          text={targetsText(targets)}
          selected={targets}
          many
          onSelect={messages.setTargets}
        />
        <span className="spacer" />
        {mode === 'message' && (
          <>
            <label className="message-timeout dim">
              Wait{' '}
              <select
                className="input"
                value={timeoutMs}
                onChange={(event) => messages.setState({ timeoutMs: Number(event.target.value) })}
              >
                {timeouts.map(([ms, title]) => (
                  <option key={ms} value={ms}>
                    {title}
                  </option>
                ))}
              </select>
            </label>
            {running ? (
              <button type="button" className="button" onClick={messages.stop}>
                Stop
              </button>
            ) : (
              <button
                type="button"
                className="button main"
                disabled={fault || targets.length === 0}
                title={
                  targets.length === 0
                    ? 'Choose a device first'
                    : fault
                      ? 'The text cannot be read'
                      : undefined
                }
                onClick={() => void messages.send()}
              >
                Send
              </button>
            )}
            <Keys chord="mod+enter" />
          </>
        )}
      </div>
      {mode === 'message' && <VersionRemark />}
      {down && (
        <p className="message-remark warn" role="status">
          The controller of the bench is {controller.state}
          {controller.message ? `: ${controller.message}` : ', so nothing can be sent now.'}
        </p>
      )}
    </>
  )
}

function targetsText(targets: readonly string[]): string {
  const [first] = targets
  if (first === undefined) return 'Choose devices'
  return targets.length === 1 ? `To ${first}` : `To ${plural(targets.length, 'device')}: ${first}, …`
}
