/** A wire session's way out: what the broker wrote meets the rules, the capture and a device that may read slowly. */
import { decodePacket } from '../../../shared/mqtt/decode.ts'
import { encodePacket } from '../../../shared/mqtt/encode.ts'
import { frameLength } from '../../../shared/mqtt/frame.ts'
import { toBuffer, type SessionContext } from './context.ts'
import { isWanted, type Entry, type RuleTable } from './rule-table.ts'
import type { Session } from './session.ts'
import type { Transport } from './transport.ts'

/** A slow reader that owes more than this many budgets is cut off. */
const BUDGETS_BEFORE_CUT = 4
const QUOTA_EXCEEDED = 0x97
const UNSPECIFIED_ERROR = 0x80
const PUBLISH = 3
const CONNACK = 2

export class Outbound {
  readonly #session: Session
  readonly #context: SessionContext
  readonly #transport: Transport
  readonly #table: RuleTable
  #slow = false
  #cut = false

  constructor(session: Session, context: SessionContext, transport: Transport, table: RuleTable) {
    this.#session = session
    this.#context = context
    this.#transport = transport
    this.#table = table
  }

  /** Whole packets that the broker wrote in one turn. Unchanged neighbours leave as one piece. */
  flush(bytes: Buffer): void {
    this.#pass(bytes, false)
  }

  /** The device answered a message: those that waited for that go on. */
  release(): void {
    for (let frame = this.#session.flow.next(); frame; frame = this.#session.flow.next()) {
      this.#pass(frame, true)
    }
  }

  /** `released`: these have waited for the device's answers already. */
  #pass(bytes: Buffer, released: boolean): void {
    const { flow } = this.#session
    let run = 0
    let packets = 0
    let room = this.#context.limits.clientBudgetBytes - this.#transport.buffered - flow.bytes
    const leave = (end: number): void => {
      if (end > run) this.write(bytes.subarray(run, end), packets)
      packets = 0
    }
    for (let at = 0; at < bytes.length;) {
      const length = frameLength(bytes, at, bytes.length)
      const end = at + length
      if (length <= 0 || end > bytes.length) {
        leave(at)
        this.#session.finish(UNSPECIFIED_ERROR, 'the broker wrote half a packet; the connection cannot go on')
        return
      }
      const frame = bytes.subarray(at, end)
      const type = (bytes[at] as number) >> 4
      const entries = this.#table.for(bytes[at] as number)
      room -= frame.length
      let changed: Buffer | undefined = frame
      if (room < 0 && this.#mustGo(frame, -room)) changed = undefined
      else if (!released && flow.holds(frame)) changed = undefined
      else if (entries.length > 0 && isWanted(entries, frame)) changed = this.#ruled(frame, entries)
      if (changed === frame) {
        packets += 1
      } else {
        leave(at)
        if (changed) this.write(changed, 1)
        run = end
      }
      at = end
      if (type === CONNACK) {
        // The device is told before anyone hears that it was.
        leave(end)
        run = end
        // Variable header: acknowledge flags, then the reason or return code.
        this.#session.answered(frame[3] as number)
      }
    }
    leave(bytes.length)
  }

  /** Puts whole packets on the wire and in the capture. */
  write(bytes: Buffer, packets: number): void {
    if (this.#session.closed) return
    const { capture, traffic } = this.#context
    const { id, flow } = this.#session
    traffic.packetsOut += packets
    traffic.bytesOut += bytes.length
    this.#session.packetsOut += packets
    for (let at = 0; at < bytes.length;) {
      const end = packets === 1 ? bytes.length : at + frameLength(bytes, at, bytes.length)
      const frame = bytes.subarray(at, end)
      flow.sent(frame)
      capture.frame(id, 'out', frame, false)
      at = end
    }
    if (this.#slow && this.#transport.buffered === 0) this.#slow = false
    this.#transport.write(bytes)
  }

  /** Is there no room for this packet? QoS 0 goes; a device that owes several budgets is cut off. */
  #mustGo(frame: Buffer, excess: number): boolean {
    const { limits, traffic, events } = this.#context
    const first = frame[0] as number
    if (first >> 4 === PUBLISH && (first & 0x06) === 0) {
      traffic.slowDrops += 1
      if (!this.#slow) events.slow(this.#session)
      this.#slow = true
      return true
    }
    if (excess <= limits.clientBudgetBytes * (BUDGETS_BEFORE_CUT - 1)) return false
    if (!this.#cut) {
      this.#cut = true
      const text = 'the device does not read: too many bytes wait for it (broker.clientBudgetKiB)'
      setImmediate(() => this.#session.finish(QUOTA_EXCEEDED, text))
    }
    return true
  }

  #ruled(frame: Buffer, entries: readonly Entry[]): Buffer | undefined {
    const { level } = this.#session
    const original = decodePacket(frame, level)
    let packet = original
    for (let i = entries.length - 1; i >= 0; i--) {
      const { rule, handle } = entries[i] as Entry
      const outcome = handle(packet)
      if (outcome === undefined) continue
      if (outcome.do === 'change') packet = outcome.packet
      else if (outcome.do === 'drop') return undefined
      else throw new Error(`rule ${rule.name} cannot ${outcome.do} an outbound packet`)
    }
    return packet === original ? frame : toBuffer(encodePacket(packet, level))
  }
}
