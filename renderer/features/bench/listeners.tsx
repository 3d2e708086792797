/** The listeners: on or off, which port, and why one failed. */
import { useId, useState } from 'react'
import { useStore } from 'zustand'
import type { ListenerState } from '../../../shared/contract/model.ts'
import { listenerTone } from '../../app/listener-tone.ts'
import { useModel } from '../../app/model.ts'
import { plural } from '../../ui/format.ts'
import { Card, State, Switch } from '../../ui/kit.tsx'
import { parsePort } from './port.ts'

const none: readonly ListenerState[] = []

export function Listeners() {
  const { live } = useModel()
  const listeners = useStore(live, (state) => state.bench?.listeners ?? none)
  return (
    <Card title="Listeners" aside="where devices connect">
      <ul className="listeners">
        {listeners.map((listener) => (
          <Listener key={listener.transport} listener={listener} />
        ))}
      </ul>
    </Card>
  )
}

function Listener({ listener }: { listener: ListenerState }) {
  const { host } = useModel()
  const { transport, label, state, message, connections } = listener
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string>()
  const set = async (change: { enabled?: boolean; port?: number }) => {
    setBusy(true)
    const answer = await host.call('listeners.set', { transport, ...change })
    setBusy(false)
    setError(answer.ok ? undefined : answer.error.message)
    return answer.ok
  }
  return (
    <li className="listener" aria-label={label}>
      <Switch
        on={state !== 'off'}
        label={`Listener ${label}`}
        disabled={busy}
        onChange={(enabled) => void set({ enabled })}
      />
      <b>{label}</b>
      <State tone={listenerTone[state]}>{state}</State>
      <PortForm key={listener.port} listener={listener} busy={busy} onPort={(port) => set({ port })} />
      <span className="number dim connections">{plural(connections, 'connection')}</span>
      {message !== undefined && (
        <p className={`listener-message ${state === 'failed' ? 'bad' : 'dim'}`}>{message}</p>
      )}
      {error !== undefined && (
        <p className="listener-message bad" role="alert">
          {error}
        </p>
      )}
    </li>
  )
}

interface PortFormProps {
  readonly listener: ListenerState
  readonly busy: boolean
  readonly onPort: (port: number) => Promise<boolean>
}

/** Shows the port as text to edit; it is moved only by Enter or the button, never while typing. */
function PortForm({ listener, busy, onPort }: PortFormProps) {
  const [text, setText] = useState(String(listener.port))
  const id = useId()
  const parsed = parsePort(text)
  const changed = text.trim() !== String(listener.port)
  return (
    <form
      className="port"
      onSubmit={(event) => {
        event.preventDefault()
        if (changed && parsed.ok) void onPort(parsed.port)
      }}
    >
      <span
        className="mono dim cut"
        title={listener.host === '*' ? 'Every address of this machine' : listener.host}
      >
        {listener.host}:
      </span>
      <input
        className="input mono"
        inputMode="numeric"
        aria-label={`Port of ${listener.label}`}
        aria-invalid={!parsed.ok}
        aria-describedby={id}
        value={text}
        disabled={busy}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || !changed) return
          event.preventDefault()
          setText(String(listener.port))
        }}
      />
      {changed && (
        <button type="submit" className="button" disabled={busy || !parsed.ok}>
          Move
        </button>
      )}
      <span id={id} className="bad port-problem" role="status">
        {parsed.ok ? '' : parsed.problem}
      </span>
    </form>
  )
}
