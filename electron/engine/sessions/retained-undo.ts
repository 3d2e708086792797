/** Clearing retained messages so that it can be undone, for a while. */
import { randomUUID } from 'node:crypto'
import { BenchFailure } from '../../../shared/contract/result.ts'
import type { RetainedCleared, RetainedRestored } from '../../../shared/contract/sessions.ts'
import type { Overview, RetainedRow } from '../broker/sessions/overview.ts'
import { everyRow } from './pages.ts'

/** What is kept for undoing: so many actions, so many bytes of all together; the oldest goes. */
export interface UndoLimits {
  readonly actions: number
  readonly bytes: number
}

const defaultLimits: UndoLimits = { actions: 20, bytes: 64 * 1024 * 1024 }

interface Cleared {
  readonly rows: readonly RetainedRow[]
  readonly bytes: number
}

type Retained = Pick<Overview, 'retained' | 'clearRetained' | 'restoreRetained'>

export class RetainedUndo {
  readonly #retained: Retained
  readonly #limits: UndoLimits
  /** Oldest first. */
  readonly #kept = new Map<string, Cleared>()
  #bytes = 0

  constructor(retained: Retained, limits: UndoLimits = defaultLimits) {
    this.#retained = retained
    this.#limits = limits
  }

  clear(topic: string, below: boolean): RetainedCleared {
    const topics = below ? this.#topicsFrom(topic) : [topic]
    const rows = topics.flatMap((one) => this.#retained.clearRetained(one) ?? [])
    const bytes = rows.reduce((sum, row) => sum + row.payload.length + row.topic.length, 0)
    const undo = rows.length > 0 ? this.#keep({ rows, bytes }) : undefined
    return { messages: rows.length, bytes, ...(undo !== undefined && { undo }) }
  }

  /** BenchFailure `not-found` when it is no longer kept. */
  restore(undo: string): RetainedRestored {
    const cleared = this.#kept.get(undo)
    if (!cleared) {
      throw new BenchFailure(
        'not-found',
        'This can no longer be undone: what was cleared is not kept any more.',
      )
    }
    this.#forget(undo)
    const back = cleared.rows.filter((row) => this.#retained.restoreRetained(row)).length
    return { messages: back, left: cleared.rows.length - back }
  }

  #topicsFrom(topic: string): readonly string[] {
    const below = `${topic}/`
    const found: string[] = []
    const pages = everyRow((from, count) => this.#retained.retained(from, count))
    for (const row of pages) if (row.topic === topic || row.topic.startsWith(below)) found.push(row.topic)
    return found
  }

  #keep(cleared: Cleared): string | undefined {
    if (cleared.bytes > this.#limits.bytes) return undefined
    const id = randomUUID()
    this.#kept.set(id, cleared)
    this.#bytes += cleared.bytes
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.#limits.actions && this.#bytes <= this.#limits.bytes) break
      this.#forget(oldest)
    }
    return id
  }

  #forget(id: string): void {
    this.#bytes -= this.#kept.get(id)?.bytes ?? 0
    this.#kept.delete(id)
  }
}
