/** Waiting for the device, with the doctor looking on until its first answer. */
import { useModel } from '../../app/model.ts'
import { Findings } from '../doctor/steps.tsx'
import { useExamination } from '../doctor/use-examination.ts'
import { Knocks } from '../access/knocks.tsx'
import { useKnocks } from '../access/use-access.ts'
import { showDevice } from '../devices/commands.ts'

/** Others at the door, of which one may be this device under another name. */
const SHOWN = 3

export function WaitStep({ endpointId }: { endpointId: string }) {
  const model = useModel()
  const result = useExamination('live', { endpointId })
  const others = useKnocks().filter(({ who }) => who.endpointId !== endpointId)
  return (
    <>
      <h3>Start the agent, or let it connect again</h3>
      {!result && <p className="dim">Looking…</p>}
      {result && !result.ok && <p className="bad">{result.error.message}</p>}
      {result?.ok && <Findings examination={result.value} capture="live" />}
      {result?.ok && result.value.state === 'working' && (
        <span className="buttons">
          <button type="button" className="button main" onClick={() => showDevice(model, endpointId)}>
            Show the device
          </button>
        </span>
      )}
      {others.length > 0 && (
        <section aria-label="Others at the door">
          <h3>Others at the door: is it one of these, under another name?</h3>
          <Knocks knocks={others.slice(0, SHOWN)} />
        </section>
      )}
    </>
  )
}
