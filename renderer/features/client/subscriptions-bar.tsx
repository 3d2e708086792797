/** Subscriptions of the client in front: kept in its profile, and how the broker took them. */
import { useState } from 'react'
import { useStore } from 'zustand'
import { isTopicFilter } from '../../../shared/mqtt/topics.ts'
import type { LiveSubscription, SubscriptionDraft } from '../../../shared/contract/mqtt-client.ts'
import { useModel, type Model } from '../../app/model.ts'
import { Icon } from '../../ui/kit.tsx'
import { newSubscription, nextColour, optionsText } from './profile-draft.ts'
import { connectionInFront, profileInFront } from './store.ts'
import { filterOfSubscription, markColours } from './words.ts'

const none: readonly LiveSubscription[] = []

export function SubscriptionsBar() {
  const { client } = useModel()
  const profile = useStore(client, profileInFront)
  const live = useStore(client, (state) => connectionInFront(state)?.subscriptions ?? none)
  if (!profile) return null
  // What was subscribed to for the answers of requests stands in no profile.
  const extra = live.filter(({ filter }) => !profile.subscriptions.some((one) => one.filter === filter))
  return (
    <div className="subscriptions" role="group" aria-label="Subscriptions">
      {profile.subscriptions.map((draft) => (
        <Chip key={draft.filter} draft={draft} live={live.find(({ filter }) => filter === draft.filter)} />
      ))}
      {extra.map((one) => (
        <span key={one.filter} className="subscription" title={`For answers to requests. ${one.text}`}>
          <span className="mono cut">{one.filter}</span>
          <small className={one.state === 'refused' ? 'bad' : 'dim'}>answers</small>
        </span>
      ))}
      <NewSubscription />
      {profile.target.kind === 'bench' && live.some(isDenied) && <Denied />}
    </div>
  )
}

const isDenied = ({ state, text }: LiveSubscription): boolean => state === 'refused' && text.includes('0x87')

function Denied() {
  const model = useModel()
  return (
    <span className="warn subscription-denied">
      The access rules of this bench refuse it.{' '}
      <button type="button" className="link" onClick={() => model.goTo('access')}>
        See which rule, and allow it
      </button>
    </span>
  )
}

function Chip({ draft, live }: { draft: SubscriptionDraft; live: LiveSubscription | undefined }) {
  const model = useModel()
  const { client } = model
  const current = useStore(client, (state) => state.current)
  const { filter, colour } = draft
  const expression = filterOfSubscription(filter)
  const alone = useStore(client, (state) => state.filter === expression)
  const refused = live?.state === 'refused'
  const state = live === undefined ? '' : refused ? 'refused' : live.state === 'pending' ? '…' : ''
  return (
    <span className={`subscription ${refused ? 'is-refused' : ''}`}>
      <button
        type="button"
        className="subscription-name"
        aria-pressed={alone}
        title={[
          filter,
          optionsText(draft),
          live?.text,
          alone ? 'Click to show all again' : 'Click to show its messages alone',
        ]
          .filter(Boolean)
          .join('\n')}
        onClick={() => client.setFilter(alone ? '' : expression, true)}
      >
        <i className="client-colour" style={{ background: markColours[colour] }} />
        <span className="mono cut">{filter}</span>
        <small className="dim">{optionsText(draft)}</small>
        {state && <small className={refused ? 'bad' : 'dim'}>{refused ? live?.text : state}</small>}
      </button>
      <button
        type="button"
        className="button quiet"
        aria-label={`Edit the subscription ${filter}`}
        title="Options of the subscription"
        onClick={() => editSubscription(model, draft)}
      >
        <Icon name="edit" />
      </button>
      <button
        type="button"
        className="button quiet"
        aria-label={`Unsubscribe ${filter}`}
        onClick={() => void model.run('client.unsubscribe', { id: current, filter })}
      >
        <Icon name="close" />
      </button>
    </span>
  )
}

export function editSubscription(model: Model, draft: SubscriptionDraft): void {
  model.client.setState({ editingSubscription: draft })
  model.show('client-subscription')
}

function NewSubscription() {
  const model = useModel()
  const [filter, setFilter] = useState('')
  const state = model.client.getState()
  const draft = () =>
    newSubscription(filter, nextColour(profileInFront(model.client.getState())?.subscriptions ?? []))
  const validity = isTopicFilter(filter)
  const fault = filter === '' || validity.valid ? undefined : `The filter ${validity.reason}`
  const subscribe = async () => {
    if (!validity.valid) return
    if (await model.run('client.subscribe', { id: state.current, subscription: draft() })) setFilter('')
  }
  return (
    <form
      className="subscription-new"
      onSubmit={(event) => {
        event.preventDefault()
        void subscribe()
      }}
    >
      <input
        id="client-subscribe"
        className="input mono"
        aria-label="Topic filter to subscribe to"
        aria-invalid={fault !== undefined}
        title={fault}
        placeholder="Subscribe to: oktopus/#"
        spellCheck={false}
        autoComplete="off"
        value={filter}
        onChange={(event) => setFilter(event.target.value)}
      />
      <button type="submit" className="button" disabled={filter === '' || fault !== undefined}>
        Subscribe
      </button>
      <button type="button" className="button quiet" onClick={() => editSubscription(model, draft())}>
        Options…
      </button>
    </form>
  )
}
