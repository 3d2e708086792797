/** The lab authority: made once a workspace, in `lab-ca.pem` and `lab-ca.key`; it signs servers and devices. */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { mkdir, rename } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { errorCode, setAside, writeWhole, writeSecret } from '../workspace/files.ts'
import { keepSecret, readIfThere } from './files.ts'
import { attempt, day } from './values.ts'
import {
  issuerOf,
  keyIdentifierOf,
  keyKindOf,
  newKeyPair,
  privateKeyPem,
  selfSign,
  signCertificate,
  type AlternativeName,
  type DistinguishedName,
  type Issuer,
  type KeyKind,
  type Profile,
} from './x509.ts'

export const AUTHORITY_FILE = 'lab-ca.pem'
export const AUTHORITY_KEY_FILE = 'lab-ca.key'
export const ORGANIZATION = 'Oktobench lab'

const TITLE = 'Oktobench lab authority'
const OWNER_ONLY_FOLDER = 0o700
const DAY_MS = 86_400_000
const AUTHORITY_DAYS = 3652
/** What most TLS clients take at most from a certificate of a server. */
const LEAF_DAYS = 825
/** Clocks in a lab differ, and the time zone of a device may be wrong. */
const HEAD_START_MS = DAY_MS

/** A certificate with its private key. */
export interface Leaf {
  readonly certificate: X509Certificate
  readonly pem: string
  /** PKCS #8 PEM. Secret. */
  readonly keyPem: string
}

export interface LeafPlan {
  readonly profile: Exclude<Profile, 'authority'>
  readonly subject: DistinguishedName
  readonly names: readonly AlternativeName[]
  /** That of the authority when absent. */
  readonly keyKind?: KeyKind
  /** 825 days from now when absent; never longer than the authority lives. */
  readonly notAfter?: Date
}

export interface Authority {
  readonly certificate: X509Certificate
  readonly pem: string
  readonly keyKind: KeyKind
  /** Its name and keys. Secret. */
  readonly issuer: Issuer
}

export interface AuthorityOptions {
  /** `certificates/` of the workspace. */
  readonly folder: string
  /** Kind of key of an authority that has to be made; one that is there stays as it is. */
  readonly keyKind: KeyKind
  readonly now: () => Date
  /** A sentence about a file that was mended or set aside. */
  readonly onProblem: (text: string) => void
}

/** Makes an authority that is kept nowhere. */
export async function makeAuthority(title: string, keyKind: KeyKind, now: Date): Promise<Authority> {
  const { privateKey, publicKey } = await newKeyPair(keyKind)
  // Devices tell authorities apart by name first: no two share one.
  const mark = keyIdentifierOf(publicKey).toString('hex', 0, 4).toUpperCase()
  const pem = await selfSign(
    {
      profile: 'authority',
      subject: { organization: ORGANIZATION, commonName: `${title} ${mark}` },
      publicKey,
      notBefore: new Date(now.getTime() - HEAD_START_MS),
      notAfter: new Date(now.getTime() + AUTHORITY_DAYS * DAY_MS),
      names: [],
    },
    privateKey,
  )
  return assemble(pem, privateKey)
}

/**
 * The authority of a workspace, made when there is none. Files that cannot be used are set aside and told: then
 * there is a new authority, which devices have to be given. Rejects when the folder cannot be read or written.
 */
export async function openAuthority(options: AuthorityOptions): Promise<Authority> {
  const { folder, keyKind, now, onProblem } = options
  const [file, keyFile] = [join(folder, AUTHORITY_FILE), join(folder, AUTHORITY_KEY_FILE)]
  const [pem, keyPem] = [await readIfThere(file), await readIfThere(keyFile)]
  if (pem !== undefined || keyPem !== undefined) {
    const found = readAuthority(pem, keyPem, now())
    if (typeof found !== 'string') {
      if (await keepSecret(keyFile)) {
        onProblem(`${AUTHORITY_KEY_FILE} could be read by other users of this machine; that is mended.`)
      }
      return found
    }
    const kept: string[] = []
    if (pem !== undefined) kept.push(basename(await setAside(file, now())))
    if (keyPem !== undefined) kept.push(basename(await setAside(keyFile, now())))
    onProblem(
      `The lab authority cannot be used: ${found}. A new one is in force; give ${AUTHORITY_FILE} to every ` +
        `device again. The old files are kept as ${kept.join(' and ')}.`,
    )
  }
  const made = await makeAuthority(TITLE, keyKind, now())
  await keepAuthority(folder, made)
  return made
}

