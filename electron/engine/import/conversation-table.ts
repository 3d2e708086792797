/** Connections by the addresses and ports of their two ends, whichever of them sends. */
import type { Direction } from '../capture/sink.ts'
import type { Conversation } from './conversation.ts'

/** Where a sender and a receiver stand: in a frame, or each in bytes of its own. */
export interface Ends {
  source: Uint8Array
  sourceAt: number
  sourcePort: number
  target: Uint8Array
  targetAt: number
  targetPort: number
  addressLength: 4 | 16
}

/** What one end sends to the other; `direction` as the conversation was made. */
export interface Sending {
  readonly conversation: Conversation
  readonly direction: Direction
}

/** Words of 32 bits of a key: both addresses, four words each, both ports, length of the addresses. */
const KEY = 10
const TARGET = 4
const PORTS = 8
const LENGTH = 9
const FIRST_SIZE = 128
/** The table has this many places for each entry at least, so that probing stays short. */
const SPARE = 2

/**
 * A table of its own, with the keys as numbers one behind the other: each segment is looked up, and neither a text
 * made for it nor a look into the objects of a thousand connections would be cheap.
 */
export class ConversationTable {
  #all = new Set<Conversation>()
  /** Both ways of each; the key of the one at n begins at word n × KEY of `#keys`. */
  #sendings: Sending[] = []
  #keys = new Int32Array(FIRST_SIZE * KEY)
  /** Open addressing with linear probing: 1 + place in `#sendings`; 0 is free. */
  #table = new Int32Array(FIRST_SIZE * SPARE)
  readonly #wanted = new Int32Array(KEY)

  get size(): number {
    return this.#all.size
  }

  values(): Iterable<Conversation> {
    return this.#all
  }

  find(ends: Ends): Sending | undefined {
    this.#want(ends)
    return this.#sendings[(this.#table[this.#place()] as number) - 1]
  }

  /** In the place of the one that was there between these ends. `direction`: what the source sends. */
  set(ends: Ends, conversation: Conversation, direction: Direction): Sending {
    const before = this.find(ends)
    if (before !== undefined) this.#all.delete(before.conversation)
    this.#all.add(conversation)
    const sending = { conversation, direction }
    this.#put(ends, sending)
    this.#put(turned(ends), { conversation, direction: direction === 'in' ? 'out' : 'in' })
    return sending
  }

  /** Keeps those that `isKept` answers true for. */
  keep(isKept: (conversation: Conversation) => boolean): void {
    const sendings = this.#sendings
    const keys = this.#keys
    this.#all = new Set([...this.#all].filter(isKept))
    this.#sendings = []
    this.#keys = new Int32Array(keys.length)
    for (const [i, sending] of sendings.entries()) {
      if (!this.#all.has(sending.conversation)) continue
      this.#keys.set(keys.subarray(i * KEY, (i + 1) * KEY), this.#sendings.length * KEY)
      this.#sendings.push(sending)
    }
    this.#arrange()
  }

  clear(): void {
    this.keep(() => false)
  }

  #put(ends: Ends, sending: Sending): void {
    this.#want(ends)
    const place = this.#place()
    const known = this.#table[place] as number
    if (known !== 0) {
      this.#sendings[known - 1] = sending
      return
    }
    const count = this.#sendings.length
    if ((count + 1) * KEY > this.#keys.length) {
      const keys = new Int32Array(this.#keys.length * 2)
      keys.set(this.#keys)
      this.#keys = keys
    }
    this.#keys.set(this.#wanted, count * KEY)
    this.#sendings.push(sending)
    if ((count + 1) * SPARE > this.#table.length) this.#arrange()
    else this.#table[place] = count + 1
  }

  /** Makes the table anew, with room for as many entries as there are keys. */
  #arrange(): void {
    this.#table = new Int32Array((this.#keys.length / KEY) * SPARE)
    for (let i = 0; i < this.#sendings.length; i++) {
      this.#wanted.set(this.#keys.subarray(i * KEY, (i + 1) * KEY))
      this.#table[this.#place()] = i + 1
    }
  }

  #want(ends: Ends): void {
    const wanted = this.#wanted
    const { source, sourceAt, target, targetAt, addressLength } = ends
    const words = addressLength / 4
    for (let i = 0; i < TARGET; i++) {
      wanted[i] = i < words ? wordAt(source, sourceAt + 4 * i) : 0
      wanted[TARGET + i] = i < words ? wordAt(target, targetAt + 4 * i) : 0
    }
    wanted[PORTS] = (ends.sourcePort << 16) | ends.targetPort
    wanted[LENGTH] = addressLength
  }

  /** Where in the table what is wanted stands, or would be put. */
  #place(): number {
    const wanted = this.#wanted
    const keys = this.#keys
    const table = this.#table
    const mask = table.length - 1
    let hash = 0
    for (let i = 0; i < KEY; i++) {
      hash = Math.imul(hash ^ (wanted[i] as number), 0x9e37_79b1)
      hash ^= hash >>> 15
    }
    let place = hash & mask
    for (let id = table[place] as number; id !== 0; id = table[place] as number) {
      const at = (id - 1) * KEY
      let i = 0
      while (i < KEY && keys[at + i] === wanted[i]) i += 1
      if (i === KEY) return place
      place = (place + 1) & mask
    }
    return place
  }
}

const wordAt = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) << 24) |
  ((bytes[at + 1] as number) << 16) |
  ((bytes[at + 2] as number) << 8) |
  (bytes[at + 3] as number)

const turned = (ends: Ends): Ends => ({
  source: ends.target,
  sourceAt: ends.targetAt,
  sourcePort: ends.targetPort,
  target: ends.source,
  targetAt: ends.sourceAt,
  targetPort: ends.sourcePort,
  addressLength: ends.addressLength,
})
