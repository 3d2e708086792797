/** The certificate of the bench's own listeners, in `server.pem` and `server.key`, and wrong ones on purpose. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { setAside, writeWhole, writeSecret } from '../workspace/files.ts'
import { issueLeaf, makeAuthority, ORGANIZATION, type Authority, type Leaf } from './authority.ts'
import { keepSecret, readIfThere } from './files.ts'
import { attempt } from './values.ts'
import {
  alternativeNames,
  newKeyPair,
  privateKeyPem,
  selfSign,
  type AlternativeName,
  type KeyKind,
} from './x509.ts'

export const SERVER_FILE = 'server.pem'
export const SERVER_KEY_FILE = 'server.key'

const DAY_MS = 86_400_000
/** A certificate is renewed this long before its end. */
const RENEW_MS = 30 * DAY_MS
/** Addresses and host names; some devices take no certificate larger than a few KiB. */
const MAX_HOSTS = 64

/** What a listener shows: `chain` is the certificate and, so that people can look at it, its authority. */
export interface ServerCertificate {
  readonly certificate: X509Certificate
  readonly chain: string
  /** Secret. */
  readonly keyPem: string
  /** Set when it is wrong on purpose. */
  readonly fault?: CertificateFault
}

export interface ServerNames {
  readonly commonName: string
  readonly names: readonly AlternativeName[]
  /** Addresses and host names beyond the 64 that a certificate holds, or that cannot stand in one. */
  readonly leftOut: readonly string[]
}

const hostName =
  /^(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62}))*$/

/**
 * The names of a server certificate, best address first. An OBUSPA compares a numeric BrokerAddress with DNS names
 * and the common name alone, so an address stands in three places: `IP:`, `DNS:` and, the first one, CN.
 */
export function serverNames(addresses: readonly string[], hostNames: readonly string[]): ServerNames {
  const asked = new Set([...addresses, ...hostNames, 'localhost', '127.0.0.1'])
  const usable = [...asked].filter((host) => (isIP(host) ? !host.includes('%') : hostName.test(host)))
  // The last two always have a place.
  const hosts = new Set([...usable.slice(0, MAX_HOSTS - 2), 'localhost', '127.0.0.1'])
  const ips = [...hosts].filter((host) => isIP(host))
  const all: AlternativeName[] = [
    ...ips.map((value) => ({ kind: 'ip', value }) as const),
    ...[...hosts].map((value) => ({ kind: 'dns', value }) as const),
  ]
  return {
    commonName: ips[0] ?? 'localhost',
    names: all,
    leftOut: [...asked].filter((host) => !hosts.has(host)),
  }
}

export interface ServerCertificateOptions {
  readonly folder: string
  readonly authority: Authority
  readonly names: ServerNames
  /** That of the authority when absent. */
  readonly keyKind?: KeyKind
  readonly now: () => Date
  readonly onProblem: (text: string) => void
}

export interface OpenedServerCertificate {
  readonly server: ServerCertificate
  /** Why a new one was made, to follow “renewed: ”; undefined when the one in the folder still serves. */
  readonly renewed: string | undefined
}

/**
 * The server certificate of a workspace. Call it at start, when addresses change and once a day: it makes a new
 * one when the one there is broken, nears its end, lacks a name or is of another authority. Rejects when the
 * folder cannot be read or written.
 */
export async function openServerCertificate(
  options: ServerCertificateOptions,
): Promise<OpenedServerCertificate> {
  const { folder, authority, names, now, onProblem } = options
  const [file, keyFile] = [join(folder, SERVER_FILE), join(folder, SERVER_KEY_FILE)]
  const [pem, keyPem] = [await readIfThere(file), await readIfThere(keyFile)]
  const found = pem === undefined || keyPem === undefined ? undefined : readServer(pem, keyPem)
  const renewed = found ? reasonToRenew(found.certificate, options) : 'there was none'
  if (found && renewed === undefined) {
    await keepSecret(keyFile)
    return { server: { ...found, chain: found.certificate.toString() + authority.pem }, renewed }
  }
  if (pem !== undefined && keyPem !== undefined && !found) {
    await Promise.all([setAside(file, now()), setAside(keyFile, now())])
    onProblem(
      `${SERVER_FILE} or ${SERVER_KEY_FILE} cannot be read; they are set aside and a new pair is in force.`,
    )
  }
  const { keyKind } = options
  const server = serverOf(
    await issueLeaf(
      authority,
      {
        profile: 'server',
        subject: { organization: ORGANIZATION, commonName: names.commonName },
        names: names.names,
        ...(keyKind && { keyKind }),
      },
      now(),
    ),
    authority,
  )
  // A crash between the two leaves a pair that does not match, which the next start replaces.
  await writeSecret(keyFile, server.keyPem)
  await writeWhole(file, server.chain)
  return { server, renewed }
}

