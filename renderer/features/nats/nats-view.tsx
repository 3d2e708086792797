/** The NATS server behind the bench: how it is, what is kept there, and what to do. */
import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import type { NatsInfo } from '../../../shared/contract/access.ts'
import { useModel } from '../../app/model.ts'
import { useKeptScroll } from '../../app/use-kept-scroll.ts'
import { Card, CopyButton, Empty, Icon, State } from '../../ui/kit.tsx'
import { LoginCard } from './login-form.tsx'
import { Traffic } from './traffic.tsx'
import { installs, keptWords, nextSteps, pendingWords, serverWords } from './words.ts'
import './nats.css'

export function NatsView() {
  const { live } = useModel()
  const scroll = useKeptScroll('nats')
  const nats = useStore(live, (state) => state.access?.nats)
  if (!nats) return <Empty>Connecting to the bench…</Empty>
  return (
    <div className="nats" ref={scroll}>
      <div className="nats-columns">
        <Server nats={nats} />
        <Kept nats={nats} />
        <LoginCard />
      </div>
      <Next nats={nats} />
      <Traffic />
    </div>
  )
}

function Server({ nats }: { nats: NatsInfo }) {
  const { server, version, url, connected, message } = nats
  const { tone, title, text } = serverWords[server]
  return (
    <Card title="NATS server" aside={version === undefined ? undefined : `version ${version}`}>
      <p>
        <State tone={tone}>
          <b>{title}</b>
        </State>
      </p>
      <p className="dim">{text}</p>
      {message !== undefined && (
        <p className="nats-message warn" role="status">
          <Icon name="warning" /> <span>{message}</span>
        </p>
      )}
      <Facts
        facts={[
          [
            'Address',
            url === undefined ? (
              <span className="dim" key="none">
                none
              </span>
            ) : (
              <span className="nats-address" key="address">
                <code>{url}</code>
                <CopyButton text={url} label="Copy the address of NATS" />
              </span>
            ),
          ],
          [
            'Connection',
            <State key="link" tone={connected ? 'ok' : 'off'}>
              {connected ? 'connected' : 'not connected'}
            </State>,
          ],
        ]}
      />
    </Card>
  )
}

function Kept({ nats }: { nats: NatsInfo }) {
  const model = useModel()
  const users = useStore(model.live, (state) => state.access?.users ?? 0)
  const version = useStore(model.live, (state) => state.access?.list.version ?? 0)
  const { tone, title, text } = keptWords[nats.credentials]
  const go = (tab: 'users' | 'rules') => () => {
    model.access.open(tab)
    model.goTo('access')
  }
  return (
    <Card title="Users and rules" aside="kept">
      <p>
        <State tone={tone}>
          <b>{title}</b>
        </State>
      </p>
      <p className="dim">{text}</p>
      <Facts
        facts={[
          [
            'Changes waiting',
            <span className={nats.pending > 0 ? 'warn' : ''} key="pending">
              {pendingWords(nats.pending)}
            </span>,
          ],
          ['Users', <Link key="users" text={String(users)} onClick={go('users')} />],
          ['Rules', <Link key="rules" text={`version ${version}`} onClick={go('rules')} />],
        ]}
      />
    </Card>
  )
}

const Link = ({ text, onClick }: { text: string; onClick: () => void }) => (
  <button type="button" className="link number" onClick={onClick}>
    {text}
  </button>
)

function Next({ nats }: { nats: NatsInfo }) {
  const steps = nextSteps(nats)
  if (steps.length === 0) return null
  return (
    <Card title="What to do">
      {steps.map((step) => (
        <p key={step}>{step}</p>
      ))}
      {nats.server === 'absent' && (
        <Facts
          facts={installs.map(([system, command]) => [
            system,
            <span className="nats-address" key={system}>
              <code>{command}</code>
              <CopyButton text={command} label={`Copy the command for ${system}`} />
            </span>,
          ])}
        />
      )}
    </Card>
  )
}

function Facts({ facts }: { facts: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="nats-facts number">
      {facts.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
