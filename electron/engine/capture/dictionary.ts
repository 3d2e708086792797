/**
 * Strings kept once and named by small numbers: as their UTF-8 bytes, one behind the other, so that neither a known
 * topic nor a new msg_id makes a string, of which a million would be carried from one part of the heap to the next.
 * An id is given back when nothing refers to it any more: the dictionary never holds more than the rows held need.
 */

/** Table of all strings has this many places for each string at least, so that probing stays short. */
const SPARE = 2
const FIRST_IDS = 64
const FIRST_WORDS = 1024
/** What a string costs besides its bytes: places in the table, what stands before it, where it stands. */
const OVERHEAD = 48
/** Strings that were made last are kept: a power of two. */
const KEPT = 1024

/** Words before the bytes of a string: what is known of it lies beside it, as each string is far from the last one. */
const ID = 0
const HASH = 1
/** References to it. */
const COUNT = 2
const LENGTH = 3
const HEADER = 4

const encoder = new TextEncoder()

export class Dictionary {
  /**
   * All strings as UTF-8, each behind its header and padded to a whole word; `#used` words, of which `#wasted` are of
   * strings that are not held any more. Word 0 is none.
   */
  #words = new Int32Array(FIRST_WORDS)
  #arena = Buffer.from(this.#words.buffer)
  #used = 1
  #wasted = 0
  /** Word at which a string begins, by its id; 0 when nothing refers to it. */
  #places = new Int32Array(FIRST_IDS)
  /**
   * Open addressing with linear probing: two numbers a place, word and hash beside each other, as each place that is
   * looked at is far from the last one. Word 0 is a free place (the empty string is not in it).
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
    const word = this.#places[id] ?? 0
    if (word === 0) return ''
    const start = (word + HEADER) * 4
    const text = this.#arena.toString('utf8', start, start + (this.#words[word + LENGTH] as number))
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
    for (let word = table[place] as number; word !== 0; word = table[place] as number) {
      if (table[place + 1] === hash && this.#isSame(word, bytes, start, end)) {
        const words = this.#words
        words[word + COUNT] = (words[word + COUNT] as number) + 1
        return words[word + ID] as number
      }
      place = (place + 2) & mask
    }
    return this.#assign(bytes, start, end, hash)
  }

  /** Every string held, the empty one aside. */
  *texts(): Generator<string> {
    for (let id = 1; id <= this.#highest; id++) if (this.#places[id] !== 0) yield this.text(id)
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
    if (id !== 0) this.#count(id, 1)
    return id
  }

  /** One reference less; the last one frees the id. */
  release(id: number): void {
    if (id !== 0 && this.#count(id, -1) === 0) this.#forget(id)
  }

  /** Answers how many references there are now. */
  #count(id: number, more: number): number {
    const at = (this.#places[id] as number) + COUNT
    const count = (this.#words[at] as number) + more
    this.#words[at] = count
    return count
  }

  #isSame(word: number, bytes: Uint8Array, start: number, end: number): boolean {
    const length = end - start
    if (this.#words[word + LENGTH] !== length) return false
    const arena = this.#arena
    const from = (word + HEADER) * 4
    for (let i = 0; i < length; i++) if (arena[from + i] !== bytes[start + i]) return false
    return true
  }

  #assign(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const length = end - start
    const size = sizeOf(length)
    const id = this.#free.pop() ?? this.#highest + 1
    if (id >= this.#places.length) this.#grow()
    if (this.#used + size > this.#words.length) this.#makeRoom(size)
    this.#highest = Math.max(this.#highest, id)
    const word = this.#used
    this.#used += size
    const words = this.#words
    words[word + ID] = id
    words[word + HASH] = hash
    words[word + COUNT] = 1
    words[word + LENGTH] = length
    const arena = this.#arena
    const at = (word + HEADER) * 4
    for (let i = 0; i < length; i++) arena[at + i] = bytes[start + i] as number
    this.#places[id] = word
    this.#place(word, hash)
    this.#bytes += length + OVERHEAD
    this.#onAssign(id)
    return id
  }

  #forget(id: number): void {
    const word = this.#places[id] as number
    const length = this.#words[word + LENGTH] as number
    const kept = id & (KEPT - 1)
    if (this.#keptIds[kept] === id) {
      this.#keptIds[kept] = 0
      this.#keptTexts[kept] = ''
    }
    this.#unplace(word)
    this.#places[id] = 0
    this.#bytes -= length + OVERHEAD
    this.#wasted += sizeOf(length)
    this.#free.push(id)
  }

  /** In more memory; or without what is not held any more, where that is most of it. */
  #makeRoom(more: number): void {
    const old = this.#words
    const isMostlyWaste = this.#wasted > this.#used / 2
    const needed = this.#used + more - (isMostlyWaste ? this.#wasted : 0)
    let size = old.length
    while (size < needed) size *= 2
    this.#words = new Int32Array(size)
    this.#arena = Buffer.from(this.#words.buffer)
    if (isMostlyWaste) this.#takeHeld(old)
    else this.#words.set(old)
  }

  /** Moves what is held together. */
  #takeHeld(old: Int32Array): void {
    const words = this.#words
    let used = 1
    this.#table.fill(0)
    for (let id = 1; id <= this.#highest; id++) {
      const word = this.#places[id] as number
      if (word === 0) continue
      const end = word + sizeOf(old[word + LENGTH] as number)
      words.set(old.subarray(word, end), used)
      this.#places[id] = used
      this.#place(used, old[word + HASH] as number)
      used += end - word
    }
    this.#used = used
    this.#wasted = 0
  }

  #place(word: number, hash: number): void {
    const table = this.#table
    const mask = table.length - 1
    let place = (hash * 2) & mask
    while (table[place] !== 0) place = (place + 2) & mask
    table[place] = word
    table[place + 1] = hash
  }

  /** Takes a string out and moves up whatever had to step aside for it, so that no tombstones are needed. */
  #unplace(word: number): void {
    const table = this.#table
    const mask = table.length - 1
    let hole = ((this.#words[word + HASH] as number) * 2) & mask
    while (table[hole] !== word) hole = (hole + 2) & mask
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
    const size = this.#places.length * 2
    const places = new Int32Array(size)
    places.set(this.#places)
    this.#places = places
    const old = this.#table
    this.#table = new Int32Array(size * SPARE * 2)
    // In the order of the old table, which is nearly that of the new one, twice: no place is far from the last one.
    for (let place = 0; place < old.length; place += 2) {
      if (old[place] !== 0) this.#place(old[place] as number, old[place + 1] as number)
    }
  }
}

/** Words that a string of this many bytes takes. */
const sizeOf = (length: number): number => HEADER + ((length + 3) >>> 2)

/** Short ASCII, which nearly every text is, takes no new array. */
const scratch = new Uint8Array(256)

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
