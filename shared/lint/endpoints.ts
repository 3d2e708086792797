/** What is known of USP endpoints over their connections. Bounded: those heard of longest ago are forgotten. */
import { BoundedMap } from './bounded.ts'
import { type Connection, grantedCount, isSubscribed } from './connection.ts'
import type { At, Role } from './moments.ts'

const MAX_ENDPOINTS = 10_000

interface Client extends At {
  readonly clientId: string
  /** The broker chose it. */
  readonly assigned: boolean
}

export interface Endpoint {
  role?: Role
  /** At its last accepted connection. */
  client?: Client
  readonly connections: Set<Connection>
  /** Sent a Record in this capture. */
  spoke: boolean
}

export class Endpoints {
  readonly #all = new BoundedMap<string, Endpoint>(MAX_ENDPOINTS)
  /** Who had a client ID last. */
  readonly #owners = new BoundedMap<string, At & { readonly endpointId: string }>(MAX_ENDPOINTS)

  get(id: string): Endpoint | undefined {
    return this.#all.get(id)
  }

  of(id: string): Endpoint {
    const known = this.#all.get(id)
    if (known !== undefined) return known
    const endpoint: Endpoint = { connections: new Set(), spoke: false }
    this.#all.set(id, endpoint)
    return endpoint
  }

  /** An accepted connection got its Endpoint ID: what there was before it. */
  connected(
    connection: Connection,
    at: At,
  ): { readonly before?: Client; readonly other?: At & { readonly endpointId: string } } {
    const { endpointId, clientId } = connection
    const endpoint = this.of(endpointId)
    // The newest again: whoever comes often is not forgotten.
    this.#all.set(endpointId, endpoint)
    const before = endpoint.client
    const owner = this.#owners.get(clientId)
    endpoint.connections.add(connection)
    if (clientId !== '') {
      endpoint.client = { ...at, clientId, assigned: connection.connect?.packet.clientId === '' }
      this.#owners.set(clientId, { ...at, endpointId })
    }
    return {
      ...(before && { before }),
      ...(owner !== undefined && owner.endpointId !== endpointId && clientId !== '' && { other: owner }),
    }
  }

  disconnected(connection: Connection): void {
    this.#all.get(connection.endpointId)?.connections.delete(connection)
  }

  /**
   * The endpoint is there, has subscribed to something, and to nothing that takes this topic. Unknown sessions and
   * connections count as taking it.
   */
  missesTopic(id: string, topic: string): boolean {
    const connections = [...(this.#all.get(id)?.connections ?? [])]
    if (connections.length === 0 || topic === '') return false
    return connections.every(
      (connection) =>
        !connection.inherits &&
        !connection.overflowed &&
        grantedCount(connection) > 0 &&
        !isSubscribed(connection, topic),
    )
  }
}
