/**
 * A map that keeps what was set last: between half of `max` entries and `max`. In two generations: when the younger
 * one is full the older one is forgotten as a whole. That costs nothing for an entry, unlike taking out the first
 * key of a `Map`, which lies behind the traces of all that were deleted before it.
 */
export class Recent<K, V> {
  readonly #half: number
  readonly #forgotten: ((value: V) => void) | undefined
  #young = new Map<K, V>()
  #old = new Map<K, V>()

  /** `forgotten` hears of each entry that goes to make room. */
  constructor(max: number, forgotten?: (value: V) => void) {
    this.#half = Math.max(1, Math.floor(max / 2))
    this.#forgotten = forgotten
  }

  get size(): number {
    return this.#young.size + this.#old.size
  }

  get(key: K): V | undefined {
    return this.#young.get(key) ?? this.#old.get(key)
  }

  /** The entry is the newest now, whether it was there or not. */
  set(key: K, value: V): void {
    if (this.#old.size > 0) this.#old.delete(key)
    this.#young.set(key, value)
    if (this.#young.size < this.#half) return
    if (this.#forgotten) for (const gone of this.#old.values()) this.#forgotten(gone)
    this.#old = this.#young
    this.#young = new Map()
  }

  delete(key: K): boolean {
    return this.#young.delete(key) || this.#old.delete(key)
  }
}
