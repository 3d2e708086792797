/** A conversation over a broker, packet by packet, with the linter listening. Everything is right by default. */
import { Linter, type LinterOptions } from '../../../shared/lint/linter.ts'
import type { Finding } from '../../../shared/lint/rule.ts'
import { encodePacket } from '../../../shared/mqtt/encode.ts'
import type { ConnectPacket, Packet, Property, ProtocolLevel, Will } from '../../../shared/mqtt/packets.ts'
import {
  encodeMsg,
  encodeRecord,
  type JsonValue,
  msgFromJson,
  recordFromJson,
} from '../../../shared/usp/codec.ts'

type Json = { [key: string]: JsonValue }

export const AGENT = 'os::012345-A1'
export const CONTROLLER = 'self::controller'
const agentTopic = 'usp/agent'
const controllerTopic = 'usp/controller'

export interface SideOptions {
  readonly id?: string
  readonly level?: ProtocolLevel
  readonly clientId?: string
  readonly username?: string
  readonly keepAlive?: number
  readonly properties?: readonly Property[]
  readonly connack?: readonly Property[]
  readonly connackCode?: number
  readonly sessionPresent?: boolean
  readonly will?: Will
  readonly filters?: readonly string[]
  /** Codes of the SUBACK. */
  readonly granted?: number
  /** `false`: no Connect Record. */
  readonly greets?: boolean
}

export interface SendOptions {
  readonly topic?: string
  readonly replyTo?: string | null
  readonly contentType?: string | null
  readonly properties?: readonly Property[]
  readonly retain?: boolean
  readonly version?: string
  readonly from?: string
  readonly to?: string
  /** Bytes that follow the Record, which protobuf takes as more fields. */
  readonly more?: readonly number[]
  /** Bytes that follow the Msg. */
  readonly moreMsg?: readonly number[]
  /** Parts of the Record besides. */
  readonly record?: Json
}

export const user = (name: string, value: string): Property => ({
  name: 'userProperty',
  value: [name, value],
})

let connections = 0

/** One end at the broker. */
export class Side {
  readonly talk: Talk
  readonly connection = ++connections
  readonly id: string
  readonly level: ProtocolLevel
  readonly own: string
  readonly other: string
  readonly peer: string

  constructor(talk: Talk, role: 'agent' | 'controller', options: SideOptions) {
    const isAgent = role === 'agent'
    this.talk = talk
    this.id = options.id ?? (isAgent ? AGENT : CONTROLLER)
    this.peer = isAgent ? CONTROLLER : AGENT
    this.level = options.level ?? 5
    this.own = isAgent ? agentTopic : controllerTopic
    this.other = isAgent ? controllerTopic : agentTopic
  }

  in(packet: Packet): this {
    this.talk.take(this.connection, 'in', encodePacket(packet, this.level))
    return this
  }

  out(packet: Packet): this {
    this.talk.take(this.connection, 'out', encodePacket(packet, this.level))
    return this
  }

  connect(options: SideOptions): this {
    const { clientId = this.id, username, keepAlive = 0, connackCode = 0, sessionPresent = false } = options
    this.talk.linter.opened(this.connection, '192.0.2.1:4000')
    const properties: readonly Property[] =
      options.properties ??
      (this.level === 5
        ? [{ name: 'requestResponseInformation', value: 1 }, user('usp-endpoint-id', this.id)]
        : [])
    const packet: ConnectPacket = {
      type: 'CONNECT',
      level: this.level,
      clean: true,
      keepAlive,
      clientId,
      properties,
      ...(username !== undefined && { username }),
      ...(options.will !== undefined && { will: options.will }),
    }
    this.in(packet)
    return this.out({
      type: 'CONNACK',
      sessionPresent,
      reasonCode: connackCode,
      properties: options.connack ?? [],
    })
  }

  subscribe(filters: readonly string[], code = 0): this {
    const packetId = 7
    const subscriptions = filters.map((filter) => ({
      filter,
      qos: 0 as const,
      noLocal: false,
      retainAsPublished: false,
      retainHandling: 0 as const,
    }))
    this.in({ type: 'SUBSCRIBE', packetId, properties: [], subscriptions })
    return this.out({ type: 'SUBACK', packetId, properties: [], reasonCodes: filters.map(() => code) })
  }

