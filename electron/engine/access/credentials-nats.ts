/**
 * Credentials shared through the NATS bucket `devices-auth`, exactly as Oktopus has them. Checks are answered from
 * memory; the file of the workspace holds the same, and changes that NATS does not know of yet. When NATS comes
 * (back) each difference is settled by the rule in reconcile.ts.
 */
import { BenchFailure } from '../../../shared/contract/result.ts'
import type { Bucket, BucketEntry } from '../nats/bucket.ts'
import { NatsError } from '../nats/explain.ts'
import { Signal } from '../nats/signal.ts'
import {
  generatePassword,
  type CheckResult,
  type CredentialChange,
  type CredentialInfo,
  type CredentialStore,
  type Reconciled,
  type StoreState,
} from './credentials.ts'
import type { FileCredentials } from './credentials-file.ts'
import { MAX_USERS, samePassword, type Credential } from './credentials-table.ts'
import { decodeKey, encodeKey } from './key-encoding.ts'
import { decide, type Decision, type Remote } from './reconcile.ts'

/** Before a change that NATS did not take is tried again. */
const RETRY_MS = 5000

export class NatsCredentials implements CredentialStore {
  readonly #file: FileCredentials
  readonly #bucket: Bucket
  readonly #states = new Signal<StoreState>()
  readonly #reconciled = new Signal<readonly Reconciled[]>()
  readonly #endings: (() => void)[]
  /** What this bench writes at this moment, to know its own change when it comes back. */
  readonly #inFlight = new Map<string, Uint8Array | undefined>()
  #settling: Promise<void> = Promise.resolve()
  #retry: NodeJS.Timeout | undefined
  /** Users of NATS that found no place. */
  readonly #leftOut = new Set<string>()
  /** Why NATS did not take the last change. */
  #failure: string | undefined
  #closed = false

  constructor(file: FileCredentials, bucket: Bucket) {
    this.#file = file
    this.#bucket = bucket
    let live = false
    const look = (): void => {
      const now = bucket.state.state === 'live'
      if (now && !live) this.#reconcileAll()
      live = now
      this.#states.tell(this.state)
    }
    this.#endings = [
      bucket.onState(look),
      bucket.onChange((key) => this.#follow(decodeKey(key))),
      file.onState(() => this.#states.tell(this.state)),
    ]
    look()
  }

  get state(): StoreState {
    const { state, message, leftOut } = this.#bucket.state
    const { size, pending } = this.#file.table
    const full =
      this.#leftOut.size > 0 && leftOut === 0
        ? `${this.#leftOut.size} users of NATS are not known here: at most ${MAX_USERS} are.`
        : undefined
    const waiting = pending > 0 && state === 'live' ? this.#failure : undefined
    const text = message ?? waiting ?? full
    return {
      state: state === 'live' ? 'shared' : 'away',
      users: size,
      pending,
      ...(text === undefined ? {} : { message: text }),
    }
  }

  check(username: string, password: Uint8Array): CheckResult {
    return this.#file.check(username, password)
  }

  list(): CredentialInfo[] {
    return this.#file.list()
  }

  reveal(username: string): Uint8Array | undefined {
    return this.#file.reveal(username)
  }

  async set(username: string, password: Uint8Array): Promise<void> {
    this.#file.checkRequest(username, password)
    if (await this.#share(username, password.slice())) return
    await this.#file.set(username, password)
    this.#tryAgainLater()
  }

  async generate(username: string): Promise<string> {
    const password = generatePassword()
    await this.set(username, new TextEncoder().encode(password))
    return password
  }

  async remove(username: string): Promise<void> {
    this.#file.checkRemoval(username)
    const known = this.#file.table.get(username)?.password !== undefined
    if (known && (await this.#share(username, undefined))) {
      this.#file.stopAwaiting(username)
      return this.#file.save()
    }
    await this.#file.remove(username)
    this.#tryAgainLater()
  }

  awaitPasswords(usernames: readonly string[]): Promise<number> {
    return this.#file.awaitPasswords(usernames)
  }

  onChange(listener: (change: CredentialChange) => void): () => void {
    return this.#file.onChange(listener)
  }

  onState(listener: (state: StoreState) => void): () => void {
    return this.#states.on(listener)
  }

  /** Told when NATS has come (back) and there were differences: what became of each. */
  onReconciled(listener: (outcomes: readonly Reconciled[]) => void): () => void {
    return this.#reconciled.on(listener)
  }

  /** Ends with the file; the bucket is its owner's to close. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#retry)
    for (const end of this.#endings) end()
    await this.#settling
    await this.#file.close()
  }

  /** Writes a change to NATS first. Answers false when NATS is away; throws when somebody else was faster. */
  async #share(username: string, password: Uint8Array | undefined): Promise<boolean> {
    if (this.#bucket.state.state !== 'live') return false
    try {
      await this.#send(username, password)
    } catch (error) {
      if (!(error instanceof NatsError)) throw error
      if (error.kind !== 'conflict') {
        this.#failure = sentence(error.message)
        return false
      }
      const text = `The user ${username} was changed by somebody else at the same moment. Look again and repeat it.`
      throw new BenchFailure('conflict', text)
    }
    await this.#file.save()
    return true
  }

  async #send(username: string, password: Uint8Array | undefined): Promise<void> {
    const key = encodeKey(username)
    const expected = this.#bucket.get(key)?.revision ?? 0
    this.#inFlight.set(username, password)
    try {
      if (password === undefined) await this.#bucket.delete(key, expected)
      else await this.#bucket.put(key, password, expected)
      // A value that was there already is no change to the bucket, and yet a new revision.
      this.#follow(username)
    } finally {
      this.#inFlight.delete(username)
    }
  }

  /** Does at once what can be done here; answers what has to be written to NATS, if anything. */
  #follow(username: string): { readonly decision: Decision; readonly write: boolean } {
    const local = this.#file.table.get(username)
    const remote = remoteOf(this.#bucket.get(encodeKey(username)))
    const { leftOut } = this.#bucket.state
    const decision = decide(local, remote, {
      lastRevision: this.#bucket.lastRevision,
      complete: leftOut === 0,
    })
    switch (decision.action) {
      case 'take':
        if (remote?.password !== undefined) this.#take(username, remote.password, remote)
        break
      case 'drop':
        this.#file.forget(username, this.#originOf(username, undefined))
        this.#leftOut.delete(username)
        break
      case 'agree':
        if (local && remote) this.#file.table.put({ ...local, pending: false, revision: remote.revision })
        break
      case 'forget':
        this.#file.table.forget(username)
        break
      case 'nothing':
        return { decision, write: false }
      case 'write':
      case 'erase':
        return { decision, write: true }
    }
    this.#file.saveSoon()
    return { decision, write: false }
  }

  #take(username: string, password: Uint8Array, { changedAt, revision }: Remote): void {
    if (this.#file.table.full && this.#file.table.get(username) === undefined) {
      this.#leftOut.add(username)
      return
    }
    this.#leftOut.delete(username)
    const credential: Credential = { username, password, changedAt, revision, pending: false }
    this.#file.put(credential, this.#originOf(username, password))
  }

  #originOf(username: string, password: Uint8Array | undefined): CredentialChange['origin'] {
    const own = this.#inFlight.has(username) && samePassword(this.#inFlight.get(username), password)
    return own ? 'here' : 'nats'
  }

