/** The client in front: its state and why, its figures, what CONNACK said. */
import { useState } from 'react'
import { useStore } from 'zustand'
import { useModel } from '../../app/model.ts'
import { useNow } from '../../ui/clock.ts'
import { count, plural, size, span } from '../../ui/format.ts'
import { Icon, State } from '../../ui/kit.tsx'
import { useMenu } from '../../ui/menu.tsx'
import { copyProfile, editProfile, saveCapture, toggleConnection } from './actions.ts'
import { targetText } from './profile-draft.ts'
import { connectionInFront, isOn, profileInFront } from './store.ts'
import { stateOf } from './words.ts'

export function ConnectionBar() {
  const model = useModel()
  const { client } = model
  const profile = useStore(client, profileInFront)
  const connection = useStore(client, connectionInFront)
  const { menu, open } = useMenu()
  const [showsConnack, setShowsConnack] = useState(false)
  const now = useNow()
  if (!profile) return null
  const [word, tone] = stateOf(connection)
  const on = isOn(connection)
  const connack = connection?.connack ?? []
  return (
    <>
      <header className="client-bar">
        <b className="cut" title={profile.name}>
          {profile.name}
        </b>
        <State tone={tone}>
          {word}
          {connection?.phase === 'connected' &&
            ` for ${span(Math.max(0, Math.floor((now - connection.since) / 1000)))}`}
        </State>
        <span className="mono dim cut" title={connection?.address || targetText(profile)}>
          {connection?.address || targetText(profile)}
        </span>
        {connection?.clientId && (
          <span className="mono dim cut" title={`Client ID ${connection.clientId}`}>
            {connection.clientId}
          </span>
        )}
        <span className="spacer" />
        {connection && (
          <span className="number dim client-figures">
            {connection.unacknowledged > 0 && `${count(connection.unacknowledged)} unacknowledged · `}
            <span title={`${plural(connection.in.packets, 'packet')} received`}>
              in {count(connection.in.messages)} · {size(connection.in.bytes)}
            </span>
            {' · '}
            <span title={`${plural(connection.out.packets, 'packet')} sent`}>
              out {count(connection.out.messages)} · {size(connection.out.bytes)}
            </span>
          </span>
        )}
        {connack.length > 0 && (
          <button
            type="button"
            className="button"
            aria-expanded={showsConnack}
            onClick={() => setShowsConnack(!showsConnack)}
          >
            <Icon name={showsConnack ? 'down' : 'right'} /> CONNACK
          </button>
        )}
        <button type="button" className="button" onClick={() => editProfile(model, profile)}>
          Edit
        </button>
        <button
          type="button"
          className="button"
          aria-haspopup="menu"
          onClick={(event) => {
            const box = event.currentTarget.getBoundingClientRect()
            const items = [
              { title: 'Copy this connection', run: () => copyProfile(model, profile) },
              { title: 'Save its packets as pcapng', run: () => void saveCapture(model, profile.id) },
              {
                title: 'Forget its packets and figures',
                run: () => void model.run('client.clear', { id: profile.id }),
              },
              {
                title: 'End with its will (reason code 0x04)',
                disabled:
                  profile.level < 5
                    ? 'MQTT 3.1.1 has no reason codes here'
                    : connection?.phase !== 'connected' && 'It is not connected',
                run: () => void model.run('client.disconnect', { id: profile.id, reasonCode: 0x04 }),
              },
            ]
            open({ x: box.left, y: box.bottom + 2, label: 'More about this connection', items })
          }}
        >
          More
        </button>
        <button
          type="button"
          className={`button ${on ? '' : 'main'}`}
          onClick={() => toggleConnection(model)}
        >
          {on ? 'Disconnect' : 'Connect'}
        </button>
        {menu}
      </header>
      {connection?.message !== undefined && (
        <p className={`client-message ${connection.failed ? 'is-bad' : ''}`} role="status">
          {connection.message}
        </p>
      )}
      {showsConnack && connack.length > 0 && (
        <dl className="client-connack">
          {connack.map(({ name, value }, index) => (
            <div key={index}>
              <dt className="dim">{name}</dt>
              <dd className="mono">{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </>
  )
}
