/**
 * Why no TLS connection came about, in words. Rows for what OpenSSL, libmosquitto, Node.js and Python clients were
 * seen to cause, and for the other alerts that the standard gives a client; what is in no table is told with the
 * words of the TLS library.
 */
import type { CertificateFacts } from './certificate-facts.ts'
import { cipherSuiteName, SIGNALLING_SUITES, type FirstBytes } from './clienthello.ts'
import type { CertificateFault } from './server-certificate.ts'
import { day } from './values.ts'

export type TlsFailureKind =
  | 'not-tls'
  | 'malformed'
  | 'version'
  | 'cipher'
  | 'protocol-name'
  | 'authority-unknown'
  | 'server-certificate-expired'
  | 'server-certificate-refused'
  | 'client-certificate-missing'
  | 'client-certificate-expired'
  | 'client-certificate-foreign'
  | 'client-certificate-revoked'
  | 'client-certificate-unlisted'
  | 'client-certificate-wrong'
  | 'closed'
  | 'silent'
  | 'timeout'
  | 'busy'
  | 'other'

export interface TlsFailure {
  readonly kind: TlsFailureKind
  /** One sentence: what happened, and what the device presented. */
  readonly text: string
  /** One sentence: what to do. */
  readonly remedy?: string
}

/** The failure and its remedy in one text, for a row or a list. */
export const handshakeSentence = ({ text, remedy }: TlsFailure): string =>
  `TLS: ${text}${remedy === undefined ? '' : `. ${remedy}`}`

/** What was known of a connection when it failed. */
export interface SocketFacts {
  readonly first: FirstBytes
  /** Bytes that came. */
  readonly received: number
  /** The certificate of the server went out. */
  readonly answered: boolean
  /** What the client presented. */
  readonly certificate?: CertificateFacts
  /** ISO 8601, UTC; of `certificate`. */
  readonly revokedAt?: string
  /** What the server showed. */
  readonly served: CertificateFacts
  readonly fault?: CertificateFault
}

/** Failures that the bench itself decides on, as codes beside those of Node and OpenSSL. */
export const BENCH_CODES = {
  notTls: 'BENCH_NOT_TLS',
  malformed: 'BENCH_MALFORMED_HELLO',
  closed: 'BENCH_CLOSED',
  silent: 'BENCH_SILENT',
  timeout: 'BENCH_TIMEOUT',
  busy: 'BENCH_BUSY',
  certificateMissing: 'BENCH_CERTIFICATE_MISSING',
  certificateRevoked: 'BENCH_CERTIFICATE_REVOKED',
  certificateUnlisted: 'BENCH_CERTIFICATE_UNLISTED',
} as const

interface Row {
  readonly kind: TlsFailureKind
  readonly text: (facts: SocketFacts) => string
  readonly remedy?: (facts: SocketFacts) => string
}

const trust = 'give it lab-ca.pem (OBUSPA: -t lab-ca.pem)'
const attach = 'Make a certificate for it and give it the file (OBUSPA: -a file.pem)'

/** An address stands in a certificate as `IP:` and, for OBUSPA, as `DNS:` too. */
const hosts = ({ served }: SocketFacts): string => [...new Set(served.hosts)].join(', ')
const shown = ({ certificate }: SocketFacts): string =>
  certificate ? `“${certificate.subject}”, issued by “${certificate.issuer}”` : 'none that can be read'

const onPurpose = ({ fault }: SocketFacts): string | undefined =>
  fault && `The bench shows a wrong certificate on purpose (${fault}): this is the right answer to it`

const nameRemedy = (facts: SocketFacts): string =>
  onPurpose(facts) ?? `Its BrokerAddress must be one of: ${hosts(facts)}`

const clockRemedy = (facts: SocketFacts): string =>
  onPurpose(facts) ??
  `Set the clock of the device: the certificate is good from ${day(facts.served.notBefore)} to ${day(facts.served.notAfter)}`

const trustRow: Row = {
  kind: 'authority-unknown',
  text: () => 'the device does not trust the authority that signed the certificate of the bench',
  remedy: (facts) => onPurpose(facts) ?? `The device must know this lab's authority: ${trust}`,
}

const nameRow: Row = {
  kind: 'server-certificate-refused',
  text: () => 'the device refuses the certificate of the bench, most often because it has another name',
  remedy: nameRemedy,
}

const offered = ({ first }: SocketFacts, what: 'versions' | 'suites'): string => {
  if (first.kind !== 'hello') return 'what it offers cannot be read'
  const { versions, cipherSuites } = first.hello
  if (what === 'versions') return `it offers ${versions.join(', ') || 'none'}`
  const suites = cipherSuites.filter((suite) => !SIGNALLING_SUITES.has(suite)).map(cipherSuiteName)
  const rest = suites.length - 12
  return `it offers ${suites.slice(0, 12).join(', ') || 'none'}${rest > 0 ? ` and ${rest} more` : ''}`
}

