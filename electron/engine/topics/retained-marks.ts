/**
 * Tells the worker of the live capture which topics the broker keeps a message of, while somebody looks at the
 * topics: what was retained before the capture began stands in none of its packets.
 */
import type { ViewSource } from '../../../shared/contract/contract.ts'
import type { TopicRow } from '../../../shared/contract/topics.ts'
import type { Overview } from '../broker/sessions/overview.ts'
import { everyRow } from '../sessions/pages.ts'

export interface RetainedMarksOptions {
  readonly retained: Overview['retained']
  readonly tell: (topics: readonly string[]) => void
}

const LOOK_EVERY_MS = 1000
/** It is told again after this time, changed or not: a worker may have been replaced. */
const TELL_EVERY_MS = 10_000

export class RetainedMarks {
  readonly #options: RetainedMarksOptions
  #told: ReadonlySet<string> = new Set()
  #toldAt = -Infinity
  #lookedAt = -Infinity

  constructor(options: RetainedMarksOptions) {
    this.#options = options
  }

  /** `view` as it is, looked after while it is on the screen. */
  whileSeen(view: ViewSource<TopicRow>): ViewSource<TopicRow> {
    return {
      ...view,
      read: (window) => {
        if (window.count > 0 && performance.now() - this.#lookedAt >= LOOK_EVERY_MS) this.look()
        return view.read(window)
      },
    }
  }

  /** Looks now what the broker keeps. */
  look(): void {
    const now = performance.now()
    this.#lookedAt = now
    const topics: string[] = []
    for (const { topic } of everyRow((from, count) => this.#options.retained(from, count))) topics.push(topic)
    const told = this.#told
    const same = topics.length === told.size && topics.every((topic) => told.has(topic))
    if (same && now - this.#toldAt < TELL_EVERY_MS) return
    this.#told = new Set(topics)
    this.#toldAt = now
    this.#options.tell(topics)
  }
}
