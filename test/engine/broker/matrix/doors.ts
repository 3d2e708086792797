/** A broker behind every kind of door: TCP, TLS, mutual TLS, WebSocket and secure WebSocket. */
import { Listener } from '../../../../electron/engine/broker/listeners.ts'
import type { ClientCertificates } from '../../../../electron/engine/tls/listener-tls.ts'
import { testBroker, type TestBroker } from '../../../support/broker.ts'
import { openLab } from '../../tls/bench.ts'

export const doorNames = ['TCP', 'TLS', 'mutual TLS', 'WS', 'WSS'] as const
export type DoorName = (typeof doorNames)[number]

export interface Door {
  readonly transport: 'tcp' | 'tls' | 'ws' | 'wss'
  readonly port: number
  /** Paths of PEM files: the lab's authority, and a certificate of the client with its key. */
  readonly authority: string
  readonly certificate?: string
}

export interface House {
  readonly bench: TestBroker
  readonly doors: Readonly<Record<DoorName, Door>>
  close(): Promise<void>
}

export async function openHouse(): Promise<House> {
  const [bench, lab] = await Promise.all([testBroker(), openLab()])
  const { serial } = await lab.devices.issue({ endpointId: 'os::matrix' })
  const { path: certificate } = await lab.devices.bundle(serial)
  const settings = { enabled: true, host: '127.0.0.1', port: 0, path: '/mqtt' }
  const listener = (transport: 'tls' | 'wss', clientCertificates: ClientCertificates): Listener =>
    new Listener({
      transport,
      settings,
      maxPacketBytes: 1 << 20,
      accept: bench.broker.accept,
      tls: () => ({ ...lab.settings(), clientCertificates }),
    })
  const [tls, mutual, wss] = [listener('tls', 'off'), listener('tls', 'required'), listener('wss', 'off')]
  await Promise.all([tls, mutual, wss].map((one) => one.open()))
  const authority = lab.path('lab-ca.pem')
  return {
    bench,
    doors: {
      TCP: { transport: 'tcp', port: bench.port, authority },
      TLS: { transport: 'tls', port: tls.state.port, authority },
      'mutual TLS': { transport: 'tls', port: mutual.state.port, authority, certificate },
      WS: { transport: 'ws', port: bench.wsPort, authority },
      WSS: { transport: 'wss', port: wss.state.port, authority },
    },
    async close() {
      await Promise.all([tls, mutual, wss].map((one) => one.close()))
      await bench.close()
      await lab.close()
    },
  }
}
