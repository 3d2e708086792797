/**
 * Finds the rows of the live capture in which a device got a Msg, and sent one. It listens in on what the broker
 * tells the capture, looks at PUBLISH packets of the Oktopus topics alone, and remembers the newest.
 */
import type { ProtocolLevel } from '../../../shared/mqtt/packets.ts'
import { topicPrefix } from '../../../shared/usp/oktopus.ts'
import { peekRecord } from '../../../shared/usp/peek.ts'
import { bodyStart, emptyHead, scanPublish } from '../capture/publish-head.ts'
import type { CaptureSink, Direction } from '../capture/sink.ts'

const PUBLISH = 3
const PREFIX = Buffer.from(`${topicPrefix}/`)
/** Packets remembered in each direction. */
const MAX_REMEMBERED = 5000

export class PacketFinder {
  /** Protocol level of the connections that are listened to. */
  readonly #levels = new Map<number, ProtocolLevel>()
  /** Row by endpoint ID and msg_id. */
  readonly #rows: Readonly<Record<Direction, Map<string, number>>> = { in: new Map(), out: new Map() }
  readonly #head = emptyHead()

  /** The capture, as the broker should see it. */
  tap(capture: CaptureSink): CaptureSink {
    return {
      opened: (connection, facts) => capture.opened(connection, facts),
      frame: (connection, direction, bytes, malformed) => {
        const no = capture.frame(connection, direction, bytes, malformed)
        const level = this.#levels.get(connection)
        if (no > 0 && level !== undefined && (bytes[0] as number) >> 4 === PUBLISH && !malformed) {
          this.#look(no, level, direction, bytes)
        }
        return no
      },
      note: (no, note) => capture.note(no, note),
      closed: (connection, facts) => capture.closed(connection, facts),
    }
  }

  listenTo(connection: number, level: ProtocolLevel): void {
    this.#levels.set(connection, level)
  }

  forget(connection: number): void {
    this.#levels.delete(connection)
  }

  /** `in`: sent by the device; `out`: handed to it. */
  find(direction: Direction, endpointId: string, msgId: string): number | undefined {
    return this.#rows[direction].get(key(endpointId, msgId))
  }

  #look(no: number, level: ProtocolLevel, direction: Direction, bytes: Uint8Array): void {
    // Before anything else, since every message of every client comes by here. An aliased topic is empty.
    const topic = bodyStart(bytes, 0, bytes.length) + 2
    const isAliased = bytes[topic - 2] === 0 && bytes[topic - 1] === 0
    if (!isAliased && !hasPrefix(bytes, topic)) return
    const head = this.#head
    if (!scanPublish(bytes, 0, bytes.length, level, head)) return
    const peek = peekRecord(bytes, head.payloadStart, bytes.length)
    if (peek?.msgId === undefined) return
    const rows = this.#rows[direction]
    rows.set(key(direction === 'in' ? peek.fromId : peek.toId, peek.msgId), no)
    if (rows.size <= MAX_REMEMBERED) return
    for (const oldest of rows.keys()) {
      rows.delete(oldest)
      return
    }
  }
}

const key = (endpointId: string, msgId: string): string => `${endpointId}\0${msgId}`

function hasPrefix(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < PREFIX.length; i++) if (bytes[at + i] !== PREFIX[i]) return false
  return true
}
