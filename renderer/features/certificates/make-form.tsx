/** Making a certificate for a device: known devices are offered, the user is optional. */
import { useEffect, useId, useState } from 'react'
import { useStore } from 'zustand'
import type { CertificatesState } from '../../../shared/contract/certificates.ts'
import { useModel } from '../../app/model.ts'
import { useNow } from '../../ui/clock.ts'
import { ENDPOINT_FIELD } from './commands.ts'
import { day, endpointProblem, usableOf } from './facts.ts'

export function MakeForm({ lab }: { lab: CertificatesState }) {
  const { certificates } = useModel()
  const draft = useStore(certificates, (state) => state.draft)
  const offered = useStore(certificates, (state) => state.offered)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string>()
  const now = useNow()
  const id = useId()
  useEffect(() => certificates.offer(), [certificates])

  const endpointId = draft.endpointId.trim()
  const problem = endpointProblem(endpointId)
  const known = offered.find((device) => device.endpointId === endpointId)
  const usable = usableOf(lab.devices, endpointId, now)
  const change = (part: Partial<typeof draft>) => {
    setError(undefined)
    certificates.setDraft(part)
  }
  const make = async () => {
    if (busy || endpointId === '' || problem !== undefined) return
    setBusy(true)
    const answer = await certificates.issue()
    setBusy(false)
    setError(answer.ok ? undefined : answer.error.message)
  }
  return (
    <form
      className="certificate-form"
      aria-label="New device certificate"
      onSubmit={(event) => {
        event.preventDefault()
        void make()
      }}
    >
      <input
        id={ENDPOINT_FIELD}
        className="input mono"
        aria-label="Endpoint ID"
        placeholder="Endpoint ID, e.g. os::012345-CPE1"
        spellCheck={false}
        autoComplete="off"
        list={`${id}-devices`}
        aria-invalid={problem !== undefined}
        aria-describedby={`${id}-remark`}
        value={draft.endpointId}
        maxLength={1000}
        onChange={(event) => change({ endpointId: event.target.value })}
      />
      <datalist id={`${id}-devices`}>
        {offered.map((device) => (
          <option key={device.endpointId} value={device.endpointId}>
            {[
              device.online ? 'online' : 'offline',
              usableOf(lab.devices, device.endpointId, now) ? 'has a certificate' : 'without certificate',
            ].join(', ')}
          </option>
        ))}
      </datalist>
      <input
        className="input"
        aria-label="User, optional"
        title="With its certificate the device may log in as this user without a password"
        placeholder="User, optional"
        spellCheck={false}
        autoComplete="off"
        value={draft.username}
        maxLength={1000}
        onChange={(event) => change({ username: event.target.value })}
      />
      <button
        type="submit"
        className="button main"
        disabled={busy || endpointId === '' || problem !== undefined}
      >
        {usable ? 'Make another' : 'Make certificate'}
      </button>
      <p id={`${id}-remark`} className={`certificate-remark ${problem ? 'bad' : 'dim'}`} role="status">
        {problem}
        {!problem && usable && (
          <>
            It has one that is good until {day(usable.notAfter)} and stays so; its file will hold the new
            one.{' '}
          </>
        )}
        {!problem && known?.username && known.username !== draft.username && (
          <>
            It logs in as {known.username}.{' '}
            <button type="button" className="link" onClick={() => change({ username: known.username })}>
              Make it for this user
            </button>
          </>
        )}
      </p>
      {error !== undefined && (
        <p className="certificate-remark bad" role="alert">
          {error}
        </p>
      )}
    </form>
  )
}
