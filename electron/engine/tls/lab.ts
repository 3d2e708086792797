/** The TLS lab of a workspace: its authority, the certificate of the bench and those of the devices. */
import type { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { writeWhole } from '../workspace/files.ts'
import { openAuthority, replaceAuthority, type Authority, type AuthorityOptions } from './authority.ts'
import { CRL_FILE, DEVICES, openDeviceCertificates, type DeviceCertificates } from './device-certificate.ts'
import { REGISTER_FILE } from './device-register.ts'
import { readIfThere } from './files.ts'
import type { TlsSettings } from './listener-tls.ts'
import {
  faultyServerCertificate,
  openServerCertificate,
  SERVER_FILE,
  SERVER_KEY_FILE,
  serverNames,
  type CertificateFault,
  type ServerCertificate,
} from './server-certificate.ts'

export interface TlsLab {
  /** That in force. */
  readonly authority: Authority
  /** Of that authority. */
  readonly devices: DeviceCertificates
  /** What listeners show now. */
  readonly server: ServerCertificate
  /**
   * Call it when addresses change and once a day. Answers why there is another server certificate, or undefined;
   * after that give `server` to each gate (`gate.change`). A wrong one that was chosen stays chosen.
   */
  refresh(hosts: Hosts): Promise<string | undefined>
  /** Shows a certificate that is wrong on purpose, or the right one again. Not kept over a restart. */
  show(fault: CertificateFault | undefined): Promise<void>
  /**
   * Makes another authority, and a server certificate of it. From then on no device certificate given out before
   * opens anything; answers the folder that keeps the old files. Rejects when they cannot be moved or written.
   */
  replaceAuthority(): Promise<string>
  /** The part of a gate's settings that comes from here. */
  settings(): Pick<TlsSettings, 'server' | 'authorities' | 'standing'>
}

/** How devices reach this machine, best address first. */
export interface Hosts {
  readonly addresses: readonly string[]
  readonly hostNames: readonly string[]
}

/** Keys stay out of a version history that the workspace may be in. */
const GITIGNORE = '*.key\n*.key.broken-*\n/devices/\n'

/** What is of no use under another authority. */
const DEPENDENT_FILES = [SERVER_FILE, SERVER_KEY_FILE, CRL_FILE, REGISTER_FILE, DEVICES]

/** Opens the lab and makes what is missing. Rejects when the folder cannot be read or written. */
export async function openTlsLab(options: AuthorityOptions & { readonly hosts: Hosts }): Promise<TlsLab> {
  const { folder, now, onProblem } = options
  const ignore = join(folder, '.gitignore')
  if ((await readIfThere(ignore)) === undefined) await writeWhole(ignore, GITIGNORE)
  let authority = await openAuthority(options)
  let devices = await openDeviceCertificates({ folder, authority, now, onProblem })

  let hosts = options.hosts
  let leftOut = ''
  let fault: CertificateFault | undefined
  let shown: ServerCertificate = (await openRight()).server

  function names(): ReturnType<typeof serverNames> {
    const found = serverNames(hosts.addresses, hosts.hostNames)
    const text = found.leftOut.join(', ')
    if (text !== '' && text !== leftOut) {
      onProblem(`The server certificate cannot name ${text}: devices must use another address.`)
    }
    leftOut = text
    return found
  }
  function openRight(): ReturnType<typeof openServerCertificate> {
    return openServerCertificate({ folder, authority, names: names(), now, onProblem })
  }
  async function update(): Promise<string | undefined> {
    const { server, renewed: another } = await openRight()
    if (fault === undefined) shown = server
    else if (another !== undefined || shown.fault !== fault) {
      shown = await faultyServerCertificate(fault, { authority, names: names(), now })
    }
    return another
  }
  /** One after the other: both write the same files. */
  let last: Promise<unknown> = Promise.resolve()
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = last.then(work)
    last = done.catch(() => undefined)
    return done
  }

  return {
    get authority() {
      return authority
    },
    get devices() {
      return devices
    },
    get server() {
      return shown
    },
    refresh: (wished) =>
      inTurn(() => {
        hosts = wished
        return update()
      }),
    show: (wished) =>
      inTurn(async () => {
        fault = wished
        await update()
      }),
    replaceAuthority: () =>
      inTurn(async () => {
        const replaced = await replaceAuthority(options, authority.keyKind, DEPENDENT_FILES)
        authority = replaced.authority
        devices = await openDeviceCertificates({ folder, authority, now, onProblem })
        await update()
        return replaced.former
      }),
    settings() {
      // Bound to the lab of now: a handshake under way is judged by what it was begun with.
      const lab = devices
      return {
        server: shown,
        authorities: [authority.pem],
        standing: (certificate: X509Certificate) => lab.standing(certificate),
      }
    },
  }
}
