/** From PUBLISH packets to Records, Msgs and transactions. */
import type { PublishPacket } from '../mqtt/packets.ts'
import { getProperty } from '../mqtt/properties.ts'
import { splitReplyTo } from '../usp/oktopus.ts'
import { type MsgPeek, type MsgType, peekMsg, peekRecord, type UspPeek } from '../usp/peek.ts'
import type { Connection } from './connection.ts'
import { Configuration, type SwitchedOff } from './configuration.ts'
import type { Endpoints } from './endpoints.ts'
import { Message, readMessage } from './message.ts'
import type { At, Moments, MsgSeen, RecordSeen, RequestSeen, Role } from './moments.ts'
import { Sessions } from './sessions.ts'
import { ANSWER_SECONDS, isRequest, Transactions } from './transactions.ts'

/** Where findings of a moment stand. */
export interface Context {
  readonly at: At
  readonly connection?: Connection
  /** In place of the connection's. */
  readonly endpoint?: string
  /** Of the Record. */
  readonly version?: string
}

export interface RecordsOptions {
  readonly tell: <M extends keyof Moments>(on: M, moment: Moments[M], context: Context) => void
  readonly identified: (connection: Connection, at: At) => void
  readonly connection: (id: number) => Connection | undefined
  readonly endpoints: Endpoints
}

/** Bulk data reports share the connection and are no Records (R-BULK.8a, R-BULK.11). */
const BULK = /^(application\/json|text\/csv)\s*;/i
/** Content Types that say “Record”, the outdated and the misspelt ones too (R-MQTT.27a). */
const USP_TYPES = new Set(['usp.msg', 'application/vnd.bbf.usp.msg', 'application/vnd.usp.msg'])
const NS = 1e9
/** When an agent has had time to unsubscribe. */
const UNSUBSCRIBE_SECONDS = 10
/** Subscriptions switched off that are waited for. */
const MAX_LEAVING = 1000

export class Records {
  readonly #options: RecordsOptions
  readonly #transactions = new Transactions()
  readonly #sessions = new Sessions()
  readonly #configuration = new Configuration()
  /** Filters that a client has yet to leave, oldest first. */
  #leaving: Leaving[] = []
  /** Time of the last packet, and until when an answer may be to a request that was forgotten. */
  #now = 0
  #forgotUntil = -Infinity
  /** The last Record of a session context, whose Msg may be known only together with others. */
  #judged: Judged | undefined
  /** The last such Record that reached the endpoint it is for. */
  #copied: Copied | undefined

  constructor(options: RecordsOptions) {
    this.#options = options
  }

  /** A PUBLISH of a client. */
  published(packet: PublishPacket, topic: string, connection: Connection, at: At): void {
    const { payload } = packet
    const contentType = getProperty(packet.properties, 'contentType')
    const split = splitReplyTo(topic)
    const replyTo = connection.level === 5 ? getProperty(packet.properties, 'responseTopic') : split.replyTo
    const bulk = contentType !== undefined && BULK.test(contentType)
    const peek = bulk ? undefined : peekRecord(payload, 0, payload.length)
    const says =
      (contentType !== undefined && (USP_TYPES.has(contentType) || contentType.endsWith('usp.error'))) ||
      (connection.level < 5 && split.replyTo !== undefined)
    if (peek === undefined && (bulk || !says)) return
    const context: Context = { connection, at, ...(peek && { version: peek.version }) }
    const introduces = peek !== undefined && connection.records === 0
    if (introduces) this.#introduce(connection, peek.fromId, at)
    const request = peek?.msgType !== undefined && roleOf(peek) === 'controller' && !isAnswer(peek.msgType)
    const isRecord = peek !== undefined
    const moment = { connection, packet, topic, contentType, replyTo, isRecord, first: introduces, request }
    this.#options.tell('publish', moment, context)
    if (peek === undefined) return
    connection.records += 1
    const plainTopic = connection.level < 5 ? split.topic : topic
    this.#record(peek, payload, { topic: plainTopic, replyTo, connection, at })
  }

