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
  ConnackPacket,
  ConnectPacket,
  Packet,
  Properties,
  PublishPacket,
  Subscription,
} from '../mqtt/packets.ts'
import { getProperty, withoutProperty } from '../mqtt/properties.ts'
import type { About, Cause, SessionHost } from './effects.ts'
import { Exchanges, type Answer, type Exchange, type ExchangeEnd } from './exchanges.ts'
import { PacketInput } from './input.ts'
import { checkPublish, checkSubscribe, limitsOf, NotSent, type ServerLimits } from './limits.ts'
import type { Outgoing } from './publish-draft.ts'

const CONNACK_SECONDS = 10
const PINGRESP_SECONDS = 10
/** Of a packet that comes, where CONNECT set no Maximum Packet Size. */
const LARGEST_PACKET = 64 << 20
/** Publishes that wait for the server's Receive Maximum. */
const MAX_QUEUED = 10_000
const CONTINUE_AUTHENTICATION = 0x18
const PACKET_TOO_LARGE = 0x95
const TOPIC_ALIAS_INVALID = 0x94
const RECEIVE_MAXIMUM_EXCEEDED = 0x93
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
  /** QoS 2 messages received and not yet released. */
  readonly #unreleased = new Set<number>()
  #queue: Queued[] = []
  #phase: 'off' | 'connecting' | 'connected' = 'off'
  #connect: ConnectPacket | undefined
  #limits: ServerLimits = limitsOf({ properties: [] })
  #keepAliveMs = 0
  #lastSentAt = 0
  /** When what is waited for (CONNACK, PINGRESP) must have come. */
  #deadline: number | undefined
  #aliasesIn = new Map<number, string>()
  #aliasesOut = new Map<number, string>()
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
    const ping = this.connected && this.#keepAliveMs > 0 ? this.#lastSentAt + this.#keepAliveMs : undefined
    if (this.#deadline === undefined || ping === undefined) return this.#deadline ?? ping
    return Math.min(this.#deadline, ping)
  }

  /** The line is open. Throws an MqttError or a RangeError for a CONNECT that cannot be written. */
  open(connect: ConnectPacket, now: number): void {
    const bytes = encodePacket(connect, connect.level)
    this.#input.clear()
    this.#aliasesIn.clear()
    this.#aliasesOut.clear()
    const before = this.#connect
    this.#connect = connect
    this.#phase = 'connecting'
    this.#deadline = now + CONNACK_SECONDS * 1000
    const isSame = connect.clientId === before?.clientId
    if (connect.clean || !isSame) this.#forget('A new session began.')
    this.#put(connect, bytes, now)
  }

  /** The line is gone. What the session does not keep is lost. */
  closed(): void {
    if (this.#phase === 'off') return
    this.#phase = 'off'
    this.#deadline = undefined
    const asked = this.#exchanges.takeAll(({ publish }) => publish === undefined)
    for (const exchange of asked)
      this.#finish(exchange.id, lost('The connection ended before the answer came.'))
    if (!this.#keepsSession()) this.#forget('The connection ended, and its session with it.')
  }

  receive(chunk: Uint8Array, now: number): void {
    if (this.#isOff) return
    const most = this.#property('maximumPacketSize') ?? LARGEST_PACKET
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
    const topic = this.#resolved(message)
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

  /** The next step of an enhanced authentication. */
  authenticate(properties: Properties, now: number): void {
    if (this.#phase !== 'connecting') return
    this.#send({ type: 'AUTH', reasonCode: CONTINUE_AUTHENTICATION, properties }, now)
  }

  /** There is no next step. */
  abandon(method: string): void {
    if (this.#phase === 'connecting') this.#close({ kind: 'authentication', method })
  }

  /** DISCONNECT, and the end of the connection. */
  disconnect(reasonCode: number, properties: Properties, now: number): void {
    if (this.#phase !== 'off') {
      const level = this.#level
      const said = level === 5 ? { reasonCode, properties } : { reasonCode: 0, properties: [] }
      this.#send({ type: 'DISCONNECT', ...said }, now)
    }
    this.#close({ kind: 'left' })
  }

  /** Time has come: PINGREQ is due, or an answer overdue. */
  wake(now: number): void {
    if (this.#deadline !== undefined && now >= this.#deadline) {
      const waitedFor = this.#phase === 'connecting' ? 'CONNACK' : 'PINGRESP'
      const seconds = waitedFor === 'CONNACK' ? CONNACK_SECONDS : PINGRESP_SECONDS
      return this.#close({ kind: 'silent', waitedFor, seconds })
    }
    if (!this.connected || this.#keepAliveMs === 0 || now < this.#lastSentAt + this.#keepAliveMs) return
    this.#send({ type: 'PINGREQ' }, now)
    this.#deadline ??= now + PINGRESP_SECONDS * 1000
  }

  get #isOff(): boolean {
    return this.#phase === 'off'
  }
  get #level() {
    return this.#connect?.level ?? 5
  }
  #property(name: 'maximumPacketSize' | 'receiveMaximum' | 'topicAliasMaximum') {
    return getProperty(this.#connect?.properties ?? [], name)
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
        this.#deadline = now + CONNACK_SECONDS * 1000
        return this.#host.effect({ kind: 'challenged', packet })
      }
      return this.#fail(PROTOCOL_ERROR, `${packet.type} came before CONNACK`, now)
    }
    if (isAnswer(packet)) return this.#takeAnswer(packet, answered, now)
    if (packet.type === 'PUBREL') return this.#takePubrel(packet, now)
    if (packet.type === 'PINGRESP') this.#deadline = undefined
    else if (packet.type === 'DISCONNECT') this.#close({ kind: 'ended', packet })
    else this.#fail(PROTOCOL_ERROR, `a server sends no ${packet.type} here`, now)
  }

  #takeConnack(packet: ConnackPacket, now: number): void {
    this.#deadline = undefined
    if (packet.reasonCode !== 0) return this.#close({ kind: 'refused', packet })
    if (packet.sessionPresent && this.#connect?.clean === true)
      return this.#fail(PROTOCOL_ERROR, 'Session Present is set although a new session was asked for', now)
    this.#phase = 'connected'
    this.#limits = limitsOf(packet)
    const seconds = getProperty(packet.properties, 'serverKeepAlive') ?? this.#connect?.keepAlive ?? 0
    this.#keepAliveMs = seconds * 1000
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
    const { qos, packetId = 0 } = packet
    const alias = getProperty(packet.properties, 'topicAlias')
    if (alias !== undefined && alias > (this.#property('topicAliasMaximum') ?? 0)) {
      this.#tell('received', packet, bytes, { topic: packet.topic })
      return this.#fail(TOPIC_ALIAS_INVALID, `the Topic Alias ${alias} is above the maximum of CONNECT`, now)
    }
    if (alias !== undefined && packet.topic !== '') this.#aliasesIn.set(alias, packet.topic)
    const topic = packet.topic === '' ? (this.#aliasesIn.get(alias ?? 0) ?? '') : packet.topic
    const again = qos === 2 && this.#unreleased.has(packetId)
    this.#tell('received', packet, bytes, { topic, ...(again && { again }) })
    if (topic === '')
      return this.#fail(PROTOCOL_ERROR, `the Topic Alias ${alias} stands for no topic yet`, now)
    if (qos === 1) return this.#send(acknowledge('PUBACK', packetId, 0), now)
    if (qos === 0) return
    this.#unreleased.add(packetId)
    if (this.#unreleased.size > (this.#property('receiveMaximum') ?? 65_535))
      return this.#fail(
        RECEIVE_MAXIMUM_EXCEEDED,
        'more messages are under way than Receive Maximum allows',
        now,
      )
    this.#send(acknowledge('PUBREC', packetId, 0), now)
  }

  #takePubrel({ packetId }: AckPacket, now: number): void {
    const known = this.#unreleased.delete(packetId)
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
    const bytes = this.#encoded(packet)
    const alias = getProperty(properties, 'topicAlias')
    if (alias !== undefined) this.#aliasesOut.set(alias, topic)
    if (packetId !== undefined) {
      const again = { ...packet, topic, properties: withoutProperty(properties, 'topicAlias') }
      const awaits = qos === 1 ? 'PUBACK' : 'PUBREC'
      this.#exchanges.add({ id, packetId, awaits, sentAt: now, publish: again })
    }
    this.#put(packet, bytes, now, { exchange: id, topic })
    return id
  }

  #resolved({ topic, properties }: Outgoing): string {
    if (topic !== '') return topic
    const alias = getProperty(properties, 'topicAlias') ?? 0
    const known = this.#aliasesOut.get(alias)
    if (known !== undefined) return known
    throw new NotSent(`The Topic Alias ${alias} stands for no topic yet: publish once with both.`)
  }

  #ask(packet: Packet & { readonly packetId: number }, awaits: 'SUBACK' | 'UNSUBACK', now: number): number {
    const bytes = this.#encoded(packet)
    const id = ++this.#lastExchange
    this.#exchanges.add({ id, packetId: packet.packetId, awaits, sentAt: now })
    this.#put(packet, bytes, now, { exchange: id })
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

  #encoded(packet: Packet): Uint8Array {
    const bytes = encodePacket(packet, this.#level)
    const most = this.#limits.maximumPacketSize
    if (bytes.length <= most) return bytes
    throw new NotSent(
      `The packet has ${countBytes(bytes.length)}; this broker takes ${most} (Maximum Packet Size). [MQTT-3.1.2-24]`,
    )
  }

  #send(packet: Packet, now: number, about?: About): void {
    this.#put(packet, encodePacket(packet, this.#level), now, about)
  }

  #put(packet: Packet, bytes: Uint8Array, now: number, about?: About): void {
    this.#lastSentAt = now
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

  #keepsSession(): boolean {
    if (this.#connect === undefined) return false
    if (this.#level < 5) return !this.#connect.clean
    return (getProperty(this.#connect.properties, 'sessionExpiryInterval') ?? 0) > 0
  }

  #forget(why: string): void {
    this.#unreleased.clear()
    for (const { id } of this.#exchanges.takeAll()) this.#finish(id, lost(why))
    const queued = this.#queue
    this.#queue = []
    for (const { id } of queued) this.#finish(id, lost(why))
  }
}

const lost = (text: string): ExchangeEnd => ({ kind: 'lost', text })

const acknowledge = (type: AckPacket['type'], packetId: number, reasonCode: number): AckPacket => ({
  type,
  packetId,
  reasonCode,
  properties: [],
})

const isAnswer = (packet: Packet): packet is Answer =>
  packet.type === 'PUBACK' ||
  packet.type === 'PUBREC' ||
  packet.type === 'PUBCOMP' ||
  packet.type === 'SUBACK' ||
  packet.type === 'UNSUBACK'
