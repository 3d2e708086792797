/** Cuts both directions of a connection into MQTT packets, and finds the next one after bytes that are missing. */
import { decodePacket } from '../../../shared/mqtt/decode.ts'
import { MqttError } from '../../../shared/mqtt/error.ts'
import { frameLength } from '../../../shared/mqtt/frame.ts'
import type { ProtocolLevel } from '../../../shared/mqtt/packets.ts'
import { isPlainPacket } from '../../../shared/mqtt/plain.ts'
import { connectLesson } from '../../../shared/pcapng/lessons.ts'
import type { Time } from '../../../shared/pcapng/format.ts'
import type { Direction } from '../capture/sink.ts'
import { ByteQueue, type Findings, type Layer } from './layer.ts'
import { findPacket } from './mqtt-sync.ts'

/** Bytes in which the next packet is looked for, at most. */
const SEARCHED = 32 * 1024

const origin = { in: 'from the client', out: 'from the server' } as const

interface Way {
  readonly queue: ByteQueue
  /** Bytes of a packet that is too large, still to be passed over. */
  skip: number
  /** It is not known where packets begin. */
  lost: boolean
  /** Bytes passed over since. */
  passed: number
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
    const way = (): Way => ({ queue: new ByteQueue(findings.held), skip: 0, lost, passed: 0 })
    this.#in = way()
    this.#out = way()
  }

  data(direction: Direction, bytes: Uint8Array, time: Time): void {
    const way = this.#way(direction)
    if (way.lost) {
      this.#search(way, direction, bytes, time)
      return
    }
    let rest = bytes
    if (way.skip > 0) {
      const passed = Math.min(way.skip, bytes.length)
      way.skip -= passed
      rest = bytes.subarray(passed)
    }
    if (way.queue.length === 0) {
      const used = this.#cut(way, direction, rest, time)
      if (used < rest.length) way.queue.push(rest.subarray(used))
      return
    }
    way.queue.push(rest)
    way.queue.shift(this.#cut(way, direction, way.queue.view, time))
    const { held, limits } = this.#findings
    if (held.bytes > limits.maxHeldTotal && way.queue.length > SEARCHED) {
      this.#findings.note(
        'warning',
        `A packet was given up after ${way.queue.length} bytes: too much waits at once.`,
        time,
      )
      this.#lose(way, way.queue.length)
    }
  }

  close(time: Time): void {
    for (const direction of ['in', 'out'] as const) {
      const way = this.#way(direction)
      const left = way.queue.length
      if (way.lost && left + way.passed > 0) {
        const text = `${left + way.passed} bytes ${origin[direction]} hold no MQTT packet that could be found.`
        this.#findings.note('warning', text, time)
      } else if (left > 0 || way.skip > 0) {
        const text = `The last ${left} bytes ${origin[direction]} are a packet without its end.`
        this.#findings.note('warning', text, time)
      }
      way.queue.close()
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
    this.#lose(way, way.queue.length)
  }

  #way(direction: Direction): Way {
    return direction === 'in' ? this.#in : this.#out
  }

  #lose(way: Way, passed: number): void {
    way.lost = true
    way.skip = 0
    way.passed += passed
    way.queue.clear()
  }

  /** Tells the packets in `bytes` and answers how many bytes they took. */
  #cut(way: Way, direction: Direction, bytes: Uint8Array, time: Time): number {
    let at = 0
    while (at < bytes.length) {
      const length = frameLength(bytes, at, bytes.length)
      if (length < 0 || (bytes[at] as number) >> 4 === 0) {
        this.#findings.packet(direction, bytes.subarray(at), true, time)
        way.lost = true
        return bytes.length
      }
      if (length === 0) break
      if (length > this.#findings.limits.maxPacketBytes) {
        const most = this.#findings.limits.maxPacketBytes
        this.#findings.note(
          'warning',
          `A packet of ${length} bytes was left out: more than ${most} are not read.`,
          time,
        )
        const there = Math.min(length, bytes.length - at)
        way.skip = length - there
        at += there
        continue
      }
      if (at + length > bytes.length) break
      // Nearly every segment holds one packet: no new view for each of a million.
      const packet = length === bytes.length ? bytes : bytes.subarray(at, at + length)
      this.#packet(direction, packet, time)
      at += length
    }
    return at
  }

  #packet(direction: Direction, bytes: Uint8Array, time: Time): void {
    const malformed = !this.#understands(bytes, time)
    this.#findings.packet(direction, bytes, malformed, time)
  }

  #understands(bytes: Uint8Array, time: Time): boolean {
    if (isPlainPacket(bytes, this.#level ?? 5)) return true
    const packet = tryDecode(bytes, this.#level ?? 5)
    if (packet !== undefined) {
      if (packet.type === 'CONNECT') {
        this.#level = packet.level
        this.#certain = true
      }
      return true
    }
    // Without a CONNECT the level is a guess, which this packet may correct.
    if (this.#certain || this.#level === 4 || tryDecode(bytes, 4) === undefined) return false
    this.#setLevel(4, time)
    return true
  }

  /** Whoever reads on learns the level from a CONNECT alone: one that says nothing else is put in. */
  #setLevel(level: ProtocolLevel, time: Time): void {
    this.#level = level
    const lesson = connectLesson({ level, clientId: '' })
    this.#findings.packet(lesson.direction, lesson.bytes, false, time, true)
  }

  #search(way: Way, direction: Direction, bytes: Uint8Array, time: Time): void {
    const { queue } = way
    const over = queue.length + bytes.length - SEARCHED
    if (over > 0) {
      const dropped = Math.min(over, queue.length)
      queue.shift(dropped)
      way.passed += dropped
    }
    const fresh = queue.length
    queue.push(bytes)
    const found = findPacket(queue.view, fresh, this.#level)
    if (found === undefined) return
    way.lost = false
    const passed = way.passed + found.at
    way.passed = 0
    queue.shift(found.at)
    if (passed > 0) {
      const text = `${passed} bytes ${origin[direction]} were passed over up to the next MQTT packet.`
      this.#findings.note('info', text, time)
    }
    if (this.#level === undefined && found.level !== undefined) {
      if (found.level === 5) this.#level = 5
      else this.#setLevel(found.level, time)
    }
    queue.shift(this.#cut(way, direction, queue.view, time))
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
