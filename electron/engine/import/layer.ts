/** How the parts of an import are stacked: TCP, then maybe TLS, then maybe WebSocket, then MQTT. */
import type { Transport } from '../../../shared/contract/model.ts'
import type { Time } from '../../../shared/pcapng/format.ts'
import type { Direction } from '../capture/sink.ts'
import type { ImportLimits } from './events.ts'

/** Takes the bytes of both directions. Bytes and times last until the call returns. */
export interface Layer {
  /** `bytes[start, end)`: no view for each of masses of segments. */
  data(direction: Direction, bytes: Uint8Array, start: number, end: number, time: Time): void
  /** `count` bytes of this direction are missing here; 0 when it is not known how many. */
  gap(direction: Direction, count: number, time: Time): void
  /** Nothing more comes: tells what is left over, and lets go of it. */
  close(time: Time): void
}

/** Bytes held by all connections together. */
export interface HeldTotal {
  bytes: number
}

/** What the layers of a connection tell about it. */
export interface Findings {
  readonly limits: ImportLimits
  readonly held: HeldTotal
  /** There was no SYN: bytes may begin anywhere. */
  readonly midStream: boolean
  /** Its server is one where MQTT is expected, by its port or by what was seen there. */
  readonly expected: boolean
  /** This is a connection worth telling of; to be called before anything else is told. */
  recognised(transport: Transport): void
  /** One MQTT packet in `bytes[start, end)`, or what is none. `lesson`: it was not in the file and makes no row. */
  packet(
    direction: Direction,
    bytes: Uint8Array,
    start: number,
    end: number,
    malformed: boolean,
    time: Time,
    lesson?: boolean,
  ): void
  gap(direction: Direction, count: number, time: Time): void
  note(severity: 'info' | 'warning', text: string, time: Time): void
  /** Encrypted and not readable; told in sum when nothing says that it is MQTT. */
  unreadable(text: string, isMqtt: boolean, time: Time): void
  /** Client and server turned out to be the other way round. */
  turn(): void
}

/** Bytes that wait for more. Its memory grows by doubling and counts in the total. */
export class ByteQueue {
  readonly #held: HeldTotal
  #bytes = NOTHING
  #start = 0
  #end = 0

  constructor(held: HeldTotal) {
    this.#held = held
  }

  get length(): number {
    return this.#end - this.#start
  }

  /** What waits: a view that lasts until the next call of a method. */
  get view(): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#end)
  }

  push(bytes: Uint8Array, start = 0, end = bytes.length): void {
    const count = end - start
    if (count <= 0) return
    if (this.#end + count > this.#bytes.length) this.#makeRoom(count)
    this.#bytes.set(count === bytes.length ? bytes : bytes.subarray(start, end), this.#end)
    this.#end += count
  }

  shift(count: number): void {
    this.#start += count
    if (this.#start >= this.#end) this.clear()
  }

  clear(): void {
    this.#start = 0
    this.#end = 0
    // What one large packet took is not kept for the small ones that follow.
    if (this.#bytes.length > KEPT) this.#use(NOTHING)
  }

  /** As `clear`, and no memory is kept. */
  close(): void {
    this.clear()
    this.#use(NOTHING)
  }

  #makeRoom(count: number): void {
    const waiting = this.view
    const size = waiting.length + count
    if (size > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(size, this.#bytes.length * 2, 256))
      grown.set(waiting)
      this.#use(grown)
    } else this.#bytes.copyWithin(0, this.#start, this.#end)
    this.#end -= this.#start
    this.#start = 0
  }

  #use(bytes: Uint8Array<ArrayBuffer>): void {
    this.#held.bytes += bytes.length - this.#bytes.length
    this.#bytes = bytes
  }
}

const NOTHING = new Uint8Array(0)
const KEPT = 64 * 1024
