/** A host that is a TLS lab and nothing else: every request is checked as a bench does, and acted on at once. */
import * as v from 'valibot'
import type { CertificatesState, DeviceCertificateInfo } from '../../../../shared/contract/certificates.ts'
import {
  commands,
  type CommandName,
  type EventName,
  type Events,
  type Request,
  type Response,
  type ViewName,
  type ViewParams,
  type ViewRows,
  type ViewUpdate,
  type ViewWindow,
} from '../../../../shared/contract/contract.ts'
import type { Host, LinkState, OpenView } from '../../../../shared/contract/host.ts'
import type { BenchState, DeviceRow } from '../../../../shared/contract/model.ts'
import { fail, ok, type Result } from '../../../../shared/contract/result.ts'

const DAY = 86_400_000
export const FOLDER = '/home/lab/oktobench/lab-3/certificates'

export const inDays = (days: number): string => new Date(Date.now() + days * DAY).toISOString()

export function fakeBench(tls: 'listening' | 'off' | 'failed' = 'listening'): BenchState {
  const listener = { host: '*', connections: 2, state: 'listening' } as const
  return {
    version: '0.1.0',
    host: 'browser',
    workspace: { name: 'lab-3', path: '/home/lab/oktobench/lab-3' },
    listeners: [
      { ...listener, transport: 'tcp', label: 'TCP 1883', port: 1883 },
      { ...listener, transport: 'tls', label: 'TLS 8883', port: 8883, state: tls },
    ],
    addresses: [
      { address: '127.0.0.1', family: 'IPv4', interface: 'lo', loopback: true },
      { address: '10.0.0.9', family: 'IPv4', interface: 'eth1', loopback: false },
      { address: '192.168.1.20', family: 'IPv4', interface: 'eth0', loopback: false },
    ],
    problems: [],
    open: false,
    startedAt: inDays(-1),
  }
}

export function fakeLab(devices: readonly DeviceCertificateInfo[]): CertificatesState {
  const authority = 'O=Oktobench lab, CN=Lab authority 3f1c'
  return {
    authority: {
      subject: authority,
      issuer: authority,
      serial: '3F1C',
      fingerprint: Array.from({ length: 32 }, (_, at) => ((at * 37 + 11) % 256).toString(16).padStart(2, '0'))
        .join(':')
        .toUpperCase(),
      notBefore: inDays(-1),
      notAfter: inDays(3651),
      hosts: [],
    },
    authorityFile: `${FOLDER}/lab-ca.pem`,
    server: {
      subject: 'O=Oktobench lab, CN=192.168.1.20',
      issuer: authority,
      serial: '77A0',
      fingerprint: 'AB:CD',
      notBefore: inDays(-1),
      notAfter: inDays(824),
      hosts: ['192.168.1.20', 'fd00::20', '127.0.0.1', '192.168.1.20', 'fd00::20', 'lab-pc', 'localhost'],
    },
    clientCertificates: 'optional',
    devices,
  }
}

export const fakeDevices: readonly DeviceCertificateInfo[] = [
  { serial: '0A01', endpointId: 'os::00256D-B002', notAfter: inDays(12), username: 'rg-lab-7731' },
  { serial: '0A02', endpointId: 'os::00256D-A1F3', notAfter: inDays(500) },
  { serial: '0A03', endpointId: 'os::00256D-C9', notAfter: inDays(700), revokedAt: inDays(-2) },
  { serial: '0A04', endpointId: 'os::00256D-A1F3', notAfter: inDays(824) },
]

const seen = (endpointId: string, username = ''): DeviceRow => ({
  endpointId,
  endpointSource: 'usp-endpoint-id',
  online: true,
  role: 'agent',
  remoteAddress: '192.168.1.77',
  transport: 'tcp',
  version: '5.0',
  clientId: endpointId,
  username,
  connectedAt: 0,
  lastSeenAt: 0,
  connects: 1,
  packetsIn: 1,
  packetsOut: 1,
})
export const seenDevices: readonly DeviceRow[] = [
  seen('os::00256D-NEW1', 'rg-lab-7740'),
  seen('os::00256D-A1F3'),
  { ...seen('oktopusController'), role: 'controller' },
]

export class LabHost implements Host {
  readonly link: LinkState = 'connected'
  readonly calls: { readonly name: string; readonly request: unknown }[] = []
  /** Error with which the next calls of a command are answered. */
  readonly errors = new Map<string, string>()
  /** What the next calls of a command wait for before they are answered. */
  readonly waits = new Map<string, Promise<void>>()
  /** Parameters of the device views that are open. */
  readonly views = new Set<ViewParams<'devices'>>()
  lab: CertificatesState
  bench: BenchState
  readonly #listeners = new Map<EventName, Set<(value: never) => void>>()
  #lastSerial = 0xf000

  constructor(devices: readonly DeviceCertificateInfo[] = fakeDevices, bench = fakeBench()) {
    this.lab = fakeLab(devices)
    this.bench = bench
  }

