/** The doors: TCP and WebSocket servers, each with a state that a person understands. */
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { WebSocketServer } from 'ws'
import type { ListenerState, Transport as TransportName } from '../../../shared/contract/model.ts'
import { tcpTransport, webSocketTransport, type Transport } from './transport.ts'

export interface ListenerSettings {
  readonly enabled: boolean
  /** `*` is every address of the machine, IPv6 and IPv4. */
  readonly host: string
  readonly port: number
  /** WebSocket only: the path of the upgrade request. */
  readonly path: string
}

export type Accept = (transport: Transport, name: TransportName, listenerPort: number) => void

const labels: Readonly<Record<TransportName, string>> = { tcp: 'TCP', ws: 'WebSocket' }
const BACKLOG = 4096

export class Listener {
  readonly transport: TransportName
  readonly #accept: Accept
  readonly #maxPacketBytes: number
  #settings: ListenerSettings
  #server: Server | HttpServer | undefined
  #state: ListenerState['state'] = 'off'
  #message: string | undefined
  #port: number
  readonly #sockets = new Set<Socket>()

  constructor(transport: TransportName, settings: ListenerSettings, maxPacketBytes: number, accept: Accept) {
    this.transport = transport
    this.#settings = settings
    this.#port = settings.port
    this.#maxPacketBytes = maxPacketBytes
    this.#accept = accept
  }

  get settings(): ListenerSettings {
    return this.#settings
  }

  get state(): ListenerState {
    return {
      transport: this.transport,
      label: `${labels[this.transport]} ${this.#port}`,
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
    if (server) server.close()
  }

  /** Moves the door. Connections that stand are not touched. */
  async change(settings: ListenerSettings): Promise<void> {
    await this.close()
    this.#settings = settings
    await this.open()
  }

  #listen(host: string): Promise<NodeJS.ErrnoException | undefined> {
    const server = this.transport === 'tcp' ? this.#tcpServer() : this.#webSocketServer()
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

  #tcpServer(): Server {
    return createServer((socket) => {
      this.#track(socket)
      this.#accept(tcpTransport(socket), this.transport, this.#port)
    })
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
      maxPayload: this.#maxPacketBytes + 5,
      perMessageDeflate: false,
      // [MQTT-6.0.0-3]; "mqttv3.1" is what MQTT 3.1 clients ask for.
      handleProtocols: (offered) =>
        offered.has('mqtt') ? 'mqtt' : offered.has('mqttv3.1') ? 'mqttv3.1' : false,
    })
    webSockets.on('connection', (socket, request) => {
      this.#track(request.socket)
      this.#accept(webSocketTransport(socket, request.socket), this.transport, this.#port)
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