  /** A copy that the broker delivers. Only of a sender who is not in the capture it is all there is. */
  delivered(packet: PublishPacket, topic: string, connection: Connection, at: At): void {
    const { payload } = packet
    const contentType = getProperty(packet.properties, 'contentType')
    if (contentType !== undefined && BULK.test(contentType)) return
    const peek = peekRecord(payload, 0, payload.length)
    if (peek === undefined) return
    const { fromId, toId, msgId } = peek
    const isFor = connection.endpointId === toId
    if (this.#options.endpoints.get(fromId)?.spoke !== true) {
      const split = splitReplyTo(topic)
      const replyTo = connection.level === 5 ? getProperty(packet.properties, 'responseTopic') : split.replyTo
      this.#record(peek, payload, { topic: split.topic, replyTo, receiver: connection, at })
    }
    if (isFor && peek.kind === 'session_context') this.#copied = { fromId, toId, connection, at }
    if (isFor && msgId !== undefined) this.#transactions.delivered(fromId, toId, msgId, at, connection.id)
  }

  /** The Msg that the Record in packet `no` made whole; its last segment is in packet `last`. */
  assembled(no: number, last: number, msg: Uint8Array): void {
    const peek = peekMsg(msg, { start: 0, end: msg.length })
    if (peek.msg === undefined) return
    if (this.#judged?.where.at.no === no) {
      const { seen, where, context } = this.#judged
      const at: At = { no: last, time: where.at.time }
      const role = this.#learnRole(seen.fromId, peek)
      this.#msg({ ...seen, role: role ?? seen.role }, peek, msg, { ...where, at }, { ...context, at })
    }
    if (this.#copied?.at.no === no && peek.msgId !== undefined) {
      const { fromId, toId, connection, at } = this.#copied
      this.#transactions.delivered(fromId, toId, peek.msgId, at, connection.id)
    }
  }

  /** Compares what an agent told of its configuration with its connection; each value once. */
  compareConfiguration(connection: Connection, { time }: At): void {
    const { connect, connack, compared, endpointId } = connection
    if (connect === undefined || connack === undefined) return
    const said = this.#configuration
      .of(endpointId)
      // What was set since the CONNECT holds from the next one on.
      .filter(({ path, set, no }) => !compared.has(path) && !(set && no > connect.no))
    if (said.length === 0) return
    for (const { path } of said) compared.add(path)
    const context: Context = { connection, at: { no: connect.no, time } }
    this.#options.tell('configured', { connection, connect, connack, said }, context)
  }

  #learnConfiguration(msg: MsgSeen, { at, connection }: Where): void {
    if (msg.body === undefined) return
    const off = this.#configuration.learn(msg.fromId, msg.body, connection?.clientId ?? '', at)
    if (connection === undefined) return
    for (const one of off)
      if (this.#leaving.length < MAX_LEAVING) this.#leaving.push({ ...one, connection, at })
    if (connection.settled) this.compareConfiguration(connection, at)
  }

