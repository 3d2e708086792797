/**
 * What the controller does with what devices send: pairs answers, takes Notifies in and answers them, learns from
 * Connect Records, follows session contexts, and tells a sender whose Record cannot be worked on.
 */
import { disconnectRecord, plainRecord, type RecordHead } from '../../../shared/usp/build-record.ts'
import { encodeMsg, makeMsg, type Msg } from '../../../shared/usp/codec.ts'
import { describeErrorCode, errorCodeName } from '../../../shared/usp/error-codes.ts'
import type { Notify } from '../../../shared/usp/gen/usp-msg_pb.ts'
import { Header_MsgType } from '../../../shared/usp/gen/usp-msg_pb.ts'
import {
  controllerTopic,
  controllerUser,
  joinReplyTo,
  parseOktopusTopic,
  splitReplyTo,
} from '../../../shared/usp/oktopus.ts'
import {
  answerable,
  readMsg,
  readRecord,
  RECORD_CODES,
  type Incoming,
  type RecordFault,
} from '../../../shared/usp/read-record.ts'
import { factOf, type Transactions } from '../../../shared/usp/transactions.ts'
import type { ReceivedPublish } from './link.ts'
import type { PacketFinder } from './packet-finder.ts'
import type { Peer, Peers } from './peers.ts'
import type { Requests } from './requests.ts'
import { isRecordCode } from './report.ts'
import type { Line } from './route.ts'

const MESSAGE_NOT_SUPPORTED = 7001
const INVALID_ARGUMENTS = 7004

/** How to answer what came: there, and inside a session context or not (R-MSG.0a). */
interface Return {
  readonly topic: string
  readonly responseTopic: string
  readonly version: string
  readonly inSession: boolean
}

export interface InboxOptions {
  readonly peers: Peers
  readonly requests: Requests
  readonly transactions: Transactions
  readonly packets: PacketFinder
  readonly line: (endpointId: string) => Line | undefined
  /** Largest payload of a Record of a session context. */
  readonly segmentBytes: (endpointId: string) => number
  readonly publish: (topic: string, record: Uint8Array, responseTopic: string) => void
  readonly onNotify: (peer: Peer, msg: Msg, notify: Notify, bytes: number, told: Told) => void
  readonly onConnect: (peer: Peer) => void
  /** Facts about this device changed. */
  readonly onDevice: (endpointId: string) => void
  /** Something to remember in the history of this device. */
  readonly note: (endpointId: string, text: string) => void
}

/** What the transaction of a Notify says about it. */
export interface Told {
  readonly transaction: number
  /** That of the first, when this is a retry. */
  readonly retryOf?: number
  readonly operateMsgId?: string
}

export class Inbox {
  readonly #options: InboxOptions
  /** Devices whose Notifies are not answered, with how many want it so. */
  readonly #withheld = new Map<string, number>()

  constructor(options: InboxOptions) {
    this.#options = options
  }

  /** Until it is called off, no Notify of this device is answered, whether it asks for that or not. */
  withholdNotifyResp(endpointId: string): () => void {
    const count = (by: number): void => {
      const wanted = (this.#withheld.get(endpointId) ?? 0) + by
      if (wanted > 0) this.#withheld.set(endpointId, wanted)
      else this.#withheld.delete(endpointId)
    }
    count(1)
    let isOver = false
    return () => {
      if (!isOver) count(-1)
      isOver = true
    }
  }

  receive(message: ReceivedPublish): void {
    const { note, peers } = this.#options
    // A retained message comes with every subscription: it was taken when it was new.
    const place = message.retain ? undefined : parseOktopusTopic(message.topic)
    if (!place) return
    const read = readRecord(message.payload)
    if (read.kind === 'fault' && !read.head) {
      if (place.id !== '') note(place.id, `what it sent on ${message.topic} is ${read.text}`)
      return
    }
    const head = read.head as RecordHead
    // R-E2E.1
    if (head.toId !== controllerUser) {
      const text = `a Record for ${head.toId || 'nobody'}, not for ${controllerUser}, was left alone`
      if (head.fromId !== '') note(head.fromId, text)
      return
    }
    if (place.id !== '' && place.id !== head.fromId) {
      note(place.id, `a Record with from_id ${head.fromId} on ${message.topic} was left alone (R-SEC.0a)`)
      return
    }
    if (head.fromId === '') return
    const peer = peers.of(head.fromId)
    const { topic, replyTo } = splitReplyTo(message.topic)
    const replyTopic = message.responseTopic ?? replyTo
    if (replyTopic) peer.replyTopic = replyTopic
    peer.usp.recordVersion = head.version
    const line = this.#options.line(head.fromId)
    const back = this.#wayBack(peer, line, place.id === '' ? controllerTopic(head.fromId) : topic, read)
    if (line && line.level < 5 && replyTo === undefined && back) {
      this.#silence(peer, back, 'a PUBLISH of MQTT 3.1.1 without /reply-to= in its topic')
    }
    this.#take(peer, read, message.payload, back)
    this.#options.onDevice(peer.endpointId)
  }

  #wayBack(peer: Peer, line: Line | undefined, responseTopic: string, read: Incoming): Return | undefined {
    const topic = peer.replyTopic ?? peer.connectTopic
    if (topic === undefined) return undefined
    return {
      topic: line && line.level < 5 ? joinReplyTo(topic, responseTopic) : topic,
      responseTopic,
      version: peer.version,
      inSession: read.kind === 'session',
    }
  }

