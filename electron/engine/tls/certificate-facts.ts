/** What a certificate says, as plain data for a person: of a device, of this lab or of any other origin. */
import type { X509Certificate } from 'node:crypto'
import { attempt } from './values.ts'
import { alternativeNames, type AlternativeName } from './x509.ts'

export interface CertificateFacts {
  /** `O=…, CN=…`. Made safe for a line of text, and shortened with an ellipsis. */
  readonly subject: string
  readonly issuer: string
  readonly commonName?: string
  /** Hexadecimal, upper case. */
  readonly serial: string
  /** SHA-256 in hexadecimal, upper case, with colons. */
  readonly fingerprint: string
  /** ISO 8601, UTC. */
  readonly notBefore: string
  readonly notAfter: string
  /** Endpoint IDs that it proves (R-SEC.0a), nearly always one or none. */
  readonly endpointIds: readonly string[]
  /** DNS names and IP addresses. */
  readonly hosts: readonly string[]
}

/** A Subject Alternative Name of kind URI begins so, and the endpoint ID follows (R-SEC.0a). */
export const ENDPOINT_URI = 'urn:bbf:usp:id:'
const FQDN_SCHEME = 'fqdn::'
const MAX_TEXT = 256
const MAX_NAMES = 32

export function certificateFacts(certificate: X509Certificate): CertificateFacts {
  const names = (attempt(() => alternativeNames(certificate.raw)) ?? []).slice(0, MAX_NAMES)
  const commonName = /^CN=(.*)$/m.exec(certificate.subject)?.[1]
  return {
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    ...(commonName === undefined ? {} : { commonName: oneLine(commonName) }),
    serial: certificate.serialNumber,
    fingerprint: certificate.fingerprint256,
    notBefore: new Date(certificate.validFrom).toISOString(),
    notAfter: new Date(certificate.validTo).toISOString(),
    endpointIds: endpointIds(names),
    hosts: names.filter(({ kind }) => kind !== 'uri').map(({ value }) => oneLine(value)),
  }
}

/** An `fqdn` endpoint ID may stand as a DNS name alone (R-ARC.4a). */
function endpointIds(names: readonly AlternativeName[]): string[] {
  const stated = names.flatMap(({ kind, value }) =>
    kind === 'uri' && value.toLowerCase().startsWith(ENDPOINT_URI) ? [value.slice(ENDPOINT_URI.length)] : [],
  )
  if (stated.length > 0) return stated.map(oneLine)
  return names.flatMap(({ kind, value }) => (kind === 'dns' ? [oneLine(FQDN_SCHEME + value)] : []))
}

/** Alternative names that prove an endpoint ID. */
export function endpointNames(endpointId: string): AlternativeName[] {
  const uri = { kind: 'uri', value: ENDPOINT_URI + endpointId } as const
  if (!endpointId.startsWith(FQDN_SCHEME)) return [uri]
  return [uri, { kind: 'dns', value: endpointId.slice(FQDN_SCHEME.length) }]
}

/** Text of a stranger: control and direction characters would let it pretend to be something else. */
function oneLine(text: string): string {
  const plain = text.replaceAll('\n', ', ').replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{FFFD}')
  return plain.length > MAX_TEXT ? `${plain.slice(0, MAX_TEXT - 1)}…` : plain
}
