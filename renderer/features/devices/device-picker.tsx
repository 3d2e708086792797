/** Choosing a device, or many: found by words, those that are online first. The bench searches all that it knows. */
import { useEffect, useRef, useState } from 'react'
import type { DeviceRow } from '../../../shared/contract/model.ts'
import { count } from '../../ui/format.ts'
import { Icon, State } from '../../ui/kit.tsx'
import { useKnownDevices } from './use-devices.ts'
import './device-picker.css'

interface Props {
  readonly label: string
  /** On the button. */
  readonly text: string
  readonly selected: readonly string[]
  /** Any number can be chosen, also such as never connected; else one, and the list closes. */
  readonly many?: boolean
  readonly onSelect: (endpointIds: readonly string[]) => void
}

export function DevicePicker(props: Props) {
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
  const close = () => {
    setOpen(false)
    element.current?.querySelector('button')?.focus()
  }
  return (
    <div
      className="device-picker"
      ref={element}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !open) return
        event.stopPropagation()
        close()
      }}
    >
      <button
        type="button"
        className="button"
        aria-expanded={open}
        aria-haspopup="dialog"
        onClick={() => setOpen(!open)}
      >
        <span className="cut">{props.text}</span>
        <Icon name="down" />
      </button>
      {open && <Choice {...props} onDone={close} />}
    </div>
  )
}

/** Agents, those that are online first. */
const agentsOf = (devices: readonly DeviceRow[]): readonly DeviceRow[] =>
  devices
    .filter(({ role }) => role !== 'controller')
    .sort((a, b) => Number(b.online) - Number(a.online) || (a.endpointId < b.endpointId ? -1 : 1))

function Choice({ label, selected, many = false, onSelect, onDone }: Props & { onDone: () => void }) {
  const [text, setText] = useState('')
  const typed = text.trim()
  const { devices, total, isKnown } = useKnownDevices(typed)
  const shown = agentsOf(devices)
  const online = shown.filter((device) => device.online).map(({ endpointId }) => endpointId)
  const unseen = selected.filter((one) => !devices.some(({ endpointId }) => endpointId === one))
  const isNew = many && isKnown && typed !== '' && !devices.some(({ endpointId }) => endpointId === typed)
  const set = (endpointId: string, on: boolean) => {
    if (many) return onSelect(on ? [...selected, endpointId] : selected.filter((one) => one !== endpointId))
    onSelect([endpointId])
    onDone()
  }
  return (
    <div className="device-choice" role="dialog" aria-label={label}>
      <input
        className="input"
        autoFocus
        aria-label={many ? 'Find a device, or type an endpoint ID' : 'Find a device'}
        placeholder={many ? 'Find, or type an endpoint ID' : 'Find by endpoint ID, model, address …'}
        maxLength={256}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          const [only] = shown
          if (event.key !== 'Enter' || !only || shown.length > 1) return
          onSelect([only.endpointId])
          if (!many) onDone()
        }}
      />
      <ul>
        {many &&
          unseen.map((endpointId) => (
            <li key={endpointId}>
              <label className="device-line">
                <input type="checkbox" checked onChange={() => set(endpointId, false)} />
                <span className="cut" title={endpointId}>
                  {endpointId}
                </span>
              </label>
            </li>
          ))}
        {shown.map((device) => {
          const { endpointId } = device
          const on = selected.includes(endpointId)
          return (
            <li key={endpointId}>
              {many ? (
                <label className="device-line">
                  <input
                    type="checkbox"
                    checked={on}
                    onChange={(event) => set(endpointId, event.target.checked)}
                  />
                  <Facts device={device} />
                </label>
              ) : (
                <DeviceButton device={device} isCurrent={on} onClick={() => set(endpointId, true)} />
              )}
            </li>
          )
        })}
      </ul>
      {isKnown && shown.length === 0 && <p className="dim">No device is known by that name.</p>}
      <More total={total} shown={devices.length} />
      {many && (
        <div className="buttons">
          {isNew && (
            <button type="button" className="button" onClick={() => set(typed, true)}>
              Add {typed}
            </button>
          )}
          <button
            type="button"
            className="button"
            disabled={online.length === 0}
            onClick={() => onSelect(online)}
          >
            All {online.length} online
          </button>
          <button type="button" className="button" onClick={() => onSelect([])}>
            None
          </button>
        </div>
      )}
    </div>
  )
}

/** What stands in the place of a view that needs a device: those there are, or how to get one. */
export function ChooseDevice(props: {
  children: string
  onChoose: (endpointId: string) => void
  onAttach: () => void
}) {
  const { children, onChoose, onAttach } = props
  const { devices, total, isKnown } = useKnownDevices()
  const agents = agentsOf(devices)
  if (!isKnown) return <div className="empty" />
  return (
    <div className="empty choose-device">
      <p>
        {children} {agents.length === 0 ? 'None has connected yet.' : 'Choose one:'}
      </p>
      {agents.length === 0 ? (
        <button type="button" className="button main" onClick={onAttach}>
          Attach a device
        </button>
      ) : (
        <ul aria-label="Devices">
          {agents.map((device) => (
            <li key={device.endpointId}>
              <DeviceButton device={device} onClick={() => onChoose(device.endpointId)} />
            </li>
          ))}
        </ul>
      )}
      <More total={total} shown={devices.length} />
    </div>
  )
}

function DeviceButton(props: { device: DeviceRow; isCurrent?: boolean; onClick: () => void }) {
  return (
    <button
      type="button"
      className="device-line"
      aria-current={props.isCurrent ? 'true' : undefined}
      onClick={props.onClick}
    >
      <Facts device={props.device} />
    </button>
  )
}

function Facts({ device: { endpointId, online, usp } }: { device: DeviceRow }) {
  const model = [usp?.modelName, usp?.softwareVersion].filter(Boolean).join(' ')
  return (
    <>
      <span className="cut" title={endpointId}>
        {endpointId}
      </span>
      <span className="dim cut" title={model}>
        {model}
      </span>
      <State tone={online ? 'ok' : 'off'}>{online ? 'online' : 'offline'}</State>
    </>
  )
}

function More({ total, shown }: { total: number; shown: number }) {
  if (total <= shown) return null
  return (
    <p className="dim">
      Only the {count(shown)} seen last of {count(total)} stand here; find others by typing.
    </p>
  )
}
