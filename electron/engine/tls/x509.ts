/**
 * X.509 certificates and revocation lists (RFC 5280) as this lab signs them: three profiles, two kinds of keys.
 * PKI.js knows the formats, Node's web cryptography signs. Reading a certificate is Node's own `X509Certificate`,
 * beside the few parts that one does not show.
 */
import { BitString, Integer, OctetString, Sequence, Set, Utf8String, type BaseBlock } from 'asn1js'
import { createHash, generateKeyPair, randomBytes, type KeyObject, type X509Certificate } from 'node:crypto'
import { promisify } from 'node:util'
import {
  AltName,
  AttributeTypeAndValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  CertificateRevocationList,
  CryptoEngine,
  Extension,
  Extensions,
  ExtKeyUsage,
  GeneralName,
  id_AuthorityKeyIdentifier,
  id_BasicConstraints,
  id_CRLNumber,
  id_ExtKeyUsage,
  id_KeyUsage,
  id_SubjectAltName,
  id_SubjectKeyIdentifier,
  PublicKeyInfo,
  RelativeDistinguishedNames,
  RevokedCertificate,
  Time,
  type PkiObject,
} from 'pkijs'
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
  readonly name: RelativeDistinguishedNames
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

/** Bits of Key Usage (RFC 5280, 4.2.1.3), the first one leftmost. */
const DIGITAL_SIGNATURE = 0x80
const KEY_ENCIPHERMENT = 0x20
const KEY_CERT_SIGN = 0x04
const CRL_SIGN = 0x02

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2'

const profiles: Readonly<Record<Profile, { authority: boolean; keyUsage: number; purpose?: string }>> = {
  authority: { authority: true, keyUsage: KEY_CERT_SIGN | CRL_SIGN },
  server: { authority: false, keyUsage: DIGITAL_SIGNATURE, purpose: SERVER_AUTH },
  device: { authority: false, keyUsage: DIGITAL_SIGNATURE, purpose: CLIENT_AUTH },
}

const ORGANIZATION_NAME = '2.5.4.10'
const COMMON_NAME = '2.5.4.3'

/** Versions are counted from 0. */
const CERTIFICATE_V3 = 2
const CRL_V2 = 1

/** Handed to each call: the library's global engine stays as it is. */
const engine = new CryptoEngine({ name: 'node', crypto })
const HASH = 'SHA-256'

/** Names of the curves for web cryptography; it knows no other. */
const curves: Readonly<Record<string, string>> = {
  prime256v1: 'P-256',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
}

/** The kind of a key that this lab can sign with; undefined for any other. */
export function keyKindOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): KeyKind | undefined {
  if (asymmetricKeyType === 'rsa') return 'rsa'
  const known = Object.hasOwn(curves, asymmetricKeyDetails?.namedCurve ?? '')
  return asymmetricKeyType === 'ec' && known ? 'ec' : undefined
}

/** Signs a certificate; answers its PEM. The serial number is 127 random bits (RFC 5280, 4.1.2.2). */
export async function signCertificate(plan: CertificatePlan, issuer: Issuer): Promise<string> {
  const certificate = new Certificate({
    version: CERTIFICATE_V3,
    serialNumber: new Integer({ valueHex: newSerial() }),
    issuer: issuer.name,
    notBefore: timeOf(plan.notBefore),
    notAfter: timeOf(plan.notAfter),
    subject: nameOf(plan.subject),
    subjectPublicKeyInfo: publicKeyInfo(plan.publicKey),
    extensions: extensions(plan, issuer),
  })
  await certificate.sign(await signingKey(issuer.privateKey), HASH, engine)
  return pem('CERTIFICATE', certificate)
}

