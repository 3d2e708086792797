/** This bench in TLS: its authority, what it shows, what it asks for, and whether the secrets are written down. */
import { Fragment, type ReactNode } from 'react'
import { useStore } from 'zustand'
import type { CertificatesState, ServerCertificateFault } from '../../../shared/contract/certificates.ts'
import { useModel } from '../../app/model.ts'
import { useKeptScroll } from '../../app/use-kept-scroll.ts'
import { useNow } from '../../ui/clock.ts'
import { dateTime, plural } from '../../ui/format.ts'
import { Card, Icon, State, Switch } from '../../ui/kit.tsx'
import { Choice } from '../../ui/choice.tsx'
import { saveFiles } from './commands.ts'
import { dayFrom, stateAt, stateTones } from './facts.ts'
import { fileName, trustLines, type TlsTarget } from './lines.ts'
import { Fact, Facts, Lines } from './parts.tsx'
import { useTarget } from './use-target.ts'
import { modeWords, optionsOf, shownWords, type Shown } from './words.ts'

export function BenchCard({ lab }: { lab: CertificatesState }) {
  const { live } = useModel()
  const scroll = useKeptScroll('certificates')
  const target = useTarget(lab)
  const elsewhere = useStore(live, (state) => state.bench?.host === 'browser')
  return (
    <Card title="This bench" aside={<Listening target={target} />} bodyRef={scroll}>
      <div className="certificate-sections">
        <NotListening target={target} />
        <Authority lab={lab} target={target} elsewhere={elsewhere} />
        <ServerCertificate lab={lab} />
        <ClientCertificates lab={lab} />
        <KeyLog lab={lab} elsewhere={elsewhere} />
      </div>
    </Card>
  )
}

function Section({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <header>
        <h3>{title}</h3>
        {aside}
      </header>
      {children}
    </section>
  )
}

/** Says where TLS is spoken. */
function Listening({ target: { address, port, listener } }: { target: TlsTarget }) {
  if (listener?.state !== 'listening') return null
  return (
    <span className="number">
      TLS at {address}, port {port}, {plural(listener.connections, 'connection')}
    </span>
  )
}

/** While TLS is not spoken: why not, and how to mend it. */
function NotListening({ target: { listener } }: { target: TlsTarget }) {
  const model = useModel()
  if (!listener || listener.state === 'listening') return null
  const off = listener.state === 'off'
  return (
    <div className="certificate-off">
      <span className="warn">
        {listener.label} {off ? 'is off' : 'does not listen'}: no device reaches this bench over TLS.
      </span>
      <button
        type="button"
        className="button"
        onClick={() =>
          off ? void model.run('listeners.set', { transport: 'tls', enabled: true }) : model.goTo('bench')
        }
      >
        {off ? `Turn on ${listener.label}` : 'See why'}
      </button>
    </div>
  )
}

function Until({ time }: { time: string }) {
  const now = useNow()
  const state = stateAt(time, now)
  return (
    <State tone={stateTones[state]} title={dateTime(Date.parse(time))}>
      <span className={`number ${state === 'expired' ? 'bad' : ''}`}>{dayFrom(time, now)}</span>
    </State>
  )
}

interface AuthorityProps {
  readonly lab: CertificatesState
  readonly target: TlsTarget
  /** The file lies on another machine than this window. */
  readonly elsewhere: boolean
}

