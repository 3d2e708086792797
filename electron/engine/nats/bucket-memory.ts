/** The entries of a key-value bucket as they are held in memory, within a budget. Pure. */

export interface BucketEntry {
  readonly key: string
  /** Empty for a deleted entry. */
  readonly value: Uint8Array
  /** Sequence number in the stream behind the bucket: a later change has a greater one. */
  readonly revision: number
  /** When the server took it, in milliseconds since 1970. */
  readonly changedAt: number
  /** A deletion is remembered too: its revision and time are needed to tell what is newer. */
  readonly deleted: boolean
}

export interface MemoryLimits {
  /** Deleted ones count too. */
  readonly maxKeys: number
  /** Of keys and values together. */
  readonly maxBytes: number
}

const sizeOf = ({ key, value }: BucketEntry): number => key.length + value.length

export class BucketMemory {
  readonly #limits: MemoryLimits
  #entries = new Map<string, BucketEntry>()
  #bytes = 0
  /** Keys that found no room. */
  readonly #leftOut = new Set<string>()
  #moreLeftOut = 0

  constructor(limits: MemoryLimits) {
    this.#limits = limits
  }

  get(key: string): BucketEntry | undefined {
    return this.#entries.get(key)
  }

  values(): IterableIterator<BucketEntry> {
    return this.#entries.values()
  }

  get keys(): number {
    return this.#entries.size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Entries that are in the bucket and not here, because the budget is used up. */
  get leftOut(): number {
    return this.#leftOut.size + this.#moreLeftOut
  }

  /** Takes a change. Answers whether something is different now; an old change, or the same again, is not. */
  apply(entry: BucketEntry): boolean {
    const held = this.#entries.get(entry.key)
    if (held !== undefined && held.revision > entry.revision) return false
    const bytes = this.#bytes - (held === undefined ? 0 : sizeOf(held)) + sizeOf(entry)
    const keys = this.#entries.size + (held === undefined ? 1 : 0)
    if (keys > this.#limits.maxKeys || bytes > this.#limits.maxBytes) {
      // What is held of it is out of date: better none than a wrong one.
      if (held !== undefined) this.#drop(held)
      this.#note(entry.key)
      return held !== undefined
    }
    this.#leftOut.delete(entry.key)
    this.#entries.set(entry.key, entry)
    this.#bytes = bytes
    return held === undefined ? !entry.deleted : !sameContent(held, entry)
  }

  /** Takes the place of what `other` held; answers the keys whose content is different. */
  replace(other: BucketMemory): string[] {
    const before = this.#entries
    this.#entries = other.#entries
    this.#bytes = other.#bytes
    this.#leftOut.clear()
    for (const key of other.#leftOut) this.#leftOut.add(key)
    this.#moreLeftOut = other.#moreLeftOut
    const keys = new Set([...before.keys(), ...this.#entries.keys()])
    return [...keys].filter((key) => !sameContent(before.get(key), this.#entries.get(key)))
  }

  #drop(entry: BucketEntry): void {
    this.#entries.delete(entry.key)
    this.#bytes -= sizeOf(entry)
  }

  /** Names are kept for as many as may be held; beyond that they are only counted. */
  #note(key: string): void {
    if (this.#leftOut.size < this.#limits.maxKeys) this.#leftOut.add(key)
    else if (!this.#leftOut.has(key)) this.#moreLeftOut += 1
  }
}

function sameContent(a: BucketEntry | undefined, b: BucketEntry | undefined): boolean {
  const [one, other] = [contentOf(a), contentOf(b)]
  if (one === undefined || other === undefined) return one === other
  return one.length === other.length && one.every((byte, index) => byte === other[index])
}

const contentOf = (entry: BucketEntry | undefined): Uint8Array | undefined =>
  entry === undefined || entry.deleted ? undefined : entry.value
