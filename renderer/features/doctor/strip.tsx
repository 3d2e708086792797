/** How far a device came, in one line, with the way to the whole of it. */
import { useModel } from '../../app/model.ts'
import { State } from '../../ui/kit.tsx'
import { openDoctor } from './actions.ts'
import { useExamination } from './use-examination.ts'
import { stepTones, stepWords, verdictTones, verdictWords } from './words.ts'
import './doctor.css'

export function DoctorStrip({ endpointId }: { endpointId: string }) {
  const model = useModel()
  const result = useExamination('live', { endpointId })
  if (!result?.ok) return null
  const { state, verdict, steps } = result.value
  return (
    <section className="doctor-strip" aria-label="Doctor">
      <State tone={verdictTones[state]}>{verdictWords[state]}</State>
      <span className="cut" title={verdict}>
        {verdict}
      </span>
      <span className="doctor-chain" aria-hidden="true">
        {steps.map(({ id, title, state: step }) => (
          <i key={id} className={`is-${stepTones[step]}`} title={`${title}: ${stepWords[step]}`} />
        ))}
      </span>
      <button type="button" className="button" onClick={() => openDoctor(model, 'live', { endpointId })}>
        Examine…
      </button>
    </section>
  )
}
