/** To whom the message goes: devices by their endpoint IDs, those that are online first. */
import { useEffect, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { useModel } from '../../app/model.ts'
import { plural } from '../../ui/format.ts'
import { Icon, State } from '../../ui/kit.tsx'
import { useKnownDevices } from '../access/use-devices.ts'

export function Targets() {
  const { messages } = useModel()
  const targets = useStore(messages, (state) => state.targets)
  const [open, setOpen] = useState(false)
  const element = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!open) return
    const outside = (event: PointerEvent) => {
      if (!(event.target instanceof Node && element.current?.contains(event.target))) setOpen(false)
    }
    window.addEventListener('pointerdown', outside, true)
    return () => window.removeEventListener('pointerdown', outside, true)
  }, [open])
  const [first] = targets
  return (
    <div
      className="targets"
      ref={element}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !open) return
        event.stopPropagation()
        setOpen(false)
      }}
    >
      <button
        type="button"
        className="button targets-button"
        aria-expanded={open}
        aria-haspopup="dialog"
        onClick={() => setOpen(!open)}
      >
        <span className="cut">
          {first === undefined
            ? 'Choose devices'
            : targets.length === 1
              ? `To ${first}`
              : `To ${plural(targets.length, 'device')}: ${first}, …`}
        </span>
        <Icon name="down" />
      </button>
      {open && <TargetList />}
    </div>
  )
}

function TargetList() {
  const { messages } = useModel()
  const targets = useStore(messages, (state) => state.targets)
  const { devices, total } = useKnownDevices()
  const [text, setText] = useState('')
  const agents = devices.filter(({ role }) => role !== 'controller')
  const shown = agents
    .filter(({ endpointId, usp }) =>
      `${endpointId} ${usp?.modelName ?? ''}`.toLowerCase().includes(text.trim().toLowerCase()),
    )
    .sort((a, b) => Number(b.online) - Number(a.online) || (a.endpointId < b.endpointId ? -1 : 1))
  const typed = text.trim()
  const unknown = typed !== '' && !devices.some(({ endpointId }) => endpointId === typed)
  const online = shown.filter((device) => device.online).map(({ endpointId }) => endpointId)
  const set = (endpointId: string, on: boolean) =>
    messages.setTargets(on ? [...targets, endpointId] : targets.filter((one) => one !== endpointId))
  return (
    <div className="target-list" role="dialog" aria-label="Devices to send to">
      <input
        className="input"
        autoFocus
        aria-label="Find a device, or type an endpoint ID"
        placeholder="Find, or type an endpoint ID"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          const [only] = shown
          if (event.key !== 'Enter') return
          if (only && shown.length === 1) messages.setTargets([only.endpointId])
        }}
      />
      <ul>
        {targets
          .filter((one) => !devices.some(({ endpointId }) => endpointId === one))
          .map((endpointId) => (
            <Target key={endpointId} endpointId={endpointId} remark="not seen yet" on onSet={set} />
          ))}
        {shown.map((device) => (
          <Target
            key={device.endpointId}
            endpointId={device.endpointId}
            online={device.online}
            remark={device.usp?.modelName ?? ''}
            on={targets.includes(device.endpointId)}
            onSet={set}
          />
        ))}
      </ul>
      {shown.length === 0 && <p className="dim">No device is known by that name.</p>}
      {total > devices.length && (
        <p className="dim">
          Only the {devices.length} seen last stand here; type the endpoint ID of another.
        </p>
      )}
      <div className="buttons">
        {unknown && (
          <button type="button" className="button" onClick={() => set(typed, true)}>
            Add {typed}
          </button>
        )}
        <button
          type="button"
          className="button"
          disabled={online.length === 0}
          onClick={() => messages.setTargets(online)}
        >
          All {online.length} online
        </button>
        <button type="button" className="button" onClick={() => messages.setTargets([])}>
          None
        </button>
      </div>
    </div>
  )
}

function Target(props: {
  endpointId: string
  online?: boolean
  remark: string
  on: boolean
  onSet: (endpointId: string, on: boolean) => void
}) {
  const { endpointId, online, remark, on, onSet } = props
  return (
    <li>
      <label className="check">
        <input type="checkbox" checked={on} onChange={(event) => onSet(endpointId, event.target.checked)} />
        <span className="cut" title={endpointId}>
          {endpointId}
        </span>
        <span className="dim cut">{remark}</span>
        <State tone={online ? 'ok' : 'off'}>{online ? 'online' : 'offline'}</State>
      </label>
    </li>
  )
}
