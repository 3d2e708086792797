/** What a new worker must be told of connections that are open when it starts. */
import { decodePacket } from '../../../shared/mqtt/decode.ts'
import { MqttError } from '../../../shared/mqtt/error.ts'
import { userProperties } from '../../../shared/mqtt/properties.ts'
import { decodeLenient } from '../../../shared/mqtt/utf8.ts'
import { aliasLesson, connectLesson, type Lesson } from '../../../shared/pcapng/lessons.ts'
import { endpointIdentity } from '../../../shared/usp/oktopus.ts'
import { emptyHead, scanPublish } from './publish-head.ts'
import type { ConnectionOpened, Direction } from './sink.ts'

interface Open {
  readonly connection: number
  readonly facts: ConnectionOpened
  /** Packets that say who the client is and what its topic aliases stand for, and nothing else. */
  readonly lessons: readonly Lesson[]
}

type Aliases = Map<number, Uint8Array>

interface Known {
  readonly facts: ConnectionOpened
  /** A CONNECT that says who the client is, and nothing else. */
  identity?: Lesson
  /** Topics of its aliases by direction, once it is known to speak MQTT 5. */
  aliases?: Readonly<Record<Direction, Aliases>>
}

/** Of topics, for all connections together; aliases beyond that are not known to a worker that comes later. */
const MAX_TOPIC_BYTES = 8 * 1024 * 1024

const ways: readonly Direction[] = ['in', 'out']

export class OpenConnections {
  readonly #known = new Map<number, Known>()
  readonly #head = emptyHead()
  #topicBytes = 0

  opened(connection: number, facts: ConnectionOpened): void {
    this.#known.set(connection, { facts })
  }

  closed(connection: number): void {
    const { aliases } = this.#known.get(connection) ?? {}
    this.#known.delete(connection)
    for (const way of ways) {
      for (const topic of aliases?.[way].values() ?? []) this.#topicBytes -= topic.length
    }
  }

  *all(): Generator<Open> {
    for (const [connection, { facts, identity, aliases }] of this.#known) {
      const lessons = identity === undefined ? [] : [identity]
      for (const way of ways) {
        for (const [alias, topic] of aliases?.[way] ?? []) {
          lessons.push(aliasLesson(way, alias, decodeLenient(topic, 0, topic.length)))
        }
      }
      yield { connection, facts, lessons }
    }
  }

  /** Takes a PUBLISH, which may give a Topic Alias a meaning [MQTT-3.3.2-12]. */
  published(connection: number, direction: Direction, bytes: Uint8Array): void {
    const aliases = this.#known.get(connection)?.aliases?.[direction]
    const head = this.#head
    if (aliases === undefined || !scanPublish(bytes, 0, bytes.length, 5, head) || head.alias === 0) return
    const { topicStart, topicEnd, alias } = head
    const before = aliases.get(alias)
    const length = topicEnd - topicStart
    if (length === 0 || (before !== undefined && isSame(before, bytes, topicStart, topicEnd))) return
    const room = MAX_TOPIC_BYTES - this.#topicBytes + (before?.length ?? 0)
    // What it stood for is not true any more, be there room for the new one or not.
    if (length > room) aliases.delete(alias)
    else aliases.set(alias, bytes.slice(topicStart, topicEnd))
    this.#topicBytes += (length > room ? 0 : length) - (before?.length ?? 0)
  }

  /** Takes a CONNECT; its password and will are not kept. */
  identified(connection: number, bytes: Uint8Array): void {
    const known = this.#known.get(connection)
    if (known === undefined || known.identity !== undefined) return
    try {
      const packet = decodePacket(bytes, 5)
      if (packet.type !== 'CONNECT') return
      const { level, clientId, username } = packet
      const properties = userProperties(packet.properties)
      const { endpointId, source } = endpointIdentity({ userProperties: properties, username, clientId })
      const stated = source === 'usp-endpoint-id' ? endpointId : undefined
      known.identity = connectLesson({ level, clientId, username, statedEndpointId: stated })
      if (level === 5) known.aliases = { in: new Map(), out: new Map() }
    } catch (error) {
      // Whoever sent it is turned away.
      if (!(error instanceof MqttError || error instanceof RangeError)) throw error
    }
  }
}

function isSame(topic: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (topic.length !== end - start) return false
  for (let i = 0; i < topic.length; i++) if (topic[i] !== bytes[start + i]) return false
  return true
}
