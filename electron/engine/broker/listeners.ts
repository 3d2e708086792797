/** The doors: TCP and WebSocket servers, plain and encrypted, each with a state that a person understands. */
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { WebSocketServer } from 'ws'
import type { ListenerState, Transport as TransportName } from '../../../shared/contract/model.ts'
import type { CertificateStanding } from '../tls/device-certificate.ts'
import type { TlsFailure } from '../tls/failure.ts'
import { TlsGate, type TlsLimits, type TlsPeer, type TlsSettings } from '../tls/listener-tls.ts'
import { tcpTransport, webSocketTransport, type Transport } from './transport.ts'

export interface ListenerSettings {
  readonly enabled: boolean
  /** `*` is every address of the machine, IPv6 and IPv4. */
  readonly host: string
  readonly port: number
  /** WebSocket only: the path of the upgrade request. */
  readonly path: string
}

/** Takes a connection; `certificate` is what the device's own means, where it showed one. */
export type Accept = (
  transport: Transport,
  name: TransportName,
  listenerPort: number,
  certificate?: CertificateStanding,
) => void

export interface HandshakeFailure {
  readonly peer: TlsPeer
  readonly transport: TransportName
  readonly listenerPort: number
  readonly failure: TlsFailure
}

export interface ListenerOptions {
  readonly transport: TransportName
  readonly settings: ListenerSettings
  readonly maxPacketBytes: number
  readonly accept: Accept
  /** What the encrypted ones show and ask for; asked at each opening. */
  readonly tls?: () => Omit<TlsSettings, 'protocols'>
  readonly onFailure?: (failure: HandshakeFailure) => void
}

interface Kind {
  readonly label: string
  readonly secure: boolean
  readonly web: boolean
}
const kinds: Readonly<Record<TransportName, Kind>> = {
  tcp: { label: 'TCP', secure: false, web: false },
  tls: { label: 'TLS', secure: true, web: false },
  ws: { label: 'WS', secure: false, web: true },
  wss: { label: 'WSS', secure: true, web: true },
}
const BACKLOG = 4096
const TLS_LIMITS: TlsLimits = { handshakeMs: 10_000, maxHandshakes: 500 }

export class Listener {
  readonly transport: TransportName
  readonly #options: ListenerOptions
  readonly #kind: Kind
  #settings: ListenerSettings
  #server: Server | HttpServer | undefined
  #gate: TlsGate | undefined
  #state: ListenerState['state'] = 'off'
  #message: string | undefined
  #port: number
  readonly #sockets = new Set<Socket>()
  readonly #certificates = new WeakMap<Socket, CertificateStanding>()

  constructor(options: ListenerOptions) {
    this.#options = options
    this.transport = options.transport
    this.#kind = kinds[options.transport]
    this.#settings = options.settings
    this.#port = options.settings.port
  }

  get settings(): ListenerSettings {
    return this.#settings
  }

  get state(): ListenerState {
    return {
      transport: this.transport,
      label: `${this.#kind.label} ${this.#port}`,
      host: this.#settings.host,
      port: this.#port,
      state: this.#state,
      ...(this.#message === undefined ? {} : { message: this.#message }),
      connections: this.#sockets.size,
    }
  }

  /** Opens the door, or says in `state` why it cannot. Never rejects. */
  async open(): Promise<void> {
    this.#port = this.#settings.port
    this.#message = undefined
    if (!this.#settings.enabled) {
      this.#state = 'off'
      return
    }
    const everywhere = this.#settings.host === '*'
    const failure = await this.#listen(everywhere ? '::' : this.#settings.host)
    // A machine without IPv6 has no `::`.
    const noIpv6 = everywhere && (failure?.code === 'EAFNOSUPPORT' || failure?.code === 'EADDRNOTAVAIL')
    const last = noIpv6 ? await this.#listen('0.0.0.0') : failure
    this.#state = last ? 'failed' : 'listening'
    if (last) this.#message = explain(last, this.#settings)
    else if (noIpv6) this.#message = 'IPv4 only: this machine has no IPv6'
  }

  /** Closes the door; connections that stand are not touched. */
  async close(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    this.#state = 'off'
    this.#gate?.close()
    this.#gate = undefined
    if (server) server.close()
  }

  /** Moves the door. Connections that stand are not touched. */
  async change(settings: ListenerSettings): Promise<void> {
    await this.close()
    this.#settings = settings
    await this.open()
  }

  /** Certificates, or what is asked of devices, changed: for the next connection. */
  refreshTls(): void {
    const tls = this.#options.tls?.()
    if (tls) this.#gate?.change(tls)
  }

  #listen(host: string): Promise<NodeJS.ErrnoException | undefined> {
    let server: Server | HttpServer
    try {
      server = this.#makeServer()
    } catch (error) {
      return Promise.resolve(error instanceof Error ? error : new Error(String(error)))
    }
    return new Promise((resolve) => {
      const failed = (error: NodeJS.ErrnoException): void => resolve(error)
      server.once('error', failed)
      server.listen({ host, port: this.#settings.port, backlog: BACKLOG }, () => {
        server.off('error', failed)
        server.on('error', (error) => {
          this.#state = 'failed'
          this.#message = error.message
        })
        this.#server = server
        this.#port = (server.address() as AddressInfo).port
        resolve(undefined)
      })
    })
  }

