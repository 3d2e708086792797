/** Who may speak to `serve`: pure checks of addresses, Host, Origin and token. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { isIPv4, isIPv6 } from 'node:net'
import { SUBPROTOCOL, TOKEN_PREFIX } from '../../shared/contract/encoding.ts'

/** The address to bind for a loopback name or address; undefined for every other one. */
export function loopbackAddress(host: string): string | undefined {
  if (host === 'localhost') return '127.0.0.1'
  if (isIPv4(host) && host.startsWith('127.')) return host
  // ::1 may be written with all its zeros.
  return isIPv6(host) && /^[0:]*:0{0,3}1$/.test(host) ? '::1' : undefined
}

export interface OwnOrigins {
  /** The first is the one to print. */
  readonly origins: readonly string[]
  /**
   * A page of another name that resolves to this machine (DNS rebinding) sends its own name as Host: it gets
   * nothing. Without Host (HTTP/1.0) neither.
   */
  allowsHost(host: string | undefined): boolean
  /** A browser always sends Origin with a WebSocket; a program that sends none has only the token to show. */
  allowsOrigin(origin: string | undefined): boolean
}

/** `names`: host names and addresses under which this server is known, the best one first. */
export function ownOrigins(names: readonly string[], port: number, scheme: 'http' | 'https'): OwnOrigins {
  // The scheme's own port is left out of Host and Origin by browsers.
  const suffix = port === (scheme === 'http' ? 80 : 443) ? '' : `:${port}`
  const hosts = names.map((name) => (isIPv6(name) ? `[${name}]` : name.toLowerCase()) + suffix)
  const origins = hosts.map((host) => `${scheme}://${host}`)
  return {
    origins,
    allowsHost: (host) => host !== undefined && hosts.includes(host.toLowerCase()),
    allowsOrigin: (origin) => origin === undefined || origins.includes(origin.toLowerCase()),
  }
}

/** 256 random bits, in characters that a subprotocol and a URL fragment can hold. */
export const makeToken = (): string => randomBytes(32).toString('base64url')

/** Undefined when usable, else what is wrong with a token given in the environment. */
export function tokenFault(token: string): string | undefined {
  return /^[A-Za-z0-9_-]{16,200}$/.test(token)
    ? undefined
    : 'OKTOBENCH_TOKEN must be 16 to 200 letters, digits, - and _.'
}

/** Compares in a time that tells nothing of the token, not even its length. */
export function sameToken(given: string | undefined, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return given !== undefined && timingSafeEqual(digest(given), digest(token))
}

export interface OfferedProtocols {
  readonly known: boolean
  readonly token: string | undefined
}

/** What a client offers in Sec-WebSocket-Protocol. */
export function readProtocols(header: string | undefined): OfferedProtocols {
  const offered = (header ?? '').split(',').map((item) => item.trim())
  return {
    known: offered.includes(SUBPROTOCOL),
    token: offered.find((item) => item.startsWith(TOKEN_PREFIX))?.slice(TOKEN_PREFIX.length),
  }
}

/**
 * Sources of a policy for the WebSockets of these origins: Safari takes `'self'` for http: alone. The grammar has no
 * IPv6 addresses (CSP 3, 2.3.1), there `'self'` must do.
 */
export const socketSources = (origins: readonly string[]): readonly string[] =>
  origins.filter((origin) => !origin.includes('[')).map((origin) => origin.replace(/^http/, 'ws'))
