/**
 * Strings kept once and named by small numbers: as their UTF-8 bytes, one behind the other, so that neither a known
 * topic nor a new msg_id makes a string, of which a million would be carried from one part of the heap to the next.
 * An id is given back when nothing refers to it any more: the dictionary never holds more than the rows held need.
 */

/** Table of all strings has this many places for each string at least, so that probing stays short. */
const SPARE = 2
const FIRST_IDS = 64
const FIRST_BYTES = 1024
/** What a string costs besides its bytes: places in the table, hash, count, where it stands. */
const OVERHEAD = 48
/** Strings that were made last are kept: a power of two. */
const KEPT = 1024

const encoder = new TextEncoder()

export class Dictionary {
  /** UTF-8 of all strings; `#used` bytes, of which `#wasted` are of strings that are not held any more. */
  #arena = Buffer.alloc(FIRST_BYTES)
  #used = 0
  #wasted = 0
  /** By id. */
  #starts = new Uint32Array(FIRST_IDS)
  #lengths = new Uint32Array(FIRST_IDS)
  #hashes = new Int32Array(FIRST_IDS)
  #counts = new Uint32Array(FIRST_IDS)
  /**
   * Open addressing with linear probing: two numbers a place, id and hash beside each other, as each place that is
   * looked at is far from the last one. Id 0 is a free place (the empty string is not in it).
   */
  #table = new Int32Array(FIRST_IDS * SPARE * 2)
  #free: number[] = []
  /** The highest id ever given. */
  #highest = 0
  #bytes = 0
  /** Texts by the low bits of their id, and of which ids they are; 0 is of none. */
  readonly #keptTexts: string[] = Array.from({ length: KEPT }, () => '')
  readonly #keptIds = new Uint32Array(KEPT)
  readonly #onAssign: (id: number) => void

  /** `onAssign` hears of every id that gets a new meaning, so that what was worked out for it is forgotten. */
  constructor(onAssign: (id: number) => void = () => undefined) {
    this.#onAssign = onAssign
  }

  /** Strings held, the empty one aside. */
  get size(): number {
    return this.#highest - this.#free.length
  }
  /** Memory held, in bytes, as an estimate. */
  get bytes(): number {
    return this.#bytes
  }