  /** Bytes of a device arrive at `entry`, decrypted where the listener is a secure one. */
  #makeServer(): Server | HttpServer {
    const http = this.#kind.web ? this.#webSocketServer() : undefined
    const entry = (socket: Socket): void => {
      this.#track(socket)
      if (http) http.emit('connection', socket)
      else this.#take(tcpTransport(socket), socket)
    }
    const tls = this.#options.tls
    if (!this.#kind.secure || !tls) return http ?? createServer(entry)
    const protocols = this.#kind.web ? ['http/1.1'] : ['mqtt']
    const gate = new TlsGate({ ...tls(), protocols }, TLS_LIMITS, {
      secured: (socket, { client }) => {
        if (client) this.#certificates.set(socket, client)
        entry(socket)
      },
      failed: (peer, failure) => {
        const { transport } = this
        this.#options.onFailure?.({ peer, transport, listenerPort: this.#port, failure })
      },
      // A device's look whether the port is open; there is nothing to tell.
      probed: () => undefined,
    })
    this.#gate = gate
    return createServer((socket) => gate.take(socket))
  }

  #take(transport: Transport, socket: Socket): void {
    this.#options.accept(transport, this.transport, this.#port, this.#certificates.get(socket))
  }

  #webSocketServer(): HttpServer {
    const http = createHttpServer((_request, response) => {
      response.writeHead(426, { 'content-type': 'text/plain', connection: 'close' })
      response.end('This is an MQTT listener: connect with a WebSocket, subprotocol "mqtt".\n')
    })
    // A packet may span frames, so a frame need not hold a whole one; none may be larger than a packet.
    const webSockets = new WebSocketServer({
      server: http,
      path: this.#settings.path,
      maxPayload: this.#options.maxPacketBytes + 5,
      perMessageDeflate: false,
      // [MQTT-6.0.0-3]; "mqttv3.1" is what MQTT 3.1 clients ask for.
      handleProtocols: (offered) =>
        offered.has('mqtt') ? 'mqtt' : offered.has('mqttv3.1') ? 'mqttv3.1' : false,
    })
    if (!this.#kind.secure) http.on('connection', (socket) => this.#track(socket))
    webSockets.on('connection', (socket, request) => {
      this.#take(webSocketTransport(socket, request.socket), request.socket)
    })
    return http
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
  }
}

function explain(error: NodeJS.ErrnoException, { host, port }: ListenerSettings): string {
  const where = host === '*' ? `port ${port}` : `${host} port ${port}`
  switch (error.code) {
    case 'EADDRINUSE':
      return `${where} is taken by another program (often another MQTT broker): end that one, or choose another port here`
    case 'EACCES':
      return `this user may not listen on ${where}: choose a port above 1023`
    case 'EADDRNOTAVAIL':
      return `this machine has no address ${host}: choose * or one of its addresses`
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the host name ${host} is not known: choose * or an address of this machine`
    default:
      return `cannot listen on ${where}: ${error.message}`
  }
}
