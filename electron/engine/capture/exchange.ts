/** What was said in a capture as a flow is made of it: each Record and each other message once, however often the bench passed it on. */
import { createHash } from 'node:crypto'
import { MAX_EXCHANGED, MAX_PLAIN, type Exchange } from '../../../shared/contract/flow-record.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { toBase64 } from '../../../shared/dissect/copy.ts'
import { msgJson } from '../../../shared/flow/messages.ts'
import type { RecordedPacket } from '../../../shared/flow/record/recorder.ts'
import { propertyValues } from '../../../shared/flow/properties.ts'
import { decodePacket } from '../../../shared/mqtt/decode.ts'
import type { ProtocolLevel } from '../../../shared/mqtt/packets.ts'
import { decodeMsg } from '../../../shared/usp/codec.ts'
import { statusTopic } from '../../../shared/usp/oktopus.ts'
import { peekMsg, peekRecord, type UspPeek } from '../../../shared/usp/peek.ts'
import type { Archive } from './archive.ts'
import { instantAt } from './clock.ts'
import { Way } from './columns.ts'
import type { Connection } from './connections.ts'
import type { ExchangeRequest } from './protocol.ts'
import { emptyHead, scanPublish } from './publish-head.ts'
import { matchingRows } from './questions.ts'
import { bytesOf, type Parts } from './rows.ts'
import { segmentedMsg } from './session-fields.ts'
import { Hops, type Passage } from './transactions/hops.ts'
import { pause, type Work } from './work.ts'

const PUBLISH = 3
const DUP = 0x8
/** CONNECT, SUBSCRIBE, UNSUBSCRIBE, DISCONNECT, AUTH. */
const OWN_DOING = new Set([1, 8, 10, 14, 15])
const STATUS = statusTopic('')
const PAUSE_EVERY = 100
/** Bytes of all Records together; more do not fit through the border in one piece. */
const MAX_BYTES = 32 << 20

/** Rejects with a BenchFailure for a filter that is none. */
export async function exchangeOf(
  archive: Archive,
  { filter, from = 0, to = Infinity }: ExchangeRequest,
  work: Work,
): Promise<Exchange> {
  const { parts } = archive
  const taken = new Taken(parts)
  let looked = 0
  for await (const run of matchingRows(archive, filter, work)) {
    for (const no of run) {
      if (no < from || no > to || !parts.columns.has(no)) continue
      taken.take(no)
      if (++looked % PAUSE_EVERY === 0) await pause(work)
    }
  }
  return taken.exchange()
}

type Draft = { -readonly [K in keyof RecordedPacket]: RecordedPacket[K] }

/** What is taken of the rows, in their order. */
class Taken {
  readonly #parts: Parts
  readonly #hops = new Hops()
  readonly #packets: RecordedPacket[] = []
  /** Messages that are no Records, by row: to whom they go shows when they are delivered. */
  readonly #plain = new Map<number, Draft>()
  readonly #clientIds: Record<string, string> = {}
  readonly #left = new Map<string, { count: number; first: number }>()
  #more = 0
  #bytes = 0

  constructor(parts: Parts) {
    this.#parts = parts
  }