  #overstayed(time: number): void {
    let due = 0
    for (const { path, topic, connection, at } of this.#leaving) {
      const seconds = (time - at.time) / NS
      if (seconds < UNSUBSCRIBE_SECONDS) break
      due += 1
      const open = !connection.closed && this.#options.connection(connection.id) === connection
      if (!open || !connection.filters.has(topic)) continue
      const context: Context = { connection, at: { no: at.no, time } }
      this.#options.tell('kept', { connection, path, filter: topic, set: at, seconds }, context)
    }
    if (due > 0) this.#leaving.splice(0, due)
  }

  overdue(time: number): void {
    this.#now = time
    this.#overstayed(time)
    for (const request of this.#transactions.overdue(time)) {
      const { delivered } = request
      // Only one that was there all the time could have answered.
      const receiver = delivered && this.#options.connection(delivered.connection)
      if (delivered === undefined || receiver === undefined) continue
      const seconds = (time - request.time) / NS
      const context = { at: { no: delivered.no, time }, endpoint: request.to }
      this.#options.tell('unanswered', { request, seconds: Math.max(seconds, ANSWER_SECONDS) }, context)
    }
  }

  forget(): void {
    this.#transactions.forget()
    this.#sessions.forget()
    this.#judged = undefined
    this.#copied = undefined
    this.#leaving = []
    this.#forgotUntil = this.#now + ANSWER_SECONDS * NS
  }

  #introduce(connection: Connection, fromId: string, at: At): void {
    const { connect, stated } = connection
    this.#options.endpoints.of(fromId).spoke = true
    if (stated === '' && fromId !== '') {
      connection.endpointId = fromId
      if (connection.connack !== undefined) this.#options.identified(connection, at)
    }
    if (connect === undefined) return
    const context: Context = { connection, at: { no: connect.no, time: at.time } }
    this.#options.tell('introduced', { connection, connect, fromId }, context)
  }

  #record(peek: UspPeek, payload: Uint8Array, where: Where): void {
    const { at, connection } = where
    const { endpoints } = this.#options
    const { message: record, faults } = readMessage(payload, 0, payload.length, 'usp_record.Record')
    const { fromId, toId, version, kind } = peek
    const endpoint = endpoints.of(fromId)
    if (connection !== undefined) endpoint.spoke = true
    const role = this.#learnRole(fromId, peek)
    const first = connection?.isFirstTo(toId) ?? false
    const seen: RecordSeen = {
      record,
      faults,
      version,
      fromId,
      toId,
      first,
      topic: where.topic,
      missesTopic: connection !== undefined && toId !== fromId && endpoints.missesTopic(toId, where.topic),
      connection,
      kind,
      role,
    }
    const context: Context = { at, version, ...(connection ? { connection } : { endpoint: fromId }) }
    this.#options.tell('record', seen, context)
    const session = this.#sessions.take(seen, at)
    if (session !== undefined) this.#options.tell('session', session, context)
    if (kind === 'session_context') this.#judged = { seen, where, context }
    if (kind === 'disconnect' && connection !== undefined) {
      connection.disconnectRecord = at
      connection.left(toId)
    }
    // A Record that opens a session may have an empty payload.
    if (peek.msg !== undefined && peek.msg.end > peek.msg.start)
      this.#msg(seen, peek, payload, where, context)
  }

  #learnRole(endpointId: string, peek: Pick<UspPeek, 'kind' | 'msgType'>): Role | undefined {
    const endpoint = this.#options.endpoints.of(endpointId)
    const role = endpoint.role ?? roleOf(peek)
    if (role !== undefined) endpoint.role = role
    return role
  }

  #msg(seen: RecordSeen, peek: MsgPeek, payload: Uint8Array, where: Where, context: Context): void {
    const { start, end } = peek.msg ?? { start: 0, end: 0 }
    const { message, faults } = readMessage(payload, start, end, 'usp.Msg')
    const { record, version, fromId, toId, first, topic, missesTopic, connection, kind, role } = seen
    // Written out: spreading one of them for each Msg takes longer than most rules.
    const msg: MsgSeen = {
      record,
      faults: seen.faults,
      version,
      fromId,
      toId,
      first,
      topic,
      missesTopic,
      connection,
      kind,
      role,
      msg: message,
      msgFaults: faults,
      msgId: peek.msgId ?? '',
      type: peek.msgType,
      headerType: peek.headerType,
      body: bodyOf(message),
    }
    this.#options.tell('msg', msg, context)
    if (isRequest(msg)) this.#request(msg, payload, { start, end }, where, context)
    else if (msg.type !== undefined) this.#answer(msg, where, context)
  }

  #request(
    msg: MsgSeen,
    payload: Uint8Array,
    { start, end }: { readonly start: number; readonly end: number },
    where: Where,
    context: Context,
  ): void {
    const { at, connection, receiver, replyTo } = where
    const level = (connection ?? receiver)?.level ?? 5
    const size = { bytes: end - start, digest: digestOf(payload, start, end) }
    const asked = this.#transactions.asked(msg, at, { level, replyTo }, size)
    if (asked === undefined) return
    const { request, how, before } = asked
    const { tell } = this.#options
    if (how === 'reused' && before !== undefined) tell('reused', { msg, request: before }, context)
    if (how === 'repeated' && request.type === 'NOTIFY') this.#again(request, context)
    if (how === 'new') this.#valueChange(msg, at, context)
    if (msg.type === 'NOTIFY') this.#learnConfiguration(msg, where)
  }

  #again(request: RequestSeen, context: Context): void {
    const [before, now] = request.sent.slice(-2)
    if (before === undefined || now === undefined || now === before) return
    const seconds = (now.time - before.time) / NS
    this.#options.tell('renotified', { request, retry: request.sent.length - 1, seconds }, context)
  }

  #valueChange(msg: MsgSeen, at: At, context: Context): void {
    const change = msg.type === 'NOTIFY' ? msg.body?.message('value_change') : undefined
    if (change === undefined) return
    const path = change.text('param_path')
    const set = this.#transactions.takeSet(msg.fromId, path, change.text('param_value'))
    if (set === undefined) return
    this.#options.tell('changed', { path, set, seconds: (at.time - set.time) / NS }, context)
  }

  #answer(msg: MsgSeen, where: Where, context: Context): void {
    const { at, connection } = where
    if (msg.type === 'GET_RESP' || msg.type === 'SET_RESP') this.#learnConfiguration(msg, where)
    const found = this.#transactions.answered(msg, at)
    if (found !== undefined) {
      this.#options.tell('answer', { msg, request: found.request, again: found.again }, context)
      return
    }
    // A request that was asked before the capture, or under a session kept from then, is not missing.
    const whole = connection?.connect !== undefined && !connection.inherits && at.time > this.#forgotUntil
    const asker = this.#options.endpoints.get(msg.toId)
    if (whole && asker?.spoke === true && msg.msgId !== '' && !this.#transactions.forgetful) {
      this.#options.tell('orphan', { msg }, context)
    }
  }
}

