/** Everything known of one device, and what can be done with it. */
import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import type { DeviceDetail, DeviceEvent } from '../../../shared/contract/model.ts'
import { commandById, runCommand } from '../../app/commands.ts'
import { useModel } from '../../app/model.ts'
import { useNow } from '../../ui/clock.ts'
import { ago, clock, dateTime } from '../../ui/format.ts'
import { CopyButton, Empty, State, type Tone } from '../../ui/kit.tsx'
import { DoctorStrip } from '../doctor/strip.tsx'
import { DeviceFindings } from '../lint/device-findings.tsx'
import { identityFacts, sessionFacts, uspFacts, willFacts, type Fact } from './facts.ts'

export function DeviceDetailPane() {
  const { devices } = useModel()
  const device = useStore(devices, (state) => state.device)
  const error = useStore(devices, (state) => state.error)
  return (
    <section className="device-detail" id="device-detail" aria-label="Device" tabIndex={-1}>
      {error ? <Empty>{error.message}</Empty> : device && <Device device={device} />}
    </section>
  )
}

function Device({ device }: { device: DeviceDetail }) {
  return (
    <>
      <header className="device-caption">
        <State tone={device.online ? 'ok' : 'off'}>{device.online ? 'online' : 'offline'}</State>
        <b className="cut" title={device.endpointId}>
          {device.endpointId}
        </b>
        <span className="spacer" />
        <Actions device={device} />
      </header>
      <div className="device-facts">
        {device.role !== 'controller' && <DoctorStrip endpointId={device.endpointId} />}
        <div className="device-columns">
          <Section title="Device">
            <Facts facts={identityFacts(device)} />
          </Section>
          {device.usp && (
            <Section title="USP">
              <Facts facts={uspFacts(device.usp)} />
            </Section>
          )}
          <Section title="Findings in the live capture">
            <DeviceFindings endpointId={device.endpointId} counts={device.findings} />
          </Section>
          <Section title="Session">
            <Facts facts={sessionFacts(device)} />
          </Section>
          <Section title={`User properties of CONNECT (${device.userProperties.length})`}>
            {device.userProperties.length > 0 ? (
              <Facts facts={device.userProperties} />
            ) : (
              <p className="dim">None was sent.</p>
            )}
          </Section>
          <Section title={`Subscriptions (${device.subscriptions.length})`}>
            <Subscriptions device={device} />
          </Section>
          <Section title="Will">
            {device.will ? <Facts facts={willFacts(device.will)} /> : <p className="dim">None was sent.</p>}
          </Section>
          <Section title="History, newest first">
            <History events={device.history} />
          </Section>
        </div>
      </div>
    </>
  )
}

function Actions({ device }: { device: DeviceDetail }) {
  const model = useModel()
  const run = (id: string) => () => runCommand(commandById(id), model)
  return (
    <span className="buttons">
      <button type="button" className="button main" onClick={run('devices.packets')}>
        Show its packets
      </button>
      {device.usp && (
        <button type="button" className="button" onClick={run('datamodel.device')}>
          Data model
        </button>
      )}
      <button type="button" className="button" onClick={run('devices.message')}>
        Send a message
      </button>
      {device.online ? (
        <button type="button" className="button" onClick={run('devices.disconnect')}>
          Disconnect
        </button>
      ) : (
        <button type="button" className="button" onClick={run('devices.forget')}>
          Forget
        </button>
      )}
      <CopyButton
        className=""
        label="Copy the facts of the device as JSON"
        text={() => JSON.stringify(device, null, 2)}
      >
        Copy
      </CopyButton>
    </span>
  )
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      {children}
    </section>
  )
}

/** Labels may repeat, as user properties do, so the place is the key. */
function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className="facts">
      {facts.map(([label, text], index) => (
        <div key={index}>
          <dt>{label}</dt>
          <dd>{text || <span className="dim">empty</span>}</dd>
        </div>
      ))}
    </dl>
  )
}

function Subscriptions({ device }: { device: DeviceDetail }) {
  if (device.subscriptions.length === 0)
    return <p className="dim">None. A device that subscribes nothing can be sent nothing.</p>
  return (
    <ul className="plain">
      {device.subscriptions.map(({ filter, qos }) => (
        <li key={filter}>
          <span className="mono">{filter}</span> <span className="dim">QoS {qos}</span>
        </li>
      ))}
    </ul>
  )
}

const eventTones: Readonly<Record<DeviceEvent['kind'], Tone>> = {
  connect: 'ok',
  end: 'off',
  refused: 'bad',
  usp: 'ok',
}
const eventWords: Readonly<Record<DeviceEvent['kind'], string>> = {
  connect: 'connected',
  end: 'ended',
  refused: 'refused',
  usp: 'USP',
}

function History({ events }: { events: readonly DeviceEvent[] }) {
  const now = useNow()
  const newestFirst = [...events].sort((a, b) => b.time - a.time)
  return (
    <ul className="plain number">
      {newestFirst.map((event, index) => (
        <li key={index} className="event">
          <time className="dim" title={`${dateTime(event.time)}, ${ago(event.time, now)}`}>
            {clock(event.time)}
          </time>
          <State tone={eventTones[event.kind]}>{eventWords[event.kind]}</State>
          <span>{event.text}</span>
        </li>
      ))}
    </ul>
  )
}
