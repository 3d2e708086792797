/** Folds the rows of a device, fed in order, into what each of its connections did. Bounded, however long it goes on. */
import type { PacketNote, Transport } from '../contract/model.ts'
import type { ConnectPacket, Packet, PublishPacket } from '../mqtt/packets.ts'
import { getProperty, userProperties } from '../mqtt/properties.ts'
import { endpointIdentity, splitReplyTo, subscribeTopicProperty } from '../usp/oktopus.ts'
import { peekRecord, type UspPeek } from '../usp/peek.ts'
import { summarizePeek } from '../usp/summary.ts'

export interface CaseConnection {
  readonly id: number
  readonly transport: Transport
  readonly listenerPort: number
  readonly remoteAddress: string
  readonly localAddress: string
}

export interface CaseRow {
  readonly no: number
  /** Milliseconds since 1970, with a fraction. */
  readonly time: number
  readonly connection: CaseConnection
  /** False for a row of another client that is about the device: a request to it. */
  readonly own: boolean
  readonly direction: 'in' | 'out'
  readonly what:
    | { readonly kind: 'packet'; readonly packet: Packet; readonly topic: string; readonly note?: PacketNote }
    | { readonly kind: 'malformed'; readonly note?: PacketNote }
    | { readonly kind: 'close'; readonly by: 'device' | 'bench' | 'network'; readonly reason: string }
    | { readonly kind: 'probe' }
}

interface At {
  readonly no: number
  readonly time: number
}

export interface Filter extends At {
  readonly filter: string
  readonly packetId: number
  /** Of its SUBACK; absent until that came. */
  readonly code?: number
  readonly answerNo?: number
}

/** A Record, or a payload that is none, in a PUBLISH. */
export interface Said extends At {
  readonly topic: string
  /** Response Topic, or what follows `/reply-to=` (R-MQTT.24). */
  readonly replyTo: string | undefined
  readonly record: Pick<UspPeek, 'fromId' | 'toId' | 'kind' | 'msgId' | 'msgType' | 'notify'> | undefined
  /** `NOTIFY Boot!`; empty for what is no Record. */
  readonly usp: string
  /** Why the bench did not pass it on. */
  readonly dropped: PacketNote | undefined
}

export interface Attempt {
  readonly connection: CaseConnection
  readonly first: At
  last: At
  probe: boolean
  /** Its first packets are not held: what was said in them is not known. */
  begunBefore: boolean
  connect?: At & {
    readonly packet: Omit<ConnectPacket, 'password' | 'will'>
    readonly endpointId: string
    readonly stated: boolean
    readonly refusal?: PacketNote
  }
  malformed?: At & { readonly text: string }
  connack?: At & {
    readonly code: number
    readonly subscribeTopics: readonly string[]
    readonly responseInformation?: string
  }
  readonly filters: Filter[]
  /** The last things the device published; the ones of interest are beside it. */
  readonly said: Said[]
  connectRecord?: Said
  boot?: Said
  /** Requests handed to the device. */
  readonly asked: Said[]
  /** Answer by msg_id of what was asked. */
  readonly answers: Map<string, Said>
  disconnect?: At & { readonly by: 'device' | 'bench'; readonly code: number }
  end?: At & { readonly by: 'device' | 'bench' | 'network'; readonly reason: string }
}

const MAX_ATTEMPTS = 60
const MAX_KEPT = 100

export class Case {
  readonly #attempts = new Map<number, Attempt>()
  /** Requests of others to the device, whether or not they reached it. */
  readonly requests: Said[] = []
  rows = 0
  /** Of the newest row. */
  time = 0

