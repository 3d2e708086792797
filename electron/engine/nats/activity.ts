/** What went over the bench's buckets: a bounded list without values. */
import type { NatsEntry } from '../../../shared/contract/nats.ts'
import { Signal } from './signal.ts'

const MAX_ENTRIES = 200

export type NatsHappening = Omit<NatsEntry, 'id'>

export class Activity {
  readonly #entries: NatsEntry[] = []
  readonly #changed = new Signal<void>()
  #lastId = 0

  /** Newest last. */
  get entries(): readonly NatsEntry[] {
    return [...this.#entries]
  }

  /** Entries no longer kept. */
  get dropped(): number {
    return this.#lastId - this.#entries.length
  }

  onChange(listener: () => void): () => void {
    return this.#changed.on(listener)
  }

  note(happening: NatsHappening): void {
    this.#entries.push({ id: ++this.#lastId, ...happening })
    if (this.#entries.length > MAX_ENTRIES) this.#entries.shift()
    this.#changed.tell()
  }
}