  exchange(): Exchange {
    if (this.#packets.length === 0 && this.#more > 0)
      throw new BenchFailure('unavailable', 'These messages are too large to be made a flow of.')
    const left = [...this.#left].map(([why, { count, first }]) => ({ why, count, first }))
    return { packets: this.#packets, clientIds: this.#clientIds, more: this.#more, left }
  }

  take(no: number): void {
    const { columns, connections, epoch } = this.#parts
    const { chunk, from: i } = columns.run(no)
    const isIn = chunk.direction[i] === Way.in
    if (chunk.type[i] !== PUBLISH) {
      if (isIn && OWN_DOING.has(chunk.type[i] as number))
        this.#leave(no, 'opens, ends or subscribes: a device does that by itself')
      return
    }
    const { slot, level, facts } = connections.at(chunk.connection[i] as number)
    const bytes = bytesOf(this.#parts, no)
    const head = emptyHead()
    if (!scanPublish(bytes, 0, bytes.length, level, head))
      return this.#leave(no, 'a PUBLISH that cannot be read')
    const { sec, nsec } = instantAt(epoch, chunk.time[i] as number)
    const row: Row = {
      no,
      time: sec * 1000 + nsec / 1e6,
      bytes,
      level,
      payloadStart: head.payloadStart,
      isCalledRecord: chunk.usp[i] !== 0,
      facts,
      passage: {
        msgId: chunk.msgId[i] as number,
        way: slot * 2 + (isIn ? 0 : 1),
        out: !isIn,
        dup: ((chunk.flags[i] as number) & DUP) !== 0,
      },
    }
    const { endpointId, clientId } = facts
    if (endpointId && clientId && clientId !== endpointId) this.#clientIds[endpointId] = clientId
    const peek = peekRecord(bytes, head.payloadStart, bytes.length)
    if (peek) this.#record(row, peek)
    else this.#message(row, this.#parts.dictionaries.topics.text(chunk.topic[i] as number))
  }

  #record({ no, time, bytes, payloadStart, passage }: Row, peek: UspPeek): void {
    const whole = segmentedMsg(this.#parts, no)
    if (peek.kind === 'session_context' && !whole && peek.msg === undefined)
      return this.#leave(no, 'a segment of a Msg, which counts where it is whole')
    const named: UspPeek = whole
      ? { ...endpointsOf(peek), ...peekMsg(whole, { start: 0, end: whole.length }) }
      : peek
    const payload = bytes.slice(payloadStart)
    // A Record without a msg_id is known by all that is in it.
    const name = named.msgId === undefined ? { ...endpointsOf(peek), msgId: toBase64(payload) } : named
    if (this.#hops.carried(name, passage) !== 0) return
    this.#hops.say(name, passage, no)
    const msg = msgOf(whole ?? (peek.msg && bytes.subarray(peek.msg.start, peek.msg.end)))
    const { fromId: from, toId: to } = peek
    this.#keep(
      { no, time, from, to, ...(msg ? { msg } : { bytes: payload }) },
      whole?.length ?? payload.length,
    )
  }

  /** Whatever is no Record, also where it is called one. Only who gets it says whom it is for. */
  #message(row: Row, topic: string): void {
    const { no, time, bytes, level, payloadStart, passage, facts, isCalledRecord } = row
    // What the bench says of its devices, it says again.
    if (topic.startsWith(STATUS))
      return this.#leave(no, 'the status of a device, which the bench says by itself')
    const payload = bytes.slice(payloadStart)
    const digest = createHash('sha256').update(topic).update('\0').update(payload).digest('base64')
    const name = { fromId: topic, toId: '', msgId: digest }
    const receiver = passage.out ? facts.endpointId : ''
    const before = this.#hops.carried(name, passage)
    if (before !== 0) {
      const said = this.#plain.get(before)
      if (said?.to === '' && receiver) handTo(said, receiver, isCalledRecord)
      return
    }
    const publish = publishOf(bytes, level, topic)
    if (!publish) return this.#leave(no, 'a PUBLISH that cannot be read')
    this.#hops.say(name, passage, no)
    const sender = passage.out ? '' : facts.endpointId || facts.clientId || ''
    const packet: Draft = { no, time, from: sender, to: '', bytes: payload, publish }
    if (receiver) handTo(packet, receiver, isCalledRecord)
    if (this.#plain.size >= MAX_PLAIN) this.#more += 1
    else if (this.#keep(packet, payload.length)) this.#plain.set(no, packet)
  }

  #keep(packet: RecordedPacket, size: number): boolean {
    this.#bytes += size
    const fits = this.#packets.length < MAX_EXCHANGED && this.#bytes <= MAX_BYTES
    if (fits) this.#packets.push(packet)
    else this.#more += 1
    return fits
  }

  #leave(no: number, why: string): void {
    const left = this.#left.get(why) ?? { count: 0, first: no }
    left.count += 1
    this.#left.set(why, left)
  }
}

interface Row {
  readonly no: number
  readonly time: number
  readonly bytes: Uint8Array
  readonly level: ProtocolLevel
  readonly payloadStart: number
  readonly isCalledRecord: boolean
  readonly facts: Connection['facts']
  readonly passage: Passage
}

/** A broken Record is sent again as a Record: where its device listens then. */
function handTo(packet: Draft, receiver: string, isCalledRecord: boolean): void {
  packet.to = receiver
  if (isCalledRecord) delete packet.publish
}

/** Nothing for a packet that breaks the rules of MQTT. */
function publishOf(bytes: Uint8Array, level: ProtocolLevel, topic: string): RecordedPacket['publish'] {
  try {
    const packet = decodePacket(bytes, level)
    if (packet.type !== 'PUBLISH') return undefined
    const { qos, retain, properties } = packet
    return { topic, qos, retain, properties: propertyValues(properties) }
  } catch {
    return undefined
  }
}

const endpointsOf = ({ kind, version, fromId, toId }: UspPeek): UspPeek => ({ kind, version, fromId, toId })

/** Nothing for a Msg that cannot be decoded: its Record is sent again as the bytes it is. */
function msgOf(bytes: Uint8Array | undefined): RecordedPacket['msg'] {
  try {
    return bytes && msgJson(decodeMsg(bytes))
  } catch {
    return undefined
  }
}
