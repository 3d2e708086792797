/**
 * An MQTT client without a socket and without a clock: bytes and the time go in, effects come out. It keeps its
 * session over connections (MQTT 5.0, 4.1), sends unfinished publishes again, keeps to the limits of the server,
 * and shows every packet with the bytes it had on the wire, so that nothing is reordered or left out on the way.
 */
import { decodePacket } from '../mqtt/decode.ts'
import { encodePacket } from '../mqtt/encode.ts'
import { MALFORMED_PACKET, MqttError, PROTOCOL_ERROR } from '../mqtt/error.ts'
import { countBytes } from '../mqtt/fields.ts'
import type {
  AckPacket,
  AuthPacket,
  ConnackPacket,
  ConnectPacket,
  Packet,
  Properties,
  PublishPacket,
  Subscription,
} from '../mqtt/packets.ts'
import { getProperty, withoutProperty } from '../mqtt/properties.ts'
import { Alarm } from './alarm.ts'
import { Aliases } from './aliases.ts'
import type { About, Cause, SessionHost } from './effects.ts'
import {
  acknowledge,
  Exchanges,
  isAnswer,
  lost,
  type Answer,
  type Exchange,
  type ExchangeEnd,
} from './exchanges.ts'
import { Inbox } from './inbox.ts'
import { PacketInput } from './input.ts'
import {
  checkDisconnect,
  checkPublish,
  checkReauthentication,
  checkSubscribe,
  limitsOf,
  NotSent,
  type ServerLimits,
} from './limits.ts'
import type { Outgoing } from './publish-draft.ts'

const CONNACK_SECONDS = 10
const PINGRESP_SECONDS = 10
/** Of a packet that comes, where CONNECT set no Maximum Packet Size. */
const LARGEST_PACKET = 64 << 20
/** Publishes that wait for the server's Receive Maximum. */
const MAX_QUEUED = 10_000
const CONTINUE_AUTHENTICATION = 0x18
const RE_AUTHENTICATE = 0x19
const PACKET_TOO_LARGE = 0x95
const PACKET_IDENTIFIER_NOT_FOUND = 0x92
const FIRST_FAILURE = 0x80

interface Queued {
  readonly id: number
  readonly message: Outgoing
  /** Its Topic Alias resolved. */
  readonly topic: string
}

export class ClientSession {
  readonly #host: SessionHost
  readonly #input = new PacketInput()
  readonly #exchanges = new Exchanges()
  #queue: Queued[] = []
  #phase: 'off' | 'connecting' | 'connected' = 'off'
  #connect: ConnectPacket | undefined
  #limits: ServerLimits = limitsOf({ properties: [] })
  readonly #alarm = new Alarm()
  readonly #aliases = new Aliases()
  readonly #inbox = new Inbox(this.#aliases)
  /** Session Expiry Interval in force: CONNECT says one, and CONNACK and DISCONNECT may say another. */
  #expiry = 0
  /** A re-authentication is under way. */
  #proving = false
  #lastExchange = 0

  constructor(host: SessionHost) {
    this.#host = host
  }

  get connected(): boolean {
    return this.#phase === 'connected'
  }
  /** Publishes, subscriptions and the like that are not finished. */
  get unfinished(): number {
    return this.#exchanges.size + this.#queue.length
  }
  /** When `wake` wants to be called. */
  get wakeAt(): number | undefined {
    return this.#alarm.at
  }

  /** The line is open. Throws an MqttError or a RangeError for a CONNECT that cannot be written. */
  open(connect: ConnectPacket, now: number): void {
    const bytes = encodePacket(connect, connect.level)
    this.#input.clear()
    this.#aliases.clear()
    this.#proving = false
    const before = this.#connect
    this.#connect = connect
    this.#expire(connect, 0)
    this.#phase = 'connecting'
    this.#alarm.off()
    this.#alarm.expect('CONNACK', CONNACK_SECONDS, now)
    const isSame = connect.clientId === before?.clientId
    if (connect.clean || !isSame) this.#forget('A new session began.')
    this.#put(connect, bytes, now)
  }

