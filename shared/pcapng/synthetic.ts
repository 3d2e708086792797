/**
 * Writes MQTT packets of connections as pcapng that Wireshark reads without set-up: raw IP frames with TCP
 * segments to port 1883, whatever the transport was. Bench facts stand in comments (facts.ts). Each segment
 * file can be read alone: a connection that goes on in it begins with a handshake at its present sequence
 * numbers, and with the packets that teach a reader who it is (lessons.ts).
 */
import { formatAddress, parseAddress } from './address.ts'
import { BlockWriter, type SectionFacts } from './block-writer.ts'
import {
  type ClosedFacts,
  commentText,
  NO_FACTS,
  type OpenedFacts,
  type PacketComment,
  sectionComment,
} from './facts.ts'
import { LinkType, type Time } from './format.ts'
import { copyAndSum, type Endpoint, MAX_SEGMENT, TcpFlag, TcpPair } from './ip-frame.ts'
import { completePacket, type Lesson } from './lessons.ts'
import type { PacketNote, Transport } from '../contract/model.ts'

export interface SyntheticOptions {
  readonly section: SectionFacts
  /** What is to be repeated of a connection that goes on in a new segment. */
  readonly lessons?: (connection: number) => Iterable<Lesson>
}

export interface Who {
  readonly clientId: string
  readonly endpointId: string
}

export type Direction = 'in' | 'out'
export interface Remarks {
  readonly malformed?: boolean
  readonly notes?: readonly PacketNote[]
  readonly marked?: boolean
}

/** What Wireshark dissects as MQTT by itself. */
const MQTT_PORT = 1883
const NOTHING = new Uint8Array(0)
const NO_BYTES = new DataView(NOTHING.buffer)
const NO_REMARKS: Remarks = {}
const NO_NOTES: readonly PacketNote[] = []
const FIRST_FREE_PORT = 1024
const NAMES_PER_ADDRESS = 8

const transportNames: Readonly<Record<Transport, readonly [short: string, long: string]>> = {
  tcp: ['TCP', 'MQTT over TCP'],
  tls: ['TLS', 'MQTT over TLS, decrypted'],
  ws: ['WebSocket', 'MQTT over WebSocket, unwrapped'],
  wss: ['secure WebSocket', 'MQTT over secure WebSocket, decrypted and unwrapped'],
}

interface Live {
  readonly id: number
  readonly facts: OpenedFacts
  readonly client: Endpoint
  readonly pair: TcpPair
  /** Number of the segment in which its handshake stands, and its interface there. */
  segment: number
  interfaceId: number
  who: Who | undefined
}

export class SyntheticWriter {
  readonly #options: SyntheticOptions
  readonly #blocks = new BlockWriter()
  readonly #live = new Map<number, Live>()
  /** Addresses and ports of clients in use. */
  readonly #ports = new Set<string>()
  readonly #interfaces = new Map<string, number>()
  /** Endpoint IDs by address, as far as this segment tells them. */
  readonly #names = new Map<string, string[]>()
  #segment = 0
  /** Bytes of this segment that were taken already. */
  #taken = 0
  /** What packets were copied from last: of a batch of them, the same for each. */
  #source: Uint8Array = NOTHING
  #sourceView: DataView = NO_BYTES

  constructor(options: SyntheticOptions) {
    this.#options = options
    this.#begin()
  }

  /** Bytes of the present segment so far. */
  get size(): number {
    return this.#taken + this.#blocks.used
  }

  /** What was written since the last call. */
  take(): Uint8Array {
    const bytes = this.#blocks.take()
    this.#taken += bytes.length
    return bytes
  }

  /** The same without a copy: handed to `to`, as a view that lasts until it returns. */
  drain(to: (bytes: Uint8Array) => void): void {
    this.#taken += this.#blocks.used
    this.#blocks.drain(to)
  }

  /** Ends the segment, answers its last bytes, and begins the next one. */
  rotate(): Uint8Array {
    const last = this.take()
    this.#begin()
    return last
  }

