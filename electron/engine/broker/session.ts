/**
 * A wire session: one connection, between the transport on one side and aedes on the other.
 *
 * It splits the bytes into packets, hands each to the capture, decodes it strictly and takes it through the
 * rules. What no rule changed goes on as the very bytes that came. aedes sees valid packets only, and a stream
 * that always takes bytes. This file is its life; `inbound.ts` and `outbound.ts` are its two ways.
 */
import type { Client } from 'aedes'
import type { ConnectionFacts, Transport as TransportName } from '../../../shared/contract/model.ts'
import type { ConnectPacket, Packet, Properties, ProtocolLevel } from '../../../shared/mqtt/packets.ts'
import { userProperties } from '../../../shared/mqtt/properties.ts'
import { hexByte } from '../../../shared/mqtt/reason-codes.ts'
import { endpointIdentity, type EndpointIdentity } from '../../../shared/usp/oktopus.ts'
import type { ClientAccess, Refusal } from '../access/access.ts'
import type { ConnectionClosed } from '../capture/sink.ts'
import type { CertificateStanding } from '../tls/device-certificate.ts'
import type { SessionContext } from './context.ts'
import { FaultLine } from './fault-line.ts'
import { farewell } from './farewell.ts'
import { Inbound } from './inbound.ts'
import { Outbound } from './outbound.ts'
import { RuleTable } from './rule-table.ts'
import type { Rule } from './rule.ts'
import type { Granted, Link, MqttSession } from './sessions/mqtt-session.ts'
import { BrokerEnd } from './stream.ts'
import type { Transport } from './transport.ts'

const UNSPECIFIED_ERROR = 0x80
const none: ReadonlyMap<string, Granted> = new Map()

type Ending = Pick<ConnectionClosed, 'by' | 'reason'>

export class Session {
  readonly facts: ConnectionFacts
  /** What the certificate means that the device showed, if it did. */
  readonly certificate: CertificateStanding | undefined
  /** Resolves when aedes has let go of this client, so that its successor may come. */
  readonly gone: Promise<void>

  phase: 'waiting' | 'connecting' | 'connected' | 'ended' = 'waiting'
  level: ProtocolLevel = 5
  /** Protocol level of the first thing that looked like a CONNECT, valid or not. */
  attempted: number | undefined
  /** As the device sent it, with the user name that it proved. */
  connect: ConnectPacket | undefined
  /** The client ID in force: the device's own, or the one assigned. */
  clientId = ''
  assignedClientId = false
  /** Its user was proved by enhanced authentication. */
  proven = false
  endpoint: EndpointIdentity | undefined
  /** Seconds after which a silent device is given up; 0 is never. */
  keepAlive = 0
  /** Milliseconds of `performance.now()`. */
  beganAt = performance.now()
  lastInboundAt = this.beganAt
  packetsIn = 0
  packetsOut = 0
  /** What the broker remembers of the client; known once it is accepted. */
  state: MqttSession | undefined
  /** What this client may do; undefined before CONNECT, and where nobody is asked. */
  access: ClientAccess | undefined
  /** Set when it came above a limit of the broker: its CONNECT is refused. */
  refusal: Refusal | undefined
  /** Packet IDs of messages of QoS 1 and 2 that came and are not answered for good. */
  readonly unanswered = new Set<number>()
  /** What CONNACK offered. */
  subscribeTopic: string | undefined
  responseInformation: string | undefined

  readonly #context: SessionContext
  readonly #end: BrokerEnd
  readonly #client: Client
  readonly #rules: readonly Rule[]
  readonly #tables: readonly [inbound: RuleTable, outbound: RuleTable]
  readonly #inbound: Inbound
  readonly #outbound: Outbound
  #line: FaultLine | undefined
  #silent = true
  #ending: Ending | undefined
  #brokerError = ''
  #transportClosed = false
  #setGone!: () => void

  constructor(
    id: number,
    transportName: TransportName,
    listenerPort: number,
    transport: Transport,
    context: SessionContext,
    certificate?: CertificateStanding,
  ) {
    this.certificate = certificate
    const { remoteAddress, remotePort, localAddress } = transport
    this.facts = { id, transport: transportName, listenerPort, remoteAddress, remotePort, localAddress }
    this.#context = context
    this.gone = new Promise((resolve) => (this.#setGone = resolve))
    this.#end = new BrokerEnd({
      flush: (bytes) => this.#guarded(() => this.#outbound.fromBroker(bytes)),
      taken: () => this.#inbound.goOn(),
      destroyed: (error) => this.#brokerEnded(error),
    })
    this.#rules = context.rules.map((make) => make(this))
    this.#tables = [new RuleTable(this.#rules, 'inbound'), new RuleTable(this.#rules, 'outbound')]
    this.#inbound = new Inbound(this, context, transport, this.#end, this.#tables[0])
    this.#outbound = new Outbound(this, context, transport, this.#tables[1])
    context.capture.opened(id, this.facts)
    this.#client = context.attach(this, this.#end)
    transport.start({
      data: (chunk) => this.#receive(chunk),
      closed: (error) => this.#closed(error),
    })
  }

  /** Topic filters granted. */
  get subscriptions(): ReadonlyMap<string, Granted> {
    return this.state?.subscriptions ?? none
  }

  get id(): number {
    return this.facts.id
  }

  /** The line is gone; what came over it may still be worked on. */
  get closed(): boolean {
    return this.#transportClosed
  }

  /** How long it is silent, in milliseconds; until there is a CONNECT, single bytes of one are no sign of life. */
  silentMs(now: number): number {
    return now - (this.connect ? this.lastInboundAt : this.beganAt)
  }

