/** Devices and listeners that came with an evidence bundle. */
import { useEffect, useState } from 'react'
import type { CaptureEvidence, CaptureId, EvidenceDevice } from '../../../shared/contract/model.ts'
import type { Result } from '../../../shared/contract/result.ts'
import { useModel } from '../../app/model.ts'
import { plural } from '../../ui/format.ts'

export function Evidence({ id }: { id: CaptureId }) {
  const { host } = useModel()
  const [answer, setAnswer] = useState<Result<CaptureEvidence>>()
  useEffect(() => {
    let wanted = true
    void host.call('captures.evidence', { id }).then((came) => wanted && setAnswer(came))
    return () => {
      wanted = false
    }
  }, [host, id])
  if (answer === undefined) return null
  if (!answer.ok)
    return (
      <p className="bad" role="alert">
        What came with the bundle cannot be shown: {answer.error.message}
      </p>
    )
  const { devices, listeners, moreDevices } = answer.value
  return (
    <>
      {devices.length > 0 && (
        <section className="evidence" aria-label="Devices in the bundle">
          <h3>Devices in the bundle</h3>
          <ul>
            {devices.map((device) => (
              <li key={device.endpointId}>
                <span className="mono">{device.endpointId}</span>
                <span className="dim">{deviceWords(device)}</span>
              </li>
            ))}
          </ul>
          {moreDevices > 0 && <p className="dim">{plural(moreDevices, 'more device')} not listed</p>}
        </section>
      )}
      {listeners.length > 0 && (
        <section className="evidence" aria-label="Listeners of that bench">
          <h3>Listeners of that bench</h3>
          <ul>
            {listeners.map(({ label, host: address, state }) => (
              <li key={label}>
                <span>{label}</span>
                <span className="dim">
                  {state}
                  {state === 'listening' && ` on ${address === '*' ? 'every address' : address}`}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  )
}

/** `Vendor Model 1.2 · serial 42 · MQTT 5.0 from 10.0.0.7 as user-1`. */
export function deviceWords(device: EvidenceDevice): string {
  const { manufacturer, modelName, softwareVersion, serialNumber } = device
  const { version, transport, remoteAddress, username } = device
  const parts = [
    [manufacturer, modelName, softwareVersion].filter(Boolean).join(' '),
    serialNumber && `serial ${serialNumber}`,
    [
      version && `MQTT ${version}`,
      transport && `over ${transport.toUpperCase()}`,
      remoteAddress && `from ${remoteAddress}`,
      username && `as ${username}`,
    ]
      .filter(Boolean)
      .join(' '),
  ]
  return parts.filter(Boolean).join(' · ')
}