  opened(time: Time, connection: number, facts: OpenedFacts): void {
    if (this.#live.has(connection)) return
    this.#handshake(time, this.#add(connection, facts))
  }

  /** Who a connection is, once it is known: in names of addresses and in comments from now on. */
  identified(connection: number, who: Who): void {
    const live = this.#live.get(connection)
    if (live === undefined) return
    live.who = who
    if (live.segment === this.#segment) this.#nameAddress(live)
  }

  /**
   * One MQTT packet, or what is none, in `bytes[start, end)`. `no` 0: a packet that makes no row and is there to be
   * learned from; its end may be missing. Answers the offset in this segment at which `readPayload` finds it.
   */
  frame(
    no: number,
    time: Time,
    connection: number,
    direction: Direction,
    bytes: Uint8Array,
    remarks: Remarks = NO_REMARKS,
    start = 0,
    end = bytes.length,
  ): number {
    const live = this.#present(time, connection)
    if (no === 0) return this.#lesson(time, live, direction, bytes.subarray(start, end))
    const { malformed = false, marked = false, notes = NO_NOTES } = remarks
    const offset = this.size
    if (!malformed && !marked && notes.length === 0) {
      this.#data(no, time, live, direction, bytes, start, end, undefined)
      return offset
    }
    const short = { ...(malformed && { malformed }), ...(marked && { marked }) }
    const whole = notes.length > 0 ? { ...short, notes } : short
    // The notes go behind when they are too long for a comment.
    const fits = commentText(whole) !== undefined
    const comment = fits ? whole : short
    const text = isEmpty(comment) ? undefined : commentText(comment)
    this.#data(no, time, live, direction, bytes, start, end, text)
    if (!fits) for (const note of notes) this.note(no, note)
    return offset
  }

  #lesson(time: Time, live: Live, direction: Direction, bytes: Uint8Array): number {
    const packet = completePacket(bytes)
    const offset = this.size
    if (packet) this.#data(0, time, live, direction, packet, 0, packet.length, undefined)
    return offset
  }

  /** A remark on a packet that is written already. */
  note(no: number, note: PacketNote): void {
    const text = commentText({ late: { no, note } }) ?? commentText({ late: { no, note: shortNote(note) } })
    if (text !== undefined) this.#blocks.names([], [text])
  }

  /** `no` 0: the end makes no row. Answers the offset in this segment of its first block. */
  closed(no: number, time: Time, connection: number, facts: ClosedFacts, marked = false): number {
    if (no === 0 && this.#live.get(connection)?.segment !== this.#segment) {
      // Nobody who reads this segment would miss it.
      this.#forget(connection)
      return this.size
    }
    const live = this.#present(time, connection)
    const offset = this.size
    const first: Direction = facts.by === 'bench' ? 'out' : 'in'
    const second: Direction = first === 'in' ? 'out' : 'in'
    const fin = TcpFlag.fin | TcpFlag.ack
    const mark = marked && { marked }
    const text =
      commentText({ closed: facts, ...live.who, ...mark }) ??
      commentText({ closed: shortClose(facts), ...mark })
    this.#control(time, live, first, fin, no, text)
    this.#control(time, live, second, fin)
    this.#control(time, live, first, TcpFlag.ack)
    this.#forget(connection)
    return offset
  }

  #forget(connection: number): void {
    const client = this.#live.get(connection)?.client
    if (client !== undefined) this.#ports.delete(portKey(client.address, client.port))
    this.#live.delete(connection)
  }

