/** Where a NATS server is and how to identify oneself there. */
import { readFile } from 'node:fs/promises'
import {
  credsAuthenticator,
  nkeyAuthenticator,
  nkeys,
  type NodeConnectionOptions,
} from '@nats-io/transport-node'
import { NatsError } from './explain.ts'

/**
 * `url`: one address or several of one cluster, separated by commas: `nats://host:4222`, `tls://host:4222`. User
 * and password (or a token) may stand in it; they are taken out before anything is shown. At most one of the four
 * ways to identify oneself is used, in this order: `credsFile`, `seed`, `token`, `user` with `password`.
 */
export interface NatsTarget {
  readonly url: string
  readonly user?: string
  readonly password?: string
  readonly token?: string
  /** The seed of an nkey: `SU…`. */
  readonly seed?: string
  /** Path of a credentials file, as nsc writes it. */
  readonly credsFile?: string
  /** Paths of PEM files; `caFile` takes the place of the system's authorities. */
  readonly tls?: { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string }
}

export interface NatsAddress {
  readonly host: string
  readonly port: number
  readonly secure: boolean
  /** Without user, password and token: safe to show. */
  readonly url: string
}

export interface ParsedTarget {
  readonly addresses: readonly NatsAddress[]
  /** All addresses, safe to show. */
  readonly shown: string
  readonly auth: 'none' | 'user' | 'token' | 'nkey' | 'creds'
  /** Who one claims to be, where that is no secret. */
  readonly user?: string
  readonly target: NatsTarget
}

const DEFAULT_PORT = 4222
const MAX_ADDRESSES = 16

/** Throws a NatsError `configuration` that says what is wrong, without quoting what may be a secret. */
export function parseTarget(given: NatsTarget): ParsedTarget {
  const texts = given.url.split(',').map((text) => text.trim())
  if (texts.length > MAX_ADDRESSES) throw configuration(`more than ${MAX_ADDRESSES} NATS addresses`)
  const addresses: NatsAddress[] = []
  let target = given
  for (const text of texts) {
    const parsed = parseUrl(text)
    addresses.push(parsed.address)
    target = { ...parsed.login, ...target }
  }
  const auth =
    target.credsFile !== undefined
      ? 'creds'
      : target.seed !== undefined
        ? 'nkey'
        : target.token !== undefined
          ? 'token'
          : target.user !== undefined
            ? 'user'
            : 'none'
  return {
    addresses,
    shown: addresses.map(({ url }) => url).join(', '),
    auth,
    ...(auth === 'user' && target.user !== undefined ? { user: target.user } : {}),
    target,
  }
}

function parseUrl(text: string): {
  address: NatsAddress
  login: Pick<NatsTarget, 'user' | 'password' | 'token'>
} {
  let url: URL
  try {
    url = new URL(/^[a-z]+:\/\//i.test(text) ? text : `nats://${text}`)
  } catch {
    throw configuration('the NATS address is not of the form nats://host:port')
  }
  if (url.protocol !== 'nats:' && url.protocol !== 'tls:') {
    throw configuration(`NATS addresses begin with nats:// or tls://, not ${url.protocol}//`)
  }
  if (url.hostname === '') throw configuration('the NATS address has no host name')
  const port = url.port === '' ? DEFAULT_PORT : Number(url.port)
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const [user, password] = [decoded(url.username), decoded(url.password)]
  return {
    address: { host, port, secure: url.protocol === 'tls:', url: `${url.protocol}//${url.hostname}:${port}` },
    login: user === '' ? {} : password === '' ? { token: user } : { user, password },
  }
}

/**
 * What nats.js wants to know. With `tlsRequired` the server asks for TLS, whatever the address begins with. Reads
 * the files that the target names; throws a NatsError for one it cannot use.
 */
export async function connectionOptions(
  { target, auth }: ParsedTarget,
  address: NatsAddress,
  tlsRequired: boolean,
): Promise<NodeConnectionOptions> {
  const { caFile, certFile, keyFile } = target.tls ?? {}
  const [ca, cert, key, creds] = await Promise.all([
    textOf(caFile, 'authority (CA) file'),
    textOf(certFile, 'client certificate'),
    textOf(keyFile, 'private key'),
    auth === 'creds' ? textOf(target.credsFile, 'credentials file') : undefined,
  ])
  const files = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) }
  const wantsTls = tlsRequired || address.secure || Object.keys(files).length > 0
  // nats.js hands these on to tls.connect(), which without `host` would look for “localhost” in the certificate of
  // a server that is named by its IP address.
  const tls = { ...files, host: address.host }
  return {
    servers: `${bracketed(address.host)}:${address.port}`,
    ...(wantsTls ? { tls } : {}),
    ...identity(target, auth, creds),
  }
}

function identity(
  target: NatsTarget,
  auth: ParsedTarget['auth'],
  creds: string | undefined,
): Pick<NodeConnectionOptions, 'authenticator' | 'user' | 'pass' | 'token'> {
  switch (auth) {
    case 'creds':
      if (!/BEGIN NATS USER JWT[\s\S]*BEGIN USER NKEY SEED/.test(creds ?? '')) {
        throw configuration(
          `${target.credsFile} is not a NATS credentials file: it needs a JWT and an nkey seed`,
        )
      }
      return { authenticator: credsAuthenticator(new TextEncoder().encode(creds)) }
    case 'nkey': {
      const seed = new TextEncoder().encode(target.seed?.trim())
      try {
        nkeys.fromSeed(seed)
      } catch {
        // Its message would be about the seed.
        throw configuration('the nkey seed is not valid: it begins with SU and has 58 characters')
      }
      return { authenticator: nkeyAuthenticator(seed) }
    }
    case 'token':
      return { token: target.token ?? '' }
    case 'user':
      return { user: target.user ?? '', pass: target.password ?? '' }
    case 'none':
      return {}
  }
}

async function textOf(path: string | undefined, what: string): Promise<string | undefined> {
  if (path === undefined) return undefined
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const why =
      code === 'ENOENT'
        ? 'there is no such file'
        : code === 'EACCES'
          ? 'permission denied'
          : (code ?? 'no access')
    throw configuration(`the NATS ${what} ${path} cannot be read: ${why}`)
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw configuration('in the login of the NATS address a % must be written %25')
  }
}

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host)
const configuration = (text: string): NatsError => new NatsError('configuration', text)
