/** Above every view: which bench this is, its listeners, NATS, whether it records. */
import { useStore } from 'zustand'
import type { NatsInfo } from '../../shared/contract/access.ts'
import type { CaptureState, ListenerState } from '../../shared/contract/model.ts'
import { shownWords } from '../features/certificates/words.ts'
import { FaultMark } from '../features/faults/fault-mark.tsx'
import { keptWords } from '../features/nats/words.ts'
import { count, size } from '../ui/format.ts'
import { Keys, State } from '../ui/kit.tsx'
import { listenerTone } from './listener-tone.ts'
import { useModel } from './model.ts'

export function Header() {
  const model = useModel()
  const bench = useStore(model.live, (state) => state.bench)
  const fault = useStore(model.live, (state) => state.certificates?.fault)
  const capture = useStore(model.live, (state) => state.capture)
  const nats = useStore(model.live, (state) => state.access?.nats)
  return (
    <header className="header">
      <h1>Oktobench</h1>
      {bench && (
        <span className="dim cut" title={bench.workspace.path}>
          {bench.workspace.name}
        </span>
      )}
      <span className="spacer" />
      {bench?.open && (
        <button
          type="button"
          className="open-mark"
          title="Whoever reaches a listener may do everything"
          onClick={() => model.goTo('bench')}
        >
          Open bench
        </button>
      )}
      {fault && (
        <button
          type="button"
          className="open-mark"
          title={`The server certificate ${shownWords[fault].fault}, on purpose: devices that check it do not connect over TLS`}
          onClick={() => model.goTo('certificates')}
        >
          Wrong certificate
        </button>
      )}
      <FaultMark />
      {bench?.listeners.map((listener) => (
        <Listener key={listener.transport} listener={listener} onClick={() => model.goTo('bench')} />
      ))}
      {nats && <Nats nats={nats} />}
      {capture && <Recording capture={capture} />}
      <button
        type="button"
        className="chip"
        aria-label="Find a command"
        aria-keyshortcuts="Control+K"
        onClick={() => model.show('palette')}
      >
        <Keys chord="mod+k" />
      </button>
    </header>
  )
}

function Listener({ listener, onClick }: { listener: ListenerState; onClick: () => void }) {
  const { label, state, message } = listener
  return (
    <button type="button" className="chip" onClick={onClick} title={message ?? `${label}: ${state}`}>
      <State tone={listenerTone[state]}>
        {label} <span className={state === 'failed' ? 'bad' : 'dim'}>{state}</span>
      </State>
    </button>
  )
}

/** What is as it should be needs no words here. */
function Nats({ nats }: { nats: NatsInfo }) {
  const model = useModel()
  const { tone, text, short } = keptWords[nats.credentials]
  return (
    <button
      type="button"
      className="chip"
      onClick={() => model.goTo('nats')}
      title={[text, nats.message].filter(Boolean).join(' ')}
    >
      <State tone={tone}>
        NATS{tone !== 'ok' && <span className={tone === 'warn' ? 'warn' : 'dim'}> {short}</span>}
      </State>
    </button>
  )
}

function Recording({ capture }: { capture: CaptureState }) {
  const model = useModel()
  const { recording, rows, bytes, budgetBytes } = capture
  return (
    <button
      type="button"
      className="chip number"
      title={`${recording ? 'Pause' : 'Resume'} recording. ${size(bytes)} of ${size(budgetBytes)} used; beyond that the oldest packets make room.`}
      onClick={() => void model.run('packets.record', { on: !recording })}
    >
      <State tone={recording ? 'bad' : 'off'}>
        {recording ? 'recording' : 'paused'} <span className="dim">{count(rows)} packets</span>{' '}
        <span className="dim">{size(bytes)}</span>
      </State>
    </button>
  )
}
