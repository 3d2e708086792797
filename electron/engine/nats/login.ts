/**
 * How the bench logs in at a NATS server that is not its own: a file of mode 0600 beside the own server's, since
 * bench.json may be shared. What is secret leaves this file for the connection alone.
 */
import { nkeys } from '@nats-io/transport-node'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import * as v from 'valibot'
import { natsLogin, type NatsActivity, type NatsLogin } from '../../../shared/contract/nats.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { errorCode, setAside, writeSecret } from '../workspace/files.ts'
import type { Settings } from '../workspace/settings.ts'
import type { NatsTarget } from './target.ts'

const VERSION = 1
const fileOf = (folder: string): string => join(folder, 'external-login.json')
const stored = v.object({ version: v.literal(VERSION), login: natsLogin })

/** The login of the folder `nats`. A file that cannot be read is set aside and told; then there is none. */
export async function readLogin(folder: string, onProblem: (text: string) => void): Promise<NatsLogin> {
  const path = fileOf(folder)
  try {
    return v.parse(stored, JSON.parse(await readFile(path, 'utf8'))).login
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { kind: 'none' }
    // The parser's own words may quote what is secret.
    const aside = basename(await setAside(path, new Date()))
    onProblem(
      `The login for NATS cannot be read and is kept as nats/${aside}: give it again in the NATS view.`,
    )
    return { kind: 'none' }
  }
}

/** Keeps a login. Rejects with a BenchFailure: `invalid-request` for a seed that is none, `unavailable`. */
export async function writeLogin(folder: string, login: NatsLogin): Promise<void> {
  if (login.kind === 'nkey' && !isSeed(login.seed)) {
    throw new BenchFailure(
      'invalid-request',
      'That is no seed of a NATS user: it begins with SU and has 58 characters.',
    )
  }
  try {
    await writeSecret(fileOf(folder), `${JSON.stringify({ version: VERSION, login }, null, 2)}\n`)
  } catch (error) {
    throw new BenchFailure(
      'unavailable',
      `The login cannot be kept (${errorCode(error) ?? 'unknown error'}).`,
    )
  }
}

function isSeed(text: string): boolean {
  if (!text.startsWith('SU')) return false
  try {
    nkeys.fromSeed(new TextEncoder().encode(text))
    return true
  } catch {
    return false
  }
}

/** The part of a target that a login is. */
export function loginTarget(login: NatsLogin): Omit<NatsTarget, 'url' | 'tls'> {
  switch (login.kind) {
    case 'none':
      return {}
    case 'user':
      return { user: login.user, password: login.password }
    case 'token':
      return { token: login.token }
    case 'nkey':
      return { seed: login.seed }
    case 'creds':
      return { credsFile: login.file }
  }
}

/** Somebody else's NATS server, as the settings have it. */
export function externalTarget(settings: Settings, login: NatsLogin): NatsTarget {
  const tls = {
    caFile: settings['nats.caFile'],
    certFile: settings['nats.certificateFile'],
    keyFile: settings['nats.keyFile'],
  }
  const given = Object.fromEntries(Object.entries(tls).filter(([, path]) => path !== ''))
  return {
    url: settings['nats.url'],
    ...loginTarget(login),
    ...(Object.keys(given).length > 0 && { tls: given }),
  }
}

/** What may be shown of a login. */
export const shownLogin = (login: NatsLogin, waits: boolean): NatsActivity['login'] => ({
  kind: login.kind,
  ...(login.kind === 'user' && { user: login.user }),
  ...(login.kind === 'creds' && { file: login.file }),
  waits,
})
