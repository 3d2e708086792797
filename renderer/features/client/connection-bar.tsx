/** The client in front: its state and why, its figures, what CONNACK said. */
import { useState } from 'react'
import { useStore } from 'zustand'
import { useModel } from '../../app/model.ts'
import { useNow } from '../../ui/clock.ts'
import { count, plural, rate, size, span } from '../../ui/format.ts'
import { Icon, State } from '../../ui/kit.tsx'
import { useMenu } from '../../ui/menu.tsx'
import { editProfile, toggleConnection } from './actions.ts'
import { connectionMenu } from './connection-menu.ts'
import { targetText } from './profile-draft.ts'
import { connectionInFront, isOn, profileInFront } from './store.ts'
import { retryText, stateOf } from './words.ts'

/** How fast a count grows, in 1/s; `now` ticks. */
function useRate(total: number, now: number): number {
  const [sample, setSample] = useState({ at: now, total, rate: 0 })
  if (now > sample.at) {
    // A count that was cleared begins anew.
    const grown = Math.max(0, total - sample.total)
    setSample({ at: now, total, rate: (grown * 1000) / (now - sample.at) })
  }
  return sample.rate
}

export function ConnectionBar() {
  const model = useModel()
  const { client } = model
  const profile = useStore(client, profileInFront)
  const connection = useStore(client, connectionInFront)
  const { menu, open } = useMenu()
  const [shown, setShown] = useState('')
  const now = useNow()
  const inRate = useRate(connection?.in.messages ?? 0, now)
  const outRate = useRate(connection?.out.messages ?? 0, now)
  const busy = inRate >= 1 || outRate >= 1
  if (!profile) return null
  const [word, tone] = stateOf(connection)
  const on = isOn(connection)
  const proof = connection?.authentication
  const told = [
    { name: 'CONNACK', facts: connection?.connack ?? [] },
    { name: 'DISCONNECT', facts: connection?.farewell ?? [] },
  ].filter(({ facts }) => facts.length > 0)
  const facts = told.find(({ name }) => name === shown)?.facts ?? []
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
          {connection && retryText(connection, now)}
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
            <span title={`${plural(connection.in.packets, 'packet')}, ${size(connection.in.bytes)} received`}>
              in {count(connection.in.messages)} · {busy ? `${rate(inRate)}/s` : size(connection.in.bytes)}
            </span>
            {' · '}
            <span title={`${plural(connection.out.packets, 'packet')}, ${size(connection.out.bytes)} sent`}>
              out {count(connection.out.messages)} ·{' '}
              {busy ? `${rate(outRate)}/s` : size(connection.out.bytes)}
            </span>
          </span>
        )}
        {proof && proof.state !== 'proved' && (
          <button type="button" className="button" onClick={() => model.show('client-authenticate')}>
            <State tone={proof.state === 'failed' ? 'bad' : 'warn'}>Authentication</State>
          </button>
        )}
        {told.map(({ name }) => (
          <button
            key={name}
            type="button"
            className="button"
            aria-expanded={shown === name}
            title={`What the broker said in ${name}`}
            onClick={() => setShown(shown === name ? '' : name)}
          >
            <Icon name={shown === name ? 'down' : 'right'} /> {name}
          </button>
        ))}
        <button type="button" className="button" onClick={() => editProfile(model, profile)}>
          Edit
        </button>
        <button
          type="button"
          className="button"
          aria-haspopup="menu"
          onClick={(event) => {
            const box = event.currentTarget.getBoundingClientRect()
            const items = connectionMenu(model, profile, connection)
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
      {facts.length > 0 && (
        <dl className="client-connack">
          {facts.map(({ name, value }, index) => (
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
