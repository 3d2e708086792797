/** Cuts both directions of a connection into MQTT packets, and finds the next one after bytes that are missing. */
import { decodePacket } from '../../../shared/mqtt/decode.ts'
import { MqttError } from '../../../shared/mqtt/error.ts'
import { frameLength } from '../../../shared/mqtt/frame.ts'
import type { ProtocolLevel } from '../../../shared/mqtt/packets.ts'
import { isPlainPacket } from '../../../shared/mqtt/plain.ts'
import { connectLesson } from '../../../shared/pcapng/lessons.ts'
import type { Time } from '../../../shared/pcapng/format.ts'
import type { Direction } from '../capture/sink.ts'
import { ByteQueue, type Findings, type HeldTotal, type Layer } from './layer.ts'
import { findPacket } from './mqtt-sync.ts'

/** Bytes in which the next packet is looked for, at most. */
const SEARCHED = 32 * 1024

const origin = { in: 'from the client', out: 'from the server' } as const

/** What waits of a direction, and how it goes on: one object, as each of a million segments looks at it. */
class Way extends ByteQueue {
  /** Bytes of a packet that is too large, still to be passed over. */
  skip = 0
  /** It is not known where packets begin. */
  lost: boolean
  /** Bytes passed over since. */
  passed = 0

  constructor(held: HeldTotal, lost: boolean) {
    super(held)
    this.lost = lost
  }
}

export class MqttLayer implements Layer {
  readonly #findings: Findings
  readonly #in: Way
  readonly #out: Way
  #level: ProtocolLevel | undefined
  /** The level was told by a CONNECT. */
  #certain = false

  /** `lost`: the bytes may begin inside a packet. */
  constructor(findings: Findings, lost: boolean) {
    this.#findings = findings
    this.#in = new Way(findings.held, lost)
    this.#out = new Way(findings.held, lost)
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, time: Time): void {
    const way = this.#way(direction)
    if (way.lost) {
      this.#search(way, direction, bytes, start, end, time)
      return
    }
    let at = start
    if (way.skip > 0) {
      const passed = Math.min(way.skip, end - start)
      way.skip -= passed
      at += passed
    }
    if (way.length === 0) {
      way.push(bytes, this.#cut(way, direction, bytes, at, end, time), end)
      return
    }
    way.push(bytes, at, end)
    this.#cutQueue(way, direction, time)
    const { held, limits } = this.#findings
    if (held.bytes > limits.maxHeldTotal && way.length > SEARCHED) {
      this.#findings.note(
        'warning',
        `A packet was given up after ${way.length} bytes: too much waits at once.`,
        time,
      )
      this.#lose(way, way.length)
    }
  }

  close(time: Time): void {
    for (const direction of ['in', 'out'] as const) {
      const way = this.#way(direction)
      const left = way.length
      if (way.lost && left + way.passed > 0) {
        const text = `${left + way.passed} bytes ${origin[direction]} hold no MQTT packet that could be found.`
        this.#findings.note('warning', text, time)
      } else if (left > 0 || way.skip > 0) {
        const text = `The last ${left} bytes ${origin[direction]} are a packet without its end.`
        this.#findings.note('warning', text, time)
      }
      way.close()
      way.passed = 0
      way.skip = 0
    }
  }

  gap(direction: Direction, count: number, time: Time): void {
    const way = this.#way(direction)
    this.#findings.gap(direction, count, time)
    if (count > 0 && way.skip >= count) {
      way.skip -= count
      return
    }
    this.#lose(way, way.length)
  }

  #way(direction: Direction): Way {
    return direction === 'in' ? this.#in : this.#out
  }

  #lose(way: Way, passed: number): void {
    way.lost = true
    way.skip = 0
    way.passed += passed
    way.clear()
  }

  #cutQueue(way: Way, direction: Direction, time: Time): void {
    const { view } = way
    way.shift(this.#cut(way, direction, view, 0, view.length, time))
  }

  /** Tells the packets in `bytes[start, end)` and answers where they end. */
  #cut(way: Way, direction: Direction, bytes: Uint8Array, start: number, end: number, time: Time): number {
    let at = start
    while (at < end) {
      const length = frameLength(bytes, at, end)
      if (length < 0 || (bytes[at] as number) >> 4 === 0) {
        this.#findings.packet(direction, bytes, at, end, true, time)
        way.lost = true
        return end
      }
      if (length === 0) break
      if (length > this.#findings.limits.maxPacketBytes) {
        const most = this.#findings.limits.maxPacketBytes
        this.#findings.note(
          'warning',
          `A packet of ${length} bytes was left out: more than ${most} are not read.`,
          time,
        )
        const there = Math.min(length, end - at)
        way.skip = length - there
        at += there
        continue
      }
      if (at + length > end) break
      const malformed = !this.#understands(bytes, at, at + length, time)
      this.#findings.packet(direction, bytes, at, at + length, malformed, time)
      at += length
    }
    return at
  }

  #understands(bytes: Uint8Array, start: number, end: number, time: Time): boolean {
    const level = this.#level ?? 5
    if (isPlainPacket(bytes, start, end, level)) return true
    const whole = bytes.subarray(start, end)
    const packet = tryDecode(whole, level)
    if (packet !== undefined) {
      if (packet.type === 'CONNECT') {
        this.#level = packet.level
        this.#certain = true
      }
      return true
    }
    // Without a CONNECT the level is a guess, which this packet may correct.
    if (this.#certain || this.#level === 4 || tryDecode(whole, 4) === undefined) return false
    this.#setLevel(4, time)
    return true
  }

  /** Whoever reads on learns the level from a CONNECT alone: one that says nothing else is put in. */
  #setLevel(level: ProtocolLevel, time: Time): void {
    this.#level = level
    const { direction, bytes } = connectLesson({ level, clientId: '' })
    this.#findings.packet(direction, bytes, 0, bytes.length, false, time, true)
  }

  #search(way: Way, direction: Direction, bytes: Uint8Array, start: number, end: number, time: Time): void {
    const over = way.length + end - start - SEARCHED
    if (over > 0) {
      const dropped = Math.min(over, way.length)
      way.shift(dropped)
      way.passed += dropped
    }
    const fresh = way.length
    way.push(bytes, start, end)
    const found = findPacket(way.view, fresh, this.#level)
    if (found === undefined) return
    way.lost = false
    const passed = way.passed + found.at
    way.passed = 0
    way.shift(found.at)
    if (passed > 0) {
      const text = `${passed} bytes ${origin[direction]} were passed over up to the next MQTT packet.`
      this.#findings.note('info', text, time)
    }
    if (this.#level === undefined && found.level !== undefined) {
      if (found.level === 5) this.#level = 5
      else this.#setLevel(found.level, time)
    }
    this.#cutQueue(way, direction, time)
  }
}

function tryDecode(bytes: Uint8Array, level: ProtocolLevel) {
  try {
    return decodePacket(bytes, level)
  } catch (error) {
    if (error instanceof MqttError) return undefined
    throw error
  }
}
