/**
 * Passwords, endpoint IDs and password files. A password lives in the dialog that shows it and nowhere else: it is
 * gone with the dialog.
 */
import { useState } from 'react'
import { useStore } from 'zustand'
import { Dialog } from '../../app/dialog.tsx'
import { useModel } from '../../app/model.ts'
import { plural } from '../../ui/format.ts'
import { Alert, CopyButton } from '../../ui/kit.tsx'
import { Choice } from '../../ui/choice.tsx'
import { FieldRow } from './fields.tsx'
import { FileInput, Remarks } from './transfer-dialogs.tsx'

const ways = [
  ['generate', 'make one'],
  ['given', 'this one'],
] as const

/** A new user, or a new password for the one under the cursor. */
export function PasswordDialog() {
  const { host, access, notices, show } = useModel()
  const known = useStore(access, (state) => state.username)
  const users = useStore(access, (state) => state.users)
  const [name, setName] = useState(known ?? '')
  const [way, setWay] = useState<'generate' | 'given'>('generate')
  const [password, setPassword] = useState('')
  const [made, setMade] = useState<string>()
  const [error, setError] = useState<string>()
  const [busy, setBusy] = useState(false)
  const exists = known === undefined && users?.some(({ username }) => username === name)

  const run = async () => {
    setBusy(true)
    const username = name
    const answer =
      way === 'generate'
        ? await host.call('access.user.generate', { username })
        : await host.call('access.user.set', { username, password })
    setBusy(false)
    if (!answer.ok) return setError(answer.error.message)
    setPassword('')
    access.setState({ username })
    void access.loadUsers()
    if (answer.value) return setMade(answer.value.password)
    notices.getState().say(`${username} has the password you gave.`)
    show('none')
  }
  if (made !== undefined) return <Made username={name} password={made} />
  return (
    <Dialog
      title={known === undefined ? 'Add a user' : `New password for ${known}`}
      action={{
        title: known === undefined ? 'Add' : 'Set',
        disabled: busy || name === '' || exists === true || (way === 'given' && password === ''),
        run: () => void run(),
      }}
    >
      {known === undefined && (
        <FieldRow
          label="User name"
          fault={
            exists ? 'There is a user of this name: choose it in the list for a new password.' : undefined
          }
        >
          {(described) => (
            <input
              className="input mono"
              autoFocus
              spellCheck={false}
              maxLength={1000}
              placeholder="the endpoint ID, e.g. os::012345-CPE1"
              value={name}
              onChange={({ target }) => setName(target.value)}
              {...described}
            />
          )}
        </FieldRow>
      )}
      <FieldRow label="Password">
        {() => <Choice label="Where the password comes from" options={ways} value={way} onChange={setWay} />}
      </FieldRow>
      {way === 'given' && (
        <FieldRow label="">
          {(described) => (
            <input
              className="input mono"
              type="password"
              autoComplete="new-password"
              aria-label="Password"
              maxLength={4096}
              value={password}
              onChange={({ target }) => setPassword(target.value)}
              {...described}
            />
          )}
        </FieldRow>
      )}
      <p className="dim">
        A device connects with this user name and password. As its endpoint ID it may state its user name;
        others can be given to it under Endpoint IDs.
      </p>
      <Alert text={error} />
    </Dialog>
  )
}

function Made({ username, password }: { username: string; password: string }) {
  return (
    <Dialog title={`The password of ${username}`}>
      <p>
        Enter it in the device now. It is shown this once: when this is closed nobody can read it again, only
        make a new one.
      </p>
      <p className="made-password">
        <code>{password}</code>
        <CopyButton text={password} label="Copy the password" className="main">
          Copy
        </CopyButton>
      </p>
    </Dialog>
  )
}

const MAX_ENDPOINTS = 100

export function EndpointsDialog() {
  const { host, access, show } = useModel()
  const username = useStore(access, (state) => state.username)
  const user = useStore(access, (state) => state.users?.find((one) => one.username === state.username))
  const [text, setText] = useState(user?.endpoints.join('\n') ?? '')
  const [error, setError] = useState<string>()
  const ids = [...new Set(text.split('\n').map((line) => line.trim()))].filter((line) => line !== '')
  const problem = endpointsProblem(ids)
  if (username === undefined) return null
  const run = async () => {
    const answer = await host.call('access.user.endpoints', { username, endpoints: ids })
    if (!answer.ok) return setError(answer.error.message)
    void access.loadUsers()
    show('none')
  }
  return (
    <Dialog
      title={`Endpoint IDs of ${username}`}
      action={{ title: 'Set', disabled: problem !== undefined, run: () => void run() }}
    >
      <label className="labelled">
        <span>It may state its own name, and these; one a line</span>
        <textarea
          className="input mono"
          rows={6}
          autoFocus
          spellCheck={false}
          placeholder="os::012345-CPE1"
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
      </label>
      {(problem ?? error) && (
        <p className="bad" role="alert">
          {problem ?? error}
        </p>
      )}
    </Dialog>
  )
}

/** Why these cannot be endpoint IDs of a user, as a sentence. */
export function endpointsProblem(ids: readonly string[]): string | undefined {
  if (ids.length > MAX_ENDPOINTS) return `At most ${MAX_ENDPOINTS} endpoint IDs can be given to one user.`
  const long = ids.find((id) => id.length > 1000)
  return long && `${long.slice(0, 40)}… is longer than 1,000 characters.`
}

export function ImportUsersDialog() {
  const { host, access } = useModel()
  const [text, setText] = useState('')
  const [error, setError] = useState<string>()
  const [done, setDone] = useState<{ added: number; remarks: readonly string[] }>()
  const run = async () => {
    const answer = await host.call('access.user.import', { text })
    if (!answer.ok) return setError(answer.error.message)
    // Hashes are no passwords, but they have no business staying here either.
    setText('')
    setDone(answer.value)
    void access.loadUsers()
  }
  if (done)
    return (
      <Dialog title="Imported users">
        <p>
          {plural(done.added, 'user was', 'users were')} added. Their hashes are of no use here: each needs a
          new password before it can connect, or can be admitted when it knocks.
        </p>
        {done.remarks.length > 0 && <Remarks remarks={done.remarks} />}
      </Dialog>
    )
  return (
    <Dialog
      title="Import a Mosquitto password file"
      action={{ title: 'Import', disabled: !text.trim(), run: () => void run() }}
    >
      <FileInput onText={setText} />
      <textarea
        className="input mono transfer-text"
        rows={10}
        autoFocus
        spellCheck={false}
        aria-label="Password file"
        placeholder="name:$7$101$…"
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
      <Alert text={error} />
    </Dialog>
  )
}
