/**
 * The linter: packets in order in, findings out. It keeps what rules need to know in bounded tables, makes moments
 * (`moments.ts`) and asks the rules. Deterministic; never throws for what packets hold.
 */
import { decodePacket } from '../mqtt/decode.ts'
import { MqttError } from '../mqtt/error.ts'
import type { AckPacket, ConnackPacket, ConnectPacket, Packet, PublishPacket } from '../mqtt/packets.ts'
import { getProperty } from '../mqtt/properties.ts'
import { BoundedMap } from './bounded.ts'
import { Connection } from './connection.ts'
import { Endpoints } from './endpoints.ts'
import type { At, Moments } from './moments.ts'
import { type Context, Records } from './records.ts'
import { type Answer, type Finding, holdsFor, type GroupedRule } from './rule.ts'
import { rules as allRules } from './rules/index.ts'

export interface LintFrame {
  /** Row of the packet. */
  readonly no: number
  /** Nanoseconds, since any moment. */
  readonly time: number
  readonly connection: number
  /** `in` is from the client. */
  readonly direction: 'in' | 'out'
  /** One whole MQTT packet; a view is enough. */
  readonly bytes: Uint8Array
  /** The bench already found that it is none, or out of place. */
  readonly malformed: boolean
}

export interface LinterOptions {
  readonly found: (finding: Finding) => void
  /** Another finding of this kind, of which the packet is not told any more. */
  readonly more?: (rule: string, endpoint: string) => void
  /** Findings told of one rule and endpoint. */
  readonly perGroup?: number
  readonly rules?: readonly GroupedRule[]
}

const NS = 1e9
const MAX_CONNECTIONS = 20_000
const MAX_GROUPS = 10_000
const MAX_VERSIONS = 20
/** When a client has had time to subscribe to all it wants. */
const SETTLED_SECONDS = 10
/** Reasons to take a client for a client that comes again after a failure. */
const MAX_FAILURES = 10_000

interface Failure extends At {
  readonly after: 'refused' | 'ended'
  readonly presented: string
}

export class Linter {
  readonly #options: LinterOptions
  readonly #byMoment = new Map<keyof Moments, GroupedRule[]>()
  /** Those that hold for a version of USP, as Records state it. */
  readonly #byVersion = new BoundedMap<string, Map<keyof Moments, readonly GroupedRule[]>>(MAX_VERSIONS)
  readonly #connections = new BoundedMap<number, Connection>(MAX_CONNECTIONS)
  readonly #endpoints = new Endpoints()
  readonly #failures = new BoundedMap<string, Failure>(MAX_FAILURES)
  readonly #groups = new BoundedMap<string, number>(MAX_GROUPS)
  readonly #perGroup: number
  readonly #records: Records