  /** The line is gone. What the session does not keep is lost. */
  closed(): void {
    if (this.#phase === 'off') return
    this.#phase = 'off'
    this.#alarm.off()
    const asked = this.#exchanges.takeAll(({ publish }) => publish === undefined)
    for (const exchange of asked)
      this.#finish(exchange.id, lost('The connection ended before the answer came.'))
    if (!this.#keepsSession()) this.#forget('The connection ended, and its session with it.')
  }

  receive(chunk: Uint8Array, now: number): void {
    if (this.#isOff) return
    const most = getProperty(this.#connect?.properties ?? [], 'maximumPacketSize') ?? LARGEST_PACKET
    let packets: Uint8Array[]
    try {
      packets = this.#input.push(chunk, most)
    } catch (error) {
      return this.#fail(PACKET_TOO_LARGE, (error as Error).message, now)
    }
    for (const bytes of packets) {
      // A packet before it may have ended the connection.
      if (this.#isOff) return
      this.#take(bytes, now)
    }
  }

  /**
   * Answers the number of the exchange; at QoS 0 none follows. Throws NotSent, or an MqttError for what the standard
   * forbids.
   */
  publish(message: Outgoing, now: number): number {
    this.#mustBeConnected()
    const topic = this.#aliases.resolve(message)
    if (message.qos > 0 && this.#exchanges.publishes >= this.#limits.receiveMaximum) {
      if (this.#queue.length >= MAX_QUEUED)
        throw new NotSent(`${MAX_QUEUED} messages wait for their acknowledgement already.`)
      const id = ++this.#lastExchange
      this.#queue.push({ id, message, topic })
      return id
    }
    return this.#publish({ id: ++this.#lastExchange, message, topic }, now)
  }

  subscribe(subscriptions: readonly Subscription[], properties: Properties, now: number): number {
    this.#mustBeConnected()
    const packetId = this.#freePacketId()
    const packet = { type: 'SUBSCRIBE', packetId, subscriptions, properties } as const
    checkSubscribe(packet, this.#limits)
    return this.#ask(packet, 'SUBACK', now)
  }

  unsubscribe(filters: readonly string[], properties: Properties, now: number): number {
    this.#mustBeConnected()
    return this.#ask(
      { type: 'UNSUBSCRIBE', packetId: this.#freePacketId(), filters, properties },
      'UNSUBACK',
      now,
    )
  }

  /** An enhanced authentication is under way, at CONNECT or later. */
  get proving(): boolean {
    return this.#phase === 'connecting' || this.#proving
  }

  /** The next step of an enhanced authentication. */
  authenticate(properties: Properties, now: number): void {
    if (!this.proving) return
    this.patience(CONNACK_SECONDS, now)
    this.#send({ type: 'AUTH', reasonCode: CONTINUE_AUTHENTICATION, properties }, now)
  }

  /** Begins another enhanced authentication on the connection that stands. Throws NotSent. */
  reauthenticate(properties: Properties, now: number): void {
    checkReauthentication(this.#connect, this.connected)
    if (this.#proving) throw new NotSent('The broker still has to answer the authentication under way.')
    this.#put(...this.#written({ type: 'AUTH', reasonCode: RE_AUTHENTICATE, properties }), now)
    this.#proving = true
  }

  /** The next step takes a person some time: a CONNACK is not due before. */
  patience(seconds: number, now: number): void {
    if (this.#phase === 'connecting') this.#alarm.expect('CONNACK', seconds, now)
  }

  /** There is no next step. */
  abandon(method: string): void {
    if (this.proving) this.#close({ kind: 'authentication', method })
  }

  /** DISCONNECT, and the end of the connection. Throws NotSent, or an MqttError, and the connection stays. */
  disconnect(reasonCode: number, properties: Properties, now: number): void {
    if (this.#phase !== 'off') {
      const level = this.#level
      if (level === 5) checkDisconnect(properties, this.#connect)
      const said = level === 5 ? { reasonCode, properties } : { reasonCode: 0, properties: [] }
      this.#put(...this.#written({ type: 'DISCONNECT', ...said }), now)
      this.#expire(said)
    }
    this.#close({ kind: 'left' })
  }

  /** Time has come: PINGREQ is due, or an answer overdue. */
  wake(now: number): void {
    const due = this.#alarm.ring(now)
    if (due === undefined) return
    if (due !== 'ping') return this.#close({ kind: 'silent', waitedFor: due.what, seconds: due.seconds })
    this.#send({ type: 'PINGREQ' }, now)
    if (this.#alarm.awaits === undefined) this.#alarm.expect('PINGRESP', PINGRESP_SECONDS, now)
  }

  get #isOff(): boolean {
    return this.#phase === 'off'
  }
  get #level() {
    return this.#connect?.level ?? 5
  }

  #take(bytes: Uint8Array, now: number): void {
    let packet: Packet
    try {
      packet = decodePacket(bytes, this.#level)
    } catch (error) {
      if (!(error instanceof MqttError)) throw error
      return this.#fail(error.reasonCode, error.message, now)
    }
    if (packet.type === 'PUBLISH') return this.#takePublish(packet, bytes, now)
    const answered = isAnswer(packet) ? this.#exchanges.find(packet) : undefined
    this.#tell('received', packet, bytes, answered && { exchange: answered.id })
    if (this.#phase === 'connecting') {
      if (packet.type === 'CONNACK') return this.#takeConnack(packet, now)
      if (packet.type === 'AUTH') {
        this.patience(CONNACK_SECONDS, now)
        return this.#host.effect({ kind: 'challenged', packet })
      }
      return this.#fail(PROTOCOL_ERROR, `${packet.type} came before CONNACK`, now)
    }
    if (isAnswer(packet)) return this.#takeAnswer(packet, answered, now)
    if (packet.type === 'PUBREL') return this.#takePubrel(packet, now)
    if (packet.type === 'PINGRESP') this.#alarm.calm()
    else if (packet.type === 'DISCONNECT') this.#close({ kind: 'ended', packet })
    else if (packet.type === 'AUTH' && this.#proving) this.#takeAuth(packet)
    else this.#fail(PROTOCOL_ERROR, `a server sends no ${packet.type} here`, now)
  }

  #takeAuth(packet: AuthPacket): void {
    this.#proving = packet.reasonCode === CONTINUE_AUTHENTICATION
    this.#host.effect({ kind: this.#proving ? 'challenged' : 'proved', packet })
  }

  #takeConnack(packet: ConnackPacket, now: number): void {
    this.#alarm.calm()
    if (packet.reasonCode !== 0) return this.#close({ kind: 'refused', packet })
    if (packet.sessionPresent && this.#connect?.clean === true)
      return this.#fail(PROTOCOL_ERROR, 'Session Present is set although a new session was asked for', now)
    this.#phase = 'connected'
    this.#limits = limitsOf(packet)
    this.#expire(packet)
    const seconds = getProperty(packet.properties, 'serverKeepAlive') ?? this.#connect?.keepAlive ?? 0
    this.#alarm.keepAlive(seconds)
    if (!packet.sessionPresent) this.#forget('The broker had no session any more.')
    this.#host.effect({ kind: 'connected', packet })
    // Whoever was told may have left at once.
    if (!this.connected) return
    // [MQTT-4.4.0-1]: in their order, and before anything new.
    for (const exchange of this.#exchanges.all()) this.#resend(exchange, now)
  }

  #resend({ id, awaits, packetId, publish }: Exchange, now: number): void {
    if (awaits === 'PUBCOMP') this.#send(acknowledge('PUBREL', packetId, 0), now, { exchange: id })
    else if (publish) this.#send({ ...publish, dup: true }, now, { exchange: id, topic: publish.topic })
  }

  #takePublish(packet: PublishPacket, bytes: Uint8Array, now: number): void {
    const { about, answer, fault } = this.#inbox.take(packet, this.#connect?.properties ?? [])
    this.#tell('received', packet, bytes, about)
    if (fault) this.#fail(fault.reasonCode, fault.text, now)
    else if (answer) this.#send(answer, now)
  }

  #takePubrel({ packetId }: AckPacket, now: number): void {
    const known = this.#inbox.release(packetId)
    const reason = known || this.#level < 5 ? 0 : PACKET_IDENTIFIER_NOT_FOUND
    this.#send(acknowledge('PUBCOMP', packetId, reason), now)
  }

  #takeAnswer(packet: Answer, exchange: Exchange | undefined, now: number): void {
    if (!exchange) {
      // [MQTT-4.3.3-4] leaves no other answer to a PUBREC that belongs to nothing.
      if (packet.type === 'PUBREC')
        this.#send(
          acknowledge('PUBREL', packet.packetId, this.#level < 5 ? 0 : PACKET_IDENTIFIER_NOT_FOUND),
          now,
        )
      return
    }
    if (packet.type === 'PUBREC' && packet.reasonCode < FIRST_FAILURE) {
      exchange.awaits = 'PUBCOMP'
      return this.#send(acknowledge('PUBREL', packet.packetId, 0), now, { exchange: exchange.id })
    }
    this.#exchanges.end(exchange)
    this.#finish(exchange.id, { kind: 'answered', packet, ms: now - exchange.sentAt })
    this.#drain(now)
  }

  /** Publishes that waited, as far as Receive Maximum goes. */
  #drain(now: number): void {
    while (
      this.connected &&
      this.#queue.length > 0 &&
      this.#exchanges.publishes < this.#limits.receiveMaximum
    ) {
      const next = this.#queue.shift() as Queued
      try {
        this.#publish(next, now)
      } catch (error) {
        this.#finish(next.id, lost((error as Error).message))
      }
    }
  }

  #publish({ id, message, topic }: Queued, now: number): number {
    const { qos, retain, payload, properties } = message
    const packetId = qos === 0 ? undefined : this.#freePacketId()
    const packet: PublishPacket = {
      type: 'PUBLISH',
      dup: false,
      qos,
      retain,
      topic: message.topic,
      ...(packetId !== undefined && { packetId }),
      properties,
      payload,
    }
    checkPublish(packet, this.#limits)
    const written = this.#written(packet)
    this.#aliases.sent(message, topic)
    if (packetId !== undefined) {
      const again = { ...packet, topic, properties: withoutProperty(properties, 'topicAlias') }
      const awaits = qos === 1 ? 'PUBACK' : 'PUBREC'
      this.#exchanges.add({ id, packetId, awaits, sentAt: now, publish: again })
    }
    this.#put(...written, now, { exchange: id, topic })
    return id
  }

  #ask(packet: Packet & { readonly packetId: number }, awaits: 'SUBACK' | 'UNSUBACK', now: number): number {
    const written = this.#written(packet)
    const id = ++this.#lastExchange
    this.#exchanges.add({ id, packetId: packet.packetId, awaits, sentAt: now })
    this.#put(...written, now, { exchange: id })
    return id
  }

  #freePacketId(): number {
    const free = this.#exchanges.freePacketId()
    if (free === undefined) throw new NotSent('All packet identifiers wait for their acknowledgement.')
    return free
  }

  #mustBeConnected(): void {
    if (!this.connected) throw new NotSent('The client is not connected.')
  }

  /** The packet with its bytes. */
  #written(packet: Packet): readonly [Packet, Uint8Array] {
    const bytes = encodePacket(packet, this.#level)
    const most = this.#limits.maximumPacketSize
    if (bytes.length <= most) return [packet, bytes]
    throw new NotSent(
      `The packet has ${countBytes(bytes.length)}; this broker takes ${most} (Maximum Packet Size). [MQTT-3.1.2-24]`,
    )
  }

  #send(packet: Packet, now: number, about?: About): void {
    this.#put(packet, encodePacket(packet, this.#level), now, about)
  }

  #put(packet: Packet, bytes: Uint8Array, now: number, about?: About): void {
    this.#alarm.sent(now)
    this.#host.write(bytes)
    this.#tell('sent', packet, bytes, about)
  }

  #tell(kind: 'sent' | 'received', packet: Packet, bytes: Uint8Array, about: About = {}): void {
    this.#host.effect({ kind, packet, bytes, ...about })
  }

