/** Logging in at a bench that is served to other machines. */
import * as v from 'valibot'
import { LOGIN_PATH } from '../../shared/contract/encoding.ts'
import { fail, ok, type Result } from '../../shared/contract/result.ts'
import { keepToken } from './websocket.ts'

const asks = v.object({ password: v.boolean() })
const answered = v.object({ token: v.string() })
const unreachable = () => fail('disconnected', 'The bench does not answer.')

/** Does this bench take a password? The desktop app, and one on loopback, do not. Never rejects. */
export async function takesPassword(): Promise<boolean> {
  try {
    const response = await fetch(LOGIN_PATH)
    return response.ok && v.parse(asks, await response.json()).password
  } catch {
    return false
  }
}

/** Trades a password for the token of this page, which the next load uses. Never rejects. */
export async function login(password: string): Promise<Result<void>> {
  try {
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ password })
    const response = await fetch(LOGIN_PATH, { method: 'POST', headers, body })
    if (!response.ok) return fail('unavailable', (await response.text()).trim().slice(0, 200))
    keepToken(v.parse(answered, await response.json()).token)
    return ok(undefined)
  } catch {
    return unreachable()
  }
}
