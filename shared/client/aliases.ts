/** Topic Aliases of one connection (MQTT 5.0, 3.3.2.3.4), in both directions. */
import type { PublishPacket } from '../mqtt/packets.ts'
import { getProperty } from '../mqtt/properties.ts'
import { NotSent } from './limits.ts'
import type { Outgoing } from './publish-draft.ts'

export class Aliases {
  readonly #in = new Map<number, string>()
  readonly #out = new Map<number, string>()

  clear(): void {
    this.#in.clear()
    this.#out.clear()
  }

  /** The topic of a message that came; empty for an alias that stands for none. What it says is learned. */
  received({ topic, properties }: PublishPacket): string {
    const alias = getProperty(properties, 'topicAlias')
    if (topic === '') return this.#in.get(alias ?? 0) ?? ''
    if (alias !== undefined) this.#in.set(alias, topic)
    return topic
  }

  /** The topic of a message that is to go out. Throws NotSent for an alias that stands for none. */
  resolve({ topic, properties }: Outgoing): string {
    if (topic !== '') return topic
    const alias = getProperty(properties, 'topicAlias') ?? 0
    const known = this.#out.get(alias)
    if (known !== undefined) return known
    throw new NotSent(`The Topic Alias ${alias} stands for no topic yet: publish once with both.`)
  }

  /** It went out. */
  sent({ properties }: Outgoing, topic: string): void {
    const alias = getProperty(properties, 'topicAlias')
    if (alias !== undefined) this.#out.set(alias, topic)
  }
}
