/** The bench's USP controller: asks devices and waits for answers, and takes in what they say unasked. */
import { randomBytes } from 'node:crypto'
import type { IClientPublishOptions } from 'mqtt'
import type { DeviceUsp, RequestOutcome, RequestReport } from '../../../shared/contract/usp.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { plainRecord, type RecordHead } from '../../../shared/usp/build-record.ts'
import { decodeMsg, encodeMsg, type Msg } from '../../../shared/usp/codec.ts'
import { errorOf, failuresOf } from '../../../shared/usp/failures.ts'
import type { Notify } from '../../../shared/usp/gen/usp-msg_pb.ts'
import { JsonFault } from '../../../shared/usp/json-check.ts'
import type { RequestKind } from '../../../shared/usp/kinds.ts'
import { controllerUser } from '../../../shared/usp/oktopus.ts'
import { msgToProtoJson, requestFromJson, withHeader } from '../../../shared/usp/request-json.ts'
import { factOf, Transactions } from '../../../shared/usp/transactions.ts'
import type { DeviceSettings } from './device-settings.ts'
import { Inbox, type Told } from './inbox.ts'
import { startLink, type ControllerLink } from './link.ts'
import type { PacketFinder } from './packet-finder.ts'
import { Peers, type Peer } from './peers.ts'
import { answeredText, errorText, isRecordCode, plainText, rejectedText, timeoutText } from './report.ts'
import { Requests, type Ending } from './requests.ts'
import { routeTo, type Line } from './route.ts'

/** As long as Oktopus waits. */
const DEFAULT_TIMEOUT_MS = 10_000
/** Of an MQTT packet beside the payload: topics and properties. */
const PACKET_OVERHEAD = 4096
const CONTENT_TYPE = 'usp.msg'
const LAST_WORDS_MS = 250

export interface ControllerOptions {
  /** Of the controller's own listener. */
  readonly port: number
  readonly password: () => Uint8Array | undefined
  readonly maxPacketBytes: number
  readonly settings: DeviceSettings
  readonly packets: PacketFinder
  /** The connection of a device that is online. */
  readonly line: (endpointId: string) => Line | undefined
  readonly onState: () => void
  readonly onNotify: (peer: Peer, msg: Msg, notify: Notify, bytes: number, told: Told) => void
  readonly onConnect: (peer: Peer) => void
  readonly onDevice: (endpointId: string) => void
  readonly note: (endpointId: string, text: string) => void
}

export interface RequestWish {
  readonly endpointId: string
  /** Protobuf JSON, see shared/usp/request-json.ts. */
  readonly message: unknown
  readonly kind?: RequestKind | undefined
  readonly timeoutMs?: number | undefined
  readonly version?: string | undefined
  readonly sessionContext?: boolean | undefined
  readonly call?: string | undefined
  /** The bench asks by itself: the answer goes to `controller/<id>`, as with Oktopus. */
  readonly automatic?: boolean
}

export interface Asked {
  readonly report: RequestReport
  /** The response, where the outcome is `answered`. */
  readonly msg?: Msg
}

export class Controller {
  readonly peers = new Peers()
  readonly #options: ControllerOptions
  readonly #link: ControllerLink
  readonly #inbox: Inbox
  readonly #requests: Requests
  /** Each request keeps its own time. */
  readonly #transactions = new Transactions({ timeoutMs: Number.POSITIVE_INFINITY })
  readonly #prefix = randomBytes(4).toString('hex')
  #lastId = 0

