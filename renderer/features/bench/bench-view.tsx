/** Whether the bench is ready, how to attach a device to it, and how it is doing. */
import { useState } from 'react'
import { useStore } from 'zustand'
import { useModel } from '../../app/model.ts'
import { useKeptScroll } from '../../app/use-kept-scroll.ts'
import { Empty, Icon } from '../../ui/kit.tsx'
import { Attach } from '../attach/attach-card.tsx'
import { showDevice } from '../devices/commands.ts'
import { useKnownDevices } from '../devices/use-devices.ts'
import { Knocking } from './knocking.tsx'
import { Listeners } from './listeners.tsx'
import { Now } from './now.tsx'
import { Problems } from './problems.tsx'
import './bench.css'

export function BenchView() {
  const { live } = useModel()
  const scroll = useKeptScroll('bench')
  const known = useStore(live, (state) => state.bench !== undefined)
  const open = useStore(live, (state) => state.bench?.open === true)
  if (!known) return <Empty>Connecting to the bench…</Empty>
  return (
    <div className="bench" ref={scroll}>
      {open && (
        <div className="open-banner" role="note">
          <Icon name="warning" />
          <span>
            <b>This bench is open,</b> because it was switched so: whoever reaches one of its listeners may
            publish and subscribe everything, without a password.
          </span>
          <span className="spacer" />
          <CloseBench />
        </div>
      )}
      <NextStep />
      <Problems />
      <div className="bench-columns">
        <Attach />
        <div className="bench-stack">
          <Knocking />
          <Listeners />
          <Now />
        </div>
      </div>
    </div>
  )
}

function CloseBench() {
  const model = useModel()
  const [busy, setBusy] = useState(false)
  const close = async () => {
    setBusy(true)
    await model.run('access.setOpen', { open: false })
    setBusy(false)
  }
  return (
    <button type="button" className="button" disabled={busy} onClick={() => void close()}>
      Close it
    </button>
  )
}

/** While there is at most one device: the one thing to do next. */
function NextStep() {
  const total = useStore(useModel().live, (state) => state.deviceTotal)
  return total === 0 ? <FirstConnection /> : total === 1 ? <FirstDevice /> : null
}

function FirstDevice() {
  const model = useModel()
  const [device] = useKnownDevices().devices
  if (device?.role !== 'agent') return null
  const { endpointId, online } = device
  return (
    <div className="next-step" role="note">
      <span>
        <b>{endpointId}</b> {online ? 'is connected' : 'was here, and is gone'}: see how far it came, and what
        is wrong in what it says.
      </span>
      <button type="button" className="button main" onClick={() => showDevice(model, endpointId)}>
        Go to the device
      </button>
    </div>
  )
}

function FirstConnection() {
  const model = useModel()
  const tcp = useStore(model.live, (state) =>
    state.bench?.listeners.find((listener) => listener.transport === 'tcp'),
  )
  const closed = useStore(model.live, (state) => state.access?.open === false)
  const knocked = useStore(
    model.live,
    (state) => state.access?.denials.some(({ action }) => action === 'connect') === true,
  )
  if (!tcp || knocked) return null
  if (tcp.state !== 'listening')
    return (
      <div className="next-step" role="note">
        <span>No device can connect yet: the listener {tcp.label} is not listening.</span>
        {tcp.state === 'off' && (
          <button
            type="button"
            className="button main"
            onClick={() => void model.run('listeners.set', { transport: 'tcp', enabled: true })}
          >
            Turn on {tcp.label}
          </button>
        )}
      </div>
    )
  return (
    <div className="next-step" role="note">
      <span>
        No device has connected yet: attach one step by step, or load the lines below into its agent.
        {closed &&
          ' This bench lets in whom it knows: a device that is refused knocks here, and one click admits it.'}
      </span>
      <button type="button" className="button main" onClick={() => model.show('attach')}>
        Step by step…
      </button>
    </div>
  )
}
