/**
 * From the bytes of one MQTT packet to the values of its columns. PUBLISH, the packet that comes in masses, is
 * read where it lies; the rare ones that say who a client is are decoded. Never throws: a column that cannot be
 * read stays 0, and the row shows what is wrong when it is looked at.
 */
import { decodePacket } from '../../../shared/mqtt/decode.ts'
import type { Packet } from '../../../shared/mqtt/packets.ts'
import { saysRecord } from '../../../shared/dissect/content/usp.ts'
import { RecordPeek, type UspPeek } from '../../../shared/usp/peek.ts'
import { MALFORMED_RECORD, titleOf } from '../../../shared/usp/summary.ts'
import { utf8 } from '../../../shared/usp/wire.ts'
import { type Entry, Way } from './columns.ts'
import type { Connection, Connections } from './connections.ts'
import type { Dictionary } from './dictionary.ts'
import { bodyStart, emptyHead, scanPublish } from './publish-head.ts'
import type { Direction } from './sink.ts'

/** MQTT packet types told apart here. */
const CONNECT = 1
const CONNACK = 2
const PUBLISH = 3
const SUBSCRIBE = 8
const UNSUBACK = 11
const DISCONNECT = 14
const AUTH = 15

export interface Dictionaries {
  readonly topics: Dictionary
  readonly usps: Dictionary
  readonly msgIds: Dictionary
}

/** A Record, what was seen of it, and where it stands in its packet. Both last until the next packet. */
export interface RecordPlace {
  /** Its ranges are in the bytes that were looked at. */
  readonly peek: UspPeek
  readonly start: number
  readonly end: number
}

/** Titles of Records that are known by heart. There are few: a kind of Msg each, or an event of a device. */
const MAX_TITLES = 256

export class Indexer {
  readonly #connections: Connections
  readonly #words: Dictionaries
  readonly #head = emptyHead()
  readonly #peek = new RecordPeek()
  readonly #place = { peek: this.#peek, start: 0, end: 0 }
  /** Ids of titles; whoever takes one looks whether it still means that. */
  readonly #titles = new Map<string, number>()

  constructor(connections: Connections, dictionaries: Dictionaries) {
    this.#connections = connections
    this.#words = dictionaries
  }

  /**
   * Fills `entry` from the packet in `bytes[start, end)` – all columns but time, offset, length, connection and
   * verdict – and learns identity and aliases from it. String ids in the entry are counted as held. Answers the
   * Record in it, if there is one.
   */
  fill(
    entry: Entry,
    connection: Connection,
    direction: Direction,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): RecordPlace | undefined {
    const first = bytes[start] ?? 0
    const type = first >> 4
    entry.type = type
    entry.flags = first & 0x0f
    entry.direction = Way[direction]
    entry.topic = entry.usp = entry.msgId = 0
    entry.packetId = entry.reasonCode = 0
    if (type === PUBLISH) return this.#publish(entry, connection, bytes, start, end)
    this.#control(entry, connection, bytes, start, end)
    return undefined
  }

  /** Only learns who the client is and which aliases it uses; nothing is held. */
  learn(connection: Connection, direction: Direction, bytes: Uint8Array, start: number, end: number): void {
    const type = (bytes[start] ?? 0) >> 4
    if (type === CONNECT || type === CONNACK) this.#identity(connection, type, bytes, start, end)
    if (type !== PUBLISH || connection.level < 5) return
    const head = this.#head
    if (!scanPublish(bytes, start, end, connection.level, head) || head.alias === 0) return
    const { topics } = this.#words
    const topic = topics.retain(bytes, head.topicStart, head.topicEnd)
    this.#connections.alias(connection.slot, Way[direction], head.alias, topic)
    topics.release(topic)
  }