  #begin(): void {
    const { section } = this.#options
    this.#segment += 1
    this.#taken = 0
    this.#interfaces.clear()
    this.#names.clear()
    this.#blocks.section({ ...section, comments: [sectionComment, ...(section.comments ?? [])] })
  }

  /** The connection, with its handshake in this segment; one that was never told of gets a place without facts. */
  #present(time: Time, connection: number): Live {
    const live = this.#live.get(connection) ?? this.#add(connection, NO_FACTS)
    if (live.segment === this.#segment) return live
    const continued = live.segment !== 0
    this.#handshake(time, live)
    if (continued) {
      for (const { direction, bytes } of this.#options.lessons?.(connection) ?? []) {
        this.#data(0, time, live, direction, bytes, 0, bytes.length, undefined)
      }
    }
    return live
  }

  #add(id: number, facts: OpenedFacts): Live {
    const [clientAddress, serverAddress] = addressPair(facts)
    const port = this.#freePort(clientAddress, facts.remotePort || FIRST_FREE_PORT + (id % 60_000))
    // Apart for each connection, so that a port used anew is not taken for the same connection.
    const initial = Math.imul(id, 0x9e37_79b1) >>> 0
    const client = { address: clientAddress, port }
    const server = { address: serverAddress, port: MQTT_PORT }
    const live: Live = {
      id,
      facts,
      client,
      pair: new TcpPair(client, server, { in: (initial + 1) >>> 0, out: ~initial >>> 0 }),
      segment: 0,
      interfaceId: 0,
      who: undefined,
    }
    this.#live.set(id, live)
    return live
  }

  /**
   * Two clients that differ in the listener's port alone would look like one, as all are written with port 1883:
   * the second one gets another port here, and its comment tells the true one.
   */
  #freePort(address: Uint8Array, wanted: number): number {
    let port = wanted
    for (let tries = 0; tries < 65_536 && this.#ports.has(portKey(address, port)); tries++) {
      port = port < 65_535 ? port + 1 : FIRST_FREE_PORT
    }
    this.#ports.add(portKey(address, port))
    return port
  }

  /** SYN, SYN-ACK, ACK, such that the next bytes get the sequence numbers that the connection has reached. */
  #handshake(time: Time, live: Live): void {
    const { id, facts, who } = live
    const continued = live.segment !== 0
    live.segment = this.#segment
    live.interfaceId = this.#interfaceOf(facts)
    this.#nameAddress(live)
    live.pair.stepBack()
    const opened = { connection: id, ...facts, ...(continued && { continued }) }
    const text = commentText({ opened, ...who }) ?? commentText({ opened })
    this.#control(time, live, 'in', TcpFlag.syn, 0, text)
    this.#control(time, live, 'out', TcpFlag.syn | TcpFlag.ack)
    this.#control(time, live, 'in', TcpFlag.ack)
  }

  #interfaceOf({ transport, listenerPort }: OpenedFacts): number {
    const [short, long] = transportNames[transport]
    const name = `${short} ${listenerPort}`
    const known = this.#interfaces.get(name)
    if (known !== undefined) return known
    const id = this.#interfaces.size
    const description = `${long}, port ${listenerPort}${listenerPort === MQTT_PORT ? '' : ` shown as ${MQTT_PORT}`}`
    this.#blocks.interface({ linkType: LinkType.raw, name, description })
    this.#interfaces.set(name, id)
    return id
  }

  /**
   * Several devices may share an address (behind one NAT). The address then gets all their names, joined, since
   * a reader knows one name for an address only.
   */
  #nameAddress({ client, who }: Live): void {
    if (!who?.endpointId) return
    const address = formatAddress(client.address, 0, client.address.length === 4 ? 4 : 16)
    const names = this.#names.get(address) ?? []
    if (names.includes(who.endpointId) || names.length >= NAMES_PER_ADDRESS) return
    names.push(who.endpointId)
    this.#names.set(address, names)
    const joined = names.join(' ')
    if (joined.length <= MAX_NAME) this.#blocks.names([{ address, names: [joined] }])
  }

  #data(
    no: number,
    time: Time,
    live: Live,
    direction: Direction,
    bytes: Uint8Array,
    start: number,
    end: number,
    comment: string | undefined,
  ): void {
    if (bytes !== this.#source) {
      this.#source = bytes
      this.#sourceView = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    }
    let text = comment
    let at = start
    do {
      const next = Math.min(at + MAX_SEGMENT, end)
      const flags = next === end ? TcpFlag.psh | TcpFlag.ack : TcpFlag.ack
      this.#segmentOf(no, time, live, direction, flags, this.#sourceView, at, next, text)
      at = next
      text = undefined
    } while (at < end)
  }

  #control(time: Time, live: Live, direction: Direction, flags: number, no = 0, comment?: string): void {
    this.#segmentOf(no, time, live, direction, flags, NO_BYTES, 0, 0, comment)
  }

  #segmentOf(
    no: number,
    { sec, nsec }: Time,
    { pair, interfaceId }: Live,
    direction: Direction,
    flags: number,
    source: DataView,
    start: number,
    end: number,
    comment: string | undefined,
  ): void {
    const length = end - start
    const headers = pair.headerLength(flags)
    const blocks = this.#blocks
    const at = blocks.openPacket(sec, nsec, interfaceId, headers + length)
    const { view } = blocks
    const sum = copyAndSum(source, start, end, view, at + headers)
    pair.write(view, at, direction, flags, length, sum)
    blocks.closePacket(direction, no, comment === undefined ? undefined : [comment])
  }
}

/** In UTF-16 units: three bytes each still fit into a record. */
const MAX_NAME = 20_000

const isEmpty = (comment: PacketComment): boolean => Object.keys(comment).length === 0

/** At most six bytes a UTF-16 unit in JSON: such a text fits into a comment. */
const shortText = (text: string): string =>
  text.length <= 8000 ? text : `${text.slice(0, 8000)}… (${text.length} characters in all)`
const shortClose = (facts: ClosedFacts): ClosedFacts => ({ ...facts, reason: shortText(facts.reason) })
const shortNote = (note: PacketNote): PacketNote => ({ ...note, text: shortText(note.text) })

const portKey = (address: Uint8Array, port: number): string => `${address.join('.')}|${port}`

/** Addresses of client and server, of one family; unspecified (0.0.0.0, ::) where not known. */
function addressPair({ remoteAddress, localAddress }: OpenedFacts): readonly [Uint8Array, Uint8Array] {
  const client = parseAddress(remoteAddress)
  const server = parseAddress(localAddress)
  const length = (client ?? server)?.length ?? 4
  const fitting = (address: Uint8Array | undefined) =>
    address?.length === length ? address : new Uint8Array(length)
  return [fitting(client), fitting(server)]
}
