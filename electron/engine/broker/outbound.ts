/**
 * A wire session's way out, the only one: what its session hands over, what rules answer and what aedes writes
 * meets the rules, the capture and a device that may read slowly.
 */
import { decodePacket } from '../../../shared/mqtt/decode.ts'
import type { Leaving } from '../../../shared/faults/lane.ts'
import { frameLength } from '../../../shared/mqtt/frame.ts'
import type { ConnectPacket, Packet, PacketType } from '../../../shared/mqtt/packets.ts'
import { getProperty } from '../../../shared/mqtt/properties.ts'
import { encodeBuffer, type SessionContext } from './context.ts'
import { alsoSaid, type Said } from './fault-line.ts'
import type { Message, Terms } from './message.ts'
import type { Origin } from './rule.ts'
import type { Entry, RuleTable } from './rule-table.ts'
import type { Session } from './session.ts'
import type { HandOver, Link } from './sessions/mqtt-session.ts'
import type { Transport } from './transport.ts'

/** A device that does not read the answers to its own packets is cut off when they take this many budgets. */
const BUDGETS_BEFORE_CUT = 4
const QUOTA_EXCEEDED = 0x97
const FIRST_ERROR = 0x80
/** So much does not wait for the end of the turn: while one is busy, the other side can read already. */
const FLUSH_BYTES = 65_536
/** A device that took something within this time is reading. */
const READING_MS = 100
/** How long publishers wait for one. A device that stops reading is not waited for again. */
const PATIENCE_MS = 5
/** What a Receive Maximum is when it is not given. */
const ANY = 65_535

/** Packets that tell a device that something is so, after a restart as well. */
const promises: ReadonlySet<PacketType> = new Set([
  'CONNACK',
  'PUBACK',
  'PUBREC',
  'PUBREL',
  'PUBCOMP',
  'SUBACK',
  'UNSUBACK',
])

/** A packet, and what a fault on purpose made of it. */
type Frame = Buffer | Leaving<Buffer>

export class Outbound implements Link {
  readonly #session: Session
  readonly #context: SessionContext
  readonly #transport: Transport
  readonly #table: RuleTable
  /** What leaves at the end of this turn of the event loop, in one piece; with those that a fault met. */
  #frames: Frame[] = []
  #bytes = 0
  #scheduled = false
  #ended = false
  #slow = false
  /** Position of the log up to which what is there rests on it. */
  #mark = 0
  /** What waits for the log. What comes behind it rests on more, and waits in `#frames`. */
  #held: readonly Frame[] | undefined
  #heldBytes = 0
  #endLater = false
  /** When the operating system last took what was given to it. */
  #takenAt = 0
  /** Publishers that wait for room. */
  #waiting: (() => void)[] = []
  #patience: NodeJS.Timeout | undefined
  receiveMaximum = 0
  #maximumPacketSize = Infinity
  /** What faults on purpose had the packet say that is on its way out. */
  #said: Said | undefined

  constructor(session: Session, context: SessionContext, transport: Transport, table: RuleTable) {
    this.#session = session
    this.#context = context
    this.#transport = transport
    this.#table = table
  }

  /** The device says in its CONNECT what it can take. */
  introduce({ properties }: ConnectPacket): void {
    this.receiveMaximum = Math.min(
      this.#context.limits.inflight,
      getProperty(properties, 'receiveMaximum') ?? ANY,
    )
    this.#maximumPacketSize = getProperty(properties, 'maximumPacketSize') ?? Infinity
  }

  get room(): boolean {
    return this.#owed < this.#context.limits.clientBudgetBytes
  }

  /** Whole packets that aedes wrote in one turn. */
  fromBroker(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) {
      const end = at + frameLength(bytes, at, bytes.length)
      const packet = decodePacket(bytes.subarray(at, end), this.#session.level)
      at = end
      this.send(packet)
      if (packet.type !== 'CONNACK') continue
      // The device is told before anyone hears that it was.
      this.flush()
      this.#session.answered(packet.reasonCode)
    }
  }