  #publish(
    entry: Entry,
    connection: Connection,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): RecordPlace | undefined {
    const head = this.#head
    if (!scanPublish(bytes, start, end, connection.level, head)) return undefined
    const { topics, usps, msgIds } = this.#words
    const topic = topics.retain(bytes, head.topicStart, head.topicEnd)
    entry.packetId = head.packetId
    entry.topic = topic
    if (head.alias !== 0) {
      const meant = this.#connections.alias(connection.slot, entry.direction, head.alias, topic)
      if (topic === 0) entry.topic = topics.again(meant)
    }
    if (head.payloadStart === end) return undefined
    const peek = this.#peek
    if (!peek.look(bytes, head.payloadStart, end)) {
      if (this.#isCalledRecord(bytes)) entry.usp = usps.retainText(MALFORMED_RECORD)
      return undefined
    }
    // The very text that the row shows, so that what is read can be searched for.
    entry.usp = this.#title(titleOf(bytes, peek))
    entry.msgId = msgIds.retain(bytes, peek.msgIdStart, peek.msgIdEnd)
    const place = this.#place
    place.start = head.payloadStart - start
    place.end = end - start
    return place
  }

  #title(text: string): number {
    const { usps } = this.#words
    const known = this.#titles.get(text)
    if (known !== undefined && usps.text(known) === text) return usps.again(known)
    const id = usps.retainText(text)
    if (known !== undefined || this.#titles.size < MAX_TITLES) this.#titles.set(text, id)
    return id
  }

  /** Whether the Content Type of the PUBLISH that was scanned last says that its payload is a Record. */
  #isCalledRecord(bytes: Uint8Array): boolean {
    const { contentTypeStart, contentTypeEnd } = this.#head
    if (contentTypeStart === contentTypeEnd) return false
    return saysRecord({ contentType: utf8(bytes, contentTypeStart, contentTypeEnd) })
  }

  #control(entry: Entry, connection: Connection, bytes: Uint8Array, start: number, end: number): void {
    const { type } = entry
    const at = bodyStart(bytes, start, end)
    if (type === CONNECT || type === CONNACK) {
      // Acknowledge flags, then the code.
      if (type === CONNACK) entry.reasonCode = byteAt(bytes, at + 1, end)
      this.#identity(connection, type, bytes, start, end)
    } else if (type > PUBLISH && type <= UNSUBACK) {
      entry.packetId = (byteAt(bytes, at, end) << 8) | byteAt(bytes, at + 1, end)
      if (type < SUBSCRIBE) entry.reasonCode = byteAt(bytes, at + 2, end)
      else this.#subscription(entry, connection, bytes, start, end)
    } else if (type === DISCONNECT || type === AUTH) {
      entry.reasonCode = byteAt(bytes, at, end)
    }
  }

  #subscription(entry: Entry, connection: Connection, bytes: Uint8Array, start: number, end: number): void {
    const packet = tryDecode(bytes, start, end, connection)
    if (packet?.type === 'SUBSCRIBE') {
      entry.topic = this.#filters(packet.subscriptions.map(({ filter }) => filter))
    } else if (packet?.type === 'UNSUBSCRIBE') {
      entry.topic = this.#filters(packet.filters)
    } else if (packet?.type === 'SUBACK' || packet?.type === 'UNSUBACK') {
      // The first refusal, if any: it is what one looks for.
      entry.reasonCode = packet.reasonCodes.find((code) => code >= 0x80) ?? packet.reasonCodes[0] ?? 0
    }
  }

  #filters(filters: readonly string[]): number {
    return this.#words.topics.retainText(filters.join(', '))
  }

  #identity(connection: Connection, type: number, bytes: Uint8Array, start: number, end: number): void {
    if (type === CONNACK && connection.level < 5) return
    const packet = tryDecode(bytes, start, end, connection)
    if (packet?.type === 'CONNECT') this.#connections.learnConnect(connection.slot, packet)
    else if (packet?.type === 'CONNACK') this.#connections.learnConnack(connection.slot, packet)
  }
}

/** 0 behind the end. */
const byteAt = (bytes: Uint8Array, at: number, end: number): number => (at < end ? (bytes[at] as number) : 0)

function tryDecode(bytes: Uint8Array, start: number, end: number, { level }: Connection): Packet | undefined {
  try {
    return decodePacket(bytes.subarray(start, end), level)
  } catch {
    return undefined
  }
}