  constructor(options: LinterOptions) {
    this.#options = options
    this.#perGroup = options.perGroup ?? 200
    for (const rule of options.rules ?? allRules) {
      const list = this.#byMoment.get(rule.on)
      if (list === undefined) this.#byMoment.set(rule.on, [rule])
      else list.push(rule)
    }
    this.#records = new Records({
      tell: (on, moment, context) => this.#tell(on, moment, context),
      identified: (connection, at) => this.#identified(connection, at),
      connection: (id) => this.#connections.get(id),
      endpoints: this.#endpoints,
    })
  }

  /** `address` is how the peer is called while nothing else is known of it. */
  opened(id: number, address: string): void {
    // Told twice when facts become known later: what was learned stays.
    if (!this.#connections.has(id)) this.#connections.set(id, new Connection(id, address))
  }

  frame({ no, time, connection: id, direction, bytes, malformed }: LintFrame): void {
    const connection = this.#connection(id)
    const at: At = { no, time }
    const inbound = direction === 'in'
    const packet = this.#decode(bytes, connection, malformed, inbound, at)
    if (inbound) this.#fromClient(connection, at)
    if (packet === undefined) return
    this.#take(packet, connection, inbound, at)
    this.#records.overdue(time)
  }

  /**
   * The Record in packet `no` made a Msg whole that came in segments, the last of them in packet `last`. Nothing
   * is said when `no` is not the packet taken last.
   */
  assembled(no: number, last: number, msg: Uint8Array): void {
    this.#records.assembled(no, last, msg)
  }

  closed(id: number, no: number, time: number, by: 'device' | 'bench' | 'network'): void {
    const connection = this.#connections.get(id)
    if (connection === undefined) return
    const at: At = { no, time }
    if (connection.records > 0) this.#settle(connection, at)
    connection.closed = true
    const role = this.#endpoints.get(connection.endpointId)?.role
    if (connection.records > 0) {
      this.#tell('closed', { connection, by, ...(role && { role }) }, { connection, at })
    }
    const endedByServer = by === 'bench' && connection.disconnect === undefined && !connection.refusedConnect
    if (endedByServer && connection.connack !== undefined) this.#failed(connection, at, 'ended')
    this.#endpoints.disconnected(connection)
    this.#connections.delete(id)
  }

  /** Packets were lost, of whatever connection: nothing is judged by what came before. */
  missed(): void {
    // A copy: what is set anew moves to the end.
    const known = [...this.#connections.values()]
    for (const connection of known) this.#forget(connection)
    this.#forgetRequests()
  }

  /** Packets of one connection were lost: from now on it is one whose CONNECT was not seen. */
  lost(id: number): void {
    const connection = this.#connections.get(id)
    if (connection === undefined) return
    this.#forget(connection)
    this.#forgetRequests()
  }

  /** The end of a capture, at the time of its last packet. */
  end(time: number): void {
    this.#records.overdue(time)
    for (const connection of this.#connections.values()) {
      const { connack } = connection
      if (connack !== undefined && time - connack.time > SETTLED_SECONDS * NS)
        this.#settle(connection, { no: 0, time })
    }
  }

  #forget(connection: Connection): void {
    const { id, address } = connection
    this.#endpoints.disconnected(connection)
    this.#connections.set(id, new Connection(id, address))
  }

  #forgetRequests(): void {
    this.#records.forget()
    this.#failures.clear()
  }

  #connection(id: number): Connection {
    const known = this.#connections.get(id)
    if (known !== undefined) return known
    const connection = new Connection(id, '')
    this.#connections.set(id, connection)
    return connection
  }

  #decode(
    bytes: Uint8Array,
    connection: Connection,
    malformed: boolean,
    inbound: boolean,
    at: At,
  ): Packet | undefined {
    try {
      const packet = decodePacket(bytes, connection.level)
      // Right in itself, but out of place: the bench has said so at the row, and no state follows from it.
      return malformed ? undefined : packet
    } catch (error) {
      if (!(error instanceof MqttError)) throw error
      const { message, statement } = error
      this.#tell('malformed', { fault: message, statement, inbound }, { connection, at })
      return undefined
    }
  }

  #fromClient(connection: Connection, at: At): void {
    const { connect, connack, lastIn } = connection
    connection.lastIn = at.time
    if (connect === undefined || connack === undefined || lastIn === undefined) return
    const keepAlive = getProperty(connack.packet.properties, 'serverKeepAlive') ?? connect.packet.keepAlive
    const seconds = (at.time - lastIn) / NS
    if (keepAlive > 0 && seconds > keepAlive * 1.5 + 1) {
      this.#tell('silence', { connection, seconds, keepAlive }, { connection, at })
    }
    if (connection.records > 0 && at.time - connack.time > SETTLED_SECONDS * NS) this.#settle(connection, at)
  }

  #take(packet: Packet, connection: Connection, inbound: boolean, at: At): void {
    switch (packet.type) {
      case 'PUBLISH':
        this.#publish(packet, connection, inbound, at)
        break
      case 'CONNECT':
        if (inbound) this.#connect(packet, connection, at)
        break
      case 'CONNACK':
        if (!inbound) this.#connack(packet, connection, at)
        break
      case 'SUBSCRIBE':
        connection.subscribed(packet, at)
        break
      case 'SUBACK':
        connection.granted(packet)
        break
      case 'UNSUBSCRIBE':
        connection.unsubscribed(packet)
        break
      case 'PUBACK':
      case 'PUBREC':
        if (inbound) this.#ack(packet, connection, at)
        break
      case 'PINGREQ': {
        const role = this.#endpoints.get(connection.endpointId)?.role
        this.#tell('ping', { connection, ...(role && { role }) }, { connection, at })
        break
      }
      case 'DISCONNECT':
        if (inbound) connection.disconnect = at
        else connection.ended = at
        break
      default:
        break
    }
  }

  #connect(packet: ConnectPacket, connection: Connection, at: At): void {
    connection.connected(packet, at)
    const context = { connection, at }
    this.#tell('connect', { connection, packet }, context)
    const { who } = connection
    const failure = who === '' ? undefined : this.#failures.get(who)
    if (failure === undefined) return
    this.#failures.delete(who)
    // Who presents something else was configured in between, and may come at once.
    if (failure.presented !== presented(packet)) return
    const role = this.#endpoints.get(connection.endpointId)?.role
    const seconds = (at.time - failure.time) / NS
    this.#tell('reconnect', { after: failure.after, failure, seconds, ...(role && { role }) }, context)
  }

  #connack(packet: ConnackPacket, connection: Connection, at: At): void {
    connection.acknowledged(packet, at)
    this.#tell('connack', { connection, packet }, { connection, at })
    if (connection.refusedConnect) this.#failed(connection, at, 'refused')
    else if (connection.stated !== '') this.#identified(connection, at)
  }

  #ack(packet: AckPacket, connection: Connection, at: At): void {
    if (packet.reasonCode >= 0x80) this.#tell('ack', { connection, packet }, { connection, at })
  }

  #failed({ who, connect }: Connection, at: At, after: Failure['after']): void {
    if (who === '' || connect === undefined) return
    this.#failures.set(who, { ...at, after, presented: presented(connect.packet) })
  }

  #identified(connection: Connection, at: At): void {
    const { connect } = connection
    if (connect === undefined) return
    const { before, other } = this.#endpoints.connected(connection, { no: connect.no, time: connect.time })
    const context = { connection, at: { no: connect.no, time: at.time } }
    this.#tell(
      'identified',
      { connection, connect, ...(before && { before }), ...(other && { other }) },
      context,
    )
  }

  #settle(connection: Connection, at: At): void {
    const { connack, settled, overflowed } = connection
    if (settled || connack === undefined || connection.refusedConnect || overflowed) return
    connection.settled = true
    const context = { connection, at: { no: connack.no, time: at.time } }
    this.#tell('settled', { connection, connack }, context)
    this.#records.compareConfiguration(connection, at)
  }

  #publish(packet: PublishPacket, connection: Connection, inbound: boolean, at: At): void {
    const topic = connection.topicOf(packet, inbound)
    if (inbound) this.#records.published(packet, topic, connection, at)
    else this.#records.delivered(packet, topic, connection, at)
  }

  /** Every Record asks, and nearly all are of one version. */
  #rulesOn(on: keyof Moments, version: string | undefined): readonly GroupedRule[] {
    const all = this.#byMoment.get(on) ?? []
    if (version === undefined) return all
    let byMoment = this.#byVersion.get(version)
    if (byMoment === undefined) this.#byVersion.set(version, (byMoment = new Map()))
    let rules = byMoment.get(on)
    if (rules === undefined) byMoment.set(on, (rules = all.filter((rule) => holdsFor(rule, version))))
    return rules
  }

  #tell<M extends keyof Moments>(on: M, moment: Moments[M], context: Context): void {
    for (const rule of this.#rulesOn(on, context.version)) {
      // The table pairs each rule with its own kind of moment.
      const answer = (rule.check as (moment: Moments[M]) => Answer)(moment)
      if (answer !== undefined) this.#report(rule, answer, context)
    }
  }

  #report(rule: GroupedRule, answer: Exclude<Answer, undefined>, context: Context): void {
    const sights = Array.isArray(answer) ? answer : [answer]
    const { at, connection } = context
    const endpoint = context.endpoint ?? connection?.label ?? ''
    const key = `${rule.id}\0${endpoint}`
    for (const sight of sights as readonly Exclude<Answer, undefined | readonly unknown[]>[]) {
      const { seen, no, related = [] } = typeof sight === 'string' ? { seen: sight } : sight
      const count = (this.#groups.get(key) ?? 0) + 1
      this.#groups.set(key, count)
      if (count > this.#perGroup) {
        this.#options.more?.(rule.id, endpoint)
        continue
      }
      const { id, severity } = rule
      this.#options.found({ rule: id, severity, no: no ?? at.no, related, endpoint, time: at.time, seen })
    }
  }
}

/** What a client is configured with, as far as its CONNECT shows it. */
const presented = ({ level, username = '', clientId, keepAlive }: ConnectPacket): string =>
  [level, username, clientId, keepAlive].join('\0')
