/** The device certificate under the cursor: its facts, what can be done with it, and the lines to use it. */
import { useState, type ReactNode } from 'react'
import { useStore } from 'zustand'
import type { CertificatesState } from '../../../shared/contract/certificates.ts'
import { useModel } from '../../app/model.ts'
import { useNow } from '../../ui/clock.ts'
import { ago, dateTime } from '../../ui/format.ts'
import { ConfirmButton, Icon, State } from '../../ui/kit.tsx'
import { saveFiles } from './commands.ts'
import { dayFrom, stateTones, stateWords, type CertificateRow } from './facts.ts'
import { agentLine, agentParameters, clientLine, fileName } from './lines.ts'
import { Fact, Facts, Lines } from './parts.tsx'
import type { CertificateFiles } from './store.ts'
import { useTarget } from './use-target.ts'

export function CertificateDetail({ row, lab }: { row: CertificateRow; lab: CertificatesState }) {
  const { certificates } = useModel()
  const files = useStore(certificates, (state) => state.files)
  const now = useNow()
  const { endpointId, username, serial, notAfter, revokedAt, state, newest } = row
  return (
    <section
      className="certificate-detail"
      id="certificate-detail"
      aria-label={`Certificate of ${endpointId}`}
      tabIndex={-1}
    >
      <header>
        <State tone={stateTones[state]}>{stateWords[state]}</State>
        <b className="cut" title={endpointId}>
          {endpointId}
        </b>
        <span className="spacer" />
        <Actions row={row} files={files?.ok ? files.value : undefined} />
      </header>
      <div className="certificate-body">
        <div className="certificate-columns">
          <section aria-label="Facts">
            <Facts>
              <Fact label="Proves" copy={`urn:bbf:usp:id:${endpointId}`}>
                <span className="mono">urn:bbf:usp:id:{endpointId}</span>
              </Fact>
              <Fact label="User">{username ?? <span className="dim">none but its endpoint ID</span>}</Fact>
              <Fact label="Serial" copy={serial}>
                <span className="mono">{serial}</span>
              </Fact>
              <Fact label="Until">
                <span className="number" title={dateTime(Date.parse(notAfter))}>
                  {dayFrom(notAfter, now)}
                </span>
              </Fact>
              {files?.ok && (
                <Fact label="File" copy={files.value.file}>
                  <span className="mono">{files.value.file}</span>
                </Fact>
              )}
            </Facts>
            {revokedAt !== undefined && (
              <Remark>
                Revoked {ago(Date.parse(revokedAt), now)}: no handshake with it succeeds any more, and what
                used it was disconnected. Renew makes a new one for the same device.
              </Remark>
            )}
            {revokedAt === undefined && !newest && (
              <Remark>
                A newer one was made for this device, and its file holds that. This one opens the bench still,
                until it is revoked.
              </Remark>
            )}
            {newest && files?.ok === false && <Remark>{files.error.message}</Remark>}
          </section>
          {files?.ok && state !== 'expired' && <Use row={row} lab={lab} files={files.value} />}
        </div>
      </div>
    </section>
  )
}

function Remark({ children }: { children: ReactNode }) {
  return (
    <p className="warn certificate-note">
      <Icon name="warning" />
      <span>{children}</span>
    </p>
  )
}

function Actions({ row, files }: { row: CertificateRow; files: CertificateFiles | undefined }) {
  const model = useModel()
  const [busy, setBusy] = useState(false)
  const { serial, revokedAt } = row
  const renew = async () => {
    setBusy(true)
    const answer = await model.certificates.renew(serial)
    setBusy(false)
    if (!answer.ok) model.notices.getState().fail(answer.error)
  }
  return (
    <div className="buttons">
      <button
        type="button"
        className="button main"
        disabled={!files}
        title="Its certificate with the key, and the authority of the lab"
        onClick={() => files && void saveFiles(model, [files.file, files.authorityFile])}
      >
        Save files…
      </button>
      <button
        type="button"
        className="button"
        disabled={busy}
        title="Makes a new one for the same device and user; this one stays good until its end"
        onClick={() => void renew()}
      >
        Renew
      </button>
      {revokedAt === undefined && (
        <ConfirmButton
          question="Revoke for good and end its connections?"
          onConfirm={() => void model.run('certificates.revoke', { serial })}
        >
          Revoke
        </ConfirmButton>
      )}
    </div>
  )
}

interface UseProps {
  readonly row: CertificateRow
  readonly lab: CertificatesState
  readonly files: CertificateFiles
}

function Use({ row: { endpointId }, lab, files }: UseProps) {
  const model = useModel()
  const target = useTarget(lab)
  const [bundle, authority] = [fileName(files.file), fileName(files.authorityFile)]
  return (
    <>
      {lab.clientCertificates === 'off' && (
        <p className="certificate-note">
          <Icon name="note" />
          <span>
            Client certificates are off, so the bench does not ask for it.{' '}
            <button
              type="button"
              className="link"
              onClick={() => void model.run('certificates.ask', { mode: 'optional' })}
            >
              Ask for them, optionally
            </button>
          </span>
        </p>
      )}
      <section aria-label="On the device">
        <h3>On the device</h3>
        <p className="dim">Start OBUSPA with both files,</p>
        <Lines label="line that starts OBUSPA" text={agentLine(bundle, authority)} />
        <p className="dim">and with these parameters in its factory-reset file or database:</p>
        <Lines label="parameters for OBUSPA" text={agentParameters(target)} />
      </section>
      <section aria-label="From a desk">
        <h3>From a desk</h3>
        <p className="dim">
          The same with the client of Mosquitto
          {lab.clientCertificates === 'off'
            ? ', once the bench asks for certificates:'
            : '; no user name or password is needed:'}
        </p>
        <Lines label="line for mosquitto_pub" text={clientLine(target, { bundle, authority, endpointId })} />
      </section>
    </>
  )
}
