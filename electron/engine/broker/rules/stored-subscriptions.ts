/** Topic filters, with their QoS, of sessions that may outlive their connection, by client ID. */
export class StoredSubscriptions {
  /** Oldest first. */
  readonly #stored = new Map<string, ReadonlyMap<string, number>>()

  /** Its client left. */
  store(clientId: string, filters: ReadonlyMap<string, number>): void {
    this.#stored.delete(clientId)
    if (filters.size === 0) return
    this.#stored.set(clientId, filters)
    if (this.#stored.size > MAX_STORED) this.#stored.delete(this.#stored.keys().next().value as string)
  }

  /** What a session had that its client resumes, or begins anew: asked once. */
  take(clientId: string): ReadonlyMap<string, number> {
    const filters = this.#stored.get(clientId)
    this.#stored.delete(clientId)
    return filters ?? none
  }
}

/** As many as the broker stores sessions. */
const MAX_STORED = 10_000
const none: ReadonlyMap<string, number> = new Map()
