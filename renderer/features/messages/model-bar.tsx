import { useStore } from 'zustand'
import { useModel } from '../../app/model.ts'
import { dateTime } from '../../ui/format.ts'
import type { DeviceModel } from './device-model.ts'
import './model-bar.css'

/** By which model paths are completed (and checked), and how to get one. `used`: what is done with it. */
export function ModelBar({ device, used }: { device: DeviceModel; used: string }) {
  const { live } = useModel()
  const { endpointId, state, model, error } = useStore(device)
  const reading = useStore(live, (now) => now.usp?.reading.find((one) => one.endpointId === endpointId))
  if (endpointId === undefined) {
    return <p className="paths-bar dim">Choose a device: by its data model paths are {used}.</p>
  }
  return (
    <p className="paths-bar dim" role="status">
      {state === 'reading' ? (
        <>
          <span>
            Reading the data model of {endpointId}: {reading?.objects ?? 0} objects
          </span>
          <progress value={reading?.progress ?? 0} aria-label="Data model read" />
          <button type="button" className="link" onClick={device.stop}>
            Stop
          </button>
        </>
      ) : (
        <>
          <span className="cut">
            {model
              ? `Paths by the data model of ${endpointId}, read ${dateTime(model.readAt)}: ${model.objects.length} objects.`
              : state === 'loading'
                ? 'Looking for its data model…'
                : `The data model of ${endpointId} was not read yet: paths are not ${used}.`}
          </span>
          {state !== 'loading' && (
            <button type="button" className="link" onClick={() => void device.read()}>
              {model ? 'Read again' : 'Read it'}
            </button>
          )}
          {error && <span className="bad">{error.message}</span>}
        </>
      )}
    </p>
  )
}
