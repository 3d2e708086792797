/** The password of the user interface: in the workspace as a scrypt hash, in a file for its owner alone. */
import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { BenchFailure } from '../../shared/contract/result.ts'
import { errorCode, writeSecret } from '../engine/workspace/files.ts'

export const PASSWORD_FILE = 'serve-password.json'
const VERSION = 1
const MIN_LENGTH = 10
const MAX_LENGTH = 1000
/** About 50 ms and 32 MiB for each try (RFC 7914). */
const COST = { N: 2 ** 15, r: 8, p: 1 } as const
const KEY_LENGTH = 32

const bytes = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{16,200}$/))
const count = (most: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(most))
const stored = v.object({
  version: v.literal(VERSION),
  salt: bytes,
  hash: bytes,
  N: count(2 ** 20),
  r: count(32),
  p: count(16),
})

export interface Password {
  /** In a time that tells nothing of the password. */
  matches(given: string): Promise<boolean>
}

/** Keeps a password. Throws a BenchFailure: `invalid-request` when it is too short, `unavailable`. */
export async function writePassword(workspace: string, password: string): Promise<void> {
  if (password.length < MIN_LENGTH || password.length > MAX_LENGTH) {
    throw new BenchFailure('invalid-request', `A password has ${MIN_LENGTH} to ${MAX_LENGTH} characters.`)
  }
  const salt = randomBytes(16)
  const hash = await derive(password, salt, COST)
  const text = {
    version: VERSION,
    salt: salt.toString('base64url'),
    hash: hash.toString('base64url'),
    ...COST,
  }
  const path = join(workspace, PASSWORD_FILE)
  try {
    await mkdir(workspace, { recursive: true })
    await writeSecret(path, `${JSON.stringify(text, null, 2)}\n`)
  } catch (error) {
    throw new BenchFailure(
      'unavailable',
      `${path} cannot be written (${errorCode(error) ?? 'unknown error'}).`,
    )
  }
}

/** Undefined when there is none. Throws a BenchFailure `unavailable` for a file that cannot be read. */
export async function readPassword(workspace: string): Promise<Password | undefined> {
  const path = join(workspace, PASSWORD_FILE)
  try {
    const { salt, hash, ...cost } = v.parse(stored, JSON.parse(await readFile(path, 'utf8')))
    const expected = Buffer.from(hash, 'base64url')
    return {
      async matches(given) {
        const found = await derive(given.slice(0, MAX_LENGTH + 1), Buffer.from(salt, 'base64url'), cost)
        return found.length === expected.length && timingSafeEqual(found, expected)
      },
    }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw new BenchFailure(
      'unavailable',
      `${path} cannot be read: set the password anew with --set-password.`,
    )
  }
}

function derive(password: string, salt: Buffer, { N, r, p }: ScryptOptions): Promise<Buffer> {
  const options = { N, r, p, maxmem: 256 * (N ?? 1) * (r ?? 1) }
  return new Promise((resolve, reject) =>
    scrypt(password.normalize('NFKC'), salt, KEY_LENGTH, options, (error, key) =>
      error ? reject(error) : resolve(key),
    ),
  )
}
