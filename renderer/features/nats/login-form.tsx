/** How the bench logs in at a NATS server that is not its own. What is secret goes to the bench and never back. */
import { useState, type FormEvent } from 'react'
import { useStore } from 'zustand'
import type { NatsActivity, NatsLogin, NatsLoginKind } from '../../../shared/contract/nats.ts'
import { useModel } from '../../app/model.ts'
import { Alert, Card } from '../../ui/kit.tsx'
import { loginWords, type LoginField } from './words.ts'

export function LoginCard() {
  const login = useStore(useModel().live, (state) => state.nats?.login)
  return login ? <LoginForm key={JSON.stringify(login)} login={login} /> : null
}

function LoginForm({ login }: { login: NatsActivity['login'] }) {
  const { host, goTo } = useModel()
  const [kind, setKind] = useState<NatsLoginKind>(login.kind)
  const [fields, setFields] = useState<Partial<Record<LoginField, string>>>({
    ...(login.user !== undefined && { user: login.user }),
    ...(login.file !== undefined && { file: login.file }),
  })
  const [error, setError] = useState<string>()
  const { fields: asked, remark } = loginWords[kind]
  const complete = asked.every(({ id }) => fields[id]) && (asked.length > 0 || kind !== login.kind)
  const keep = async (event: FormEvent) => {
    event.preventDefault()
    const given = Object.fromEntries(asked.map(({ id }) => [id, fields[id] ?? '']))
    const answer = await host.call('nats.login', { login: { kind, ...given } as NatsLogin })
    setError(answer.ok ? undefined : answer.error.message)
    if (answer.ok) setFields({})
  }
  return (
    <Card
      title="Another server’s login"
      aside={login.kind === 'none' ? undefined : loginWords[login.kind].title}
    >
      <form className="nats-login" onSubmit={(event) => void keep(event)}>
        <p className="dim">
          For a server that the bench does not run itself; its address and TLS files stand in the{' '}
          <button type="button" className="link" onClick={() => goTo('settings')}>
            settings
          </button>
          .
        </p>
        <label>
          <span>Log in with</span>
          <select
            className="input"
            value={kind}
            onChange={({ target }) => setKind(target.value as NatsLoginKind)}
          >
            {Object.entries(loginWords).map(([id, { title }]) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </select>
        </label>
        {asked.map(({ id, label, secret }) => (
          <label key={id}>
            <span>{label}</span>
            <input
              className="input"
              type={secret ? 'password' : 'text'}
              autoComplete="off"
              spellCheck={false}
              placeholder={secret && kind === login.kind ? 'kept; type a new one' : ''}
              value={fields[id] ?? ''}
              onChange={({ target }) => setFields({ ...fields, [id]: target.value })}
            />
          </label>
        ))}
        <p className="dim">{remark}</p>
        {login.waits && (
          <p className="warn" role="status">
            Changed: it holds from the next start of the bench.
          </p>
        )}
        <Alert text={error} />
        <div className="buttons">
          <button type="submit" className="button main" disabled={!complete}>
            Keep the login
          </button>
        </div>
      </form>
    </Card>
  )
}
