/**
 * What flows hear of the broker's packets. It listens in on what the broker tells the capture; as long as nobody
 * listens it costs a look at a set. A Msg belongs to the packet in which its sender sent it: the delivered copy has
 * none, so that nothing comes twice.
 */
import { TRANSPORTS } from '../../../shared/contract/model.ts'
import { loosePacketView } from '../../../shared/filter/loose-packet.ts'
import type { JsonMap } from '../../../shared/flow/json.ts'
import { msgJson } from '../../../shared/flow/messages.ts'
import type { SeenPacket } from '../../../shared/flow/run/events.ts'
import { decodePacket } from '../../../shared/mqtt/decode.ts'
import type { ProtocolLevel } from '../../../shared/mqtt/packets.ts'
import { userProperties } from '../../../shared/mqtt/properties.ts'
import { decodeMsg } from '../../../shared/usp/codec.ts'
import { endpointIdentity } from '../../../shared/usp/oktopus.ts'
import { peekRecord } from '../../../shared/usp/peek.ts'
import { readSessionRecord, SessionContexts } from '../../../shared/usp/session-context.ts'
import type { Session } from '../broker/session.ts'
import { emptyHead, scanPublish } from '../capture/publish-head.ts'
import type { CaptureSink, Direction } from '../capture/sink.ts'

const CONNECT = 1
const PUBLISH = 3
/** Segments that wait, of all connections together. */
const SESSION_LIMITS = { maxWaitingBytes: 8 << 20, maxBytes: 16 << 20 }
const MAX_ALIASES = 10_000

export interface Heard {
  /** Endpoint ID of the connection's device; empty for a client that has said none yet. */
  readonly device: string
  readonly packet: SeenPacket
}

interface Line {
  readonly transport: number
  /** Endpoint ID; empty until CONNECT was seen. */
  claimed: string
}

const nowMs = (): number => performance.timeOrigin + performance.now()

export class Traffic {
  readonly #listeners = new Set<(heard: Heard) => void>()
  readonly #sessions = new Map<number, Session>()
  /** Of connections that stand: how they came, and who their CONNECT said they are. */
  readonly #lines = new Map<number, Line>()
  readonly #aliases = new Map<string, string>()
  #contexts = new SessionContexts(SESSION_LIMITS)
  readonly #head = emptyHead()

  /** The capture, as the broker should see it. */
  tap(capture: CaptureSink): CaptureSink {
    return {
      opened: (connection, facts) => {
        this.#lines.set(connection, { transport: TRANSPORTS.indexOf(facts.transport), claimed: '' })
        capture.opened(connection, facts)
      },
      frame: (connection, direction, bytes, malformed) => {
        const no = capture.frame(connection, direction, bytes, malformed)
        if (!malformed && (bytes[0] as number) >> 4 === CONNECT) this.#claim(connection, bytes)
        if (this.#listeners.size > 0 && !malformed) this.#hear(no, connection, direction, bytes)
        return no
      },
      note: (no, note) => capture.note(no, note),
      closed: (connection, facts) => {
        this.#lines.delete(connection)
        capture.closed(connection, facts)
      },
    }
  }

  connected(session: Session): void {
    this.#sessions.set(session.id, session)
  }

  ended(session: Session): void {
    this.#sessions.delete(session.id)
    this.#contexts.leave(session.id, 0)
    for (const key of this.#aliases.keys()) if (key.startsWith(`${session.id} `)) this.#aliases.delete(key)
  }

  /** Answers the function that ends it. */
  listen(listener: (heard: Heard) => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size > 0) return
      this.#aliases.clear()
      this.#contexts = new SessionContexts(SESSION_LIMITS)
    }
  }

  /** Nobody has accepted it yet, but a flow may wait for just that CONNECT. */
  #claim(connection: number, bytes: Uint8Array): void {
    const line = this.#lines.get(connection)
    if (!line) return
    try {
      const packet = decodePacket(bytes, 5)
      if (packet.type !== 'CONNECT') return
      const { properties, username, clientId } = packet
      line.claimed = endpointIdentity({
        userProperties: userProperties(properties),
        username,
        clientId,
      }).endpointId
    } catch {
      // It says nothing that could be read.
    }
  }

  #hear(no: number, connection: number, direction: Direction, frame: Uint8Array): void {
    const session = this.#sessions.get(connection)
    const line = this.#lines.get(connection)
    const device = session?.endpoint?.endpointId ?? line?.claimed ?? ''
    // The broker uses its bytes again, and a filter may look at them later.
    const bytes = frame.slice()
    const level = session?.level ?? 5
    const said =
      (bytes[0] as number) >> 4 === PUBLISH ? this.#publish(no, connection, direction, level, bytes) : {}
    const { topic, msg, from = direction === 'in' ? device : '' } = said
    const time = nowMs()
    const view = loosePacketView({
      no,
      time,
      direction,
      device,
      level,
      bytes,
      topic: topic ?? '',
      ...(line && { transport: line.transport }),
    })
    const packet: SeenPacket = {
      no,
      time,
      from,
      view,
      ...(topic !== undefined && { topic }),
      ...(msg && { msg }),
    }
    for (const listener of this.#listeners) listener({ device, packet })
  }

  #publish(
    no: number,
    connection: number,
    direction: Direction,
    level: ProtocolLevel,
    bytes: Uint8Array,
  ): { topic?: string; from?: string; msg?: JsonMap } {
    const head = this.#head
    if (!scanPublish(bytes, 0, bytes.length, level, head)) return {}
    const { topicStart, topicEnd, payloadStart, alias } = head
    const topic = this.#topic(
      `${connection} ${direction} ${alias}`,
      alias,
      bytes.subarray(topicStart, topicEnd),
    )
    const peek = peekRecord(bytes, payloadStart, bytes.length)
    if (!peek) return { topic }
    const from = peek.fromId
    if (direction === 'out') return { topic, from }
    const payload =
      peek.kind === 'session_context' ? this.#whole(no, connection, bytes, payloadStart) : undefined
    const range = peek.msg
    const whole = payload ?? (range && bytes.subarray(range.start, range.end))
    const msg = whole && readMsgJson(whole)
    return { topic, from, ...(msg && { msg }) }
  }

  /** The Msg that this Record makes whole. */
  #whole(no: number, connection: number, bytes: Uint8Array, start: number): Uint8Array | undefined {
    const record = readSessionRecord(bytes, start, bytes.length)
    return record && this.#contexts.feed(record, no, connection).assembled.at(-1)?.bytes
  }

  #topic(key: string, alias: number, bytes: Uint8Array): string {
    const topic = Buffer.from(bytes).toString()
    if (alias === 0) return topic
    if (topic === '') return this.#aliases.get(key) ?? ''
    if (this.#aliases.size < MAX_ALIASES) this.#aliases.set(key, topic)
    return topic
  }
}

function readMsgJson(bytes: Uint8Array): JsonMap | undefined {
  try {
    return msgJson(decodeMsg(bytes))
  } catch {
    return undefined
  }
}