function Authority({ lab: { authority, authorityFile }, target, elsewhere }: AuthorityProps) {
  const model = useModel()
  const file = fileName(authorityFile)
  return (
    <Section
      title="Lab authority"
      aside={
        <div className="buttons">
          <button
            type="button"
            className="button"
            title="Makes another authority; all device certificates become worthless"
            onClick={() => model.show('replace-authority')}
          >
            Replace…
          </button>
          <button type="button" className="button" onClick={() => void saveFiles(model, [authorityFile])}>
            Save {file}…
          </button>
        </div>
      }
    >
      <Facts>
        <Fact label="Subject">{authority.subject}</Fact>
        <Fact label="Fingerprint" copy={authority.fingerprint}>
          <span className="mono" title="SHA-256">
            {authority.fingerprint.split(/(?<=:)/).map((part, at) => (
              <Fragment key={at}>
                {part}
                <wbr />
              </Fragment>
            ))}
          </span>
        </Fact>
        <Fact label="Until">
          <Until time={authority.notAfter} />
        </Fact>
        <Fact label={elsewhere ? 'On bench' : 'File'} copy={authorityFile}>
          <span className="mono">{authorityFile}</span>
        </Fact>
      </Facts>
      <p className="dim">Give the file to each device and client, so that it knows this bench:</p>
      <Lines label="lines to trust this bench" text={trustLines(target, file)} />
    </Section>
  )
}

function ServerCertificate({ lab: { server, fault } }: { lab: CertificatesState }) {
  const model = useModel()
  const shown: Shown = fault ?? 'right'
  const { text, log } = shownWords[shown]
  const show = (id: Shown) =>
    model.run('certificates.fault', id === 'right' ? {} : { fault: id satisfies ServerCertificateFault })
  return (
    <Section
      title="Server certificate"
      aside={fault && <State tone="bad">wrong on purpose: {shownWords[fault].title.toLowerCase()}</State>}
    >
      <Facts>
        <Fact label="Subject">{server.subject}</Fact>
        <Fact label="Until">
          <Until time={server.notAfter} />
        </Fact>
        <Fact label="Names">
          <span className="certificate-names">
            {[...new Set(server.hosts)].map((host) => (
              <code key={host}>{host}</code>
            ))}
          </span>
        </Fact>
      </Facts>
      <p className="dim">What the bench shows, to see what a device does with it:</p>
      <Choice
        label="Server certificate that is shown"
        options={optionsOf(shownWords)}
        value={shown}
        isBad={(id) => id !== 'right'}
        onChange={show}
      />
      <p className="warn certificate-fault-words" role="status">
        {fault && (
          <>
            {text} A device must refuse it
            {log !== undefined && (
              <>
                ; an OBUSPA logs <q>{log}</q>
              </>
            )}
            . A restart of the bench shows the right one again.
          </>
        )}
      </p>
    </Section>
  )
}

function ClientCertificates({ lab: { clientCertificates } }: { lab: CertificatesState }) {
  const model = useModel()
  return (
    <Section title="Client certificates">
      <Choice
        label="Client certificates"
        options={optionsOf(modeWords)}
        value={clientCertificates}
        onChange={(mode) => model.run('certificates.ask', { mode })}
      />
      <p className="dim" role="status">
        {modeWords[clientCertificates].text} Holds from the next handshake on.
      </p>
    </Section>
  )
}

function KeyLog({ lab: { keyLog }, elsewhere }: { lab: CertificatesState; elsewhere: boolean }) {
  const model = useModel()
  const on = keyLog !== undefined
  return (
    <Section
      title="TLS key log"
      aside={
        <Switch
          on={on}
          label="TLS key log"
          onChange={(wished) => void model.run('certificates.keyLog', { on: wished })}
        />
      }
    >
      {on ? (
        <>
          <p className="warn certificate-note">
            <Icon name="warning" />
            <span>
              The secrets of new TLS connections are written down: whoever has this file can read what was
              recorded of them. Turn it off, and delete the file, when you are done.
            </span>
          </p>
          <Facts>
            <Fact label={elsewhere ? 'On bench' : 'File'} copy={keyLog}>
              <span className="mono">{keyLog}</span>
            </Fact>
          </Facts>
        </>
      ) : (
        <p className="dim">
          Off. Turn it on to let Wireshark decrypt what a mirror port saw of this bench; until it is off
          again, whoever gets the file can read that traffic.
        </p>
      )}
    </Section>
  )
}
