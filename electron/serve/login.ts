/** Logging in at a bench that is served to other machines: a password buys a token that lives for a while. */
import type { IncomingMessage } from 'node:http'
import { makeToken } from '../common/token.ts'
import type { Password } from './password.ts'

const TOKEN_MS = 12 * 3_600_000
const MAX_TOKENS = 64
/** Wrong tries of an address before it waits, and how long; each further one doubles that. */
const FREE_TRIES = 5
const FIRST_WAIT_MS = 2000
const MAX_WAIT_MS = 15 * 60_000
const MAX_ADDRESSES = 1000
/** Each takes memory and time of a processor. */
const MAX_AT_ONCE = 2
const MAX_BODY = 8192

export type LoginAnswer =
  | { readonly status: 200; readonly token: string }
  | { readonly status: 400 | 401 | 429; readonly text: string; readonly retryAfterSeconds?: number }

interface Tries {
  wrong: number
  /** Milliseconds. */
  waitsUntil: number
}

export class Logins {
  readonly #password: Password
  readonly #now: () => number
  /** Token → when it ends. Oldest first. */
  readonly #tokens = new Map<string, number>()
  readonly #tries = new Map<string, Tries>()
  #checking = 0

  /** `now` in milliseconds of a clock that only rises. */
  constructor(password: Password, now: () => number = () => performance.now()) {
    this.#password = password
    this.#now = now
  }

  admits(token: string | undefined): boolean {
    const end = token === undefined ? undefined : this.#tokens.get(token)
    return end !== undefined && end > this.#now()
  }

  async login(address: string, password: string): Promise<LoginAnswer> {
    const { wrong = 0, waitsUntil = 0 } = this.#tries.get(address) ?? {}
    const wait = waitsUntil - this.#now()
    if (wait > 0 || this.#checking >= MAX_AT_ONCE) {
      const retryAfterSeconds = Math.max(1, Math.ceil(wait / 1000))
      return { status: 429, text: `Too many tries: wait ${retryAfterSeconds} s.`, retryAfterSeconds }
    }
    this.#checking += 1
    // Counted before it is checked: tries that come at once count all.
    this.#note(address, wrong + 1)
    try {
      if (!(await this.#password.matches(password))) return { status: 401, text: 'The password is wrong.' }
    } finally {
      this.#checking -= 1
    }
    this.#tries.delete(address)
    const token = makeToken()
    this.#tokens.set(token, this.#now() + TOKEN_MS)
    if (this.#tokens.size > MAX_TOKENS) this.#tokens.delete(this.#tokens.keys().next().value as string)
    return { status: 200, token }
  }

  #note(address: string, wrong: number): void {
    const wait = wrong < FREE_TRIES ? 0 : Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** (wrong - FREE_TRIES))
    this.#tries.delete(address)
    this.#tries.set(address, { wrong, waitsUntil: this.#now() + wait })
    if (this.#tries.size > MAX_ADDRESSES) this.#tries.delete(this.#tries.keys().next().value as string)
  }
}

/** The password in the body of a request, `{ password }`; undefined when there is none. */
export async function readPasswordBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY) return undefined
    chunks.push(chunk)
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
    const { password } = (value ?? {}) as { readonly password?: unknown }
    return typeof password === 'string' ? password : undefined
  } catch {
    return undefined
  }
}