  send(packet: Packet): void {
    const entries = this.#table.for(packet.type)
    this.#said = undefined
    const changed = entries.length > 0 ? this.#ruled(packet, entries) : packet
    if (!changed) return
    this.#settle(changed)
    if (promises.has(changed.type)) this.#mark = this.#context.log.position
    if (this.#owed > this.#context.limits.clientBudgetBytes * BUDGETS_BEFORE_CUT) {
      return this.#cut('the device does not read: too many bytes wait for it (broker.clientBudgetKiB)')
    }
    const topic = packet.type === 'PUBLISH' ? packet.topic : ''
    this.#put(encodeBuffer(changed, this.#session.level), topic, this.#said)
  }

  takes(message: Message, terms: Terms): boolean {
    const { level, access } = this.#session
    if (access?.mayReceive(message.topic, terms.qos) === false) return false
    return (
      this.#maximumPacketSize === Infinity ||
      message.frame(level, terms, 1, false).length <= this.#maximumPacketSize
    )
  }

  publish(message: Message, terms: Terms, packetId: number, dup: boolean): HandOver {
    const { level } = this.#session
    const frame = message.frame(level, terms, packetId, dup)
    if (frame.length > this.#maximumPacketSize) return 'dropped'
    if (terms.qos > 0 && this.#session.state?.lasting) this.#mark = this.#context.log.position
    const entries = this.#table.for('PUBLISH')
    if (entries.length === 0) {
      this.#put(frame, message.topic)
      return 'sent'
    }
    const packet = message.packet(level, terms, packetId, dup)
    const changed = this.#ruled(packet, entries, { publisher: message.publisher, length: frame.length })
    if (!changed) return 'refused'
    this.#put(changed === packet ? frame : encodeBuffer(changed, level), message.topic)
    return 'sent'
  }

  release(packetId: number, reasonCode: number): void {
    this.send({
      type: 'PUBREL',
      packetId,
      reasonCode: this.#session.level === 5 ? reasonCode : 0,
      properties: [],
    })
  }

  slow(): void {
    const { traffic, events } = this.#context
    traffic.slowDrops += 1
    if (!this.#slow) events.slow(this.#session)
    this.#slow = true
  }

  get reading(): boolean {
    const budget = this.#context.limits.clientBudgetBytes
    return this.#owed < 2 * budget && performance.now() - this.#takenAt < READING_MS
  }

  wait(goOn: () => void): void {
    this.#waiting.push(goOn)
    this.#patience ??= setTimeout(this.#letGo, PATIENCE_MS)
  }

  overrun(): void {
    this.#cut(
      'the device does not read or answer: too many messages wait for it (broker.maxQueued, broker.queuedKiB)',
    )
  }

  #cut(text: string): void {
    setImmediate(() => this.#session.finish(QUOTA_EXCEEDED, text))
  }

  /** Puts what is there on the wire and in the capture, once all that it rests on is kept. */
  flush(): void {
    const { log } = this.#context
    const frames = this.#frames
    if (frames.length === 0 || this.#held) return
    this.#frames = []
    const bytes = this.#bytes
    this.#bytes = 0
    if (log.written >= this.#mark) return this.#write(frames)
    this.#held = frames
    this.#heldBytes = bytes
    log.whenWritten(this.#mark, this.#goOn)
  }

  readonly #goOn = (): void => {
    const frames = this.#held ?? []
    this.#held = undefined
    this.#heldBytes = 0
    this.#write(frames)
    this.flush()
    if (this.#endLater && !this.#held) this.#transport.end()
  }

  #write(frames: readonly Frame[]): void {
    if (this.#session.closed) return
    const { capture, traffic } = this.#context
    const { id } = this.#session
    const pieces: Buffer[] = []
    let size = 0
    let cut: string | undefined
    for (const frame of frames) {
      let piece: Buffer | undefined
      if (Buffer.isBuffer(frame)) {
        capture.frame(id, 'out', frame, false)
        piece = frame
      } else {
        piece = this.#met(frame)
        if (frame.end === 'cut') cut = frame.remark
      }
      if (!piece) continue
      pieces.push(piece)
      size += piece.length
      if (cut !== undefined) break
    }
    traffic.packetsOut += pieces.length
    traffic.bytesOut += size
    this.#session.packetsOut += pieces.length
    if (this.#slow && this.#transport.buffered === 0) this.#slow = false
    if (pieces.length > 0)
      this.#transport.write(
        pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces, size),
        this.#taken,
      )
    if (cut === undefined) return
    this.#ended = true
    this.#frames = []
    this.#session.cut(cut)
  }

  /** What is left of a packet that a fault on purpose met; it stands in the capture whole, with what was done. */
  #met({ packet, end, bytes, remark = '', fault }: Leaving<Buffer>): Buffer | undefined {
    const { capture } = this.#context
    const no = capture.frame(this.#session.id, 'out', packet, false)
    const kind = end === 'pass' ? 'changed' : 'dropped'
    capture.note(no, { kind, rule: 'fault', text: remark, ...(fault !== undefined && { fault }) })
    if (end === 'drop') return undefined
    return end === 'cut' ? packet.subarray(0, bytes) : packet
  }

  /** What a fault on purpose let out. */
  leave(leaving: Leaving<Buffer>): void {
    if (!this.#ended) this.#queue(leaving.remark === undefined ? leaving.packet : leaving)
  }

  /** What is there goes first, then the line is closed. */
  end(): void {
    if (!this.#ended) this.#session.line?.finish()
    this.flush()
    this.#ended = true
    if (this.#held) this.#endLater = true
    else this.#transport.end()
  }

  get #owed(): number {
    return this.#transport.buffered + this.#bytes + this.#heldBytes + (this.#session.line?.bytes ?? 0)
  }

  readonly #taken = (): void => {
    this.#takenAt = performance.now()
    if (this.#ended) return
    this.#session.state?.pump()
    if (this.#waiting.length > 0 && this.room) this.#letGo()
  }

  readonly #letGo = (): void => {
    clearTimeout(this.#patience)
    this.#patience = undefined
    const waiting = this.#waiting
    this.#waiting = []
    for (const goOn of waiting) goOn()
  }

  readonly #flushLater = (): void => {
    this.#scheduled = false
    this.flush()
  }

  #put(frame: Buffer, topic: string, said?: Said): void {
    if (this.#ended) return
    const { line } = this.#session
    if (line && (said || line.busy)) line.send(frame, topic, said)
    else this.#queue(frame)
  }

  #queue(frame: Frame): void {
    this.#frames.push(frame)
    this.#bytes += Buffer.isBuffer(frame) ? frame.length : frame.packet.length
    if (this.#bytes >= FLUSH_BYTES) return this.flush()
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(this.#flushLater)
  }

  /** A message of the device that is answered for good is no longer under way (Receive Maximum). */
  #settle(packet: Packet): void {
    const { unanswered } = this.#session
    if (packet.type === 'PUBACK' || packet.type === 'PUBCOMP') unanswered.delete(packet.packetId)
    else if (packet.type === 'PUBREC' && packet.reasonCode >= FIRST_ERROR) unanswered.delete(packet.packetId)
  }

  /** The packet as the rules let it go, last rule first; undefined when one drops it. */
  #ruled(original: Packet, entries: readonly Entry[], origin?: Origin): Packet | undefined {
    let packet = original
    for (let i = entries.length - 1; i >= 0; i--) {
      const { rule, handle } = entries[i] as Entry
      const outcome = handle(packet, origin)
      if (outcome === undefined) continue
      if (outcome.do === 'change') {
        packet = outcome.packet
        const { fault, text } = outcome
        if (fault !== undefined && text !== undefined) this.#said = alsoSaid(this.#said, { fault, text })
      } else if (outcome.do === 'drop') return undefined
      else throw new Error(`rule ${rule.name} cannot ${outcome.do} an outbound packet`)
    }
    return packet
  }
}