  /** A PUBLISH of any payload. */
  publish(payload: Uint8Array, options: SendOptions = {}, direction: 'in' | 'out' = 'in'): this {
    const { topic = this.other, replyTo = this.own, contentType = 'usp.msg', retain = false } = options
    const v5 = this.level === 5
    const properties: Property[] = [
      ...(v5 && contentType !== null ? [{ name: 'contentType' as const, value: contentType }] : []),
      ...(v5 && replyTo !== null ? [{ name: 'responseTopic' as const, value: replyTo }] : []),
      ...(options.properties ?? []),
    ]
    const name = v5 || replyTo === null ? topic : `${topic}/reply-to=${replyTo.replaceAll('/', '%2F')}`
    return this[direction]({ type: 'PUBLISH', dup: false, qos: 0, retain, topic: name, properties, payload })
  }

  /** A Record; `json` is its record type. */
  record(json: Json, options: SendOptions = {}): this {
    return this.publish(this.recordBytes(json, options), options)
  }

  recordBytes(json: Json, options: SendOptions = {}): Uint8Array {
    const { version = '1.4', from = this.id, to = this.peer, more = [] } = options
    const bytes = encodeRecord(
      recordFromJson({ version, fromId: from, toId: to, ...options.record, ...json }),
    )
    return Uint8Array.from([...bytes, ...more])
  }

  greet(options: SendOptions = {}): this {
    const mqttConnect = { version: this.level === 5 ? 'V5' : 'V3_1_1', subscribedTopic: this.own }
    return this.record({ mqttConnect }, options)
  }

  msgRecord(json: Json, { moreMsg = [] }: SendOptions = {}): Json {
    const msg = Uint8Array.from([...encodeMsg(msgFromJson(json)), ...moreMsg])
    return { noSessionContext: { payload: Buffer.from(msg).toString('base64') } }
  }

  /** A Msg: `type` and `msg_id` for the header, and its body. */
  msg(type: string, msgId: string, body: Json, options: SendOptions = {}): this {
    return this.record(this.msgRecord({ header: { msgId, msgType: type }, body }, options), options)
  }

  request(type: string, msgId: string, request: Json, options: SendOptions = {}): this {
    return this.msg(type, msgId, { request }, options)
  }

  response(type: string, msgId: string, response: Json, options: SendOptions = {}): this {
    return this.msg(type, msgId, { response }, options)
  }

  error(msgId: string, error: Json, options: SendOptions = {}): this {
    return this.msg('ERROR', msgId, { error }, options)
  }

  disconnect(): this {
    return this.in({ type: 'DISCONNECT', reasonCode: 0, properties: [] })
  }

  close(by: 'device' | 'bench' | 'network' = 'network'): this {
    this.talk.closed(this.connection, by)
    return this
  }
}

export class Talk {
  readonly findings: Finding[] = []
  readonly more: string[] = []
  readonly linter: Linter
  no = 0
  /** Seconds. */
  time = 0

  constructor(options: Partial<LinterOptions> = {}) {
    this.linter = new Linter({
      found: (finding) => this.findings.push(finding),
      more: (rule) => this.more.push(rule),
      ...options,
    })
  }

  take(connection: number, direction: 'in' | 'out', bytes: Uint8Array, malformed = false): void {
    this.time += 0.001
    this.linter.frame({ no: ++this.no, time: this.time * 1e9, connection, direction, bytes, malformed })
  }

  closed(connection: number, by: 'device' | 'bench' | 'network'): void {
    this.time += 0.001
    this.linter.closed(connection, ++this.no, this.time * 1e9, by)
  }

  wait(seconds: number): this {
    this.time += seconds
    return this
  }

  /** A connection that is accepted and subscribed; an agent sends its Connect Record. */
  side(role: 'agent' | 'controller', options: SideOptions = {}): Side {
    const side = new Side(this, role, options)
    side.connect(options)
    if ((options.connackCode ?? 0) !== 0) return side
    const filters = options.filters ?? [side.level === 5 ? side.own : `${side.own}/#`]
    if (filters.length > 0) side.subscribe(filters, options.granted)
    if (role === 'agent' && options.greets !== false) side.greet()
    return side
  }

  agent(options: SideOptions = {}): Side {
    return this.side('agent', options)
  }

  controller(options: SideOptions = {}): Side {
    return this.side('controller', options)
  }

  /** Both ends. */
  pair(options: SideOptions = {}): { readonly agent: Side; readonly controller: Side } {
    return { controller: this.controller(options), agent: this.agent(options) }
  }

  end(): readonly Finding[] {
    this.linter.end(this.time * 1e9)
    return this.findings
  }

  get rules(): readonly string[] {
    return [...new Set(this.end().map(({ rule }) => rule))].sort()
  }
}

/** What a conversation breaks. */
export function broken(talk: (talk: Talk) => void): readonly string[] {
  const one = new Talk()
  talk(one)
  return one.rules
}