  #finish(exchange: number, end: ExchangeEnd): void {
    this.#host.effect({ kind: 'finished', exchange, end })
  }

  /** The server broke the standard: it is told the reason, where the version has a way to. */
  #fail(reasonCode: number, text: string, now: number): void {
    if (this.connected && this.#level === 5) {
      const allowed = reasonCode >= MALFORMED_PACKET ? reasonCode : PROTOCOL_ERROR
      this.#send({ type: 'DISCONNECT', reasonCode: allowed, properties: [] }, now)
    }
    this.#close({ kind: 'broken', text })
  }

  #close(cause: Cause): void {
    this.#host.effect({ kind: 'close', cause })
    this.closed()
  }

  #expire({ properties }: { readonly properties: Properties }, otherwise = this.#expiry): void {
    this.#expiry = getProperty(properties, 'sessionExpiryInterval') ?? otherwise
  }

  #keepsSession(): boolean {
    if (this.#connect === undefined) return false
    return this.#level < 5 ? !this.#connect.clean : this.#expiry > 0
  }

  #forget(why: string): void {
    this.#inbox.clear()
    for (const { id } of this.#exchanges.takeAll()) this.#finish(id, lost(why))
    const queued = this.#queue
    this.#queue = []
    for (const { id } of queued) this.#finish(id, lost(why))
  }
}