  constructor(options: ControllerOptions) {
    this.#options = options
    this.#requests = new Requests(options.onState)
    const { port, password, onState, packets, line, onNotify, onConnect, onDevice, note, settings } = options
    this.#inbox = new Inbox({
      peers: this.peers,
      requests: this.#requests,
      transactions: this.#transactions,
      packets,
      line,
      segmentBytes: (endpointId) => settings.of(endpointId).segmentBytes ?? options.maxPacketBytes,
      publish: (topic, record, responseTopic) => void this.publish(topic, record, { responseTopic }),
      onNotify,
      onConnect,
      onDevice,
      note,
    })
    this.#link = startLink({ port, password, onState, onMessage: (message) => this.#inbox.receive(message) })
  }

  get state() {
    return this.#link.state
  }

  get waiting(): number {
    return this.#requests.size
  }

  usp(endpointId: string): DeviceUsp | undefined {
    return this.peers.find(endpointId)?.usp
  }

  /** A new connection: what was wrong with the one before may be mended. */
  arrived(endpointId: string): void {
    const peer = this.peers.of(endpointId)
    peer.silencedBecause = undefined
    peer.endSession()
  }

  /** Its last words may still be on their way through the broker: a Disconnect Record says more than its absence. */
  left(endpointId: string): void {
    const leftAt = performance.now()
    const end = (): void => this.#requests.endAll(endpointId, { kind: 'offline' }, leftAt)
    setTimeout(end, LAST_WORDS_MS).unref()
  }

  /** False when nothing of that name waits. */
  cancel(call: string): boolean {
    return this.#requests.cancel(call)
  }

  async request(wish: RequestWish): Promise<RequestReport> {
    return (await this.ask(wish)).report
  }

  /**
   * Sends a request and waits for its end. Never rejects over what happens on the way; with a BenchFailure for a
   * request that is none. `msg` is the response, when one came.
   */
  async ask(wish: RequestWish): Promise<Asked> {
    const { endpointId } = wish
    const { kind, msg: draft, msgId = this.#newId() } = readRequest(wish)
    if (this.#requests.has(endpointId, msgId)) {
      throw new BenchFailure('conflict', `A request with the msg_id ${msgId} still waits: leave msg_id out.`)
    }
    const msg = withHeader({ kind, msg: draft }, msgId)
    const base = { endpointId, kind, msgId, request: msgToProtoJson(msg), sentAt: Date.now() }
    const ended = (outcome: RequestOutcome, text: string, topic = ''): RequestReport => ({
      ...base,
      outcome,
      text,
      topic,
      failures: [],
    })
    const failed = (...about: Parameters<typeof ended>): Asked => ({ report: ended(...about) })

    const { state, message } = this.#link.state
    if (state !== 'connected')
      return failed('disconnected', message ?? 'The controller is not connected yet.')
    const line = this.#options.line(endpointId)
    if (!line) return failed('offline', plainText.offline)
    const peer = this.peers.of(endpointId)
    const settings = this.#options.settings.of(endpointId)
    if (peer.silencedBecause !== undefined) return failed('unreachable', silenced(peer.silencedBecause))
    const routing = routeTo(line, {
      endpointId,
      ...(settings.topic === undefined ? {} : { topic: settings.topic }),
      known: [peer.connectTopic, peer.replyTopic],
      answersTo: wish.automatic === true ? 'controller' : 'api',
    })
    if (!routing.ok) return failed(routing.outcome, routing.text)
    const { topic, responseTopic } = routing.route

    const version = wish.version ?? settings.version ?? peer.version
    const head: RecordHead = { version, toId: endpointId, fromId: controllerUser }
    const payload = this.#payload(msg)
    const inSession = wish.sessionContext ?? settings.sessionContext ?? false
    const records = inSession
      ? peer.session.send(head, payload, settings.segmentBytes ?? payload.length)
      : [plainRecord(head, payload)]
    const timeoutMs = wish.timeoutMs ?? settings.timeoutMs ?? DEFAULT_TIMEOUT_MS
    const fact = factOf(msg, { fromId: controllerUser, toId: endpointId, time: performance.now(), packet: 0 })
    if (fact) this.#transactions.feed(fact)
    // Before the first byte leaves: the answer may be faster than the acknowledgement.
    const silent = fact?.silent === true
    const ending = silent ? undefined : this.#requests.wait(endpointId, msgId, timeoutMs, wish.call)
    for (const record of records) {
      const failure = await this.publish(topic, record, { responseTopic, qos: settings.qos ?? 1 })
      if (!failure) continue
      this.#requests.drop(endpointId, msgId)
      this.#transactions.giveUp(controllerUser, endpointId, msgId)
      const outcomes = { disconnected: 'disconnected', refused: 'refused', nobody: 'unreachable' } as const
      return failed(outcomes[failure.kind], failure.text, topic)
    }
    if (!ending)
      return { ...failed('sent', plainText.sent, topic), ...this.#packets(endpointId, msgId, false) }
    const end = await ending
    if (end.kind !== 'answer') this.#transactions.giveUp(controllerUser, endpointId, msgId)
    const report: RequestReport = {
      ...ended('answered', '', topic),
      ...this.#ended(end, peer, timeoutMs, version),
      ...this.#packets(endpointId, msgId, end.kind === 'answer'),
    }
    return end.kind === 'answer' && report.outcome === 'answered' ? { report, msg: end.msg } : { report }
  }

  /** Bytes as they are, with what every Record of the controller has beside it unless said otherwise. */
  publish(
    topic: string,
    record: Uint8Array,
    more: {
      readonly responseTopic?: string
      readonly contentType?: string
      readonly correlationData?: Uint8Array
      readonly userProperties?: Readonly<Record<string, string | string[]>>
      readonly qos?: 0 | 1
      readonly retain?: boolean
    },
  ) {
    const { responseTopic, contentType = CONTENT_TYPE, correlationData, userProperties, qos, retain } = more
    return this.#link.publish(topic, record, {
      qos: qos ?? 1,
      retain: retain ?? false,
      properties: {
        ...(contentType === '' ? {} : { contentType }),
        ...(responseTopic === undefined || responseTopic === '' ? {} : { responseTopic }),
        ...(correlationData === undefined ? {} : { correlationData: Buffer.from(correlationData) }),
        ...(userProperties === undefined ? {} : { userProperties }),
      },
    })
  }

  /** As `publish`, with every property as it is given. */
  publishRaw(topic: string, payload: Uint8Array, options: IClientPublishOptions) {
    return this.#link.publish(topic, payload, options)
  }

  /** A Msg that a flow sends: its answer is not one that nobody asked for. Any bytes will do. */
  foresee(endpointId: string, payload: Uint8Array): void {
    const msg = decoded(payload)
    const where = { fromId: controllerUser, toId: endpointId, time: performance.now(), packet: 0 }
    const fact = msg && factOf(msg, where)
    const msgId = msg?.header?.msgId ?? ''
    if (fact?.part !== 'request' || fact.silent || this.#requests.has(endpointId, msgId)) return
    this.#transactions.feed(fact)
    void this.#requests.wait(endpointId, msgId, DEFAULT_TIMEOUT_MS, undefined).then(({ kind }) => {
      if (kind !== 'answer') this.#transactions.giveUp(controllerUser, endpointId, msgId)
    })
  }

  /** No Notify of this device is answered until that is called off. */
  withholdNotifyResp(endpointId: string): () => void {
    return this.#inbox.withholdNotifyResp(endpointId)
  }

  async stop(): Promise<void> {
    this.#requests.close()
    await this.#link.stop()
  }

  #newId(): string {
    this.#lastId += 1
    return `bench-${this.#prefix}-${this.#lastId}`
  }

  #payload(msg: Msg): Uint8Array {
    const payload = encodeMsg(msg)
    const most = this.#options.maxPacketBytes - PACKET_OVERHEAD
    if (payload.length <= most) return payload
    const text = `The message has ${payload.length} bytes; at most ${most} fit into a packet (broker.maxPacketKiB).`
    throw new BenchFailure('invalid-request', text)
  }

  #packets(endpointId: string, msgId: string, answered: boolean) {
    const request = this.#options.packets.find('out', endpointId, msgId)
    const answer = answered ? this.#options.packets.find('in', endpointId, msgId) : undefined
    return {
      ...(request === undefined ? {} : { requestPacket: request }),
      ...(answer === undefined ? {} : { answerPacket: answer }),
    }
  }

  #ended(end: Ending, peer: Peer, timeoutMs: number, version: string): Partial<RequestReport> {
    switch (end.kind) {
      case 'timeout':
        return { outcome: 'timeout', text: timeoutText(timeoutMs, peer.usp.supportedVersions, version) }
      case 'rejected': {
        const { error } = end
        return { outcome: 'rejected', text: rejectedText(error.code, error.text), error }
      }
      case 'answer': {
        const { msg, latencyMs } = end
        peer.usp.latencyMs = latencyMs
        this.#options.onDevice(peer.endpointId)
        const failures = failuresOf(msg)
        const answered = { latencyMs, failures, answer: msgToProtoJson(msg) }
        const error = errorOf(msg)
        if (!error) return { ...answered, outcome: 'answered', text: answeredText(latencyMs, failures) }
        if (!isRecordCode(error.code)) return { ...answered, outcome: 'error', error, text: errorText(error) }
        return { ...answered, outcome: 'rejected', error, text: rejectedText(error.code, error.text) }
      }
      default:
        return { outcome: end.kind, text: plainText[end.kind] }
    }
  }
}

function readRequest({ message, kind }: RequestWish) {
  try {
    return requestFromJson(message, kind)
  } catch (error) {
    if (error instanceof JsonFault) throw new BenchFailure('invalid-request', error.message)
    throw error
  }
}

function decoded(payload: Uint8Array): Msg | undefined {
  try {
    return decodeMsg(payload)
  } catch {
    return undefined
  }
}

const silenced = (why: string): string =>
  `Nothing is sent, because of ${why}. Mend that on the device and let it connect again (R-MQTT.26a), or send a Record by hand.`
