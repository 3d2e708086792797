/**
 * The last client that published each topic that goes to one connection. An outbound PUBLISH does not say who
 * sent it, and whoever looks into a denial wants to know.
 */

/** A device hears of a few topics; where there are more, the oldest are forgotten. */
const MAX_TOPICS = 64

export class Publishers {
  readonly #clientIds = new Map<string, string>()

  /** `clientId` is unknown for what the bench itself published, and for some retained messages. */
  note(topic: string, clientId: string | undefined): void {
    if (this.#clientIds.get(topic) === clientId) return
    this.#clientIds.delete(topic)
    if (clientId === undefined) return
    this.#clientIds.set(topic, clientId)
    if (this.#clientIds.size > MAX_TOPICS) {
      this.#clientIds.delete(this.#clientIds.keys().next().value as string)
    }
  }

  of(topic: string): string | undefined {
    return this.#clientIds.get(topic)
  }
}