  #take(peer: Peer, read: Incoming, bytes: Uint8Array, back: Return | undefined): void {
    const { note, requests } = this.#options
    switch (read.kind) {
      case 'msg':
        return this.#takeMsg(peer, read.payload, back)
      case 'session': {
        const step = peer.session.take(read.session, headTo(peer, back?.version ?? peer.version))
        for (const text of step.remarks) note(peer.endpointId, `session context: ${text}`)
        if (back) for (const record of step.answers) this.#publish(back, record)
        for (const msg of step.msgs) this.#takeMsg(peer, msg, back)
        return
      }
      case 'connect':
        return this.#takeConnect(peer, read, back)
      case 'disconnect': {
        peer.endSession()
        const error = {
          path: '',
          code: read.code,
          name: errorCodeName(read.code) ?? '',
          text: read.reason,
        }
        requests.endAll(peer.endpointId, read.code === 0 ? { kind: 'offline' } : { kind: 'rejected', error })
        const why = read.code === 0 ? read.reason : `${describeErrorCode(read.code)} ${read.reason}`
        note(peer.endpointId, `Disconnect Record: ${why.trim() || 'without a reason'}`)
        return
      }
      case 'fault':
        return this.#refuse(peer, read, bytes, back)
    }
  }

  #takeConnect(peer: Peer, read: Extract<Incoming, { kind: 'connect' }>, back: Return | undefined): void {
    const { note, line, onConnect } = this.#options
    const { mqtt } = read
    if (!mqtt) {
      note(peer.endpointId, 'a Connect Record of another transport than MQTT')
      return
    }
    peer.endSession()
    peer.connectTopic = mqtt.topic
    peer.reachedAt(mqtt.version, mqtt.topic)
    const level = line(peer.endpointId)?.level
    const used = level === undefined ? undefined : level === 5 ? '5.0' : '3.1.1'
    note(peer.endpointId, `Connect Record: MQTT ${mqtt.version}, listens on ${mqtt.topic}`)
    if (used !== undefined && used !== mqtt.version) {
      const text = `its Connect Record says MQTT ${mqtt.version}, its connection is MQTT ${used}`
      if (back) this.#silence(peer, back, text)
      return
    }
    peer.silencedBecause = undefined
    onConnect(peer)
  }

  #takeMsg(peer: Peer, bytes: Uint8Array, back: Return | undefined): void {
    const { transactions, requests, packets, onNotify } = this.#options
    const read = readMsg(bytes)
    if (!read.ok) {
      if (read.isRequest && read.msgId !== '') {
        this.#error(peer, back, read.msgId, INVALID_ARGUMENTS, read.text)
      }
      return
    }
    const { msg } = read
    const { endpointId } = peer
    const msgId = msg.header?.msgId ?? ''
    const where = { fromId: endpointId, toId: controllerUser, time: performance.now() }
    const fact = factOf(msg, { ...where, packet: packets.find('in', endpointId, msgId) ?? 0 })
    if (!fact) return
    const [transaction, linked] = transactions.feed(fact)
    if (!transaction) return
    if (fact.part !== 'request') {
      if (requests.answer(endpointId, msgId, msg)) return
      const { outcome, duplicates } = transaction
      const how =
        duplicates.length > 0 ? 'again' : outcome === 'late' ? 'too late' : 'although nobody asked for it'
      this.#options.note(endpointId, `the answer ${msgId} came ${how}`)
      return
    }
    const body = msg.body?.msgBody
    const request = body?.case === 'request' ? body.value.reqType : undefined
    if (request?.case !== 'notify') {
      // R-MSG.1
      const text = `The controller takes no ${fact.kind ?? 'message of this kind'}`
      this.#error(peer, back, msgId, MESSAGE_NOT_SUPPORTED, text)
      return
    }
    const repeated = transaction.repeats.length > 0 ? transaction.id : transaction.retryOf
    onNotify(peer, msg, request.value, bytes.length, {
      transaction: transaction.id,
      ...(repeated === undefined ? {} : { retryOf: repeated }),
      ...(linked ? { operateMsgId: linked.msgId } : {}),
    })
    if (request.value.sendResp && !this.#withheld.has(peer.endpointId))
      this.#notifyResp(peer, back, msgId, request.value.subscriptionId)
  }

  /** R-NOT.8, R-NOT.10 */
  #notifyResp(peer: Peer, back: Return | undefined, msgId: string, subscriptionId: string): void {
    const response = { respType: { case: 'notifyResp', value: { subscriptionId } } } as const
    this.#answer(
      peer,
      back,
      makeMsg({
        header: { msgId, msgType: Header_MsgType.NOTIFY_RESP },
        body: { msgBody: { case: 'response', value: response } },
      }),
    )
  }

  #error(peer: Peer, back: Return | undefined, msgId: string, errCode: number, errMsg: string): void {
    this.#answer(
      peer,
      back,
      makeMsg({
        header: { msgId, msgType: Header_MsgType.ERROR },
        body: { msgBody: { case: 'error', value: { errCode, errMsg } } },
      }),
    )
    this.#options.note(peer.endpointId, `answered with ${describeErrorCode(errCode)}: ${errMsg}`)
  }

  #answer(peer: Peer, back: Return | undefined, msg: Msg): void {
    const { transactions, note, segmentBytes } = this.#options
    if (!back) {
      note(peer.endpointId, 'it says nowhere where it wants its answers (R-MQTT.22): it gets none')
      return
    }
    const fact = factOf(msg, {
      fromId: controllerUser,
      toId: peer.endpointId,
      time: performance.now(),
      packet: 0,
    })
    if (fact) transactions.feed(fact)
    if (peer.silencedBecause !== undefined) return
    const head = headTo(peer, back.version)
    const payload = encodeMsg(msg)
    const records = back.inSession
      ? peer.session.send(head, payload, segmentBytes(peer.endpointId))
      : [plainRecord(head, payload)]
    for (const record of records) this.#publish(back, record)
  }

  /** A Record that cannot be worked on: an Error where a request is in it (R-MTP.5), else a Disconnect Record. */
  #refuse(peer: Peer, { code, text }: RecordFault, bytes: Uint8Array, back: Return | undefined): void {
    this.#options.note(peer.endpointId, `a Record was refused, ${describeErrorCode(code)}: ${text}`)
    if (!back || !isRecordCode(code)) return
    const msgId = answerable(bytes)
    if (msgId !== undefined) return this.#error(peer, back, msgId, code, text)
    const session = code === RECORD_CODES.secureSessionNotSupported || code === RECORD_CODES.sessionNotAllowed
    if (session) this.#publish(back, disconnectRecord(headTo(peer, back.version), code, text))
  }

  /** R-MQTT.26a: told once, and then nothing more until the device has mended it. */
  #silence(peer: Peer, back: Return, text: string): void {
    if (peer.silencedBecause === text) return
    peer.silencedBecause = text
    this.#options.note(
      peer.endpointId,
      `${text}: nothing more is said to it until that is mended (R-MQTT.26a)`,
    )
    this.#publish(back, disconnectRecord(headTo(peer, back.version), RECORD_CODES.invalidValue, text))
  }

  #publish({ topic, responseTopic }: Return, record: Uint8Array): void {
    this.#options.publish(topic, record, responseTopic)
  }
}

const headTo = ({ endpointId }: Peer, version: string): RecordHead => ({
  version,
  toId: endpointId,
  fromId: controllerUser,
})