  #reconcileAll(): void {
    this.#rebase()
    const usernames = new Set<string>()
    for (const { username } of this.#file.table.all()) usernames.add(username)
    for (const { key } of this.#bucket.entries()) usernames.add(decodeKey(key))
    const outcomes: Reconciled[] = []
    const writes: string[] = []
    for (const username of usernames) {
      const { decision, write } = this.#follow(username)
      const outcome = outcomeOf[decision.action]
      if (write) writes.push(username)
      else if (outcome) outcomes.push({ username, outcome, why: sentence(decision.why) })
    }
    // What can be done at once is done: only writing takes time, one after the other.
    this.#settling = this.#settling.then(async () => {
      for (const username of writes) outcomes.push(...(await this.#settle(username)))
      if (outcomes.length > 0) this.#reconciled.tell(outcomes)
    })
  }

  /** Revisions of another bucket say nothing about this one: every user counts as changed here then. */
  #rebase(): void {
    const { identity } = this.#bucket
    if (identity === undefined || identity === this.#file.bucket) return
    for (const { revision: _, ...credential } of this.#file.table.all()) {
      this.#file.table.put({ ...credential, pending: true })
    }
    this.#file.bucket = identity
    this.#file.saveSoon()
  }

  /** Writes one difference to NATS, if it still is one. Never rejects. */
  async #settle(username: string): Promise<Reconciled[]> {
    if (this.#closed) return []
    const { decision, write } = this.#follow(username)
    const outcome = outcomeOf[decision.action]
    if (!write) return outcome ? [{ username, outcome, why: sentence(decision.why) }] : []
    try {
      await this.#send(username, this.#file.table.get(username)?.password)
      return outcome ? [{ username, outcome, why: sentence(decision.why) }] : []
    } catch (error) {
      // Somebody else was faster: their change comes, or has come, and is looked at like any other.
      this.#tryAgainLater()
      const why = error instanceof Error ? error.message : String(error)
      this.#failure = sentence(why)
      return [{ username, outcome: 'failed', why: `${sentence(why)} It is tried again.` }]
    }
  }

  #tryAgainLater(): void {
    if (this.#retry !== undefined || this.#closed) return
    this.#retry = setTimeout(() => {
      this.#retry = undefined
      if (this.#bucket.state.state === 'live') this.#reconcileAll()
    }, RETRY_MS)
  }
}

const outcomeOf: Readonly<Record<Decision['action'], Reconciled['outcome'] | undefined>> = {
  nothing: undefined,
  agree: undefined,
  forget: undefined,
  take: 'taken-from-nats',
  drop: 'removed-here',
  write: 'written-to-nats',
  erase: 'removed-from-nats',
}

const remoteOf = (entry: BucketEntry | undefined): Remote | undefined =>
  entry && {
    password: entry.deleted ? undefined : entry.value,
    changedAt: entry.changedAt,
    revision: entry.revision,
  }

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.$/, '')}.`
