/** The first pages of the wizard: address, transport, user. */
import { useEffect } from 'react'
import { useStore } from 'zustand'
import type { LanAddress, ListenerState } from '../../../shared/contract/model.ts'
import { Labelled } from '../../app/dialog.tsx'
import { useModel } from '../../app/model.ts'
import { Choice } from '../../ui/choice.tsx'
import { State } from '../../ui/kit.tsx'
import { Addresses } from './addresses-table.tsx'
import { loginWays, type AttachDraft, type LoginWay } from './draft.ts'

interface PageProps {
  readonly draft: AttachDraft
  readonly open: boolean
  readonly change: (part: Partial<AttachDraft>) => void
}

interface AddressProps {
  readonly addresses: readonly LanAddress[]
  readonly chosen: LanAddress
  readonly onChoose: (address: string) => void
}

export function AddressStep(props: AddressProps) {
  return (
    <>
      <h3>At which address does the device reach this bench?</h3>
      <p className="dim">Choose the one of the network that the device is in.</p>
      <Addresses {...props} />
    </>
  )
}

const transports = [
  ['tcp', 'TCP', 'MQTT in the clear'],
  ['tls', 'TLS', 'MQTT over TLS, with the certificates of this lab'],
] as const

export function TransportStep({
  draft,
  listener,
  open,
  change,
}: PageProps & { readonly listener: ListenerState | undefined }) {
  const model = useModel()
  const { transport } = draft
  return (
    <>
      <h3>How does it connect?</h3>
      <Choice
        label="Transport"
        options={transports}
        value={transport}
        onChange={(wished) => {
          const [first = 'password'] = loginWays(wished, open)
          change({ transport: wished, way: first })
        }}
      />
      <p className="dim">
        {transport === 'tcp'
          ? 'The simplest to begin with: no certificates, and your own capture tools can read along.'
          : 'The device needs the authority of this lab, and may log in by a certificate of its own. The bench opens the TLS, so every packet is shown all the same.'}
      </p>
      {listener && (
        <p>
          <State tone={listener.state === 'listening' ? 'ok' : 'bad'}>
            {listener.label} {listener.state === 'listening' ? 'is listening' : `is ${listener.state}`}
          </State>{' '}
          {listener.state !== 'listening' && (
            <button
              type="button"
              className="button"
              onClick={() => void model.run('listeners.set', { transport, enabled: true })}
            >
              Turn on
            </button>
          )}
        </p>
      )}
    </>
  )
}

const wayTitles: Readonly<Record<LoginWay, string>> = {
  open: 'without login',
  password: 'user and password',
  certificate: 'certificate',
}
const wayWords: Readonly<Record<LoginWay, string>> = {
  open: 'The bench is open: whoever reaches it is let in. Nothing is made.',
  password: 'A user with the name of the endpoint ID is made, with a new password.',
  certificate: 'A certificate with the endpoint ID in it is made. It takes the place of user and password.',
}

export function UserStep({ draft: { endpointId, transport, way }, open, change }: PageProps) {
  const model = useModel()
  const { access, live } = model
  const asks = useStore(live, (state) => state.certificates?.clientCertificates !== 'off')
  const users = useStore(access, (state) => state.users)
  useEffect(() => void access.loadUsers(), [access])
  const exists = way === 'password' && users?.some(({ username }) => username === endpointId.trim())
  return (
    <>
      <h3>Which device is it, and how does it log in?</h3>
      <Labelled
        label="Endpoint ID"
        remark="As the device states it, e.g. on its label or by: obuspa -c get Device.LocalAgent.EndpointID"
      >
        <input
          className="input mono"
          placeholder="os::012345-CPE1"
          spellCheck={false}
          autoComplete="off"
          maxLength={1000}
          autoFocus
          value={endpointId}
          onChange={({ target }) => change({ endpointId: target.value })}
        />
      </Labelled>
      <Choice
        label="Login"
        options={loginWays(transport, open).map((one) => [one, wayTitles[one]] as const)}
        value={way}
        onChange={(wished) => change({ way: wished })}
      />
      <p className="dim">{wayWords[way]}</p>
      {way === 'certificate' && !asks && (
        <p className="warn" role="status">
          This bench does not ask devices for a certificate now, so none would be seen.{' '}
          <button
            type="button"
            className="button"
            onClick={() => void model.run('certificates.ask', { mode: 'optional' })}
          >
            Ask for certificates
          </button>
        </p>
      )}
      {exists === true && (
        <p className="warn" role="status">
          There is a user of this name: it gets a new password, and the one that the device has now is no
          longer taken.
        </p>
      )}
    </>
  )
}
