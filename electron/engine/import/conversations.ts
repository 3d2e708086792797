/** From TCP segments with addresses to the connections that they belong to. */
import { formatAddress } from '../../../shared/pcapng/address.ts'
import type { Time } from '../../../shared/pcapng/format.ts'
import type { Direction } from '../capture/sink.ts'
import { Conversation, type End, type Shared } from './conversation.ts'
import { ConversationTable, type Ends, type Sending } from './conversation-table.ts'
import type { ImportLimits, ImportSink } from './events.ts'
import type { IpPayload } from './ip.ts'
import type { KeyLog } from './key-log.ts'
import type { HeldTotal } from './layer.ts'
import { RecentBytes } from './recent-bytes.ts'

const Flag = { fin: 1, syn: 2, rst: 4, ack: 16 } as const
/** Where MQTT is expected without having been seen: the registered ports and those of the bench. */
const MQTT_PORTS: ReadonlySet<number> = new Set([1883, 8883, 8083, 8084])
/** Ends at which MQTT was seen, and silent connections that wait to learn whether it will be. */
const MAX_SERVERS = 10_000
const MAX_SILENT = 10_000
const NOTHING: Uint8Array = new Uint8Array(0)

/** What the first segment of a connection tells of it. */
interface FirstSegment {
  readonly flags: number
  readonly sequence: number
  readonly acknowledgment: number
  readonly hasPayload: boolean
}

