/** Certificates for devices: given out as the PEM bundle that an OBUSPA takes, renewed, and taken back. */
import { X509Certificate } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { errorCode, writeWhole, writeSecret } from '../workspace/files.ts'
import { AUTHORITY_FILE, issueLeaf, ORGANIZATION, type Authority } from './authority.ts'
import { certificateFacts, endpointNames, type CertificateFacts } from './certificate-facts.ts'
import {
  readRegister,
  writeRegister,
  type DeviceCertificate,
  type DeviceRegister,
} from './device-register.ts'
import { attempt } from './values.ts'
import { signCrl, type KeyKind } from './x509.ts'

export const CRL_FILE = 'lab-ca.crl'
export const DEVICES = 'devices'
const MAX_CERTIFICATES = 20_000
const MAX_COMMON_NAME = 64
/** What may stand in a URI unescaped (RFC 3986); wider than R-ARC.5 asks, since devices are, too. */
const endpointPattern = /^[A-Za-z0-9._~:%@+=-]{1,128}$/

export interface DeviceBundle {
  /** Certificate and private key, for `obuspa -a`. Secret. */
  readonly pem: string
  /** Paths of that bundle and of the authority, for `obuspa -t`. */
  readonly path: string
  readonly authorityPath: string
}

/** What a client certificate means here. */
export interface CertificateStanding {
  readonly facts: CertificateFacts
  /** Of the certificate itself (R-SEC.0a), also of a foreign one. */
  readonly endpointId: string | undefined
  /** As given when it was made, else its common name. */
  readonly username: string | undefined
  /** `unlisted`: signed by this authority, yet not in its list. `foreign`: another authority signed it. */
  readonly state: 'listed' | 'revoked' | 'unlisted' | 'foreign'
  /** ISO 8601, UTC. */
  readonly revokedAt?: string
}

export interface DeviceCertificates {
  /** Every certificate that has not expired, oldest first. */
  list(): readonly DeviceCertificate[]
  /**
   * Makes a certificate; those the device has stay good. Rejects with a BenchFailure: `invalid-request` for an
   * endpoint ID that cannot stand in a certificate, `conflict` when there are too many.
   */
  issue(wish: {
    readonly endpointId: string
    readonly username?: string
    readonly keyKind?: KeyKind
  }): Promise<DeviceCertificate>
  /** A new certificate for the same device and user. Rejects with a BenchFailure `not-found`. */
  renew(serial: string): Promise<DeviceCertificate>
  /** Takes a certificate back for good: from now on no handshake with it succeeds. Rejects as `renew`. */
  revoke(serial: string): Promise<void>
  /** Rejects with a BenchFailure `not-found`, also when the certificate is not the device's newest. */
  bundle(serial: string): Promise<DeviceBundle>
  standing(certificate: X509Certificate): CertificateStanding
}

export interface DeviceCertificateOptions {
  readonly folder: string
  readonly authority: Authority
  readonly now: () => Date
  readonly onProblem: (text: string) => void
}

