/** The packets that came, in order, and which of them a step has taken. */
import type { SeenPacket } from './events.ts'

/** Older ones are let go: a flow that waits for something so far back waits in vain. */
const MAX_KEPT = 20_000
const SOME = 256

interface Held {
  readonly packet: SeenPacket
  taken: boolean
}

export class Inbox {
  #held: Held[] = []
  /** Position of the first one that is held. */
  #from = 0
  #dropped = 0

  /** Position that the next packet will have. */
  get end(): number {
    return this.#from + this.#held.length
  }

  /** Packets that came and were let go before a step took them. */
  get dropped(): number {
    return this.#dropped
  }

  add(packet: SeenPacket): void {
    this.#held.push({ packet, taken: false })
    // Those that were taken in order need not wait for the limit.
    if (this.#held.length >= SOME) this.#letGoOfTaken()
    if (this.#held.length < 2 * MAX_KEPT) return
    const gone = this.#held.slice(0, MAX_KEPT)
    this.#dropped += gone.filter(({ taken }) => !taken).length
    this.#held = this.#held.slice(MAX_KEPT)
    this.#from += MAX_KEPT
  }

  /** Nothing is waited for any more. */
  clear(): void {
    this.#from = this.end
    this.#held = []
  }

  #letGoOfTaken(): void {
    const kept = this.#held.findIndex(({ taken }) => !taken)
    const gone = kept < 0 ? this.#held.length : kept
    if (gone < SOME / 2) return
    this.#held = this.#held.slice(gone)
    this.#from += gone
  }

  /** The first from a position on that nobody took and that passes; taken, if so wished. */
  find(from: number, passes: (packet: SeenPacket) => boolean, take: boolean): SeenPacket | undefined {
    for (let at = Math.max(0, from - this.#from); at < this.#held.length; at++) {
      const held = this.#held[at] as Held
      if (held.taken || !passes(held.packet)) continue
      held.taken = take
      return held.packet
    }
    return undefined
  }
}
