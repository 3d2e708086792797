/**
 * X.509 certificates and revocation lists (RFC 5280) as this lab signs them: three profiles, two kinds of keys.
 * Reading a certificate is Node's own `X509Certificate`, beside the few parts that one does not show.
 */
import {
  createHash,
  generateKeyPair,
  randomBytes,
  sign,
  type KeyObject,
  type X509Certificate,
} from 'node:crypto'
import { promisify } from 'node:util'
import * as der from './der.ts'
import { addressBytes, addressText } from './ip-address.ts'

/** `ec` is ECDSA on P-256; `rsa` is RSA of 2048 bits, for devices whose TLS knows nothing newer. */
export type KeyKind = 'ec' | 'rsa'

export interface KeyPair {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

const generate = promisify(generateKeyPair)

export const newKeyPair = (kind: KeyKind): Promise<KeyPair> =>
  kind === 'ec' ? generate('ec', { namedCurve: 'prime256v1' }) : generate('rsa', { modulusLength: 2048 })

/** PKCS #8 PEM. */
export const privateKeyPem = (key: KeyObject): string =>
  key.export({ type: 'pkcs8', format: 'pem' }).toString()

/** Of a subject or an issuer. */
export interface DistinguishedName {
  readonly organization: string
  /** At most 64 characters (RFC 5280, appendix A.1). */
  readonly commonName?: string
}

export type AlternativeName =
  | { readonly kind: 'dns'; readonly value: string }
  | { readonly kind: 'ip'; readonly value: string }
  | { readonly kind: 'uri'; readonly value: string }

export type Profile = 'authority' | 'server' | 'device'

/** Who signs: its name as it stands in its own certificate, and its keys. */
export interface Issuer {
  /** DER of the Name. */
  readonly name: Uint8Array
  readonly privateKey: KeyObject
  /** Subject Key Identifier of its certificate. */
  readonly keyIdentifier: Uint8Array
}

export interface CertificatePlan {
  readonly profile: Profile
  readonly subject: DistinguishedName
  readonly publicKey: KeyObject
  readonly notBefore: Date
  readonly notAfter: Date
  readonly names: readonly AlternativeName[]
}

/** Bits of Key Usage (RFC 5280, 4.2.1.3). */
const DIGITAL_SIGNATURE = 0
const KEY_ENCIPHERMENT = 2
const KEY_CERT_SIGN = 5
const CRL_SIGN = 6

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2'

const profiles: Readonly<Record<Profile, { authority: boolean; keyUsage: number[]; purpose?: string }>> = {
  authority: { authority: true, keyUsage: [KEY_CERT_SIGN, CRL_SIGN] },
  server: { authority: false, keyUsage: [DIGITAL_SIGNATURE], purpose: SERVER_AUTH },
  device: { authority: false, keyUsage: [DIGITAL_SIGNATURE], purpose: CLIENT_AUTH },
}

const EXTENSION = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  crlNumber: '2.5.29.20',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
} as const

/** Signs a certificate; answers its PEM. The serial number is 127 random bits (RFC 5280, 4.1.2.2). */
export function signCertificate(plan: CertificatePlan, issuer: Issuer): string {
  const algorithm = signatureAlgorithm(issuer.privateKey)
  const tbs = der.sequence(
    der.explicit(0, der.integer(2)),
    der.integer(newSerial()),
    algorithm,
    issuer.name,
    der.sequence(der.time(plan.notBefore), der.time(plan.notAfter)),
    encodeName(plan.subject),
    spki(plan.publicKey),
    der.explicit(3, der.sequence(...extensions(plan, issuer))),
  )
  return signed('CERTIFICATE', tbs, algorithm, issuer)
}

/** Signs a certificate with its own key. */
export function selfSign(plan: CertificatePlan, privateKey: KeyObject): string {
  const keyIdentifier = keyIdentifierOf(plan.publicKey)
  return signCertificate(plan, { name: encodeName(plan.subject), privateKey, keyIdentifier })
}

export interface RevokedSerial {
  /** Hexadecimal. */
  readonly serial: string
  readonly revokedAt: Date
}

export interface CrlPlan {
  /** Grows with each list (RFC 5280, 5.2.3). */
  readonly number: number
  readonly thisUpdate: Date
  readonly nextUpdate: Date
  readonly revoked: readonly RevokedSerial[]
}

/** Signs a certificate revocation list, version 2 (RFC 5280, 5); answers its PEM. */
export function signCrl(plan: CrlPlan, issuer: Issuer): string {
  const algorithm = signatureAlgorithm(issuer.privateKey)
  const entries = plan.revoked.map(({ serial, revokedAt }) =>
    der.sequence(der.integer(Buffer.from(serial, 'hex')), der.time(revokedAt)),
  )
  const tbs = der.sequence(
    der.integer(1),
    algorithm,
    issuer.name,
    der.time(plan.thisUpdate),
    der.time(plan.nextUpdate),
    // An empty list must be left out.
    ...(entries.length > 0 ? [der.sequence(...entries)] : []),
    der.explicit(
      0,
      der.sequence(
        authorityKeyIdentifier(issuer),
        extension(EXTENSION.crlNumber, false, der.integer(plan.number)),
      ),
    ),
  )
  return signed('X509 CRL', tbs, algorithm, issuer)
}

/** What a certificate of ours needs to know of the authority that signs it. Throws where that has no X.509 form. */
export function issuerOf(certificate: X509Certificate, privateKey: KeyObject): Issuer {
  return {
    name: fields(certificate.raw).subject.whole,
    privateKey,
    keyIdentifier: subjectKeyIdentifier(certificate.raw) ?? keyIdentifierOf(certificate.publicKey),
  }
}

