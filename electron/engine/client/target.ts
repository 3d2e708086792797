/** Where a profile leads to, and with which certificates and credentials. */
import { readFile } from 'node:fs/promises'
import type { Secrets } from '../../../shared/client/connect.ts'
import type { ListenerState } from '../../../shared/contract/model.ts'
import type { ClientProfile } from '../../../shared/contract/mqtt-client.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { errorCode } from '../workspace/files.ts'
import { addressText, type Address, type TlsMaterial } from './line.ts'
import { ENGINEER } from './profiles.ts'

/** What of the bench a client may use. */
export interface Surroundings {
  readonly listeners: () => readonly ListenerState[]
  /** Path of the listeners for WebSocket. */
  readonly webSocketPath: () => string
  /** PEM file of the lab authority. */
  readonly authorityFile: () => string
  /** PEM file with certificate and key of a device. Rejects with a BenchFailure. */
  readonly deviceCertificate: (serial: string) => Promise<string>
  readonly password: (username: string) => Uint8Array | undefined
  /** Makes a user with a password of its own. */
  readonly addUser: (username: string) => Promise<unknown>
}

export interface Target {
  readonly address: Address
  /** As a person reads it. */
  readonly text: string
  readonly tls: TlsMaterial
  readonly secrets: Secrets
}

/** Rejects with a BenchFailure that says what is missing. */
export async function targetOf(
  profile: ClientProfile,
  secrets: Secrets,
  bench: Surroundings,
): Promise<Target> {
  const address = addressOf(profile, bench)
  const isTls = address.transport === 'tls' || address.transport === 'wss'
  const tls = isTls ? await tlsOf(profile.tls, secrets, bench) : { verify: true, serverName: '' }
  return {
    address,
    text: addressText(address),
    tls,
    secrets: await withUser(profile, secrets, bench),
  }
}

function addressOf({ target }: ClientProfile, { listeners, webSocketPath }: Surroundings): Address {
  if (target.kind === 'broker') return target
  const listener = listeners().find(({ transport }) => transport === target.transport)
  if (listener?.state !== 'listening') {
    const label = target.transport.toUpperCase()
    const text = `The ${label} listener of this bench is ${listener?.state ?? 'off'}: turn it on under Bench, or choose another transport.`
    throw new BenchFailure('unavailable', text)
  }
  const host = listener.host === '*' ? '127.0.0.1' : listener.host
  return { transport: target.transport, host, port: listener.port, path: webSocketPath() }
}

/** The bench knows its users' passwords. */
export function secretsFor(
  { target, username }: ClientProfile,
  secrets: Secrets,
  bench: Surroundings,
): Secrets {
  if (target.kind !== 'bench' || secrets.password !== undefined || username === '') return secrets
  const password = bench.password(username)
  return password === undefined ? secrets : { ...secrets, password: Buffer.from(password).toString() }
}

/** The user of the ready profile is made when it is first needed. */
async function withUser(profile: ClientProfile, secrets: Secrets, bench: Surroundings): Promise<Secrets> {
  const isReady = profile.target.kind === 'bench' && profile.username === ENGINEER
  if (isReady && secrets.password === undefined && bench.password(ENGINEER) === undefined)
    await bench.addUser(ENGINEER)
  return secretsFor(profile, secrets, bench)
}

async function tlsOf(
  { authority, certificate, verify, serverName }: ClientProfile['tls'],
  { key, passphrase }: Secrets,
  bench: Surroundings,
): Promise<TlsMaterial> {
  const ca =
    authority.kind === 'lab'
      ? await file('the lab authority', bench.authorityFile())
      : authority.kind === 'file'
        ? await file('the authority', authority.path)
        : authority.kind === 'pem'
          ? authority.pem
          : undefined
  const own = await ownCertificate(certificate, key, bench)
  return {
    ...(ca !== undefined && { ca }),
    ...own,
    ...(own.key !== undefined && passphrase !== undefined && { passphrase }),
    verify,
    serverName,
  }
}

async function ownCertificate(
  certificate: ClientProfile['tls']['certificate'],
  key: string | undefined,
  bench: Surroundings,
): Promise<{ readonly cert?: string; readonly key?: string }> {
  switch (certificate.kind) {
    case 'none':
      return {}
    case 'lab': {
      const both = await file('the device certificate', await bench.deviceCertificate(certificate.serial))
      return { cert: both, key: both }
    }
    case 'file':
      return {
        cert: await file('the certificate', certificate.certificate),
        key: await file('the key', certificate.key === '' ? certificate.certificate : certificate.key),
      }
    case 'pem':
      return { cert: certificate.pem, key: key ?? certificate.pem }
  }
}

async function file(what: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const why =
      errorCode(error) === 'ENOENT' ? 'there is no such file' : (errorCode(error) ?? 'unknown error')
    throw new BenchFailure('unavailable', `The file with ${what} cannot be read (${why}): ${path}`)
  }
}
