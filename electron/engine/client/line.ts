/** Opens a line to a broker: TCP, TLS, WebSocket or secure WebSocket. */
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { checkServerIdentity, connect as connectTls, type ConnectionOptions } from 'node:tls'
import { WebSocket } from 'ws'
import type { OpenedFacts } from '../../../shared/pcapng/facts.ts'
import { tcpTransport, webSocketTransport, type Transport } from '../broker/transport.ts'

export interface Address {
  readonly transport: 'tcp' | 'tls' | 'ws' | 'wss'
  readonly host: string
  readonly port: number
  /** Of a WebSocket. */
  readonly path: string
}

export interface TlsMaterial {
  /** PEM; absent: the authorities of the system. */
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly passphrase?: string
  readonly verify: boolean
  /** For SNI and the name in the certificate; empty: the host. */
  readonly serverName: string
}

/** The facts of a line from its other end. */
export const seenByBroker = (line: Transport, { transport }: Address): OpenedFacts => ({
  transport,
  listenerPort: line.remotePort,
  remoteAddress: line.localAddress,
  remotePort: 0,
  localAddress: line.remoteAddress,
})

const LINE_TIMEOUT_MS = 10_000
/** [MQTT-6.0.0-3] */
const SUBPROTOCOL = 'mqtt'

/** A line that did not come about in time. */
export class LineTimeout extends Error {
  readonly code = 'ETIMEDOUT'
}

/** Rejects with the error of the system, of TLS or of the WebSocket. `signal` gives the attempt up. */
export function openLine(address: Address, tls: TlsMaterial, signal: AbortSignal): Promise<Transport> {
  const { transport } = address
  return transport === 'ws' || transport === 'wss'
    ? openWebSocket(address, tls, signal)
    : openSocket(address, tls, signal)
}

/** `mqtt://host:1883`, as other clients write it. */
export function addressText({ transport, host, port, path }: Address): string {
  const scheme = { tcp: 'mqtt', tls: 'mqtts', ws: 'ws', wss: 'wss' }[transport]
  const name = host.includes(':') ? `[${host}]` : host
  const isWeb = transport === 'ws' || transport === 'wss'
  return `${scheme}://${name}:${port}${isWeb ? `/${path.replace(/^\//, '')}` : ''}`
}

function openSocket(address: Address, tls: TlsMaterial, signal: AbortSignal): Promise<Transport> {
  return new Promise((resolve, reject) => {
    const { host, port } = address
    const isTls = address.transport === 'tls'
    const socket: Socket = isTls
      ? connectTls({ host, port, ...tlsOptions(host, tls) })
      : connectTcp({ host, port })
    const done = settle(signal, reject, () => socket.destroy())
    socket.on('error', done.fail)
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      if (!done.end()) return
      resolve(tcpTransport(socket))
    })
  })
}

function openWebSocket(address: Address, tls: TlsMaterial, signal: AbortSignal): Promise<Transport> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(addressText(address), SUBPROTOCOL, {
      perMessageDeflate: false,
      ...(address.transport === 'wss' && tlsOptions(address.host, tls)),
    })
    const done = settle(signal, reject, () => socket.terminate())
    let tcp: Socket | undefined
    socket.on('error', done.fail)
    socket.once('upgrade', (response) => (tcp = response.socket))
    socket.once('open', () => {
      if (tcp === undefined || !done.end()) return
      resolve(webSocketTransport(socket, tcp))
    })
  })
}

/** The first end of an attempt counts: open, failed, given up or too late. */
function settle(signal: AbortSignal, reject: (error: Error) => void, cut: () => void) {
  let settled = false
  const end = (): boolean => {
    if (settled) return false
    settled = true
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
    return true
  }
  const fail = (error: Error): void => {
    if (!end()) return
    cut()
    reject(error)
  }
  const abort = (): void => fail(new Error('The attempt was given up.'))
  const timer = setTimeout(
    () => fail(new LineTimeout(`nothing answered in ${LINE_TIMEOUT_MS / 1000} s`)),
    LINE_TIMEOUT_MS,
  )
  signal.addEventListener('abort', abort)
  if (signal.aborted) abort()
  return { end, fail }
}

function tlsOptions(host: string, tls: TlsMaterial): ConnectionOptions {
  const { ca, cert, key, passphrase, verify, serverName } = tls
  const name = serverName === '' ? host : serverName
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(passphrase !== undefined && { passphrase }),
    rejectUnauthorized: verify,
    // RFC 6066, section 3: an address is no server name.
    ...(isIP(name) === 0 && { servername: name }),
    checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
  }
}