/** Reads what there is and writes the revocation list. Rejects when the folder cannot be read or written. */
export async function openDeviceCertificates(options: DeviceCertificateOptions): Promise<DeviceCertificates> {
  const { folder, authority, now, onProblem } = options
  let register = await readRegister(folder, now(), onProblem)
  let bySerial = index(register)
  let writing: Promise<unknown> = Promise.resolve()
  await writeCrl()

  async function writeCrl(): Promise<void> {
    const revoked = register.certificates.flatMap(({ serial, revokedAt }) =>
      revokedAt === undefined ? [] : [{ serial, revokedAt: new Date(revokedAt) }],
    )
    // A list that ends makes other brokers refuse every device: this one is as good as its authority.
    const nextUpdate = new Date(authority.certificate.validTo)
    const plan = { number: register.crlNumber, thisUpdate: now(), nextUpdate, revoked }
    await writeWhole(join(folder, CRL_FILE), await signCrl(plan, authority.issuer))
  }

  /** One change after the other; expired certificates leave the list, since they are refused anyway. */
  function change<T>(
    work: (living: readonly DeviceCertificate[]) => Promise<[DeviceRegister, T]>,
  ): Promise<T> {
    const done = writing.then(async () => {
      const living = register.certificates.filter(({ notAfter }) => new Date(notAfter) > now())
      const [next, result] = await work(living)
      const revoked = next.crlNumber !== register.crlNumber
      // In force before it is on the disk: a full disk must not keep a revoked device in.
      register = next
      bySerial = index(next)
      try {
        await writeRegister(folder, next)
        if (revoked) await writeCrl()
      } catch (error) {
        const text = `The list of device certificates cannot be written (${errorCode(error) ?? 'unknown error'})`
        throw new BenchFailure('unavailable', `${text}: the change holds until the bench ends.`, folder)
      }
      return result
    })
    writing = done.catch(() => undefined)
    return done
  }

  function find(serial: string): DeviceCertificate {
    const found = bySerial.get(serial)
    if (!found)
      throw new BenchFailure('not-found', `This lab has no certificate with serial number ${serial}.`)
    return found
  }

  const issue: DeviceCertificates['issue'] = ({ endpointId, username, keyKind }) =>
    change(async (living) => {
      checkEndpoint(endpointId)
      if (living.length >= MAX_CERTIFICATES) {
        const text = `This lab has ${MAX_CERTIFICATES} certificates already: start a new workspace.`
        throw new BenchFailure('conflict', text)
      }
      const plan = {
        profile: 'device',
        subject: {
          organization: ORGANIZATION,
          ...(endpointId.length <= MAX_COMMON_NAME && { commonName: endpointId }),
        },
        names: endpointNames(endpointId),
        ...(keyKind && { keyKind }),
      } as const
      const leaf = await issueLeaf(authority, plan, now())
      const file = fileFor(endpointId, living)
      await mkdir(join(folder, DEVICES), { recursive: true })
      await writeSecret(join(folder, file), leaf.pem + leaf.keyPem)
      const made: DeviceCertificate = {
        endpointId,
        ...(username !== undefined && { username }),
        serial: leaf.certificate.serialNumber,
        fingerprint: leaf.certificate.fingerprint256,
        notAfter: new Date(leaf.certificate.validTo).toISOString(),
        file,
      }
      return [{ ...register, certificates: [...living, made] }, made]
    })

  return {
    list: () => register.certificates.filter(({ notAfter }) => new Date(notAfter) > now()),
    issue,
    async renew(serial) {
      const { endpointId, username } = find(serial)
      return issue({ endpointId, ...(username !== undefined && { username }) })
    },
    async revoke(serial) {
      if (find(serial).revokedAt !== undefined) return
      const revokedAt = now().toISOString()
      await change(async (living) => {
        const certificates = living.map((one) => (one.serial === serial ? { ...one, revokedAt } : one))
        return [{ crlNumber: register.crlNumber + 1, certificates }, undefined]
      })
    },
    async bundle(serial) {
      const path = join(folder, find(serial).file)
      const pem = await readFile(path, 'utf8').catch(() => '')
      if (attempt(() => new X509Certificate(pem))?.serialNumber !== serial) {
        const text = `The file of certificate ${serial} is gone or holds a newer one: renew it.`
        throw new BenchFailure('not-found', text, path)
      }
      return { pem, path, authorityPath: join(folder, AUTHORITY_FILE) }
    },
    standing(certificate) {
      const facts = certificateFacts(certificate)
      const listed = bySerial.get(facts.serial)
      // Another authority may have used the same number.
      const own = listed?.fingerprint === facts.fingerprint ? listed : undefined
      const ours = own ?? attempt(() => certificate.verify(authority.certificate.publicKey))
      return {
        facts,
        endpointId: facts.endpointIds[0],
        username: own?.username ?? facts.commonName,
        state: own ? (own.revokedAt === undefined ? 'listed' : 'revoked') : ours ? 'unlisted' : 'foreign',
        ...(own?.revokedAt !== undefined && { revokedAt: own.revokedAt }),
      }
    },
  }
}

const index = ({ certificates }: DeviceRegister): Map<string, DeviceCertificate> =>
  new Map(certificates.map((one) => [one.serial, one]))

function checkEndpoint(endpointId: string): void {
  if (endpointPattern.test(endpointId)) return
  throw new BenchFailure(
    'invalid-request',
    `“${endpointId.slice(0, 140)}” cannot stand in a certificate: an endpoint ID has 1 to 128 of the characters ` +
      'A–Z a–z 0–9 and . _ ~ : % @ + = -',
  )
}

/** `devices/os_00256D-1.pem`: one file a device, safe on every file system, also where case does not count. */
function fileFor(endpointId: string, living: readonly DeviceCertificate[]): string {
  const own = living.find((one) => one.endpointId === endpointId)
  if (own) return own.file
  const taken = new Set(living.map(({ file }) => file.toLowerCase()))
  const base = endpointId.replaceAll(/[^A-Za-z0-9.-]+/g, '_').replace(/^\.+/, '_')
  for (let count = 1; ; count++) {
    const file = `${DEVICES}/${base}${count === 1 ? '' : `=${count}`}.pem`
    if (!taken.has(file.toLowerCase())) return file
  }
}
