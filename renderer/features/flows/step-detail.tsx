/** The step under the cursor: why it is not passed, expected against seen, its packets, what it bound and saw. */
import { yaml } from '@codemirror/lang-yaml'
import { useState } from 'react'
import { useStore } from 'zustand'
import type { Difference } from '../../../shared/flow/match.ts'
import { useModel } from '../../app/model.ts'
import { CodeEditor } from '../../ui/editor/code-editor.tsx'
import { fold } from '../../ui/fold.ts'
import { clock, dateTime } from '../../ui/format.ts'
import { Alert, CopyButton, State } from '../../ui/kit.tsx'
import { Attachments } from './attachments.tsx'
import { controlRun, showRunPacket } from './actions.ts'
import { runOf, stepAgain } from './runs.ts'
import { duration, pretty, statusTone, statusWord } from './words.ts'

const language = yaml()
/** Packets that are listed; a step has rarely more than two. */
const MAX_PACKETS = 100

export function StepDetail() {
  const model = useModel()
  const { runs, editor } = model.flows
  const step = useStore(runs, (state) => state.step)
  const head = useStore(runs, (state) => state.head)
  const shown = useStore(runs, (state) => state.shown)
  if (!step) return <div className="flow-step" id="flow-step" tabIndex={-1} />
  const { title, status, path, note, packets, differences, bindings, seen, start, attachments = [] } = step
  const names = Object.entries(bindings)
  const at = start ?? head?.start ?? 0
  const facts = [
    step.attempt !== undefined && `attempt ${step.attempt}`,
    start !== undefined && clock(start),
    step.duration !== undefined && `took ${duration(step.duration)}`,
    step.latency !== undefined && `answered after ${duration(step.latency)}`,
  ].filter(Boolean)
  return (
    <div className="flow-step" id="flow-step" tabIndex={-1} role="group" aria-label={`Step ${title}`}>
      <header>
        <State tone={statusTone[status]}>{statusWord[status]}</State>
        <strong>{title}</strong>
        <span className="spacer" />
        <button type="button" className="link" onClick={() => editor.showStep(path)}>
          {path}
        </button>
      </header>
      <p className="dim number" title={start === undefined ? undefined : dateTime(start)}>
        {facts.join(' · ')}
      </p>
      {note !== undefined && <p className={status === 'failed' || status === 'error' ? 'bad' : ''}>{note}</p>}
      <Again path={path} />
      {differences.length > 0 && <Differences differences={differences} />}
      {packets.length > 0 && (
        <p className="flow-packets">
          <span className="dim">Packets</span>
          {packets.slice(0, MAX_PACKETS).map((no) => (
            <button
              key={no}
              type="button"
              className="link number"
              onClick={() => void showRunPacket(model, no, at)}
            >
              {no}
            </button>
          ))}
          {packets.length > MAX_PACKETS && (
            <span className="dim">and {packets.length - MAX_PACKETS} more</span>
          )}
        </p>
      )}
      {attachments.length > 0 && shown !== undefined && <Attachments id={shown} attachments={attachments} />}
      {names.length > 0 && (
        <table className="flow-values" aria-label="Variables that got a value">
          <thead>
            <tr>
              <th>Variable</th>
              <th>Value</th>
            </tr>
          </thead>
          <tbody>
            {names.map(([name, value]) => (
              <tr key={name}>
                <td className="mono">{name}</td>
                <td className="mono">
                  <Value text={pretty(value)} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {seen !== undefined && (
        <details className="flow-seen">
          <summary>
            What was seen{' '}
            <CopyButton text={() => JSON.stringify(seen, undefined, 2)} label="Copy what was seen" />
          </summary>
          <pre className="mono">{JSON.stringify(seen, undefined, 2)}</pre>
        </details>
      )}
    </div>
  )
}

function Differences({ differences }: { differences: readonly Difference[] }) {
  return (
    <table className="flow-values is-differences" aria-label="Expected against seen">
      <thead>
        <tr>
          <th>Where</th>
          <th>Expected</th>
          <th>Seen</th>
          <th>Why</th>
        </tr>
      </thead>
      <tbody>
        {differences.map(({ path, expected, seen, why }, at) => (
          <tr key={at}>
            <td className="mono">
              <Value text={path} />
            </td>
            <td className="mono ok">
              {expected === undefined ? <Nothing /> : <Value text={pretty(expected)} />}
            </td>
            <td className="mono bad">{seen === undefined ? <Nothing /> : <Value text={pretty(seen)} />}</td>
            <td>{why}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const Nothing = () => <span className="dim">nothing</span>

/** Folded where it is long, never cut. */
function Value({ text }: { text: string }) {
  const [open, setOpen] = useState(false)
  const { head, rest } = fold(text, 400)
  if (rest === undefined || open) return <span className="flow-value">{text}</span>
  return (
    <span className="flow-value">
      {head}…{' '}
      <button type="button" className="link" onClick={() => setOpen(true)}>
        {rest}
      </button>
    </span>
  )
}

/** While the run holds behind this step it can be done again, as it was or edited. */
function Again({ path }: { path: string }) {
  const model = useModel()
  const { runs } = model.flows
  const shown = useStore(runs, (state) => state.shown)
  const run = useStore(model.live, (state) => runOf(state.flowRuns?.runs, shown))
  const [text, setText] = useState<string>()
  const [fault, setFault] = useState('')
  if (run?.status !== 'running' || run.held === undefined || stepAgain(run) !== path) return null
  const own = runs.textAgain()
  const send = async () => {
    const answer = await runs.again(text)
    if (answer.ok) setText(undefined)
    setFault(answer.ok ? '' : answer.error.message)
  }
  return (
    <div className="flow-again">
      <span className="buttons">
        <button type="button" className="button" onClick={() => void controlRun(model, 'again')}>
          Do it again
        </button>
        {text === undefined && own !== undefined && (
          <button type="button" className="button" onClick={() => setText(own)}>
            Edit, and do it again
          </button>
        )}
        {text !== undefined && (
          <>
            <button type="button" className="button main" onClick={() => void send()}>
              Do it so
            </button>
            <button
              type="button"
              className="button"
              onClick={() => {
                setText(undefined)
                setFault('')
              }}
            >
              Leave it
            </button>
            <span className="dim">Only this run is changed, not the file.</span>
          </>
        )}
      </span>
      <Alert text={fault} />
      {text !== undefined && (
        <div className="flow-again-text">
          <CodeEditor
            label="Step to be done again"
            unwrapped
            value={text}
            language={language}
            onChange={setText}
            onSubmit={() => void send()}
          />
        </div>
      )}
    </div>
  )
}
