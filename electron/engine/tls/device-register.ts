/** `devices.json`: which certificates this lab gave to devices, and which of them it took back. */
import { basename, join } from 'node:path'
import { setAside, writeWhole } from '../workspace/files.ts'
import { readIfThere } from './files.ts'
import { attempt } from './values.ts'

export const REGISTER_FILE = 'devices.json'
const VERSION = 1

/** One certificate; a device that got a new one has several. */
export interface DeviceCertificate {
  readonly endpointId: string
  /** The MQTT user that it stands for, where that is another text than the endpoint ID. */
  readonly username?: string
  /** Hexadecimal, upper case. */
  readonly serial: string
  /** SHA-256 in hexadecimal, upper case, with colons. */
  readonly fingerprint: string
  /** ISO 8601, UTC. */
  readonly notAfter: string
  /** Its bundle, in the folder of the certificates. */
  readonly file: string
  /** ISO 8601, UTC. Set when it was taken back. */
  readonly revokedAt?: string
}

export interface DeviceRegister {
  /** Number of the revocation list that goes with it. */
  readonly crlNumber: number
  readonly certificates: readonly DeviceCertificate[]
}

const empty: DeviceRegister = { crlNumber: 0, certificates: [] }

/** What the folder holds. A file that cannot be used is set aside and told. */
export async function readRegister(
  folder: string,
  now: Date,
  onProblem: (text: string) => void,
): Promise<DeviceRegister> {
  const file = join(folder, REGISTER_FILE)
  const text = await readIfThere(file)
  if (text === undefined) return empty
  const register = attempt(() => parseRegister(text))
  if (register !== undefined) return register
  const aside = basename(await setAside(file, now))
  onProblem(
    `The list of device certificates (${REGISTER_FILE}) cannot be read and is kept as ${aside}. ` +
      'Until it is put back, or each device has a new certificate, no device certificate of this lab is accepted.',
  )
  return empty
}

export async function writeRegister(folder: string, register: DeviceRegister): Promise<void> {
  const text = JSON.stringify({ version: VERSION, ...register }, null, 2)
  await writeWhole(join(folder, REGISTER_FILE), `${text}\n`)
}

/** Throws when the text is no register, or one of a newer Oktobench. */
function parseRegister(text: string): DeviceRegister {
  const value: unknown = JSON.parse(text)
  if (!isObject(value) || value['version'] !== VERSION) throw new TypeError('not a register')
  const { crlNumber, certificates } = value
  if (!Number.isSafeInteger(crlNumber) || !Array.isArray(certificates)) throw new TypeError('not a register')
  if (!certificates.every(isCertificate)) throw new TypeError('not a register')
  return { crlNumber: crlNumber as number, certificates }
}

function isCertificate(value: unknown): value is DeviceCertificate {
  if (!isObject(value)) return false
  const text = (name: string): boolean => typeof value[name] === 'string'
  const date = (name: string): boolean => text(name) && !Number.isNaN(Date.parse(value[name] as string))
  return (
    text('endpointId') &&
    text('fingerprint') &&
    // It becomes a path, so it must not lead elsewhere.
    /^devices\/[\w.=-]+\.pem$/.test(String(value['file'])) &&
    /^[\dA-F]+$/.test(String(value['serial'])) &&
    date('notAfter') &&
    (value['username'] === undefined || text('username')) &&
    (value['revokedAt'] === undefined || date('revokedAt'))
  )
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