export class Conversations implements Shared {
  readonly sink: ImportSink
  readonly limits: ImportLimits
  readonly keyLog: KeyLog
  readonly held: HeldTotal = { bytes: 0 }
  readonly recent = new RecentBytes()
  readonly #all = new ConversationTable()
  /** Of the present segment; one object for all of them. */
  readonly #ends: Ends = {
    source: NOTHING,
    sourceAt: 0,
    sourcePort: 0,
    target: NOTHING,
    targetAt: 0,
    targetPort: 0,
    addressLength: 4,
  }
  readonly #servers = new Set<string>()
  readonly #silent = new Map<string, (() => void)[]>()
  #silentCount = 0
  #given = 0
  #highest = 0
  #unreadable = 0
  #letGo = 0

  constructor(sink: ImportSink, limits: ImportLimits, keyLog: KeyLog) {
    this.sink = sink
    this.limits = limits
    this.keyLog = keyLog
  }

  /** Encrypted connections of which nothing says that they are MQTT. */
  get unreadable(): number {
    return this.#unreadable
  }
  /** How often a number was given, and the highest one in use. */
  get given(): number {
    return this.#given
  }
  get highest(): number {
    return this.#highest
  }
  /** Connections let go of because there were too many. */
  get letGo(): number {
    return this.#letGo
  }

  segment(segment: IpPayload, time: Time): void {
    const { frame, sourceAt, targetAt, addressLength, start, end, missing, origin } = segment
    if (end - start < 20) return
    const headerLength = ((frame[start + 12] as number) >> 4) * 4
    if (headerLength < 20 || headerLength > end - start) return
    const flags = frame[start + 13] as number
    const sequence = get32(frame, start + 4)
    const payload = start + headerLength
    const ends = this.#ends
    ends.source = ends.target = frame
    ends.sourceAt = sourceAt
    ends.sourcePort = get16(frame, start)
    ends.targetAt = targetAt
    ends.targetPort = get16(frame, start + 2)
    ends.addressLength = addressLength
    let sending = this.#all.find(ends)
    const isOpening = (flags & (Flag.syn | Flag.ack)) === Flag.syn
    if (sending === undefined || (isOpening && sending.conversation.isAnother(sequence))) {
      sending?.conversation.end('the same ports were used anew', time)
      const hasPayload = payload < end
      const first = { flags, sequence, acknowledgment: get32(frame, start + 8), hasPayload }
      sending = this.#begin(ends, first, time)
    }
    if (sending === undefined || sending.conversation.closed) return
    const { conversation, direction } = sending
    const first = (flags & Flag.syn) !== 0 ? (sequence + 1) >>> 0 : sequence
    if ((flags & Flag.syn) !== 0) conversation.start(direction, first)
    const fin = (flags & Flag.fin) !== 0
    conversation.take(direction, first, frame, payload, end, missing, fin, time, origin)
    if ((flags & Flag.rst) !== 0) conversation.reset(time)
  }

  /** Bytes that are in order already, as exported PDUs are. */
  ordered(from: End, to: End, payload: Uint8Array, time: Time): void {
    const ends: Ends = {
      source: from.address,
      sourceAt: 0,
      sourcePort: from.port,
      target: to.address,
      targetAt: 0,
      targetPort: to.port,
      addressLength: from.address.length === 4 ? 4 : 16,
    }
    const { conversation, direction } = this.#all.find(ends) ?? this.#guess(ends, time)
    const { length } = payload
    conversation.take(direction, conversation.passed(direction), payload, 0, length, 0, false, time, NaN)
  }

  /** Nothing more comes. Connections that did not end stay open. */
  end(time: Time): void {
    for (const conversation of this.#all.values()) if (!conversation.closed) conversation.flush(time)
    this.#all.clear()
    this.#silent.clear()
  }

  nextConnection(): number {
    this.#given += 1
    this.#highest += 1
    return this.#highest
  }

  /** This number is in use already. */
  reserve(connection: number): void {
    this.#highest = Math.max(this.#highest, connection)
  }

  expects(end: End): boolean {
    return MQTT_PORTS.has(end.port) || this.#servers.has(textOf(end))
  }

  learned(server: End): void {
    const text = textOf(server)
    if (this.#servers.has(text)) return
    if (this.#servers.size < MAX_SERVERS) this.#servers.add(text)
    const silent = this.#silent.get(text) ?? []
    this.#silent.delete(text)
    this.#silentCount -= silent.length
    for (const tell of silent) tell()
  }

  silent(server: End, tell: () => void): void {
    if (this.expects(server)) {
      tell()
      return
    }
    if (this.#silentCount >= MAX_SILENT) return
    this.#silentCount += 1
    const text = textOf(server)
    const known = this.#silent.get(text)
    if (known === undefined) this.#silent.set(text, [tell])
    else known.push(tell)
  }

  uncounted(): void {
    this.#unreadable += 1
  }

  #begin(ends: Ends, first: FirstSegment, time: Time): Sending | undefined {
    const { flags, sequence, acknowledgment, hasPayload } = first
    if ((flags & Flag.syn) === 0) {
      // The last words of a connection that is over, or of one that was never seen, are nothing to begin with.
      return hasPayload ? this.#guess(ends, time) : undefined
    }
    const from = sourceOf(ends)
    const to = targetOf(ends)
    if ((flags & Flag.ack) === 0)
      return this.#add(ends, new Conversation(this, from, to, sequence, time), 'in')
    const conversation = new Conversation(this, to, from, (acknowledgment - 1) >>> 0, time)
    conversation.start('in', acknowledgment)
    return this.#add(ends, conversation, 'out')
  }

  /** Without a SYN the side with the port of a server is taken for it. */
  #guess(ends: Ends, time: Time): Sending {
    const from = sourceOf(ends)
    const to = targetOf(ends)
    const isServer = this.expects(from) !== this.expects(to) ? this.expects(from) : from.port < to.port
    const [client, server, direction] = isServer ? ([to, from, 'out'] as const) : ([from, to, 'in'] as const)
    return this.#add(ends, new Conversation(this, client, server, undefined, time), direction)
  }

  #add(ends: Ends, conversation: Conversation, direction: Direction): Sending {
    if (this.#all.size >= this.limits.maxConnections && this.#all.find(ends) === undefined) this.#makeRoom()
    return this.#all.set(ends, conversation, direction)
  }

  /** Lets go of closed connections, and of a tenth of the others: those that were silent longest. */
  #makeRoom(): void {
    this.#all.keep(({ closed }) => !closed)
    const excess = this.#all.size - Math.floor(this.limits.maxConnections * 0.9)
    if (excess <= 0) return
    const byAge = [...this.#all.values()]
      .map((conversation) => ({ conversation, last: conversation.lastSeen }))
      .sort((a, b) => a.last.sec - b.last.sec || a.last.nsec - b.last.nsec)
    const gone = new Set<Conversation>()
    for (const { conversation, last } of byAge.slice(0, excess)) {
      conversation.flush(last)
      gone.add(conversation)
    }
    this.#all.keep((conversation) => !gone.has(conversation))
    this.#letGo += gone.size
  }
}

const get16 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) << 8) | (bytes[at + 1] as number)

const get32 = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)) >>>
  0

const sourceOf = ({ source, sourceAt, sourcePort, addressLength }: Ends): End => ({
  address: source.slice(sourceAt, sourceAt + addressLength),
  port: sourcePort,
})
const targetOf = ({ target, targetAt, targetPort, addressLength }: Ends): End => ({
  address: target.slice(targetAt, targetAt + addressLength),
  port: targetPort,
})

const textOf = ({ address, port }: End): string =>
  `${formatAddress(address, 0, address.length === 4 ? 4 : 16)}|${port}`