const cipherRow: Row = {
  kind: 'cipher',
  text: (facts) =>
    `the device and the bench have no cipher suite or kind of signature in common: ${offered(facts, 'suites')}`,
  remedy: () =>
    'A device that knows RSA only needs an RSA authority and server certificate; else update its TLS library',
}

const versionRow: Row = {
  kind: 'version',
  text: (facts) => `the device speaks no TLS version that the bench takes: ${offered(facts, 'versions')}`,
  remedy: () => 'USP asks for TLS 1.2 or later (R-MQTT.48): update the device',
}

const protocolRow: Row = {
  kind: 'protocol-name',
  text: ({ first }) =>
    `the device asks by ALPN for ${first.kind === 'hello' ? first.hello.alpn.join(', ') : 'a protocol'} only`,
  remedy: () => 'Set the ALPN name of its MQTT client to mqtt, or leave it empty',
}

const foreignRow: Row = {
  kind: 'client-certificate-foreign',
  text: (facts) =>
    `the certificate of the device is of an authority that this lab does not take: ${shown(facts)}`,
  remedy: () => attach,
}

const wrongRow: Row = {
  kind: 'client-certificate-wrong',
  text: (facts) => `the certificate of the device is not good for a TLS client: ${shown(facts)}`,
  remedy: () => attach,
}

/** By the number of a TLS alert that the client sent (RFC 8446, 6.2). */
const alerts: Readonly<Record<number, Row>> = {
  40: {
    ...nameRow,
    text: () =>
      'the device broke the handshake off with “handshake failure”; its own check of the certificate may have failed',
  },
  42: nameRow,
  43: { ...nameRow, text: () => 'the device does not support the kind of certificate that the bench shows' },
  44: { ...nameRow, text: () => 'the device holds the certificate of the bench for revoked' },
  45: {
    kind: 'server-certificate-expired',
    text: () => 'the device holds the certificate of the bench for expired',
    remedy: clockRemedy,
  },
  46: { ...nameRow, text: () => 'the device refuses the certificate of the bench for a reason of its own' },
  48: trustRow,
  70: versionRow,
  71: cipherRow,
  80: {
    ...nameRow,
    text: () =>
      'the device broke the handshake off with “internal error”; clients built on libmosquitto say so when the ' +
      'certificate has another name than the address they were given',
  },
  90: { kind: 'closed', text: () => 'the device broke the handshake off (“user canceled”)' },
  112: { ...nameRow, text: () => 'the device does not know the server name' },
  120: protocolRow,
}

/** For OpenSSL without the number: how the name of an alert ends in an error code. */
const alertNames: Readonly<Record<string, number>> = {
  HANDSHAKE_FAILURE: 40,
  BAD_CERTIFICATE: 42,
  UNSUPPORTED_CERTIFICATE: 43,
  CERTIFICATE_REVOKED: 44,
  CERTIFICATE_EXPIRED: 45,
  CERTIFICATE_UNKNOWN: 46,
  UNKNOWN_CA: 48,
  PROTOCOL_VERSION: 70,
  INSUFFICIENT_SECURITY: 71,
  INTERNAL_ERROR: 80,
  USER_CANCELLED: 90,
  UNRECOGNIZED_NAME: 112,
  NO_APPLICATION_PROTOCOL: 120,
}

