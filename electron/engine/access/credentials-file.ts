/** User names and passwords in a file of the workspace: complete by itself, and what is left while NATS is away. */
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { Signal } from '../nats/signal.ts'
import { errorCode, setAside, writeSecret } from '../workspace/files.ts'
import {
  CONTROLLER_USER,
  generatePassword,
  type CheckResult,
  type CredentialChange,
  type CredentialInfo,
  type CredentialStore,
  type StoreState,
} from './credentials.ts'
import { formatCredentials, parseCredentials } from './credentials-format.ts'
import { CredentialTable, MAX_PASSWORD_BYTES, MAX_USERS, type Credential } from './credentials-table.ts'
import { encodeKey } from './key-encoding.ts'

export interface FileCredentialsOptions {
  /** Of the file; its folder must exist. */
  readonly path: string
  /** What a person should know: a broken file, one that cannot be written. Never a secret. */
  readonly onProblem: (text: string) => void
  readonly now?: () => number
}

export class FileCredentials implements CredentialStore {
  readonly #options: FileCredentialsOptions
  readonly #changes = new Signal<CredentialChange>()
  readonly #states = new Signal<StoreState>()
  readonly table: CredentialTable
  /** Which bucket the revisions in the table are of. */
  bucket: string | undefined
  #writing: Promise<void> = Promise.resolve()
  #next: Promise<void> | undefined

  private constructor(options: FileCredentialsOptions, table: CredentialTable, bucket: string | undefined) {
    this.#options = options
    this.table = table
    this.bucket = bucket
  }

  /**
   * Reads the file and makes it, with a password for the controller, where there is none. A broken one is set aside
   * and told. Rejects with a BenchFailure `unavailable` when the file can be neither read nor written.
   */
  static async open(options: FileCredentialsOptions): Promise<FileCredentials> {
    const { table, bucket } = await read(options)
    const store = new FileCredentials(options, table, bucket)
    if (table.get(CONTROLLER_USER)?.password === undefined) {
      const password = new TextEncoder().encode(generatePassword())
      table.put({ username: CONTROLLER_USER, password, changedAt: store.now(), pending: true, initial: true })
    }
    // Written in any case: that makes its mode 0600, whatever it was.
    await store.save()
    return store
  }

  get state(): StoreState {
    return { state: 'file', users: this.table.size, pending: 0 }
  }

  check(username: string, password: Uint8Array): CheckResult {
    return this.table.check(username, password)
  }

  list(): CredentialInfo[] {
    const infos: CredentialInfo[] = []
    for (const { username, password, changedAt, pending, revision, initial = false } of this.table.all()) {
      if (password === undefined) continue
      const source = revision === undefined || pending ? 'here' : 'nats'
      infos.push({ username, source, changedAt, pending, initial })
    }
    for (const username of this.table.awaiting) {
      infos.push({ username, source: 'awaiting', pending: false, initial: false })
    }
    return infos.toSorted((a, b) => (a.username < b.username ? -1 : 1))
  }

  reveal(username: string): Uint8Array | undefined {
    return this.table.get(username)?.password?.slice()
  }

