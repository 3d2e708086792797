/** The ladder of a device, step by step: what shows that it was done, what is in the way, and how to mend it. */
import { useState } from 'react'
import type { CaptureId } from '../../../shared/contract/model.ts'
import type { BenchAction, Cause, Evidence, Examination, Remedy, Step } from '../../../shared/doctor/model.ts'
import { useModel } from '../../app/model.ts'
import { clock, count, dateTime, plural } from '../../ui/format.ts'
import { CopyButton, Icon, State } from '../../ui/kit.tsx'
import { showPacket } from '../packets/actions.ts'
import { act, actionWords } from './actions.ts'
import { stepIcons, stepTones, stepWords, verdictTones, verdictWords } from './words.ts'
import './doctor.css'

export function Findings({ examination, capture }: { examination: Examination; capture: CaptureId }) {
  const { state, verdict, steps, remarks, attempts, leftOut } = examination
  // Its cause is told in full at the step.
  const stop = steps.find(({ cause }) => cause?.text === verdict)
  return (
    <div className="doctor">
      <p className="doctor-verdict" role="status">
        <State tone={verdictTones[state]}>{verdictWords[state]}</State>
        <span>{stop ? stopText(stop) : verdict}</span>
      </p>
      {steps.length > 0 && (
        <ol className="doctor-steps" aria-label="Steps">
          {steps.map((step) => (
            <StepLine key={step.id} step={step} capture={capture} />
          ))}
        </ol>
      )}
      {remarks.length > 0 && (
        <section className="doctor-remarks" aria-label="Also seen">
          <h3>Also seen</h3>
          {remarks.map((remark) => (
            <CauseBox key={remark.sign} cause={remark} capture={capture} />
          ))}
        </section>
      )}
      <p className="dim doctor-foot">
        {attempts > 0 && `${plural(attempts, 'connection')} looked at; the newest is judged.`}
        {leftOut > 0 && ` ${count(leftOut)} of its messages in the middle were passed over.`}
      </p>
    </div>
  )
}

const stopText = ({ id, title }: Step): string =>
  id === 'tcp' ? 'Nothing came from it yet.' : `It stops at ${title}.`

function StepLine({ step, capture }: { step: Step; capture: CaptureId }) {
  const { title, state, evidence, cause } = step
  const icon = stepIcons[state]
  return (
    <li className={`doctor-step is-${state}`}>
      <span className={`doctor-mark ${stepTones[state]}`}>{icon ? <Icon name={icon} /> : '·'}</span>
      <span className="doctor-title">{title}</span>
      <div className="doctor-what">
        {state !== 'done' && <span className={stepTones[state]}>{stepWords[state]}</span>}
        {state === 'done' && <Proof evidence={evidence} capture={capture} />}
        {cause && <CauseBox cause={cause} capture={capture} />}
      </div>
    </li>
  )
}

function Proof({ evidence, capture }: { evidence: readonly Evidence[]; capture: CaptureId }) {
  const model = useModel()
  return (
    <ul className="doctor-proof">
      {evidence.map(({ no, time, text }) => (
        <li key={`${no} ${text}`}>
          <button
            type="button"
            className="link number"
            title={`Show packet ${no}, ${dateTime(time)}`}
            onClick={() => void showPacket(model, capture, no)}
          >
            #{count(no)}
          </button>
          <span className="cut" title={text}>
            {text}
          </span>
          <time className="dim number" title={dateTime(time)}>
            {clock(time)}
          </time>
        </li>
      ))}
    </ul>
  )
}

function CauseBox({ cause: { text, evidence, remedies }, capture }: { cause: Cause; capture: CaptureId }) {
  return (
    <div className="doctor-cause">
      <p>{text}</p>
      <Proof evidence={evidence} capture={capture} />
      {remedies.map((remedy, index) => (
        <RemedyLines key={index} remedy={remedy} live={capture === 'live'} />
      ))}
    </div>
  )
}

/** What was recorded elsewhere or earlier is not mended at this bench. */
function RemedyLines({ remedy: { text, commands, action }, live }: { remedy: Remedy; live: boolean }) {
  if (action && !live) return null
  const lines = commands?.join('\n')
  return (
    <div className="doctor-remedy">
      <p>
        <span>{text}</span>
        {action && <Act action={action} />}
        {lines !== undefined && <CopyButton text={`${lines}\n`} label={`Copy the commands: ${text}`} />}
      </p>
      {lines !== undefined && (
        <pre className="code" tabIndex={0} aria-label={`Commands: ${text}`}>
          {lines}
        </pre>
      )}
    </div>
  )
}

function Act({ action }: { action: BenchAction }) {
  const model = useModel()
  const [busy, setBusy] = useState(false)
  const run = async () => {
    setBusy(true)
    await act(model, action)
    setBusy(false)
  }
  return (
    <button type="button" className="button" disabled={busy} onClick={() => void run()}>
      {actionWords[action.do]}
    </button>
  )
}