  onLink(): () => void {
    return () => undefined
  }
  on<E extends EventName>(name: E, listener: (value: Events[E]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners)
    listeners.add(listener)
    if (name === 'bench') listener(this.bench as Events[E])
    if (name === 'certificates') listener(this.lab as Events[E])
    return () => listeners.delete(listener)
  }
  set(change: Partial<CertificatesState>): void {
    this.lab = { ...this.lab, ...change }
    this.#listeners.get('certificates')?.forEach((listener) => listener(this.lab as never))
  }
  setBench(change: Partial<BenchState>): void {
    this.bench = { ...this.bench, ...change }
    this.#listeners.get('bench')?.forEach((listener) => listener(this.bench as never))
  }

  async call<C extends CommandName>(name: C, request: Request<C>): Promise<Result<Response<C>>> {
    this.calls.push({ name, request })
    const checked = v.safeParse(commands[name].request, request)
    if (!checked.success) return fail('invalid-request', checked.issues[0].message)
    await this.waits.get(name)
    const error = this.errors.get(name)
    if (error !== undefined) return fail('failed', error)
    const work = this.#work[name] as ((request: Request<C>) => Result<Response<C>>) | undefined
    return work?.(request) ?? fail('unavailable', `${name} is no part of this lab.`)
  }
  readonly #work: { readonly [C in CommandName]?: (request: Request<C>) => Result<Response<C>> } = {
    'certificates.issue': (wish) => this.#issue(wish),
    'certificates.renew': ({ serial }) => {
      const old = this.lab.devices.find((info) => info.serial === serial)
      return old ? this.#issue(old) : fail('not-found', 'This lab has no such certificate.')
    },
    'certificates.revoke': ({ serial }) => {
      const devices = this.lab.devices.map((info) =>
        info.serial === serial ? { ...info, revokedAt: inDays(0) } : info,
      )
      this.set({ devices })
      return ok(undefined)
    },
    'certificates.bundle': ({ serial }) => {
      const info = this.lab.devices.find((one) => one.serial === serial)
      const newest = this.lab.devices.findLast((one) => one.endpointId === info?.endpointId)
      if (!info || newest !== info) return fail('not-found', 'Its file holds a newer one: renew it.')
      const file = `${FOLDER}/devices/${info.endpointId.replaceAll(/[^\w.-]+/g, '_')}.pem`
      return ok({ file, authorityFile: this.lab.authorityFile })
    },
    'certificates.fault': ({ fault }) => {
      const { fault: _former, ...right } = this.lab
      this.lab = right
      this.set(fault === undefined ? {} : { fault })
      return ok(undefined)
    },
    'certificates.replaceAuthority': () => {
      const authority = { ...this.lab.authority, subject: 'O=Oktobench lab, CN=Lab authority 77aa' }
      this.set({ devices: [], authority })
      return ok({ former: `${FOLDER}/former-2027-01-02T030405.678Z` })
    },
    'certificates.ask': ({ mode }) => {
      this.set({ clientCertificates: mode })
      return ok(undefined)
    },
    'certificates.keyLog': ({ on }) => {
      const { keyLog: _former, ...off } = this.lab
      this.lab = off
      this.set(on ? { keyLog: `${FOLDER}/tls-keys.log` } : {})
      return ok(undefined)
    },
    'listeners.set': ({ transport }) => {
      const listeners = this.bench.listeners.map((listener) =>
        listener.transport === transport ? { ...listener, state: 'listening' as const } : listener,
      )
      this.setBench({ listeners })
      return ok(undefined)
    },
    'host.deliver': ({ file }) => ok({ url: `/download/${file.split('/').at(-1)}` }),
  }
  #issue(wish: {
    readonly endpointId: string
    readonly username?: string | undefined
  }): Result<{ serial: string }> {
    const serial = (++this.#lastSerial).toString(16).toUpperCase()
    const { endpointId, username } = wish
    const made = { serial, endpointId, ...(username !== undefined && { username }), notAfter: inDays(825) }
    this.set({ devices: [...this.lab.devices, made] })
    return ok({ serial })
  }

  open<V extends ViewName>(
    view: V,
    params: ViewParams<V>,
    window: ViewWindow,
    listener: (update: Result<ViewUpdate<ViewRows[V]>>) => void,
  ): OpenView {
    if (view !== 'devices' || window.count === 0)
      return { setWindow: () => undefined, locate: async () => -1, close: () => undefined }
    const wish = params as ViewParams<'devices'>
    this.views.add(wish)
    const rows = seenDevices.filter(({ endpointId }) => endpointId.includes(wish.text))
    const update = { total: rows.length, all: seenDevices.length, from: 0, rows }
    queueMicrotask(() => {
      if (this.views.has(wish)) listener(ok(update as unknown as ViewUpdate<ViewRows[V]>))
    })
    return {
      setWindow: () => undefined,
      locate: async () => -1,
      close: () => void this.views.delete(wish),
    }
  }
}