/** By error code: of the TLS library, of its check of a client certificate, and of the bench. */
const codes: Readonly<Record<string, Row>> = {
  ERR_SSL_UNSUPPORTED_PROTOCOL: versionRow,
  ERR_SSL_VERSION_TOO_LOW: versionRow,
  ERR_SSL_NO_SHARED_CIPHER: cipherRow,
  ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM: cipherRow,
  ERR_SSL_NO_SHARED_SIGNATURE_ALGORITHMS: cipherRow,
  ERR_SSL_NO_COMMON_SIGNATURE_ALGORITHMS: cipherRow,
  ERR_SSL_NO_SUITABLE_KEY_SHARE: cipherRow,
  ERR_SSL_NO_SHARED_GROUP: cipherRow,
  ERR_SSL_NO_APPLICATION_PROTOCOL: protocolRow,
  CERT_HAS_EXPIRED: {
    kind: 'client-certificate-expired',
    text: (facts) => `the certificate of the device expired on ${endDay(facts)}: ${shown(facts)}`,
    remedy: () => 'Renew it here and give the device the new file',
  },
  CERT_NOT_YET_VALID: {
    kind: 'client-certificate-wrong',
    text: (facts) =>
      `the certificate of the device is good only from ${facts.certificate ? day(facts.certificate.notBefore) : 'later'} on: ${shown(facts)}`,
    remedy: () => 'Look at the clock of this machine',
  },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: foreignRow,
  UNABLE_TO_GET_ISSUER_CERT: foreignRow,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: foreignRow,
  SELF_SIGNED_CERT_IN_CHAIN: foreignRow,
  DEPTH_ZERO_SELF_SIGNED_CERT: {
    ...foreignRow,
    text: (facts) => `the certificate of the device is signed by itself: ${shown(facts)}`,
  },
  INVALID_PURPOSE: wrongRow,
  [BENCH_CODES.certificateMissing]: {
    kind: 'client-certificate-missing',
    text: () => 'the device sent no certificate, and this listener asks for one',
    remedy: () => `${attach}, or make client certificates optional`,
  },
  [BENCH_CODES.certificateRevoked]: {
    kind: 'client-certificate-revoked',
    text: (facts) => `the certificate of the device was revoked on ${revokedDay(facts)}: ${shown(facts)}`,
    remedy: () => attach,
  },
  [BENCH_CODES.certificateUnlisted]: {
    kind: 'client-certificate-unlisted',
    text: (facts) =>
      `the certificate of the device is of this lab, but not in its list (devices.json): ${shown(facts)}`,
    remedy: () => attach,
  },
  [BENCH_CODES.notTls]: {
    kind: 'not-tls',
    text: ({ first }) =>
      `${first.kind === 'other' ? first.what : 'something that is not TLS'} came to a TLS port`,
    remedy: () => 'Set TransportProtocol of the device to TLS, or give it the port without TLS',
  },
  [BENCH_CODES.malformed]: {
    kind: 'malformed',
    text: ({ received }) => `the device began TLS with a broken ClientHello (${received} bytes)`,
    remedy: () =>
      'Look at the bytes with Wireshark: the TLS library of the device is at fault, or something between',
  },
  [BENCH_CODES.closed]: {
    kind: 'closed',
    text: ({ answered }) =>
      answered
        ? 'the device closed the connection when it had seen the certificate of the bench, and did not say why'
        : 'the device closed the connection in the middle of its ClientHello',
    remedy: (facts) =>
      facts.answered
        ? (onPurpose(facts) ??
          `It may not know this lab's authority (${trust}) or have been given an address other than: ${hosts(facts)}`)
        : 'Try again; if it stays so, look at the network between',
  },
  [BENCH_CODES.silent]: {
    kind: 'silent',
    text: () => 'the device finished the handshake and closed the connection without an MQTT packet',
    remedy: (facts) => onPurpose(facts) ?? `It may have been given an address other than: ${hosts(facts)}`,
  },
  [BENCH_CODES.timeout]: {
    kind: 'timeout',
    text: ({ received, answered }) =>
      received === 0
        ? 'the device opened a connection and sent nothing'
        : `the device did not finish the handshake in time (${answered ? 'it has the certificate of the bench' : `${received} bytes came`})`,
    remedy: () =>
      'Try again; if it stays so, the device is overloaded or packets are lost, often large ones (MTU)',
  },
  [BENCH_CODES.busy]: {
    kind: 'busy',
    text: () => 'too many handshakes are under way at the same time',
    remedy: () => 'Devices try again by themselves',
  },
}

const revokedDay = ({ revokedAt }: SocketFacts): string => (revokedAt ? day(revokedAt) : 'a day before')
const endDay = ({ certificate }: SocketFacts): string =>
  certificate ? day(certificate.notAfter) : 'a day before'

/**
 * A failed handshake in words. `error.code` is one of Node, OpenSSL, BoringSSL or `BENCH_CODES`. Undefined for what
 * is no failure: a connection opened and closed without a byte, as an OBUSPA does before each attempt.
 */
export function describeTlsFailure(
  error: { readonly code?: string | undefined; readonly message: string },
  facts: SocketFacts,
): TlsFailure | undefined {
  const code = error.code ?? ''
  if (facts.received === 0 && (code === BENCH_CODES.closed || code === 'ECONNRESET')) return undefined
  const alert = alertOf(code, error.message)
  const row =
    alert === undefined
      ? codes[code === 'ECONNRESET' || code === 'EPIPE' ? BENCH_CODES.closed : code]
      : alerts[alert]
  if (row) {
    const remedy = row.remedy?.(facts)
    return { kind: row.kind, text: row.text(facts), ...(remedy !== undefined && { remedy }) }
  }
  if (alert !== undefined)
    return { kind: 'other', text: `the device broke the handshake off with TLS alert ${alert}` }
  // Failed checks of a certificate have codes without a prefix: whatever they are, they are about the client's.
  if (facts.certificate && !/^E|^BENCH_/.test(code)) {
    return { kind: wrongRow.kind, text: `${wrongRow.text(facts)} (${code})`, remedy: attach }
  }
  return {
    kind: 'other',
    text: `the handshake failed: ${reasonIn(error.message) || code || 'unknown error'}`,
  }
}

/** The number of the alert that the peer sent, if that is what the error is about. */
function alertOf(code: string, message: string): number | undefined {
  const number = /SSL alert number (\d+)/.exec(message)?.[1]
  if (number !== undefined) return Number(number)
  const name = /ALERT_(\w+)$/.exec(code)?.[1]
  return name === undefined ? undefined : alertNames[name]
}

/** `…:SSL routines:function:reason:file:line:` → the reason. */
const reasonIn = (message: string): string =>
  (/:SSL routines:[^:]*:([^:]+)/.exec(message)?.[1] ?? message).slice(0, 120)
