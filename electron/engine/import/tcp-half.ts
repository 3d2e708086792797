/** One direction of a TCP connection: segments in any order in, bytes in order out. */
import type { Time } from '../../../shared/pcapng/format.ts'
import type { Direction } from '../capture/sink.ts'
import { type ImportLimits, plainTime, secondsBetween } from './events.ts'
import type { HeldTotal } from './layer.ts'

/** Who takes the bytes, those of both directions. Bytes and times last until the call returns. */
export interface ByteSink {
  /** `bytes[start, end)`. */
  arrived(direction: Direction, bytes: Uint8Array, start: number, end: number, time: Time): void
  /** `count` bytes are not in the capture. */
  missed(direction: Direction, count: number, time: Time): void
  /** The `count` bytes of the file from `place` on, which were delivered, as far as they are still known. */
  delivered(place: number, count: number): Uint8Array | undefined
  /** Bytes that came again were not the same; those that came first are kept. */
  differed(time: Time): void
}

interface Held {
  readonly sequence: number
  readonly bytes: Uint8Array
  readonly missing: number
  readonly time: Time
  /** Where they stand in the file; NaN when that is not known. */
  readonly place: number
}

/** What a held segment costs besides its bytes. */
const OVERHEAD = 128

export class TcpHalf {
  readonly #direction: Direction
  readonly #sink: ByteSink
  readonly #limits: ImportLimits
  readonly #total: HeldTotal
  /** Sequence number of the next byte. */
  #next: number | undefined
  /** In the order of their sequence numbers, without overlaps. */
  #held: Held[] = []
  #heldBytes = 0
  #waitsSince: Time | undefined
  #finAt: number | undefined
  /** What was delivered last, to compare what comes again with it: where it ends in the file, and its length. */
  #tailEnd = NaN
  #tailLength = 0

  constructor(direction: Direction, sink: ByteSink, limits: ImportLimits, total: HeldTotal) {
    this.#direction = direction
    this.#sink = sink
    this.#limits = limits
    this.#total = total
  }

  /** Sequence number of the next byte; 0 before the first. */
  get next(): number {
    return this.#next ?? 0
  }

  /** A FIN was reached: everything was delivered. */
  get ended(): boolean {
    return this.#finAt !== undefined && this.#finAt === this.#next
  }

  /** Where it begins, when a SYN tells it. */
  start(sequence: number): void {
    this.#next ??= sequence
  }