  /** In the order of their first row. */
  get attempts(): readonly Attempt[] {
    return [...this.#attempts.values()]
  }

  take(row: CaseRow): void {
    this.rows++
    this.time = row.time
    const { what, own, direction } = row
    if (!own) {
      if (what.kind !== 'packet' || what.packet.type !== 'PUBLISH' || direction !== 'in') return
      const said = saidOf(row, what.packet, what.topic, what.note)
      if (isRequest(said)) keepLast(this.requests, said)
      return
    }
    const attempt = this.#attemptOf(row)
    const at = { no: row.no, time: row.time }
    attempt.last = at
    switch (what.kind) {
      case 'probe':
        attempt.probe = true
        attempt.end = { ...at, by: 'device', reason: '' }
        return
      case 'close':
        attempt.end = { ...at, by: what.by, reason: what.reason.trim() }
        return
      case 'malformed':
        attempt.malformed ??= { ...at, text: what.note?.text ?? 'the bytes are no MQTT packet' }
        return
      case 'packet':
        takePacket(attempt, row, what.packet, what.topic, what.note)
    }
  }

  #attemptOf({ no, time, connection }: CaseRow): Attempt {
    const known = this.#attempts.get(connection.id)
    if (known) return known
    const at = { no, time }
    const attempt: Attempt = {
      connection,
      first: at,
      last: at,
      probe: false,
      begunBefore: false,
      filters: [],
      said: [],
      asked: [],
      answers: new Map(),
    }
    this.#attempts.set(connection.id, attempt)
    const [oldest] = this.#attempts.keys()
    if (this.#attempts.size > MAX_ATTEMPTS && oldest !== undefined) this.#attempts.delete(oldest)
    return attempt
  }
}

function takePacket(
  attempt: Attempt,
  { no, time, direction }: CaseRow,
  packet: Packet,
  topic: string,
  note: PacketNote | undefined,
): void {
  const at = { no, time }
  if (packet.type !== 'CONNECT' && !attempt.connect) attempt.begunBefore = true
  switch (packet.type) {
    case 'CONNECT': {
      if (direction === 'out' || attempt.connect) return
      const { password: _password, will: _will, ...rest } = packet
      const properties = userProperties(packet.properties)
      const identity = endpointIdentity({ ...rest, username: rest.username, userProperties: properties })
      attempt.connect = {
        ...at,
        packet: rest,
        endpointId: identity.endpointId,
        stated: identity.source === 'usp-endpoint-id',
        ...(note?.kind === 'refused' && { refusal: note }),
      }
      return
    }
    case 'CONNACK': {
      const response = getProperty(packet.properties, 'responseInformation')
      // Who brought nothing else is known by the client ID it was given [MQTT-3.2.2-16].
      const assigned = getProperty(packet.properties, 'assignedClientIdentifier')
      if (attempt.connect?.endpointId === '' && assigned !== undefined)
        attempt.connect = { ...attempt.connect, endpointId: assigned }
      attempt.connack ??= {
        ...at,
        code: packet.reasonCode,
        subscribeTopics: userProperties(packet.properties)
          .filter(([name]) => name === subscribeTopicProperty)
          .map(([, value]) => value),
        ...(response !== undefined && { responseInformation: response }),
      }
      return
    }
    case 'SUBSCRIBE':
      for (const { filter } of packet.subscriptions) {
        if (attempt.filters.length === MAX_KEPT) return
        attempt.filters.push({ ...at, filter, packetId: packet.packetId })
      }
      return
    case 'SUBACK':
      grant(attempt.filters, packet.packetId, packet.reasonCodes, no)
      return
    case 'DISCONNECT':
      attempt.disconnect = { ...at, by: direction === 'in' ? 'device' : 'bench', code: packet.reasonCode }
      return
    case 'PUBLISH':
      takeRecord(attempt, direction, saidOf({ no, time }, packet, topic, note))
  }
}

function grant(filters: Filter[], packetId: number, codes: readonly number[], answerNo: number): void {
  let i = 0
  for (const [index, filter] of filters.entries()) {
    if (filter.packetId !== packetId || filter.code !== undefined) continue
    const code = codes[i++]
    if (code !== undefined) filters[index] = { ...filter, code, answerNo }
  }
}

function takeRecord(attempt: Attempt, direction: 'in' | 'out', said: Said): void {
  if (direction === 'out') {
    // A payload that is no Record is a request that went wrong, unless it is the bench's own word.
    if (isRequest(said) || said.record === undefined) keepLast(attempt.asked, said)
    return
  }
  keepLast(attempt.said, said)
  const { record, usp } = said
  if (record?.kind === 'mqtt_connect') attempt.connectRecord ??= said
  if (usp === 'NOTIFY Boot!' || record?.notify === 'OnBoardRequest') attempt.boot ??= said
  if (record?.msgId !== undefined && isAnswer(said)) {
    attempt.answers.set(record.msgId, said)
    const [oldest] = attempt.answers.keys()
    if (attempt.answers.size > MAX_KEPT && oldest !== undefined) attempt.answers.delete(oldest)
  }
}

function saidOf(at: At, packet: PublishPacket, name: string, note: PacketNote | undefined): Said {
  const peek = peekRecord(packet.payload, 0, packet.payload.length)
  const { topic, replyTo } = splitReplyTo(name)
  const record = peek && {
    fromId: peek.fromId,
    toId: peek.toId,
    ...(peek.kind !== undefined && { kind: peek.kind }),
    ...(peek.msgId !== undefined && { msgId: peek.msgId }),
    ...(peek.msgType !== undefined && { msgType: peek.msgType }),
    ...(peek.notify !== undefined && { notify: peek.notify }),
  }
  return {
    no: at.no,
    time: at.time,
    topic,
    replyTo: getProperty(packet.properties, 'responseTopic') ?? replyTo,
    record,
    usp: peek ? summarizePeek(packet.payload, peek).usp : '',
    dropped: note?.kind === 'dropped' || note?.kind === 'refused' ? note : undefined,
  }
}

export const isAnswer = ({ record }: Said): boolean =>
  record?.msgType !== undefined && (record.msgType === 'ERROR' || record.msgType.endsWith('_RESP'))

const isRequest = (said: Said): boolean => said.record?.msgType !== undefined && !isAnswer(said)

function keepLast(list: Said[], said: Said): void {
  list.push(said)
  if (list.length > MAX_KEPT) list.shift()
}
