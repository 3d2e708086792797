/** What a bench has for being reached from other machines: a certificate, its password and its names. */
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import { BenchFailure } from '../../shared/contract/result.ts'
import { lanAddresses } from '../engine/addresses.ts'
import type { Engine } from '../engine/types.ts'
import { errorCode } from '../engine/workspace/files.ts'
import type { Settings } from '../engine/workspace/settings.ts'
import { readPassword } from './password.ts'
import type { Remote } from './serve.ts'

/** Undefined while no password is set. Throws a BenchFailure that names the file which cannot be used. */
export async function remoteOf(
  engine: Pick<Engine, 'current' | 'on'>,
  workspace: string,
  settings: Settings,
): Promise<Remote | undefined> {
  const password = await readPassword(workspace)
  if (!password) return undefined
  const files = {
    cert: settings['serve.certificateFile'] || join(workspace, 'certificates', 'server.pem'),
    key: settings['serve.keyFile'] || join(workspace, 'certificates', 'server.key'),
  }
  const certificate = () => pairOf(files)
  const host = settings['serve.host']
  const all = lanAddresses().map(({ address }) => address)
  const names = [
    ...(host === '*' ? all : [host]),
    ...dnsNames(certificate().cert),
    hostname(),
    ...all,
    'localhost',
    '127.0.0.1',
  ]
  return {
    certificate,
    onRenewed: (listener) => engine.on('certificates', listener),
    password,
    names: [...new Set(names)],
  }
}

function pairOf(files: { readonly cert: string; readonly key: string }): { cert: string; key: string } {
  const [cert, key] = [textOf(files.cert), textOf(files.key)]
  try {
    createSecureContext({ cert, key })
  } catch {
    // What the TLS library says may be about the key.
    throw new BenchFailure(
      'invalid-request',
      `${files.cert} and ${files.key} are no certificate and its key.`,
    )
  }
  return { cert, key }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new BenchFailure('unavailable', `${path} cannot be read (${errorCode(error) ?? 'unknown error'}).`)
  }
}

const dnsNames = (pem: string): string[] =>
  [...(new X509Certificate(pem).subjectAltName ?? '').matchAll(/DNS:([A-Za-z0-9._-]+)/g)].map(
    ([, name = '']) => name,
  )
