/** The TLS lab with the commands of the contract, and what listeners ask of it. */
import type { X509Certificate } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type {
  CertificateInfo,
  certificateCommands,
  CertificatesState,
  ClientCertificateMode,
} from '../../../shared/contract/certificates.ts'
import type { HandlersOf } from '../../../shared/contract/command.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { lanAddresses } from '../addresses.ts'
import { errorCode } from '../workspace/files.ts'
import { AUTHORITY_FILE } from './authority.ts'
import { certificateFacts } from './certificate-facts.ts'
import { openKeyLog, type KeyLog } from './key-log.ts'
import { openTlsLab, type Hosts } from './lab.ts'
import type { TlsSettings } from './listener-tls.ts'

export type CertificateHandlers = HandlersOf<typeof certificateCommands>

export interface CertificateServiceOptions {
  /** `certificates/` of the workspace. */
  readonly folder: string
  readonly mode: ClientCertificateMode
  readonly saveMode: (mode: ClientCertificateMode) => Promise<void>
  /** The view must be told. */
  readonly onChange: () => void
  /** What is shown or asked for at the next handshake is another now. */
  readonly onSettings: () => void
  /** The certificate opens nothing any more. */
  readonly onRevoked: (serial: string) => void
  readonly onProblem: (text: string) => void
}

export interface CertificateService {
  readonly state: CertificatesState
  readonly handlers: CertificateHandlers
  tls(): Omit<TlsSettings, 'protocols'>
  /** Call it when addresses may have changed, and once a day. */
  refresh(): Promise<void>
  stop(): Promise<void>
}

const KEY_LOG_FILE = 'tls-keys.log'

const hosts = (): Hosts => ({
  addresses: lanAddresses().map(({ address }) => address),
  hostNames: [hostname()],
})

export async function startCertificates(options: CertificateServiceOptions): Promise<CertificateService> {
  const { folder, onProblem } = options
  const lab = await openTlsLab({ folder, keyKind: 'ec', hosts: hosts(), now: () => new Date(), onProblem })
  const keyLogPath = join(folder, KEY_LOG_FILE)
  let mode = options.mode
  let keyLog: KeyLog | undefined

  const settled = (): void => {
    options.onSettings()
    options.onChange()
  }
  const handlers: CertificateHandlers = {
    async 'certificates.issue'({ endpointId, username }) {
      const { serial } = await lab.devices.issue({
        endpointId,
        ...(username === undefined ? {} : { username }),
      })
      options.onChange()
      return { serial }
    },
    async 'certificates.renew'({ serial }) {
      const renewed = await lab.devices.renew(serial)
      options.onChange()
      return { serial: renewed.serial }
    },
    async 'certificates.revoke'({ serial }) {
      await lab.devices.revoke(serial)
      options.onRevoked(serial)
      options.onChange()
    },
    async 'certificates.bundle'({ serial }) {
      const { path, authorityPath } = await lab.devices.bundle(serial)
      return { file: path, authorityFile: authorityPath }
    },
    async 'certificates.fault'({ fault }) {
      await lab.show(fault)
      settled()
    },
    async 'certificates.replaceAuthority'({ fingerprint }) {
      if (fingerprint !== lab.authority.certificate.fingerprint256)
        throw new BenchFailure('conflict', 'The lab authority was replaced already.')
      const worthless = lab.devices.list()
      try {
        return { former: await lab.replaceAuthority() }
      } catch (error) {
        const why = errorCode(error) ?? 'unknown error'
        throw new BenchFailure('unavailable', `The lab authority cannot be replaced (${why}).`, folder)
      } finally {
        settled()
        for (const { serial } of worthless) options.onRevoked(serial)
      }
    },
    async 'certificates.ask'({ mode: wished }) {
      await options.saveMode(wished)
      mode = wished
      settled()
    },
    async 'certificates.keyLog'({ on }) {
      const former = keyLog
      keyLog = on ? (former ?? (await openKeyLog(keyLogPath, onProblem))) : undefined
      settled()
      if (!on) await former?.close()
    },
  }

  return {
    get state(): CertificatesState {
      const { fault } = lab.server
      return {
        authority: infoOf(lab.authority.certificate),
        authorityFile: join(folder, AUTHORITY_FILE),
        server: infoOf(lab.server.certificate),
        ...(fault === undefined ? {} : { fault }),
        clientCertificates: mode,
        devices: lab.devices.list().map(({ serial, endpointId, username, notAfter, revokedAt }) => ({
          serial,
          endpointId,
          ...(username === undefined ? {} : { username }),
          notAfter,
          ...(revokedAt === undefined ? {} : { revokedAt }),
        })),
        ...(keyLog ? { keyLog: keyLogPath } : {}),
      }
    },
    handlers,
    tls: () => ({ ...lab.settings(), clientCertificates: mode, keyLog }),
    async refresh() {
      if (await lab.refresh(hosts())) settled()
    },
    stop: async () => keyLog?.close(),
  }
}

function infoOf(certificate: X509Certificate): CertificateInfo {
  const {
    subject,
    issuer,
    serial,
    fingerprint,
    notBefore,
    notAfter,
    hosts: names,
  } = certificateFacts(certificate)
  return { subject, issuer, serial, fingerprint, notBefore, notAfter, hosts: names }
}
