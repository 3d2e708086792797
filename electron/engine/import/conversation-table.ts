/** Connections by the addresses and ports of their two ends, whichever of them sends. */
import type { Conversation } from './conversation.ts'

/** Where a sender and a receiver stand: in a frame, or each in bytes of its own. */
export interface Ends {
  readonly source: Uint8Array
  readonly sourceAt: number
  readonly sourcePort: number
  readonly target: Uint8Array
  readonly targetAt: number
  readonly targetPort: number
  readonly addressLength: 4 | 16
}

export class ConversationTable {
  /** By a hash of both ends: a text as the key of each segment would cost more than everything else here. */
  readonly #buckets = new Map<number, Conversation[]>()
  #size = 0

  get size(): number {
    return this.#size
  }

  find(ends: Ends): Conversation | undefined {
    const bucket = this.#buckets.get(hashOf(ends))
    if (bucket === undefined) return undefined
    for (const conversation of bucket) if (conversation.isBetween(ends)) return conversation
    return undefined
  }

  /** In the place of the one that was there between these ends. */
  set(ends: Ends, conversation: Conversation): void {
    const hash = hashOf(ends)
    const bucket = this.#buckets.get(hash)
    const place = bucket?.findIndex((one) => one.isBetween(ends)) ?? -1
    if (bucket !== undefined && place >= 0) bucket[place] = conversation
    else {
      if (bucket === undefined) this.#buckets.set(hash, [conversation])
      else bucket.push(conversation)
      this.#size += 1
    }
  }

  *values(): Generator<Conversation> {
    for (const bucket of this.#buckets.values()) yield* bucket
  }

  /** Keeps those that `isKept` answers true for. */
  keep(isKept: (conversation: Conversation) => boolean): void {
    this.#size = 0
    for (const [hash, bucket] of this.#buckets) {
      const kept = bucket.filter(isKept)
      this.#size += kept.length
      if (kept.length === 0) this.#buckets.delete(hash)
      else if (kept.length < bucket.length) this.#buckets.set(hash, kept)
    }
  }

  clear(): void {
    this.#buckets.clear()
    this.#size = 0
  }
}

/** The same for both directions; a small integer, which a `Map` finds fastest. */
function hashOf({ source, sourceAt, sourcePort, target, targetAt, targetPort, addressLength }: Ends): number {
  const one = endHash(source, sourceAt, addressLength, sourcePort)
  const other = endHash(target, targetAt, addressLength, targetPort)
  return (one + other) & 0x3fff_ffff
}

function endHash(bytes: Uint8Array, at: number, length: number, port: number): number {
  let hash = port
  for (let i = at; i < at + length; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x0100_0193)
  return hash ^ (hash >>> 15)
}
