/** Asks for the password of a bench that is served to other machines, in the place of everything else. */
import { useState, type FormEvent } from 'react'
import { login } from '../host/login.ts'
import { Alert } from '../ui/kit.tsx'

export function LoginPage() {
  const [password, setPassword] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string>()
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    const answer = await login(password)
    if (answer.ok) return location.reload()
    setBusy(false)
    setPassword('')
    setError(answer.error.message)
  }
  return (
    <main className="login">
      <form className="card" onSubmit={(event) => void submit(event)}>
        <h1>Oktobench</h1>
        <label>
          <span className="dim">Password of this bench</span>
          <input
            className="input"
            type="password"
            autoComplete="current-password"
            autoFocus
            value={password}
            onChange={({ target }) => setPassword(target.value)}
          />
        </label>
        <Alert text={error} />
        <button type="submit" className="button main" disabled={busy || password === ''}>
          Log in
        </button>
      </form>
    </main>
  )
}