  /**
   * A segment with `bytes[start, end)`; `missing`: bytes behind them that the capture did not keep. `origin`: offset in
   * the file at which `bytes` would begin, NaN when they are not there in one piece.
   */
  take(
    sequence: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    missing: number,
    fin: boolean,
    time: Time,
    origin: number,
  ): void {
    const next = (this.#next ??= sequence)
    const length = end - start + missing
    if (fin) this.#finAt = (sequence + length) >>> 0
    if (length > 0) {
      const ahead = (sequence - next) | 0
      if (ahead > 0) this.#hold(sequence, bytes.subarray(start, end), missing, time, origin + start)
      else this.#deliver(-ahead, bytes, start, end, missing, time, origin)
    }
    if (this.#waitsSince !== undefined && secondsBetween(this.#waitsSince, time) > this.#limits.maxWait) {
      this.giveUp(time)
    }
  }

  /** Nothing more is waited for: what is missing is told as a gap, what is held is delivered. */
  giveUp(time: Time): void {
    while (this.#held.length > 0) {
      const first = this.#held[0] as Held
      const count = ((first.sequence - (this.#next as number)) | 0) >>> 0
      this.#next = first.sequence
      this.#tailLength = 0
      this.#sink.missed(this.#direction, count, time)
      this.#drain()
    }
  }

  /** `skip`: bytes at its beginning that were delivered already. */
  #deliver(
    skip: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    missing: number,
    time: Time,
    origin: number,
  ): void {
    if (skip > 0) this.#compare(skip, bytes.subarray(start, end), time)
    this.#pass(skip, bytes, start, end, missing, time, origin)
    if (this.#heldBytes > 0) this.#drain()
  }

  #pass(
    skip: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    missing: number,
    time: Time,
    origin: number,
  ): void {
    const length = end - start + missing
    if (skip >= length) return
    const fresh = start + skip
    this.#next = ((this.#next as number) + length - skip) >>> 0
    if (fresh < end) {
      this.#tailEnd = origin + end
      this.#tailLength = end - fresh
      this.#sink.arrived(this.#direction, bytes, fresh, end, time)
    }
    if (missing > 0) {
      this.#tailLength = 0
      this.#sink.missed(this.#direction, Math.min(missing, length - skip), time)
    }
  }

  /** Delivers what is held and now follows. */
  #drain(): void {
    let count = 0
    for (const held of this.#held) {
      const ahead = (held.sequence - (this.#next as number)) | 0
      if (ahead > 0) break
      count += 1
      this.#release(held)
      // Delivered meanwhile by a longer segment, as a whole or in part.
      if (ahead < 0) this.#compare(-ahead, held.bytes, held.time)
      const { bytes, missing, time, place } = held
      this.#pass(-ahead, bytes, 0, bytes.length, missing, time, place)
    }
    if (count === 0) return
    this.#held = this.#held.slice(count)
    this.#waitsSince = this.#held[0]?.time
  }

  #hold(sequence: number, payload: Uint8Array, missing: number, time: Time, place: number): void {
    let at = sequence
    let rest = payload
    const when = plainTime(time)
    const placeOf = (from: number) => place + ((from - sequence) | 0)
    // Only what is not held yet is kept: the first copy of a byte wins.
    for (const held of this.#held.slice()) {
      const heldEnd = (held.sequence + held.bytes.length) >>> 0
      const before = (held.sequence - at) | 0
      if (before >= rest.length) break
      if (((heldEnd - at) | 0) <= 0) continue
      if (before > 0) this.#insert(at, rest.subarray(0, before), 0, when, placeOf(at))
      const from = Math.max(before, 0)
      const overlap = rest.subarray(from, from + ((heldEnd - at) | 0) - from)
      const same = held.bytes.subarray(((at + from - held.sequence) | 0) >>> 0)
      if (!startsAlike(overlap, same)) this.#sink.differed(time)
      const passed = Math.min(rest.length, (heldEnd - at) | 0)
      at = (at + passed) >>> 0
      rest = rest.subarray(passed)
    }
    if (rest.length + missing > 0) this.#insert(at, rest, missing, when, placeOf(at))
    this.#waitsSince ??= when
    const { maxHeldBytes, maxHeldTotal } = this.#limits
    if (this.#heldBytes > maxHeldBytes || this.#total.bytes > maxHeldTotal) this.giveUp(time)
  }

  #insert(sequence: number, bytes: Uint8Array, missing: number, time: Time, place: number): void {
    const held: Held = { sequence, bytes: bytes.slice(), missing, time, place }
    let i = this.#held.length
    while (i > 0 && ((sequence - (this.#held[i - 1] as Held).sequence) | 0) < 0) i -= 1
    this.#held.splice(i, 0, held)
    this.#heldBytes += bytes.length + OVERHEAD
    this.#total.bytes += bytes.length + OVERHEAD
  }

  #release({ bytes }: Held): void {
    this.#heldBytes -= bytes.length + OVERHEAD
    this.#total.bytes -= bytes.length + OVERHEAD
  }

  /** Compares the first `skip` bytes, which were delivered, with what was delivered last, as far as that reaches back. */
  #compare(skip: number, payload: Uint8Array, time: Time): void {
    // One byte alone is a keep-alive, whose content does not matter (RFC 9293, 3.8.4).
    if (payload.length <= 1) return
    const known = Math.min(skip, this.#tailLength)
    const again = payload.subarray(skip - known, skip)
    const before = this.#sink.delivered(this.#tailEnd - known, known)
    if (before !== undefined && !startsAlike(again, before)) this.#sink.differed(time)
  }
}

/** Whether two runs of bytes are the same as far as the shorter one goes. */
function startsAlike(a: Uint8Array, b: Uint8Array): boolean {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return false
  return true
}
