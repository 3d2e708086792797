/** One session: what it holds, and what can be done to it. */
import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import type { SessionDetail } from '../../../shared/contract/sessions.ts'
import { quote } from '../../../shared/filter/lexer.ts'
import { useModel } from '../../app/model.ts'
import { count, plural, size, span } from '../../ui/format.ts'
import { ConfirmButton, Empty, State } from '../../ui/kit.tsx'
import { seconds, sessionExpiry, type Fact } from '../devices/facts.ts'
import '../devices/devices.css'
import { showFiltered } from '../packets/actions.ts'
import { expiryText, retainHandlingWords } from './words.ts'

export function SessionDetailPane() {
  const { sessions } = useModel()
  const session = useStore(sessions, (state) => state.session)
  const error = useStore(sessions, (state) => state.error)
  return (
    <section className="session-detail" id="session-detail" aria-label="Session" tabIndex={-1}>
      {error ? <Empty>{error.message}</Empty> : session && <Session session={session} />}
    </section>
  )
}

function Session({ session }: { session: SessionDetail }) {
  const { clientId, connected, subscriptions, unlisted, will } = session
  return (
    <>
      <header className="session-caption">
        <State tone={connected ? 'ok' : 'off'}>{connected ? 'connected' : 'away'}</State>
        <b className="cut" title={clientId}>
          {clientId}
        </b>
        <span className="spacer" />
        <Actions session={session} />
      </header>
      <div className="session-scroll device-columns">
        <Section title="Session">
          <Facts facts={factsOf(session)} />
        </Section>
        <Section title={`Subscriptions (${count(subscriptions.length + unlisted)})`}>
          <Subscriptions session={session} />
        </Section>
        <Section title="Will">
          {will ? <Facts facts={willFacts(will)} /> : <p className="dim">It left none.</p>}
        </Section>
      </div>
    </>
  )
}

function Actions({ session }: { session: SessionDetail }) {
  const model = useModel()
  const { clientId, connected, queued, expiry } = session
  const act = async (name: 'sessions.end' | 'sessions.expire') => {
    if (await model.run(name, { clientId })) model.sessions.refresh()
  }
  const dropQueue = async () => {
    const answer = await model.host.call('sessions.dropQueue', { clientId })
    const { say, fail } = model.notices.getState()
    if (!answer.ok) return fail(answer.error)
    say(`Dropped ${plural(answer.value.dropped, 'message')} that waited for ${clientId}.`)
    model.sessions.refresh()
  }
  return (
    <span className="buttons">
      <button
        type="button"
        className="button"
        onClick={() => showFiltered(model, 'live', `connection.clientid == ${quote(clientId)}`)}
      >
        Show its packets
      </button>
      {connected && (
        <ConfirmButton
          question={expiry > 0 ? 'End the connection? The session stays' : 'End the connection and session?'}
          onConfirm={() => void act('sessions.end')}
        >
          Disconnect
        </ConfirmButton>
      )}
      <ConfirmButton
        question={`Drop ${plural(queued, 'message')}? They cannot come back`}
        disabled={queued === 0}
        onConfirm={() => void dropQueue()}
      >
        Drop the queue
      </ConfirmButton>
      <ConfirmButton
        question="Forget subscriptions, queue and will?"
        onConfirm={() => void act('sessions.expire')}
      >
        Expire now
      </ConfirmButton>
    </span>
  )
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      {children}
    </section>
  )
}

function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className="facts">
      {facts.map(([label, text]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  )
}

function factsOf(session: SessionDetail): readonly Fact[] {
  const { username, version, clean, expiry, inflightOut, inflightIn, queued, queuedBytes } = session
  return [
    ['User name', username ?? 'none'],
    ['MQTT version', version],
    [version === '5.0' ? 'Clean Start' : 'Clean Session', clean ? 'yes' : 'no'],
    ['Session Expiry Interval', sessionExpiry(expiry)],
    ['Ends', expiryText(session) || 'now'],
    ['To the client, not acknowledged', plural(inflightOut, 'message')],
    ['From the client, without PUBREL', plural(inflightIn, 'message')],
    ['Waiting', queued === 0 ? 'nothing' : `${plural(queued, 'message')}, ${size(queuedBytes)}`],
    ['Delivered', plural(session.delivered, 'message')],
    ['Dropped', plural(session.dropped, 'message')],
  ]
}

function willFacts(will: NonNullable<SessionDetail['will']>): readonly Fact[] {
  const { topic, qos, retain, length, delay, dueIn } = will
  return [
    ['Topic', topic],
    ['QoS', String(qos)],
    ['Retain', retain ? 'yes' : 'no'],
    ['Will Delay Interval', seconds(delay)],
    ['Payload', plural(length, 'byte')],
    ...(dueIn === undefined ? [] : [['Goes out', `in ${span(dueIn)}`] as const]),
  ]
}

function Subscriptions({ session: { subscriptions, unlisted } }: { session: SessionDetail }) {
  if (subscriptions.length === 0) return <p className="dim">None: nothing can be sent to it.</p>
  return (
    <>
      <ul className="plain">
        {subscriptions.map((one) => (
          <li key={one.filter}>
            <span className="mono">{one.filter}</span>{' '}
            <span className="dim">
              {[
                `QoS ${one.qos}`,
                one.noLocal ? 'no local' : '',
                one.retainAsPublished ? 'retain as published' : '',
                one.retainHandling > 0 ? `retained ${retainHandlingWords[one.retainHandling]}` : '',
                one.identifier === undefined ? '' : `identifier ${one.identifier}`,
              ]
                .filter(Boolean)
                .join(' · ')}
            </span>
          </li>
        ))}
      </ul>
      {unlisted > 0 && <p className="dim">{count(unlisted)} more are not listed.</p>}
    </>
  )
}