  /** The bench itself stood still for so long: nothing that came could be read. */
  excuse(milliseconds: number): void {
    this.beganAt += milliseconds
    this.lastInboundAt += milliseconds
  }

  /** Nobody has decided to end it: what came is still worked on. */
  get working(): boolean {
    return !this.#ending
  }

  /** Where faults on purpose work; undefined while none was ever on. */
  get line(): FaultLine | undefined {
    const { faults } = this.#context
    if (faults?.book.active)
      this.#line ??= new FaultLine(faults, this, (leaving) => this.#outbound.leave(leaving))
    return this.#line
  }

  /** Something came that was to be a CONNECT: what is answered is in the nearest language the bench speaks. */
  tried(level: number | undefined): void {
    this.attempted = level
    this.level = level === undefined || level >= 5 ? 5 : level === 3 ? 3 : 4
  }

  /** The device says who it is. */
  introduce(packet: ConnectPacket): void {
    this.connect = packet
    this.level = packet.level
    this.attempted = packet.level
    this.clientId = packet.clientId
    this.keepAlive = packet.keepAlive
    this.#identify()
    this.#outbound.introduce(packet)
    for (const table of this.#tables) table.forget()
  }

  /** It proved that it is this user, in place of a password. */
  proved(username: string): void {
    if (this.connect) this.connect = { ...this.connect, username }
    this.proven = true
    this.#identify()
  }

  /** Gives the client an ID, since it brought none. */
  assign(clientId: string): void {
    this.clientId = clientId
    this.assignedClientId = true
    this.#identify()
  }

  /** A topic filter was granted. */
  subscribed({ filter }: Granted): void {
    this.#context.events.subscribed(this, filter)
  }

  /** CONNACK went out with this reason or return code. */
  answered(code: number): void {
    const { events } = this.#context
    if (code !== 0) return events.refused(this, this.#brokerError || `CONNACK ${hexByte(code)}`)
    this.phase = 'connected'
    events.accepted(this)
    this.state?.attach(this.#outbound)
    this.#inbound.goOn()
  }

  /** Sends a packet to the device. */
  send(packet: Packet): void {
    this.#outbound.send(packet)
  }

  /** Takes nothing more from the device until another one has room for what this one publishes. */
  restFor(link: Link): void {
    this.#inbound.rest(link)
  }

  /** Ends the connection over something the device sent. */
  turnAway(reasonCode: number, text: string, properties?: Properties): void {
    if (this.phase === 'waiting') this.#context.events.refused(this, text)
    this.finish(reasonCode, text, properties)
  }

  /** Ends the connection from this side, telling the device why where its version and state allow that. */
  finish(reasonCode: number, text: string, properties: Properties = []): void {
    if (this.#ending) return
    // What aedes has already written goes first.
    this.#end.flush()
    for (const packet of farewell(this, reasonCode, text, properties)) this.send(packet)
    this.#finish({ by: 'bench', reason: text })
  }

  /** Ends the connection without a word to the device. */
  cut(text: string): void {
    if (!this.#ending) this.#finish({ by: 'bench', reason: text })
  }

  /** What aedes reported about this client; kept for the close row. */
  noteBrokerError(error: Error): void {
    this.#brokerError = error.message
  }

  #receive(chunk: Buffer): void {
    if (this.#ending) return
    this.#silent = false
    this.lastInboundAt = performance.now()
    this.#context.traffic.bytesIn += chunk.length
    this.#guarded(() => this.#inbound.receive(chunk))
  }

  /** A fault of the bench over one connection ends that one, not the process. */
  #guarded(work: () => void): void {
    try {
      work()
    } catch (error) {
      const fault = error instanceof Error ? error : new Error(String(error))
      this.#context.events.failed(this, fault)
      this.finish(UNSPECIFIED_ERROR, `the bench failed: ${fault.message}`)
    }
  }

  #identify(): void {
    if (!this.connect) return
    const { properties, username } = this.connect
    const { clientId } = this
    this.endpoint = endpointIdentity({ userProperties: userProperties(properties), username, clientId })
  }

  // ---- the end: decided once by `#finish`, reported when the line is closed, complete when aedes let go ----

  #finish(ending: Ending): void {
    this.#ending = ending
    this.#inbound.stop(ending.by === 'network')
    if (this.#transportClosed) this.#report()
    else this.#outbound.end()
    this.#letGo()
  }

  /** aedes closed its end: after the device's DISCONNECT, after a refused CONNECT, or on an error of its own. */
  #brokerEnded(error: Error | undefined): void {
    if (this.#ending) return
    const reason = this.#brokerError || error?.message || ''
    if (reason && this.phase === 'connected') this.finish(UNSPECIFIED_ERROR, reason)
    else this.#finish(reason ? { by: 'bench', reason } : { by: 'device', reason: 'DISCONNECT' })
  }

  #closed(error: Error | undefined): void {
    this.#transportClosed = true
    if (this.#ending) return this.#report()
    const reason = error?.message ?? (this.#silent ? 'closed without a byte' : 'closed without DISCONNECT')
    // A client may send all it has and hang up: whole packets that came before are still worked on.
    this.#inbound.drain(() => {
      if (!this.#ending) this.#finish({ by: 'network', reason })
    })
  }

  #report(): void {
    this.phase = 'ended'
    this.#context.capture.closed(this.id, { ...(this.#ending as Ending), probe: this.#silent })
  }

  /** Makes aedes forget this client; its will goes out then, if it has one. */
  #letGo(): void {
    setImmediate(() => {
      this.#end.destroyed = true
      this.#client.close(() => {
        for (const rule of this.#rules) rule.closed?.()
        this.#setGone()
        this.#context.events.ended(this, this.#ending?.reason ?? '')
      })
    })
  }
}
