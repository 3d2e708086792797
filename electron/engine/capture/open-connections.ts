/** What a new worker must be told of connections that are open when it starts. */
import { decodePacket } from '../../../shared/mqtt/decode.ts'
import { MqttError } from '../../../shared/mqtt/error.ts'
import { userProperties } from '../../../shared/mqtt/properties.ts'
import { connectLesson } from '../../../shared/pcapng/lessons.ts'
import { endpointIdentity } from '../../../shared/usp/oktopus.ts'
import type { ConnectionOpened } from './sink.ts'

interface Known {
  readonly connection: number
  readonly facts: ConnectionOpened
  /** A CONNECT that says who the client is, and nothing else. */
  lesson?: Uint8Array
}

export class OpenConnections {
  readonly #known = new Map<number, Known>()

  all(): Iterable<Known> {
    return this.#known.values()
  }

  opened(connection: number, facts: ConnectionOpened): void {
    this.#known.set(connection, { connection, facts })
  }

  closed(connection: number): void {
    this.#known.delete(connection)
  }

  /** Takes a CONNECT; its password and will are not kept. */
  identified(connection: number, bytes: Uint8Array): void {
    const known = this.#known.get(connection)
    if (known === undefined || known.lesson !== undefined) return
    try {
      const packet = decodePacket(bytes, 5)
      if (packet.type !== 'CONNECT') return
      const { level, clientId, username } = packet
      const properties = userProperties(packet.properties)
      const { endpointId, source } = endpointIdentity({ userProperties: properties, username, clientId })
      const stated = source === 'usp-endpoint-id' ? endpointId : undefined
      known.lesson = connectLesson({ level, clientId, username, statedEndpointId: stated }).bytes
    } catch (error) {
      // Whoever sent it is turned away.
      if (!(error instanceof MqttError || error instanceof RangeError)) throw error
    }
  }
}
