/** Enhanced authentication on a connection: again by the client itself, or step by step as a person writes it. */
import { useState } from 'react'
import { useStore } from 'zustand'
import type { LiveAuthentication, PropertyDraft } from '../../../shared/contract/mqtt-client.ts'
import { Dialog, Labelled } from '../../app/dialog.tsx'
import { useModel } from '../../app/model.ts'
import { clock } from '../../ui/format.ts'
import { Alert, State, type Tone } from '../../ui/kit.tsx'
import { PropertyEditor } from './property-editor.tsx'
import { connectionInFront, isConnected, profileInFront } from './store.ts'
import { methodOf, SCRAM } from './profile-draft.ts'

const tones: Readonly<Record<LiveAuthentication['state'], readonly [Tone, string]>> = {
  waiting: ['off', 'under way'],
  challenged: ['warn', 'waits for you'],
  proved: ['ok', 'done'],
  failed: ['bad', 'failed'],
}

export function AuthenticateDialog() {
  const model = useModel()
  const profile = useStore(model.client, profileInFront)
  const connection = useStore(model.client, connectionInFront)
  const [byHand, setByHand] = useState(false)
  const [method, setMethod] = useState('')
  const [data, setData] = useState({ value: '', hex: false })
  const [properties, setProperties] = useState<readonly PropertyDraft[]>([])
  const [fault, setFault] = useState('')
  if (!profile) return null
  const live = connection?.authentication
  const agreed = live?.method ?? methodOf(profile) ?? ''
  const challenged = live?.state === 'challenged'
  const isScram = agreed === SCRAM && !challenged
  const written = byHand || !isScram
  const missing = missingOf(profile.level, agreed, isConnected(connection) || challenged)
  const send = async () => {
    setFault('')
    const answer = await model.host.call('client.authenticate', {
      id: profile.id,
      ...(written && { data }),
      ...(written && method !== '' && { method }),
      properties: [...properties],
    })
    if (answer.ok) setData({ ...data, value: '' })
    else setFault(answer.error.message)
  }
  return (
    <Dialog
      title={`Authenticate ${profile.name}`}
      action={{
        title: challenged ? 'Send the step' : 'Re-authenticate',
        disabled: missing !== undefined,
        again: true,
        run: () => void send(),
      }}
    >
      {missing !== undefined && <p className="warn">{missing}</p>}
      {live && <Live live={live} />}
      {isScram && (
        <>
          <p className="dim">
            With {SCRAM} the client takes all steps by itself: it proves the password of the profile, and the
            broker has to prove that it knows it.
          </p>
          <label className="check">
            <input type="checkbox" checked={byHand} onChange={(event) => setByHand(event.target.checked)} />
            Write the first step by hand, to see what the broker says to it
          </label>
        </>
      )}
      {written && (
        <>
          <Labelled label="Authentication Method" remark="The standard wants that of CONNECT [MQTT-4.12.0-5]">
            <input
              className="input mono"
              spellCheck={false}
              placeholder={agreed}
              value={method}
              onChange={(event) => setMethod(event.target.value)}
            />
          </Labelled>
          <Labelled label="Authentication Data">
            <input
              className="input mono"
              spellCheck={false}
              autoComplete="off"
              placeholder={data.hex ? '00 ff …' : 'text'}
              value={data.value}
              onChange={(event) => setData({ ...data, value: event.target.value })}
            />
          </Labelled>
          <label className="check">
            <input
              type="checkbox"
              checked={data.hex}
              onChange={(event) => setData({ ...data, hex: event.target.checked })}
            />
            It is written in hexadecimal
          </label>
        </>
      )}
      <PropertyEditor
        id="auth-property"
        label="Other properties of AUTH"
        place="AUTH"
        value={properties}
        onChange={setProperties}
      />
      <Alert text={fault} />
    </Dialog>
  )
}

function missingOf(level: 4 | 5, method: string, connected: boolean): string | undefined {
  if (level < 5)
    return 'MQTT 3.1.1 has no enhanced authentication: choose MQTT 5.0 in the connection, and connect anew.'
  if (method === '')
    return 'CONNECT names no Authentication Method: add one to the properties of CONNECT (Edit), and connect anew.'
  return connected ? undefined : 'It is not connected.'
}

function Live({ live }: { live: LiveAuthentication }) {
  const { state, text, at, challenge } = live
  const [tone, word] = tones[state]
  return (
    <div className="client-proof" role="status">
      <State tone={tone}>{word}</State> <span className="number dim">{clock(at)}</span>
      <p className={state === 'failed' ? 'bad' : ''}>{text}</p>
      {challenge && (
        <p>
          <span className="dim">It says{challenge.hex ? ' (hexadecimal)' : ''}: </span>
          <code className="mono">{challenge.value}</code>
        </p>
      )}
    </div>
  )
}