function readServer(
  pem: string,
  keyPem: string,
): Pick<ServerCertificate, 'certificate' | 'keyPem'> | undefined {
  return attempt(() => {
    const certificate = new X509Certificate(pem)
    return certificate.checkPrivateKey(createPrivateKey(keyPem)) ? { certificate, keyPem } : undefined
  })
}

/** Undefined while a certificate still serves. A name too many does no harm: an address may come back. */
function reasonToRenew(
  certificate: X509Certificate,
  { authority, names, keyKind = authority.keyKind, now }: ServerCertificateOptions,
): string | undefined {
  if (!attempt(() => certificate.verify(authority.certificate.publicKey)))
    return 'the lab authority is another one'
  if (new Date(certificate.validTo).getTime() - now().getTime() < RENEW_MS) return 'it nears its end'
  if (certificate.publicKey.asymmetricKeyType !== keyKind) return 'another kind of key is asked for'
  const there = new Set((attempt(() => alternativeNames(certificate.raw)) ?? []).map(key))
  const missing = names.names.filter((name) => !there.has(key(name)))
  return missing.length === 0
    ? undefined
    : `it lacked ${[...new Set(missing.map(({ value }) => value))].join(', ')}`
}

/** One text for one name, however an IPv6 address is written. */
const key = ({ kind, value }: AlternativeName): string =>
  kind === 'ip' && isIP(value) === 6 ? new URL(`http://[${value}]`).hostname : `${kind}:${value}`

const serverOf = ({ certificate, pem, keyPem }: Leaf, authority: Authority): ServerCertificate => ({
  certificate,
  chain: pem + authority.pem,
  keyPem,
})

export type CertificateFault = 'expired' | 'wrong-name' | 'foreign-authority' | 'self-signed'

/** For a person who chooses one. */
export const certificateFaults: Readonly<Record<CertificateFault, string>> = {
  expired: 'ended yesterday',
  'wrong-name': 'is made out to wrong.invalid',
  'foreign-authority': 'is signed by an authority that no device knows',
  'self-signed': 'is signed by itself',
}

/** A server certificate with one fault and right in all else, to see what a device does. Kept in no file. */
export async function faultyServerCertificate(
  fault: CertificateFault,
  { authority, names, now }: Pick<ServerCertificateOptions, 'authority' | 'names' | 'now'>,
): Promise<ServerCertificate> {
  const subject = { organization: ORGANIZATION, commonName: names.commonName }
  const right = { profile: 'server', subject, names: names.names } as const
  const yesterday = new Date(now().getTime() - DAY_MS)
  switch (fault) {
    case 'expired':
      return {
        ...serverOf(await issueLeaf(authority, { ...right, notAfter: yesterday }, now()), authority),
        fault,
      }
    case 'wrong-name': {
      const wrong = {
        ...right,
        subject: { ...subject, commonName: 'wrong.invalid' },
        names: [{ kind: 'dns', value: 'wrong.invalid' } as const],
      }
      return { ...serverOf(await issueLeaf(authority, wrong, now()), authority), fault }
    }
    case 'foreign-authority': {
      const foreign = await makeAuthority('Foreign authority', authority.keyKind, now())
      return { ...serverOf(await issueLeaf(foreign, right, now()), foreign), fault }
    }
    case 'self-signed': {
      const { privateKey, publicKey } = await newKeyPair(authority.keyKind)
      const notAfter = new Date(now().getTime() + RENEW_MS)
      const chain = await selfSign({ ...right, publicKey, notBefore: yesterday, notAfter }, privateKey)
      return { certificate: new X509Certificate(chain), chain, keyPem: privateKeyPem(privateKey), fault }
    }
  }
}