/** The alternative names of a certificate of any origin; kinds other than these three are left out. */
export function alternativeNames(certificate: Uint8Array): AlternativeName[] {
  const value = extensionValue(certificate, EXTENSION.subjectAltName)
  if (value === undefined) return []
  return der.parts(value).flatMap(({ tag, content }): AlternativeName[] => {
    if (tag === 0x82) return [{ kind: 'dns', value: content.toString('latin1') }]
    if (tag === 0x86) return [{ kind: 'uri', value: content.toString('latin1') }]
    if (tag === 0x87) return [{ kind: 'ip', value: addressText(content) }]
    return []
  })
}

const newSerial = (): Buffer => {
  const bytes = randomBytes(16)
  // Positive, and always of the same length.
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40
  return bytes
}

function signatureAlgorithm(key: KeyObject): Buffer {
  // ecdsa-with-SHA256 has no parameters (RFC 5758, 3.2); sha256WithRSAEncryption has NULL (RFC 4055, 5).
  return key.asymmetricKeyType === 'ec'
    ? der.sequence(der.oid('1.2.840.10045.4.3.2'))
    : der.sequence(der.oid('1.2.840.113549.1.1.11'), der.nothing())
}

function signed(label: string, tbs: Buffer, algorithm: Buffer, issuer: Issuer): string {
  const signature = sign('sha256', tbs, issuer.privateKey)
  return pem(label, der.sequence(tbs, algorithm, der.bitString(signature)))
}

export function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').replaceAll(/.{64}(?=.)/g, '$&\n')
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`
}

function encodeName({ organization, commonName }: DistinguishedName): Buffer {
  const attribute = (type: string, value: string): Buffer =>
    der.element(der.TAG.set, der.sequence(der.oid(type), der.utf8String(value)))
  return der.sequence(
    attribute('2.5.4.10', organization),
    ...(commonName === undefined ? [] : [attribute('2.5.4.3', commonName)]),
  )
}

const spki = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' })

/** SHA-1 of the key's bits (RFC 5280, 4.2.1.2, method 1): a name, not a signature. */
export function keyIdentifierOf(publicKey: KeyObject): Buffer {
  const [, bits] = der.parts(spki(publicKey))
  return createHash('sha1')
    .update((bits as der.Element).content.subarray(1))
    .digest()
}

const extension = (id: string, critical: boolean, value: Uint8Array): Buffer =>
  der.sequence(der.oid(id), ...(critical ? [der.boolean(true)] : []), der.octetString(value))

const authorityKeyIdentifier = ({ keyIdentifier }: Issuer): Buffer =>
  extension(EXTENSION.authorityKeyIdentifier, false, der.sequence(der.implicit(0, keyIdentifier)))

function extensions(plan: CertificatePlan, issuer: Issuer): Buffer[] {
  const { authority, keyUsage, purpose } = profiles[plan.profile]
  // The RSA key exchange of TLS 1.2 deciphers with the key of the server.
  const enciphers = plan.profile === 'server' && plan.publicKey.asymmetricKeyType === 'rsa'
  const all = [
    // An authority of this lab signs no other authority: path length 0.
    extension(
      EXTENSION.basicConstraints,
      true,
      authority ? der.sequence(der.boolean(true), der.integer(0)) : der.sequence(),
    ),
    extension(
      EXTENSION.keyUsage,
      true,
      der.namedBits(enciphers ? [...keyUsage, KEY_ENCIPHERMENT] : keyUsage),
    ),
    extension(EXTENSION.subjectKeyIdentifier, false, der.octetString(keyIdentifierOf(plan.publicKey))),
    authorityKeyIdentifier(issuer),
  ]
  if (purpose !== undefined) {
    all.push(extension(EXTENSION.extendedKeyUsage, false, der.sequence(der.oid(purpose))))
  }
  if (plan.names.length > 0) {
    all.push(extension(EXTENSION.subjectAltName, false, der.sequence(...plan.names.map(generalName))))
  }
  return all
}

/** Numbers of GeneralName (RFC 5280, 4.2.1.6). */
function generalName({ kind, value }: AlternativeName): Buffer {
  if (kind === 'dns') return der.implicit(2, Buffer.from(value, 'latin1'))
  if (kind === 'uri') return der.implicit(6, Buffer.from(value, 'latin1'))
  return der.implicit(7, addressBytes(value))
}

/** The parts of a TBSCertificate after its optional version (RFC 5280, 4.1). */
function fields(certificate: Buffer): { readonly subject: der.Element; readonly extensions: der.Element[] } {
  const [tbs] = der.parts(certificate)
  const all = der.elements((tbs as der.Element).content)
  const at = all[0]?.tag === 0xa0 ? 1 : 0
  const subject = all[at + 4]
  if (subject === undefined) throw new RangeError('not a certificate')
  const holder = all.find(({ tag }) => tag === 0xa3)
  return { subject, extensions: holder ? der.parts(holder.content) : [] }
}

function extensionValue(certificate: Uint8Array, id: string): Buffer | undefined {
  const wanted = der.oid(id)
  for (const { content } of fields(Buffer.from(certificate)).extensions) {
    const all = der.elements(content)
    if (all[0]?.whole.equals(wanted)) return all.at(-1)?.content
  }
  return undefined
}

function subjectKeyIdentifier(certificate: Uint8Array): Buffer | undefined {
  const value = extensionValue(certificate, EXTENSION.subjectKeyIdentifier)
  return value && der.elements(value)[0]?.content
}
