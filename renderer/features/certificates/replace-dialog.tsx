/** Another lab authority: what that costs is listed before it is done. */
import { useState } from 'react'
import { useStore } from 'zustand'
import type { BenchError } from '../../../shared/contract/result.ts'
import { Dialog } from '../../app/dialog.tsx'
import { useModel } from '../../app/model.ts'
import { useNow } from '../../ui/clock.ts'
import { plural } from '../../ui/format.ts'
import { goodCertificates } from './facts.ts'
import { fileName } from './lines.ts'

export function ReplaceDialog() {
  const { host, live } = useModel()
  const lab = useStore(live, (state) => state.certificates)
  const now = useNow()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<BenchError>()
  const [former, setFormer] = useState<string>()
  if (!lab) return null
  const file = fileName(lab.authorityFile)
  const run = async () => {
    setBusy(true)
    const answer = await host.call('certificates.replaceAuthority', {
      fingerprint: lab.authority.fingerprint,
    })
    setBusy(false)
    if (answer.ok) setFormer(answer.value.former)
    else setError(answer.error)
  }
  if (former !== undefined)
    return (
      <Dialog title="New lab authority">
        <p>
          {lab.authority.subject} is in force, with a new server certificate. Give {file} to each device, and
          make new device certificates.
        </p>
        <p className="dim">
          The old files are in <code className="replace-path">{former}</code>
        </p>
      </Dialog>
    )
  const worthless = goodCertificates(lab.devices, now)
  return (
    <Dialog
      title="Replace the lab authority"
      action={{ title: 'Replace the authority', disabled: busy, run: () => void run() }}
    >
      <p>
        The bench makes another authority and a server certificate of it. Every device must get the new {file}
        ; until then it does not connect over TLS. The old files are kept aside.
      </p>
      {worthless.length === 0 ? (
        <p className="dim">No device certificate is in use.</p>
      ) : (
        <>
          <p className="warn">
            {plural(worthless.length, 'device certificate')} {worthless.length === 1 ? 'opens' : 'open'}{' '}
            nothing any more, and connections that use {worthless.length === 1 ? 'it' : 'them'} end:
          </p>
          <ul className="replace-list mono" aria-label="Certificates that become worthless" tabIndex={0}>
            {worthless.map(({ serial, endpointId }) => (
              <li key={serial}>
                {endpointId} <span className="dim">{serial}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      {error && (
        <p className="bad" role="alert">
          {error.message}
        </p>
      )}
    </Dialog>
  )
}