  async set(username: string, password: Uint8Array): Promise<void> {
    this.checkRequest(username, password)
    this.put(this.#changed(username, password.slice()), 'here')
    await this.save()
  }

  async generate(username: string): Promise<string> {
    const password = generatePassword()
    await this.set(username, new TextEncoder().encode(password))
    return password
  }

  async remove(username: string): Promise<void> {
    this.checkRemoval(username)
    if (this.table.get(username)?.password !== undefined) this.put(this.#changed(username, undefined), 'here')
    this.stopAwaiting(username)
    await this.save()
  }

  async awaitPasswords(usernames: readonly string[]): Promise<number> {
    let added = 0
    for (const username of usernames) {
      if (this.table.get(username)?.password !== undefined || this.table.awaiting.has(username)) continue
      this.checkUsername(username)
      this.table.awaitPassword(username)
      added += 1
    }
    if (added > 0) await this.save()
    return added
  }

  onChange(listener: (change: CredentialChange) => void): () => void {
    return this.#changes.on(listener)
  }

  onState(listener: (state: StoreState) => void): () => void {
    return this.#states.on(listener)
  }

  close(): Promise<void> {
    return this.#writing.catch(() => undefined)
  }

  now(): number {
    return this.#options.now?.() ?? Date.now()
  }

  /** Puts a credential into memory and tells of it; `save` keeps it. */
  put(credential: Credential, origin: CredentialChange['origin']): void {
    const { username, password } = credential
    this.table.put(credential)
    this.#changes.tell({ username, kind: password === undefined ? 'removed' : 'set', origin })
    this.#states.tell(this.state)
  }

  /** Removes a user without leaving a mark, and tells of it. */
  forget(username: string, origin: CredentialChange['origin']): void {
    const wasAlive = this.table.get(username)?.password !== undefined
    this.table.forget(username)
    if (!wasAlive) return
    this.#changes.tell({ username, kind: 'removed', origin })
    this.#states.tell(this.state)
  }

  stopAwaiting(username: string): void {
    this.table.stopAwaiting(username)
  }

  /** Writes the file. Changes made while a write is under way go together into the next one. */
  save(): Promise<void> {
    this.#next ??= this.#writing
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined
        return this.#write()
      })
    this.#writing = this.#next
    return this.#next
  }

  /** `save` for a change that nobody waits for: a failure is told as a problem. */
  saveSoon(): void {
    this.save().catch((error: unknown) => this.#options.onProblem((error as Error).message))
  }

  /** Throws a BenchFailure `invalid-request` or `unavailable`. */
  checkRequest(username: string, password: Uint8Array): void {
    this.checkUsername(username)
    if (password.length === 0) throw invalid('The password must not be empty.')
    if (password.length > MAX_PASSWORD_BYTES) {
      throw invalid(`The password has ${password.length} bytes; at most ${MAX_PASSWORD_BYTES} are taken.`)
    }
  }

  checkUsername(username: string): void {
    try {
      encodeKey(username)
    } catch (error) {
      throw invalid(`This user cannot be kept: ${(error as Error).message}.`)
    }
    const known = this.table.get(username) !== undefined || this.table.awaiting.has(username)
    if (!known && this.table.full) {
      const text = `All ${MAX_USERS} places for users are taken, removed ones that NATS does not know of yet included.`
      throw new BenchFailure('unavailable', `${text} Remove users or connect to NATS.`)
    }
  }

  checkRemoval(username: string): void {
    if (username === CONTROLLER_USER) {
      throw invalid(`${CONTROLLER_USER} is the bench's own controller: give it another password instead.`)
    }
    if (this.table.get(username)?.password === undefined && !this.table.awaiting.has(username)) {
      throw new BenchFailure('not-found', `There is no user ${username}.`)
    }
  }

  #changed(username: string, password: Uint8Array | undefined): Credential {
    const revision = this.table.get(username)?.revision
    return {
      username,
      password,
      changedAt: this.now(),
      pending: true,
      ...(revision === undefined ? {} : { revision }),
    }
  }

  async #write(): Promise<void> {
    try {
      await writeSecret(this.#options.path, formatCredentials(this))
    } catch (error) {
      const why = errorCode(error) ?? 'unknown failure'
      const text = `${this.#options.path} cannot be written (${why}): changed passwords last only until the bench ends.`
      throw new BenchFailure('unavailable', text)
    }
  }
}

const invalid = (text: string): BenchFailure => new BenchFailure('invalid-request', text)

async function read({
  path,
  onProblem,
}: FileCredentialsOptions): Promise<{ table: CredentialTable; bucket: string | undefined }> {
  const empty = { table: new CredentialTable(), bucket: undefined }
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return empty
    throw new BenchFailure(
      'unavailable',
      `${path} cannot be read (${errorCode(error) ?? 'unknown failure'}).`,
    )
  }
  try {
    return parseCredentials(text)
  } catch (error) {
    const aside = await setAside(path, new Date())
    const what = `${basename(path)} cannot be used: ${(error as Error).message}.`
    onProblem(`${what} It is kept as ${basename(aside)}; only the users that NATS has are known now.`)
    return empty
  }
}
