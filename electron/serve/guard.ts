/** Who may speak to `serve`: pure checks of addresses, Host and Origin. */
import { isIPv4, isIPv6 } from 'node:net'

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

/**
 * Sources of a policy for the WebSockets of these origins: Safari takes `'self'` for http: alone. The grammar has no
 * IPv6 addresses (CSP 3, 2.3.1), there `'self'` must do.
 */
export const socketSources = (origins: readonly string[]): readonly string[] =>
  origins.filter((origin) => !origin.includes('[')).map((origin) => origin.replace(/^http/, 'ws'))