/** Signs a certificate with its own key. */
export function selfSign(plan: CertificatePlan, privateKey: KeyObject): Promise<string> {
  const keyIdentifier = keyIdentifierOf(plan.publicKey)
  return signCertificate(plan, { name: nameOf(plan.subject), privateKey, keyIdentifier })
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
export async function signCrl(plan: CrlPlan, issuer: Issuer): Promise<string> {
  const entries = plan.revoked.map(
    ({ serial, revokedAt }) =>
      new RevokedCertificate({
        userCertificate: Integer.fromBigInt(BigInt(`0x${serial}`)),
        revocationDate: timeOf(revokedAt),
      }),
  )
  const list = new CertificateRevocationList({
    version: CRL_V2,
    issuer: issuer.name,
    thisUpdate: timeOf(plan.thisUpdate),
    nextUpdate: timeOf(plan.nextUpdate),
    // An empty list must be left out.
    ...(entries.length > 0 && { revokedCertificates: entries }),
    crlExtensions: new Extensions({
      extensions: [
        authorityKeyIdentifier(issuer),
        extension(id_CRLNumber, false, new Integer({ value: plan.number })),
      ],
    }),
  })
  await list.sign(await signingKey(issuer.privateKey), HASH, engine)
  return pem('X509 CRL', list)
}

/** What a certificate of ours needs to know of the authority that signs it. Throws where that has no X.509 form. */
export function issuerOf(certificate: X509Certificate, privateKey: KeyObject): Issuer {
  const { subject } = Certificate.fromBER(certificate.raw)
  const stated = extensionOf(certificate.raw, id_SubjectKeyIdentifier)
  return {
    name: subject,
    privateKey,
    keyIdentifier:
      stated instanceof OctetString ? stated.valueBlock.valueHexView : keyIdentifierOf(certificate.publicKey),
  }
}

/** Kinds of GeneralName (RFC 5280, 4.2.1.6). */
const generalNames = { dns: 2, uri: 6, ip: 7 } as const

/**
 * The alternative names of a certificate of any origin, DER; kinds other than these three are left out. Throws
 * when it cannot be read.
 */
export function alternativeNames(certificate: Uint8Array<ArrayBuffer>): AlternativeName[] {
  const value = extensionOf(certificate, id_SubjectAltName)
  if (!(value instanceof AltName)) return []
  return value.altNames.flatMap(({ type, value: content }): AlternativeName[] => {
    if (type === generalNames.dns) return [{ kind: 'dns', value: String(content) }]
    if (type === generalNames.uri) return [{ kind: 'uri', value: String(content) }]
    if (type !== generalNames.ip || !(content instanceof OctetString)) return []
    return [{ kind: 'ip', value: addressText(Buffer.from(content.valueBlock.valueHexView)) }]
  })
}

const newSerial = (): Buffer => {
  const bytes = randomBytes(16)
  // Positive, and always of the same length.
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40
  return bytes
}

/** Throws for a key that `keyKindOf` does not know. */
function signingKey(key: KeyObject): ReturnType<typeof crypto.subtle.importKey> {
  const algorithm =
    key.asymmetricKeyType === 'rsa'
      ? { name: 'RSASSA-PKCS1-v1_5', hash: HASH }
      : { name: 'ECDSA', namedCurve: curves[key.asymmetricKeyDetails?.namedCurve ?? ''] ?? '' }
  const bytes = key.export({ type: 'pkcs8', format: 'der' })
  return crypto.subtle.importKey('pkcs8', bytes, algorithm, false, ['sign'])
}

function pem(label: string, object: PkiObject): string {
  const lines = Buffer.from(object.toSchema().toBER())
    .toString('base64')
    .replaceAll(/.{64}(?=.)/g, '$&\n')
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`
}

/** Made from bytes: PKI.js would write all attributes into one set, and a name is a sequence of sets of one. */
function nameOf({ organization, commonName }: DistinguishedName): RelativeDistinguishedNames {
  const part = (type: string, value: string): Set =>
    new Set({ value: [new AttributeTypeAndValue({ type, value: new Utf8String({ value }) }).toSchema()] })
  const parts = [
    part(ORGANIZATION_NAME, organization),
    ...(commonName === undefined ? [] : [part(COMMON_NAME, commonName)]),
  ]
  return RelativeDistinguishedNames.fromBER(new Sequence({ value: parts }).toBER())
}

/** UTCTime until 2049, GeneralizedTime from then on, in whole seconds (RFC 5280, 4.1.2.5). */
function timeOf(date: Date): Time {
  const value = new Date(date)
  value.setUTCMilliseconds(0)
  return new Time({ type: value.getUTCFullYear() < 2050 ? 0 : 1, value })
}

const publicKeyInfo = (key: KeyObject): PublicKeyInfo =>
  PublicKeyInfo.fromBER(key.export({ type: 'spki', format: 'der' }))

/** SHA-1 of the key's bits (RFC 5280, 4.2.1.2, method 1): a name, not a signature. */
export const keyIdentifierOf = (publicKey: KeyObject): Buffer =>
  createHash('sha1').update(publicKeyInfo(publicKey).subjectPublicKey.valueBlock.valueHexView).digest()

const extension = (extnID: string, critical: boolean, value: BaseBlock): Extension =>
  new Extension({ extnID, critical, extnValue: value.toBER() })

const authorityKeyIdentifier = ({ keyIdentifier }: Issuer): Extension =>
  extension(
    id_AuthorityKeyIdentifier,
    false,
    new AuthorityKeyIdentifier({ keyIdentifier: new OctetString({ valueHex: keyIdentifier }) }).toSchema(),
  )

function extensions(plan: CertificatePlan, issuer: Issuer): Extension[] {
  const { authority, keyUsage, purpose } = profiles[plan.profile]
  // The RSA key exchange of TLS 1.2 deciphers with the key of the server.
  const enciphers = plan.profile === 'server' && plan.publicKey.asymmetricKeyType === 'rsa'
  // An authority of this lab signs no other authority: path length 0.
  const constraints = new BasicConstraints(authority ? { cA: true, pathLenConstraint: 0 } : {})
  const all = [
    extension(id_BasicConstraints, true, constraints.toSchema()),
    extension(id_KeyUsage, true, namedBits(enciphers ? keyUsage | KEY_ENCIPHERMENT : keyUsage)),
    extension(id_SubjectKeyIdentifier, false, new OctetString({ valueHex: keyIdentifierOf(plan.publicKey) })),
    authorityKeyIdentifier(issuer),
  ]
  if (purpose !== undefined) {
    all.push(extension(id_ExtKeyUsage, false, new ExtKeyUsage({ keyPurposes: [purpose] }).toSchema()))
  }
  if (plan.names.length > 0) {
    const names = new AltName({ altNames: plan.names.map(generalName) })
    all.push(extension(id_SubjectAltName, false, names.toSchema()))
  }
  return all
}

/** A byte of named bits; trailing zero bits are left out (X.690, 11.2.2). */
const namedBits = (bits: number): BitString =>
  new BitString({ valueHex: Uint8Array.of(bits), unusedBits: 31 - Math.clz32(bits & -bits) })

const generalName = ({ kind, value }: AlternativeName): GeneralName =>
  kind === 'ip'
    ? new GeneralName({ type: generalNames.ip, value: new OctetString({ valueHex: addressBytes(value) }) })
    : new GeneralName({ type: generalNames[kind], value })

/** The value of an extension as PKI.js reads it. Throws when the certificate cannot be read. */
const extensionOf = (certificate: Uint8Array<ArrayBuffer>, id: string): Extension['parsedValue'] =>
  Certificate.fromBER(certificate).extensions?.find(({ extnID }) => extnID === id)?.parsedValue
