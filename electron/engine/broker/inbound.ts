/** A wire session's way in: bytes from the device become packets, meet the rules and go on to the broker. */
import type { PacketNote } from '../../../shared/contract/model.ts'
import { decodePacket } from '../../../shared/mqtt/decode.ts'
import { MqttError } from '../../../shared/mqtt/error.ts'
import { frameLength } from '../../../shared/mqtt/frame.ts'
import type { Packet, PacketType } from '../../../shared/mqtt/packets.ts'
import { encodeBuffer, type SessionContext } from './context.ts'
import { attemptedLevel, strangerText } from './farewell.ts'
import { Input } from './input.ts'
import type { Entry, RuleTable } from './rule-table.ts'
import type { Outcome, Rule } from './rule.ts'
import type { Session } from './session.ts'
import type { Link } from './sessions/mqtt-session.ts'
import type { BrokerEnd } from './stream.ts'
import type { Transport } from './transport.ts'

const CONNECT_BYTE = 0x10
const MALFORMED_PACKET = 0x81
const PROTOCOL_ERROR = 0x82
const PACKET_TOO_LARGE = 0x95
/** What one connection may bring in a turn of the event loop; the system would read megabytes at once. */
const TURN_BYTES = 65_536

export class Inbound {
  readonly #session: Session
  readonly #context: SessionContext
  readonly #transport: Transport
  readonly #end: BrokerEnd
  readonly #input = new Input()
  readonly #table: RuleTable
  /** Deferred packets whose time has come. */
  #resumed: (() => void)[] = []
  #held = false
  /** Of packets that are worked on while one is held. */
  #meanwhile: PacketType | undefined
  #resting = false
  /** Bytes since it last rested. */
  #taken = 0
  #paused = false
  #onDrained: (() => void) | undefined

  constructor(
    session: Session,
    context: SessionContext,
    transport: Transport,
    end: BrokerEnd,
    table: RuleTable,
  ) {
    this.#session = session
    this.#context = context
    this.#transport = transport
    this.#end = end
    this.#table = table
  }

