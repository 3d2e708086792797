/** Who listens to which event of an engine. */
import type { EventName, Events } from '../../shared/contract/contract.ts'

export interface EngineEvents {
  tell<E extends EventName>(name: E, value: Events[E]): void
  /** Calls `listener` at every telling; answers the function that ends it. */
  on<E extends EventName>(name: E, listener: (value: Events[E]) => void): () => void
}

export function createEvents(): EngineEvents {
  const listening = new Map<EventName, Set<(value: never) => void>>()
  return {
    tell(name, value) {
      for (const listener of listening.get(name) ?? []) (listener as (value: unknown) => void)(value)
    },
    on(name, listener) {
      const set = listening.get(name) ?? new Set()
      listening.set(name, set.add(listener as (value: never) => void))
      return () => set.delete(listener as (value: never) => void)
    },
  }
}
