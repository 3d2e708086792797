/** A lab in a folder of its own, and a TLS gate before a real broker, for one test. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { tcpTransport } from '../../../electron/engine/broker/transport.ts'
import { openTlsLab, type TlsLab } from '../../../electron/engine/tls/lab.ts'
import type { SocketFacts, TlsFailure } from '../../../electron/engine/tls/failure.ts'
import {
  TlsGate,
  type TlsFacts,
  type TlsLimits,
  type TlsSettings,
} from '../../../electron/engine/tls/listener-tls.ts'
import type { KeyKind } from '../../../electron/engine/tls/x509.ts'
import { testBroker, type TestBroker } from '../../support/broker.ts'

export type Lab = TlsLab & {
  readonly folder: string
  readonly problems: string[]
  /** What the lab takes for now; moves on by hand. */
  time: Date
  path(name: string): string
  close(): Promise<void>
}

export async function openLab(keyKind: KeyKind = 'ec', existing?: string): Promise<Lab> {
  const folder = existing ?? (await mkdtemp(join(tmpdir(), 'oktobench-tls-')))
  const problems: string[] = []
  const clock = { time: new Date() }
  const lab = await openTlsLab({
    folder,
    keyKind,
    hosts: { addresses: ['127.0.0.1', '::1'], hostNames: ['bench.lab'] },
    now: () => clock.time,
    onProblem: (text) => void problems.push(text),
  })
  return {
    ...lab,
    // Spreading would freeze what these stood at.
    get authority() {
      return lab.authority
    },
    get devices() {
      return lab.devices
    },
    get server() {
      return lab.server
    },
    get time() {
      return clock.time
    },
    set time(time) {
      clock.time = time
    },
    folder,
    problems,
    path: (name) => join(folder, name),
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

export interface Gate {
  readonly gate: TlsGate
  readonly port: number
  readonly bench: TestBroker
  readonly secured: TlsFacts[]
  readonly failures: (TlsFailure & { readonly facts: SocketFacts; readonly port: number })[]
  readonly probes: number
  close(): Promise<void>
}

export async function openGate(
  lab: Lab,
  wishes: Partial<TlsSettings> = {},
  limits: Partial<TlsLimits> = {},
): Promise<Gate> {
  const bench = await testBroker()
  const secured: TlsFacts[] = []
  const failures: Gate['failures'] = []
  let probes = 0
  const gate = new TlsGate(
    {
      ...lab.settings(),
      clientCertificates: 'off',
      protocols: ['mqtt'],
      ...wishes,
    },
    { handshakeMs: 10_000, maxHandshakes: 100, ...limits },
    {
      secured(socket, facts) {
        secured.push(facts)
        bench.broker.accept(tcpTransport(socket), 'tcp', 8883)
      },
      failed: ({ remotePort }, failure, facts) => void failures.push({ ...failure, facts, port: remotePort }),
      probed: () => void (probes += 1),
    },
  )
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.once('close', () => sockets.delete(socket)))
    gate.take(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    gate,
    port: (server.address() as AddressInfo).port,
    bench,
    secured,
    failures,
    get probes() {
      return probes
    },
    async close() {
      gate.close()
      server.close()
      for (const socket of sockets) socket.destroy()
      await bench.close()
    },
  }
}

/** A TLS client of Node's; resolves at the end of the handshake, rejects when there is none. */
export function tlsClient(port: number, options: ConnectionOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ...options })
    socket.once('error', reject)
    socket.once('secureConnect', () => {
      socket.off('error', reject).on('error', () => undefined)
      resolve(socket)
    })
  })
}

export interface Outcome {
  readonly code: number
  /** Standard output and error. */
  readonly output: string
}

/** Runs a program to its end, with nothing on its input. */
export function run(program: string, args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(program, args, { timeout: 10_000 }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, output: stdout + stderr })
    })
    child.stdin?.end()
  })
}
