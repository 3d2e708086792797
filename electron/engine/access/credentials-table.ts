/** User names and passwords in memory. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { CheckResult } from './credentials.ts'

export interface Credential {
  readonly username: string
  /** Undefined for a user that was removed: kept, so that the removal reaches NATS. */
  readonly password: Uint8Array | undefined
  /** Milliseconds since 1970. */
  readonly changedAt: number
  /** NATS does not know of this yet. */
  readonly pending: boolean
  /** The revision in the NATS bucket at which both sides were the same; absent when they never were. */
  readonly revision?: number
  /** Made by the bench itself: gives way to anything that somebody chose. */
  readonly initial?: boolean
}

interface Held {
  readonly credential: Credential
  readonly digest: Buffer | undefined
}

/** Users, removed and awaiting ones included. */
export const MAX_USERS = 50_000
export const MAX_PASSWORD_BYTES = 4096

export class CredentialTable {
  readonly #users = new Map<string, Held>()
  readonly #awaiting = new Set<string>()
  /** Compared are digests under a key of this process: equal in length, and nothing can be learnt from them. */
  readonly #key = randomBytes(32)
  readonly #nobody = this.#digest(randomBytes(32))
  #alive = 0
  #pending = 0

  /** Users that can log in. */
  get size(): number {
    return this.#alive
  }

  /** Users, removed ones included, that NATS does not know of as they are. */
  get pending(): number {
    return this.#pending
  }

  get full(): boolean {
    return this.#users.size + this.#awaiting.size >= MAX_USERS
  }

  check(username: string, password: Uint8Array): CheckResult {
    const digest = this.#users.get(username)?.digest
    const equal = timingSafeEqual(this.#digest(password), digest ?? this.#nobody)
    if (digest === undefined) return this.#awaiting.has(username) ? 'wrong-password' : 'unknown-user'
    return equal && password.length > 0 ? 'ok' : 'wrong-password'
  }

  get(username: string): Credential | undefined {
    return this.#users.get(username)?.credential
  }

  /** As they are now, removed ones included. */
  all(): Credential[] {
    return Array.from(this.#users.values(), ({ credential }) => credential)
  }

  get awaiting(): ReadonlySet<string> {
    return this.#awaiting
  }

  put(credential: Credential): void {
    const { username, password } = credential
    this.forget(username)
    this.#users.set(username, {
      credential,
      digest: password === undefined ? undefined : this.#digest(password),
    })
    if (credential.pending) this.#pending += 1
    if (password === undefined) return
    this.#alive += 1
    this.#awaiting.delete(username)
  }

  /** Without a trace; see `Credential.password` for the other kind. */
  forget(username: string): void {
    const held = this.#users.get(username)
    if (held?.digest !== undefined) this.#alive -= 1
    if (held?.credential.pending) this.#pending -= 1
    this.#users.delete(username)
  }

  awaitPassword(username: string): void {
    if (this.#users.get(username)?.digest === undefined) this.#awaiting.add(username)
  }

  stopAwaiting(username: string): boolean {
    return this.#awaiting.delete(username)
  }

  #digest(password: Uint8Array): Buffer {
    return createHmac('sha256', this.#key).update(password).digest()
  }
}

export const samePassword = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a === undefined || b === undefined ? a === b : a.length === b.length && timingSafeEqual(a, b)
