/**
 * Faults on purpose over one connection: asks which faults meet a packet, and keeps what leaves later, again or in
 * another order (shared/faults). While no fault is on, a packet costs one look at that.
 */
import type { FaultBook, Fate } from '../../../shared/faults/book.ts'
import { Lane, type Leaving } from '../../../shared/faults/lane.ts'
import { loosePacketView } from '../../../shared/filter/loose-packet.ts'
import type { Session } from './session.ts'

export interface Faults {
  readonly book: FaultBook
  /** A fault met a packet. */
  met(): void
}

/** What a fault had a packet say, as the end of a sentence. */
export interface Said {
  readonly fault: string
  readonly text: string
}
export const alsoSaid = (before: Said | undefined, { fault, text }: Said): Said =>
  before ? { fault: `${before.fault}, ${fault}`, text: `${before.text}, ${text}` } : { fault, text }

const saying = (fate: Fate = { fault: '', delayMs: 0, copies: 0, behind: 0 }, said: Said): Fate => ({
  ...fate,
  fault: [said.fault, fate.fault].filter(Boolean).join(', '),
  said: said.text,
})

/** Packets of a device that wait here at most; then it is not read from until they are through. */
const MOST_WAITING = 1000

export class FaultLine {
  readonly #faults: Faults
  readonly #session: Session
  readonly #leave: (leaving: Leaving<Buffer>) => void
  readonly #in = new Lane<() => void>()
  readonly #out = new Lane<Buffer>()
  #timer: NodeJS.Timeout | undefined
  #bytes = 0
  #drained: (() => void)[] = []

  /** `leave`: what comes out of the way to the device. */
  constructor(faults: Faults, session: Session, leave: (leaving: Leaving<Buffer>) => void) {
    this.#faults = faults
    this.#session = session
    this.#leave = leave
  }

  /** A packet may be met, or has to keep its place behind others. */
  get busy(): boolean {
    return this.#faults.book.active || this.#in.size > 0 || this.#out.size > 0
  }

  /** Bytes that wait here for the device. */
  get bytes(): number {
    return this.#bytes
  }

  /** `bytes` of the packet are made only when a filter asks for them. */
  fate(way: 'in' | 'out', topic: string, bytes: () => Uint8Array): Fate | undefined {
    const { level, endpoint } = this.#session
    const device = endpoint?.endpointId ?? ''
    const view = () =>
      loosePacketView({ no: 0, time: Date.now(), direction: way, device, level, topic, bytes: bytes() })
    const fate = this.#faults.book.fate({ names: this.#names, way, view }, Date.now(), Math.random)
    if (fate) this.#faults.met()
    return fate
  }

  /** Smaller limits for this client; asked once, when it is accepted. */
  shrunk() {
    const shrunk = this.#faults.book.shrunk(this.#names, Date.now(), Math.random)
    if (shrunk) this.#faults.met()
    return shrunk
  }

  /** What CONNACK does not say to this client; asked once, when it is accepted. */
  omitted() {
    const omitted = this.#faults.book.omitted(this.#names, Date.now(), Math.random)
    if (omitted) this.#faults.met()
    return omitted
  }

  /** A packet on its way to the device; `said`: what a fault had it say. */
  send(frame: Buffer, topic: string, said?: Said): void {
    const now = performance.now()
    this.#bytes += frame.length
    const fate = this.fate('out', topic, () => frame)
    // The broker may use its bytes again.
    this.#out.push(Buffer.from(frame), said ? saying(fate, said) : fate, now)
    // What came from the device waits for the clock: this may be the broker's answer to it, inside its work.
    this.#letOut(now)
    this.#waitOn()
  }

  /** A packet of the device, which `run` takes on from here: later, several times or never. */
  receive(run: () => void, fate: Fate | undefined): void {
    const now = performance.now()
    this.#in.push(run, fate, now)
    // Not from inside the way in, which is still at this very packet.
    this.#waitOn()
  }

  /** Others of this device wait here: what comes now has to come behind them. */
  get receiving(): boolean {
    return this.#in.size > 0
  }

  /** Too many wait: resolves when they are through. */
  get crowd(): Promise<void> | undefined {
    if (this.#in.size < MOST_WAITING) return undefined
    return new Promise((resolve) => this.#drained.push(resolve))
  }

  /** The connection ends: what waits for the device goes now, what came from it is not worked on. */
  finish(): void {
    clearTimeout(this.#timer)
    this.#in.clear()
    for (const leaving of this.#out.take(Infinity)) this.#leave(leaving)
    this.#bytes = 0
    this.#letGo()
  }

  get #names(): readonly string[] {
    const { endpoint, connect, clientId } = this.#session
    return [endpoint?.endpointId, connect?.username, clientId].filter((name) => name !== undefined)
  }

  #go(now: number): void {
    for (const { packet: run, end } of this.#in.take(now)) if (end === 'pass') run()
    if (this.#in.size === 0) this.#letGo()
    this.#letOut(now)
    this.#waitOn()
  }

  #letOut(now: number): void {
    for (const leaving of this.#out.take(now)) {
      // A repeated one was counted once.
      this.#bytes = Math.max(0, this.#bytes - leaving.packet.length)
      this.#leave(leaving)
    }
    if (this.#out.size === 0) this.#bytes = 0
  }

  #waitOn(): void {
    const next = [this.#in.next, this.#out.next].filter((time) => time !== undefined)
    if (next.length > 0) this.#wait(Math.min(...next))
  }

  #wait(until: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#go(performance.now()), Math.max(0, until - performance.now()))
  }

  #letGo(): void {
    for (const resolve of this.#drained.splice(0)) resolve()
  }
}