  /** The string of an id; empty for 0 and for an id that was given back. Bytes that are not UTF-8 become U+FFFD. */
  text(id: number): string {
    const place = id & (KEPT - 1)
    if (this.#keptIds[place] === id) return this.#keptTexts[place] as string
    if (!this.#isHeld(id)) return ''
    const start = this.#starts[id] as number
    const text = this.#arena.toString('utf8', start, start + (this.#lengths[id] as number))
    this.#keptIds[place] = id
    this.#keptTexts[place] = text
    return text
  }

  /**
   * Id of the string in `bytes[start, end)`, made when new, and counted as one more reference. 0 for no bytes.
   * Bytes that are not UTF-8 have an id of their own as well; two such strings may then look alike.
   */
  retain(bytes: Uint8Array, start: number, end: number): number {
    if (start >= end) return 0
    const hash = hashOf(bytes, start, end)
    const table = this.#table
    const mask = table.length - 1
    let place = (hash * 2) & mask
    for (let id = table[place] as number; id !== 0; id = table[place] as number) {
      if (table[place + 1] === hash && this.#isSame(id, bytes, start, end)) {
        this.#counts[id] = (this.#counts[id] as number) + 1
        return id
      }
      place = (place + 2) & mask
    }
    return this.#assign(bytes, start, end, hash)
  }

  /** Every string held, the empty one aside. */
  *texts(): Generator<string> {
    for (let id = 1; id <= this.#highest; id++) if (this.#isHeld(id)) yield this.text(id)
  }

  retainText(text: string): number {
    const { length } = text
    if (length > scratch.length || !copyAscii(text, scratch)) {
      const bytes = encoder.encode(text)
      return this.retain(bytes, 0, bytes.length)
    }
    return this.retain(scratch, 0, length)
  }

  /** One more reference to a known id. */
  again(id: number): number {
    if (id !== 0) this.#counts[id] = (this.#counts[id] as number) + 1
    return id
  }

  /** One reference less; the last one frees the id. */
  release(id: number): void {
    if (id === 0) return
    const count = (this.#counts[id] as number) - 1
    this.#counts[id] = count
    if (count === 0) this.#forget(id)
  }

  #isHeld(id: number): boolean {
    return (this.#counts[id] ?? 0) !== 0
  }

  #isSame(id: number, bytes: Uint8Array, start: number, end: number): boolean {
    const length = end - start
    if (this.#lengths[id] !== length) return false
    const arena = this.#arena
    const from = this.#starts[id] as number
    for (let i = 0; i < length; i++) if (arena[from + i] !== bytes[start + i]) return false
    return true
  }

  #assign(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const length = end - start
    const id = this.#free.pop() ?? this.#highest + 1
    if (id >= this.#counts.length) this.#grow()
    if (this.#used + length > this.#arena.length) this.#makeRoom(length)
    this.#highest = Math.max(this.#highest, id)
    this.#starts[id] = this.#used
    this.#lengths[id] = length
    this.#hashes[id] = hash
    this.#counts[id] = 1
    const arena = this.#arena
    const at = this.#used
    for (let i = 0; i < length; i++) arena[at + i] = bytes[start + i] as number
    this.#used += length
    this.#place(id, hash)
    this.#bytes += length + OVERHEAD
    this.#onAssign(id)
    return id
  }

  #forget(id: number): void {
    const length = this.#lengths[id] as number
    const place = id & (KEPT - 1)
    if (this.#keptIds[place] === id) {
      this.#keptIds[place] = 0
      this.#keptTexts[place] = ''
    }
    this.#unplace(id)
    this.#bytes -= length + OVERHEAD
    this.#wasted += length
    this.#free.push(id)
  }

  /** Moves what is held together, into twice the memory unless half of it was wasted. */
  #makeRoom(length: number): void {
    const old = this.#arena
    const kept = this.#used - this.#wasted
    let size = old.length
    while (size < 2 * kept + length) size *= 2
    const arena = Buffer.alloc(size)
    let used = 0
    for (let id = 1; id <= this.#highest; id++) {
      if (!this.#isHeld(id)) continue
      const start = this.#starts[id] as number
      const end = start + (this.#lengths[id] as number)
      old.copy(arena, used, start, end)
      this.#starts[id] = used
      used += end - start
    }
    this.#arena = arena
    this.#used = used
    this.#wasted = 0
  }

  #place(id: number, hash: number): void {
    const table = this.#table
    const mask = table.length - 1
    let place = (hash * 2) & mask
    while (table[place] !== 0) place = (place + 2) & mask
    table[place] = id
    table[place + 1] = hash
  }

  /** Takes an id out and moves up whatever had to step aside for it, so that no tombstones are needed. */
  #unplace(id: number): void {
    const table = this.#table
    const mask = table.length - 1
    let hole = ((this.#hashes[id] as number) * 2) & mask
    while (table[hole] !== id) hole = (hole + 2) & mask
    for (let next = (hole + 2) & mask; table[next] !== 0; next = (next + 2) & mask) {
      const home = ((table[next + 1] as number) * 2) & mask
      if (((next - home) & mask) >= ((next - hole) & mask)) {
        table[hole] = table[next] as number
        table[hole + 1] = table[next + 1] as number
        hole = next
      }
    }
    table[hole] = 0
  }

  #grow(): void {
    const size = this.#counts.length * 2
    this.#starts = larger(this.#starts, new Uint32Array(size))
    this.#lengths = larger(this.#lengths, new Uint32Array(size))
    this.#hashes = larger(this.#hashes, new Int32Array(size))
    this.#counts = larger(this.#counts, new Uint32Array(size))
    const old = this.#table
    this.#table = new Int32Array(size * SPARE * 2)
    for (let place = 0; place < old.length; place += 2) {
      if (old[place] !== 0) this.#place(old[place] as number, old[place + 1] as number)
    }
  }
}

/** Short ASCII, which nearly every text is, takes no new array. */
const scratch = new Uint8Array(256)

function larger<A extends Int32Array | Uint32Array>(old: A, into: A): A {
  into.set(old)
  return into
}

/** False when there is more than ASCII in the text. */
function copyAscii(text: string, into: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit >= 0x80) return false
    into[i] = unit
  }
  return true
}

/** FNV-1a over four bytes at a time, with a last mix, since the table uses the low bits. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5 | 0
  let i = start
  for (; i + 4 <= end; i += 4) {
    const low = (bytes[i] as number) | ((bytes[i + 1] as number) << 8)
    const word = low | ((bytes[i + 2] as number) << 16) | ((bytes[i + 3] as number) << 24)
    hash = Math.imul(hash ^ word, 0x01000193)
    hash ^= hash >>> 15
  }
  for (; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193)
  return hash ^ (hash >>> 15)
}
