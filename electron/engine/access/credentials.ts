/** Who may log in: the one interface, wherever user names and passwords are kept. */
import { randomInt } from 'node:crypto'

export type CheckResult = 'ok' | 'unknown-user' | 'wrong-password'

/** Oktopus' own name for the controller; the bench's controller logs in with it. */
export const CONTROLLER_USER = 'oktopusController'

export interface CredentialInfo {
  readonly username: string
  /** `nats`: NATS has the same; `here`: only the workspace has it; `awaiting`: imported, needs a new password. */
  readonly source: 'nats' | 'here' | 'awaiting'
  /** Milliseconds since 1970; absent for `awaiting`. */
  readonly changedAt?: number
  /** Will be written to NATS once that is back. */
  readonly pending: boolean
  /** Made by the bench at first start and not yet replaced by anybody. */
  readonly initial: boolean
}

export interface CredentialChange {
  readonly username: string
  readonly kind: 'set' | 'removed'
  /** `here`: by this bench; `nats`: by somebody else on the same NATS. */
  readonly origin: 'here' | 'nats'
}

/** What became of a difference when NATS came (back). */
export interface Reconciled {
  readonly username: string
  readonly outcome: 'taken-from-nats' | 'removed-here' | 'written-to-nats' | 'removed-from-nats' | 'failed'
  /** One sentence for a person. */
  readonly why: string
}

export interface StoreState {
  /** `file`: there is no NATS. `away`: the last known state is used and changes wait. `shared`: in step with NATS. */
  readonly state: 'file' | 'away' | 'shared'
  readonly users: number
  /** Changes that wait for NATS. */
  readonly pending: number
  readonly message?: string
}

export interface CredentialStore {
  readonly state: StoreState
  /**
   * From memory and in constant time for a given user, as far as the password goes. An empty password is never
   * right, even where somebody has stored one.
   */
  check(username: string, password: Uint8Array): CheckResult
  /** By user name. Never a password. */
  list(): CredentialInfo[]
  /**
   * The password itself, for the bench's own controller and for files that go onto a device. Must not reach a log,
   * an error or the user interface's lists.
   */
  reveal(username: string): Uint8Array | undefined
  /**
   * Resolves when it is kept. Rejects with a BenchFailure: `invalid-request`, `conflict` when somebody else changed
   * the user at the same moment, `unavailable` when the file cannot be written.
   */
  set(username: string, password: Uint8Array): Promise<void>
  /** Sets a new random password and answers it: the only time it is told. */
  generate(username: string): Promise<string>
  /** Rejects with a BenchFailure `not-found` too. */
  remove(username: string): Promise<void>
  /** Notes imported users that need a new password; those that are known already are left out. Answers how many. */
  awaitPasswords(usernames: readonly string[]): Promise<number>
  onChange(listener: (change: CredentialChange) => void): () => void
  onState(listener: (state: StoreState) => void): () => void
  close(): Promise<void>
}

/** Easy to read aloud and to type on a device: no 0/O, 1/l/I. */
const ALPHABET = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'
/** 57 characters are 5.8 bits each: 24 make 140 bits. */
const GENERATED_LENGTH = 24

export const generatePassword = (): string =>
  Array.from({ length: GENERATED_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