interface Where {
  /** Without the reply topic of MQTT 3.1.1. */
  readonly topic: string
  readonly replyTo: string | undefined
  /** Of the sender. */
  readonly connection?: Connection
  /** Where the copy goes of a sender who is not in the capture. */
  readonly receiver?: Connection
  readonly at: At
}

interface Leaving extends SwitchedOff {
  readonly connection: Connection
  readonly at: At
}

interface Judged {
  readonly seen: RecordSeen
  readonly where: Where
  readonly context: Context
}

interface Copied {
  readonly fromId: string
  readonly toId: string
  readonly connection: Connection
  readonly at: At
}

const isAnswer = (type: MsgType): boolean => type === 'ERROR' || type.endsWith('_RESP')

/** Agents send Notify, Register, Connect Records and what answers a controller; controllers the rest. */
function roleOf({ kind, msgType }: Pick<UspPeek, 'kind' | 'msgType'>): Role | undefined {
  if (kind === 'mqtt_connect') return 'agent'
  if (msgType === undefined || msgType === 'ERROR') return undefined
  const asksAsAgent = /^(NOTIFY|REGISTER|DEREGISTER)(_RESP)?$/.test(msgType)
  return asksAsAgent === msgType.endsWith('_RESP') ? 'controller' : 'agent'
}

/** The Get, GetResp, …, Error of a Msg. */
function bodyOf(msg: Message): Message | undefined {
  const body = msg.message('body')
  const error = body?.message('error')
  if (error !== undefined) return error
  const part = body?.message('request') ?? body?.message('response')
  for (const name of part?.names ?? []) {
    const inner = part?.message(name)
    if (inner !== undefined) return inner
  }
  return undefined
}

/** Tells apart what stands under one msg_id; the length and the first 4 KiB do. */
function digestOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5 ^ (end - start)
  const last = Math.min(end, start + 4096)
  for (let at = start; at < last; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193)
  return hash >>> 0
}
