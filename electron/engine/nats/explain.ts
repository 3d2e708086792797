/** Why a NATS server could not be used, in words. Nothing here ever quotes a secret. */
import { JetStreamApiError } from '@nats-io/jetstream'
import { errors } from '@nats-io/transport-node'
import { errorCode } from '../workspace/files.ts'

export type NatsErrorKind =
  /** Nothing listens there, or nobody answers. */
  | 'unreachable'
  /** Something answers that is no NATS server. */
  | 'not-nats'
  | 'login'
  | 'tls'
  | 'no-jetstream'
  /** What was given to the bench cannot be right. */
  | 'configuration'
  /** Not connected at the moment. */
  | 'away'
  /** The entry is not as the caller thought it was. */
  | 'conflict'
  | 'other'

export class NatsError extends Error {
  readonly kind: NatsErrorKind
  constructor(kind: NatsErrorKind, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'NatsError'
    this.kind = kind
  }
}

type Words = readonly [NatsErrorKind, (url: string) => string]

const unknownAuthority: Words = [
  'tls',
  (url) =>
    `the certificate of ${url} comes from an authority that this machine does not know: name its CA file in the NATS settings`,
]
const wantsCertificate: Words = [
  'tls',
  (url) =>
    `${url} wants a client certificate, or refuses the one given: check certificate and key in the NATS settings`,
]

/** Codes of Node, OpenSSL and the system. */
const codes: Readonly<Record<string, Words>> = {
  ECONNREFUSED: ['unreachable', (url) => `${url} refused the connection: is nats-server running there?`],
  ECONNRESET: [
    'unreachable',
    (url) => `${url} closed the connection: a client certificate or TLS may be missing`,
  ],
  EPIPE: ['unreachable', (url) => `${url} closed the connection`],
  ETIMEDOUT: ['unreachable', (url) => `${url} does not answer: check the address and the firewall`],
  EHOSTUNREACH: ['unreachable', (url) => `no route leads to ${url}: check the address and the network`],
  ENETUNREACH: ['unreachable', (url) => `no route leads to ${url}: check the address and the network`],
  ENOTFOUND: ['unreachable', (url) => `the host name of ${url} is not known`],
  EAI_AGAIN: [
    'unreachable',
    (url) => `the host name of ${url} cannot be looked up now: is there a name server?`,
  ],
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  CERT_HAS_EXPIRED: ['tls', (url) => `the certificate of ${url} has expired`],
  CERT_NOT_YET_VALID: ['tls', (url) => `the certificate of ${url} is not valid yet: compare the clocks`],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'tls',
    (url) => `the certificate of ${url} is for another name: use a name or address that stands in it`,
  ],
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: wantsCertificate,
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: wantsCertificate,
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: wantsCertificate,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: wantsCertificate,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: wantsCertificate,
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: wantsCertificate,
  'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE': wantsCertificate,
}

export interface ErrorContext {
  /** Without secrets. */
  readonly url: string
  readonly auth: 'none' | 'user' | 'token' | 'nkey' | 'creds'
  readonly user?: string
}

const logins: Readonly<Record<ErrorContext['auth'], (context: ErrorContext) => string>> = {
  none: ({ url }) =>
    `${url} wants a login: give user and password, token, nkey or credentials file in the NATS settings`,
  user: ({ url, user }) => `${url} refused the user “${user ?? ''}”: unknown user or wrong password`,
  token: ({ url }) => `${url} refused the token`,
  nkey: ({ url }) => `${url} refused the nkey: its public key must be among the server's users`,
  creds: ({ url }) =>
    `${url} refused the credentials file: is it of this server's operator, and has it expired?`,
}

/** The failure of an attempt to connect or of a request, in words. */
export function explain(error: unknown, context: ErrorContext): NatsError {
  if (error instanceof NatsError) return error
  const { url } = context
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof NatsError) return cause
    if (isLoginError(cause)) {
      return new NatsError('login', logins[context.auth](context))
    }
    // Nobody hears the JetStream API, or it says itself that it is off.
    if (cause instanceof errors.NoRespondersError || isNoJetStream(cause)) {
      return new NatsError('no-jetstream', noJetStream(url))
    }
    if (cause instanceof errors.TimeoutError) {
      return new NatsError('unreachable', `${url} did not answer in time`)
    }
    if (cause instanceof errors.PermissionViolationError) {
      return new NatsError('login', `${url}: this login may not use the subject ${cause.subject}`)
    }
    if (cause instanceof errors.ClosedConnectionError || cause instanceof errors.DrainingConnectionError) {
      return new NatsError('away', `the connection to ${url} was closed`)
    }
    const code = errorCode(cause) ?? ''
    const words = codes[code]
    if (words) return new NatsError(words[0], words[1](url))
    if (code.startsWith('ERR_OSSL_')) {
      return new NatsError(
        'configuration',
        `a CA, certificate or key file for ${url} cannot be used (${code})`,
      )
    }
    if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')) {
      return new NatsError('tls', `the TLS handshake with ${url} failed (${code})`)
    }
    if (/does not support 'tls'/.test(cause.message)) {
      return new NatsError('tls', `${url} speaks no TLS: use nats:// and name no TLS files`)
    }
  }
  return new NatsError('other', `${url}: ${error instanceof Error ? error.message : 'unknown failure'}`)
}

export const noJetStream = (url: string): string =>
  `${url} has no JetStream for this login: start nats-server with -js, or enable it for the account`

const isLoginError = (error: Error): boolean =>
  error instanceof errors.AuthorizationError || error instanceof errors.UserAuthenticationExpiredError

/** API error 10039, JetStream not enabled for account; 10076, JetStream not enabled. */
function isNoJetStream(error: Error): boolean {
  return error instanceof JetStreamApiError && (error.code === 10039 || error.code === 10076)
}