  receive(chunk: Buffer): void {
    this.#input.push(chunk)
    this.#pump()
    this.#taken += chunk.length
    if (this.#taken < TURN_BYTES) return
    this.#taken = 0
    // A flood is read on in the next turn of the event loop, after what others sent and after what goes out.
    this.#rest((goOn) => setImmediate(goOn))
  }

  /** Later in this turn, never from inside the broker's own read: that would nest without end. */
  goOn(): void {
    setImmediate(this.#goOnNow)
  }
  readonly #goOnNow = (): void => {
    if (this.#session.working) this.#pump()
  }

  /** Takes nothing more until `link` has room, or a moment has passed. */
  rest(link: Link): void {
    this.#rest((goOn) => link.wait(goOn))
  }

  #rest(until: (goOn: () => void) => void): void {
    if (this.#resting) return
    this.#resting = true
    this.#flow()
    until(() => {
      this.#resting = false
      this.#goOnNow()
    })
  }

  /** No more will come: calls `done` once the whole packets that are there went through. */
  drain(done: () => void): void {
    this.#onDrained = done
    this.#pump()
  }

  /** Nothing more is worked on. Bytes still waiting get a row when the device, not the bench, ended it. */
  stop(record: boolean): void {
    if (record && this.#input.size > 0) {
      const { capture } = this.#context
      const text = 'closed in the middle of a packet'
      const no = capture.frame(this.#session.id, 'in', this.#input.take(), true)
      capture.note(no, { kind: 'dropped', rule: 'strict', text })
    }
    this.#input.clear()
    this.#resumed = []
  }

  /** Takes whole packets from the input until something holds them up; those that were deferred go first. */
  #pump(): void {
    while (this.#resumed.length > 0 && !this.#waits()) this.#resumed.shift()?.()
    if (this.#waits() || !this.#input.ready) return this.#flow()
    const input = this.#input.take()
    let needed = 1
    let at = 0
    while (at < input.length && !this.#waits()) {
      const length = this.#frameAt(input, at)
      if (length === 0) break
      if (at + length > input.length) {
        needed = length
        break
      }
      this.#take(input.subarray(at, at + length))
      at += length
    }
    if (this.#session.working) this.#input.keep(at, needed)
    this.#flow()
  }

  /** Length of the packet that begins at `at`; 0 when it is not known yet or the connection ended over it. */
  #frameAt(input: Buffer, at: number): number {
    if (this.#session.phase === 'waiting' && !this.#session.connect && input[at] !== CONNECT_BYTE) {
      // [MQTT-3.1.0-1]; known from the first byte, so nobody waits for the rest of something else.
      this.#reject(input.subarray(at), PROTOCOL_ERROR, 'the first packet of a connection must be CONNECT')
      return 0
    }
    const length = frameLength(input, at, input.length)
    const { maxPacketBytes } = this.#context.limits
    if (length < 0) {
      this.#reject(input.subarray(at), MALFORMED_PACKET, 'the remaining length takes more than four bytes')
      return 0
    }
    if (length > maxPacketBytes) {
      const text = `a packet of ${length} bytes is above the ${maxPacketBytes} bytes allowed (broker.maxPacketKiB)`
      this.#reject(input.subarray(at), PACKET_TOO_LARGE, text)
      return 0
    }
    return length
  }

  #open(): boolean {
    return (
      (!this.#held || this.#meanwhile !== undefined) &&
      !this.#resting &&
      this.#session.working &&
      this.#session.phase !== 'connecting'
    )
  }

  #waits(): boolean {
    return this.#end.full || !this.#open()
  }

  /** Stops reading from the network while the input cannot be worked on, and starts again. */
  #flow(): void {
    const pause = this.#session.working && this.#waits()
    if (!pause) this.#onDrained?.()
    if (pause === this.#paused) return
    this.#paused = pause
    if (pause) this.#transport.pause()
    else this.#transport.resume()
  }

  /** One whole packet. */
  #take(frame: Buffer): void {
    const session = this.#session
    this.#context.traffic.packetsIn += 1
    session.packetsIn += 1
    let packet: Packet
    try {
      packet = decodePacket(frame, session.level)
    } catch (error) {
      if (!(error instanceof MqttError)) throw error
      return this.#reject(frame, error.reasonCode, error.message)
    }
    const no = this.#context.capture.frame(session.id, 'in', frame, false)
    if (this.#held && packet.type !== this.#meanwhile) {
      // [MQTT-3.1.2-30]
      const text = `${packet.type} came in the middle of the authentication`
      this.#apply({ do: 'reject', reasonCode: PROTOCOL_ERROR, text }, 'auth', no)
      return
    }
    if (packet.type === 'CONNECT' && session.phase === 'waiting') session.introduce(packet)
    this.#run(packet, frame, no, 0)
  }

  /** Takes a packet through the rules from number `from` on, and to aedes if all let it pass. */
  #run(packet: Packet, frame: Buffer, no: number, from: number): void {
    const entries = this.#table.for(packet.type)
    let current = packet
    for (let i = from; i < entries.length; i++) {
      const { rule, handle } = entries[i] as Entry
      const outcome = handle(current)
      if (outcome === undefined) continue
      if (outcome.do === 'hold') {
        this.#remark(no, rule, outcome)
        this.#meanwhile = outcome.meanwhile
        return this.#hold(outcome.until, rule, current, frame, no, i + 1)
      }
      if (outcome.do === 'defer') {
        this.#remark(no, rule, outcome)
        return this.#defer(outcome.to, current, no, i + 1)
      }
      const next = this.#apply(outcome, rule.name, no)
      if (!next) return
      current = next
    }
    if (current.type === 'CONNECT') this.#session.phase = 'connecting'
    if (this.#end.destroyed) return
    const same = current === packet && from === 0
    this.#end.offer(same ? frame : encodeBuffer(current, this.#session.level))
  }

  #hold(until: Promise<Outcome>, rule: Rule, packet: Packet, frame: Buffer, no: number, from: number): void {
    this.#held = true
    void until.then((outcome) => {
      this.#held = false
      this.#meanwhile = undefined
      if (!this.#session.working) return
      const next = outcome === undefined ? packet : this.#apply(outcome, rule.name, no)
      if (next) this.#run(next, frame, no, from)
      this.#pump()
    })
  }

  #defer(to: (run: () => void) => void, packet: Packet, no: number, from: number): void {
    const { level } = this.#session
    // A copy: the bytes that it was read from, and those it is written into, are used again.
    const frame = Buffer.from(encodeBuffer(packet, level))
    const kept = decodePacket(frame, level)
    to(() => {
      this.#resumed.push(() => this.#run(kept, frame, no, from))
      this.#pump()
    })
  }

  #remark(
    no: number,
    rule: Rule,
    { text, fault }: { readonly text?: string; readonly fault?: string },
  ): void {
    if (text === undefined) return
    this.#context.capture.note(no, {
      kind: 'changed',
      rule: rule.name,
      text,
      ...(fault !== undefined && { fault }),
    })
  }

  /** Does what a rule decided; answers the packet that goes on, or nothing. */
  #apply(outcome: Exclude<Outcome, undefined>, rule: string, no: number): Packet | undefined {
    const { capture, traffic } = this.#context
    switch (outcome.do) {
      case 'change':
        if (outcome.text) capture.note(no, { kind: 'changed', rule, text: outcome.text })
        return outcome.packet
      case 'take':
        if (outcome.text) capture.note(no, { kind: 'changed', rule, text: outcome.text })
        return undefined
      case 'drop':
        traffic.refused += 1
        capture.note(no, noteOf('dropped', rule, outcome))
        for (const answer of outcome.answer ?? []) this.#session.send(answer)
        return undefined
      case 'reject':
        traffic.refused += 1
        capture.note(no, noteOf('refused', rule, outcome))
        this.#session.turnAway(outcome.reasonCode, outcome.text, outcome.properties)
        return undefined
      case 'hold':
      case 'defer':
        throw new Error(`rule ${rule} cannot ${outcome.do} a packet that it held`)
    }
  }

  /** Bytes that are no packet this version allows: a row of their own, and the end of the connection. */
  #reject(bytes: Buffer, reasonCode: number, text: string): void {
    const { capture, traffic } = this.#context
    const session = this.#session
    traffic.refused += 1
    let reason = text
    if (session.phase === 'waiting') {
      reason = strangerText(bytes) ?? text
      session.tried(attemptedLevel(bytes))
    }
    const no = capture.frame(session.id, 'in', bytes, true)
    capture.note(no, { kind: 'refused', rule: 'strict', text: reason, reasonCode })
    session.turnAway(reasonCode, reason)
  }
}

function noteOf(
  kind: 'dropped' | 'refused',
  rule: string,
  {
    text,
    reasonCode,
    fault,
  }: { readonly text: string; readonly reasonCode?: number; readonly fault?: string },
): PacketNote {
  return {
    kind,
    rule,
    text,
    ...(reasonCode !== undefined && { reasonCode }),
    ...(fault !== undefined && { fault }),
  }
}