async function keepAuthority(folder: string, made: Authority): Promise<void> {
  await writeSecret(join(folder, AUTHORITY_KEY_FILE), privateKeyPem(made.issuer.privateKey))
  await writeWhole(join(folder, AUTHORITY_FILE), made.pem)
}

/**
 * A new authority in the place of the one in the folder. All that hangs on the former one is kept in a folder of
 * its own, whose name is answered. Rejects when files cannot be moved or written.
 */
export async function replaceAuthority(
  { folder, now }: Pick<AuthorityOptions, 'folder' | 'now'>,
  keyKind: KeyKind,
  files: readonly string[],
): Promise<{ readonly authority: Authority; readonly former: string }> {
  const authority = await makeAuthority(TITLE, keyKind, now())
  const former = join(folder, `former-${now().toISOString().replaceAll(':', '')}`)
  await mkdir(former, { mode: OWNER_ONLY_FOLDER })
  // Keys of old are keys still: none of it goes into a version history.
  await writeWhole(join(former, '.gitignore'), '*\n')
  for (const file of [...files, AUTHORITY_FILE, AUTHORITY_KEY_FILE]) {
    await rename(join(folder, file), join(former, file)).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT') throw error
    })
  }
  await keepAuthority(folder, authority)
  return { authority, former }
}

/** Signs a certificate with a fresh key. */
export async function issueLeaf(authority: Authority, plan: LeafPlan, now: Date): Promise<Leaf> {
  const { privateKey, publicKey } = await newKeyPair(plan.keyKind ?? authority.keyKind)
  const end = plan.notAfter?.getTime() ?? now.getTime() + LEAF_DAYS * DAY_MS
  const pem = await signCertificate(
    {
      profile: plan.profile,
      subject: plan.subject,
      publicKey,
      notBefore: new Date(Math.min(now.getTime(), end) - HEAD_START_MS),
      notAfter: new Date(Math.min(end, new Date(authority.certificate.validTo).getTime())),
      names: plan.names,
    },
    authority.issuer,
  )
  return { certificate: new X509Certificate(pem), pem, keyPem: privateKeyPem(privateKey) }
}

/** The authority in these files, or why they are none (the end of a sentence). */
function readAuthority(pem: string | undefined, keyPem: string | undefined, now: Date): Authority | string {
  if (pem === undefined) return `${AUTHORITY_FILE} is missing`
  if (keyPem === undefined) return `${AUTHORITY_KEY_FILE} is missing`
  const certificate = attempt(() => new X509Certificate(pem))
  if (certificate === undefined) return `${AUTHORITY_FILE} is not a certificate in PEM`
  const privateKey = attempt(() => createPrivateKey(keyPem))
  if (privateKey === undefined) return `${AUTHORITY_KEY_FILE} is not a private key in PEM without a password`
  if (!certificate.checkPrivateKey(privateKey)) {
    return `${AUTHORITY_KEY_FILE} is not the key of ${AUTHORITY_FILE}`
  }
  if (!certificate.ca) return `${AUTHORITY_FILE} is not the certificate of an authority`
  if (keyKindOf(privateKey) === undefined) return `its key is neither RSA nor ECDSA on P-256, P-384 or P-521`
  if (new Date(certificate.validTo) <= now) return `it expired on ${day(certificate.validTo)}`
  return attempt(() => assemble(pem, privateKey)) ?? `${AUTHORITY_FILE} is not a certificate that can sign`
}

function assemble(pem: string, privateKey: KeyObject): Authority {
  const certificate = new X509Certificate(pem)
  const keyKind = keyKindOf(privateKey) ?? 'ec'
  return { certificate, pem: certificate.toString(), keyKind, issuer: issuerOf(certificate, privateKey) }
}
