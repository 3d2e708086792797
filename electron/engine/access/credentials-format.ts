/** credentials.json: user names and passwords as a versioned JSON document. Pure. */
import { CredentialTable, MAX_USERS, type Credential } from './credentials-table.ts'

export const CREDENTIALS_VERSION = 1

interface UserRecord {
  /** UTF-8 text, or the bytes in base64 where they are none. Neither for a user that was removed. */
  readonly password?: string
  readonly base64?: string
  /** ISO 8601, UTC. */
  readonly changedAt: string
  readonly pending?: true
  readonly revision?: number
  readonly initial?: true
}

export interface CredentialsContent {
  readonly table: CredentialTable
  /** Which bucket the revisions are of. */
  readonly bucket: string | undefined
}

export function formatCredentials({ table, bucket }: CredentialsContent): string {
  const users = table.all().map((one) => [one.username, recordOf(one)] as const)
  const document = {
    version: CREDENTIALS_VERSION,
    ...(bucket === undefined ? {} : { bucket }),
    users: Object.fromEntries(users.toSorted(([a], [b]) => (a < b ? -1 : 1))),
    awaiting: [...table.awaiting].toSorted(),
  }
  return `${JSON.stringify(document, null, 2)}\n`
}

function recordOf({ password, changedAt, pending, revision, initial }: Credential): UserRecord {
  return {
    ...(password === undefined ? {} : textOf(password)),
    changedAt: new Date(changedAt).toISOString(),
    ...(pending ? { pending } : {}),
    ...(revision === undefined ? {} : { revision }),
    ...(initial ? { initial } : {}),
  }
}

function textOf(password: Uint8Array): Pick<UserRecord, 'password' | 'base64'> {
  try {
    return { password: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(password) }
  } catch {
    return { base64: Buffer.from(password).toString('base64') }
  }
}

/** Throws a TypeError that says what is wrong, and never quotes the text: it may be a password. */
export function parseCredentials(text: string): CredentialsContent {
  const root = objectOf(parseJson(text), 'it')
  const { version, bucket, users, awaiting } = root
  if (version !== CREDENTIALS_VERSION) {
    const newer = typeof version === 'number' && version > CREDENTIALS_VERSION
    throw new TypeError(
      newer ? `it was written by a newer Oktobench (version ${version})` : 'its "version" is unknown',
    )
  }
  const table = new CredentialTable()
  const records = Object.entries(objectOf(users, '"users"'))
  if (records.length > MAX_USERS) throw new TypeError(`it has more than ${MAX_USERS} users`)
  for (const [username, record] of records) table.put(credentialOf(username, record))
  if (!Array.isArray(awaiting ?? [])) throw new TypeError('"awaiting" is not a list')
  for (const name of (awaiting ?? []) as unknown[]) {
    if (typeof name !== 'string') throw new TypeError('"awaiting" holds something else than user names')
    table.awaitPassword(name)
  }
  return { table, bucket: typeof bucket === 'string' ? bucket : undefined }
}

function credentialOf(username: string, value: unknown): Credential {
  const { password, base64, changedAt, pending, revision, initial } = objectOf(value, `the user ${username}`)
  const time = typeof changedAt === 'string' ? Date.parse(changedAt) : Number.NaN
  if (Number.isNaN(time)) throw new TypeError(`the user ${username} has no valid "changedAt"`)
  return {
    username,
    password: bytesOf(password, base64, username),
    changedAt: time,
    pending: pending === true,
    ...(typeof revision === 'number' ? { revision } : {}),
    ...(initial === true ? { initial } : {}),
  }
}

function bytesOf(password: unknown, base64: unknown, username: string): Uint8Array | undefined {
  if (typeof password === 'string') return new TextEncoder().encode(password)
  if (typeof base64 === 'string') return new Uint8Array(Buffer.from(base64, 'base64'))
  if (password === undefined && base64 === undefined) return undefined
  throw new TypeError(`the password of the user ${username} is not text`)
}

function parseJson(text: string): unknown {
  try {
    // Editors on Windows begin a file with a byte order mark.
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    throw new TypeError('it is not JSON')
  }
}

function objectOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError(`${what} is not a JSON object`)
  }
  return value as Readonly<Record<string, unknown>>
}
