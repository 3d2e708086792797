/**
 * Strings kept once and named by small numbers. Looked up by their UTF-8 bytes, so that a known topic costs no
 * new string. An id is given back when nothing refers to it any more: the dictionary never holds more strings
 * than the rows held need.
 */

/** Table of all strings has this many places for each string at least, so that probing stays short. */
const SPARE = 2
/** What a string costs besides its characters: object header, table places, hash, count. */
const OVERHEAD = 48

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const encoder = new TextEncoder()

export class Dictionary {
  #strings: (string | undefined)[] = ['']
  #hashes = new Int32Array(64)
  #counts = new Uint32Array(64)
  /** Open addressing with linear probing; 0 is a free place (id 0, the empty string, is not in it). */
  #table = new Int32Array(64 * SPARE)
  #free: number[] = []
  #size = 0
  #bytes = 0
  readonly #onAssign: (id: number) => void

  /** `onAssign` hears of every id that gets a new meaning, so that what was worked out for it is forgotten. */
  constructor(onAssign: (id: number) => void = () => undefined) {
    this.#onAssign = onAssign
  }

  /** Strings held, the empty one aside. */
  get size(): number {
    return this.#size
  }
  /** Memory held, in bytes, as an estimate. */
  get bytes(): number {
    return this.#bytes
  }

  /** The string of an id; empty for 0 and for an id that was given back. */
  text(id: number): string {
    return this.#strings[id] ?? ''
  }

  /**
   * Id of the string in `bytes[start, end)`, made when new, and counted as one more reference. 0 for no bytes.
   * Bytes that are not UTF-8 become U+FFFD; two such strings may then look alike under two ids.
   */
  retain(bytes: Uint8Array, start: number, end: number): number {
    if (start >= end) return 0
    const hash = hashOf(bytes, start, end)
    const mask = this.#table.length - 1
    let place = hash & mask
    for (let id = this.#table[place] as number; id !== 0; id = this.#table[place] as number) {
      if (this.#hashes[id] === hash && sameText(this.#strings[id] as string, bytes, start, end)) {
        this.#counts[id] = (this.#counts[id] as number) + 1
        return id
      }
      place = (place + 1) & mask
    }
    return this.#assign(textOf(bytes, start, end), hash)
  }

  /** Every string held, the empty one aside. */
  *texts(): Generator<string> {
    for (const text of this.#strings) if (text) yield text
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

  #assign(text: string, hash: number): number {
    const id = this.#free.pop() ?? this.#strings.length
    if (id >= this.#hashes.length) this.#grow()
    this.#strings[id] = text
    this.#hashes[id] = hash
    this.#counts[id] = 1
    this.#place(id)
    this.#size += 1
    this.#bytes += costOf(text)
    this.#onAssign(id)
    return id
  }

  #forget(id: number): void {
    this.#unplace(id)
    this.#bytes -= costOf(this.text(id))
    this.#strings[id] = undefined
    this.#free.push(id)
    this.#size -= 1
  }

  #place(id: number): void {
    const mask = this.#table.length - 1
    let place = (this.#hashes[id] as number) & mask
    while (this.#table[place] !== 0) place = (place + 1) & mask
    this.#table[place] = id
  }

  /** Takes an id out and moves up whatever had to step aside for it, so that no tombstones are needed. */
  #unplace(id: number): void {
    const table = this.#table
    const mask = table.length - 1
    let hole = (this.#hashes[id] as number) & mask
    while (table[hole] !== id) hole = (hole + 1) & mask
    for (let next = (hole + 1) & mask; table[next] !== 0; next = (next + 1) & mask) {
      const home = (this.#hashes[table[next] as number] as number) & mask
      if (((next - home) & mask) >= ((next - hole) & mask)) {
        table[hole] = table[next] as number
        hole = next
      }
    }
    table[hole] = 0
  }

  #grow(): void {
    const size = this.#hashes.length * 2
    const hashes = new Int32Array(size)
    hashes.set(this.#hashes)
    const counts = new Uint32Array(size)
    counts.set(this.#counts)
    this.#hashes = hashes
    this.#counts = counts
    const old = this.#table
    this.#table = new Int32Array(size * SPARE)
    for (const id of old) if (id !== 0) this.#place(id)
  }
}

/** Short ASCII, which nearly every text is, takes no new array. */
const scratch = new Uint8Array(256)

/** In one piece, since it is kept. */
function textOf(bytes: Uint8Array, start: number, end: number): string {
  for (let i = start; i < end; i++) {
    if ((bytes[i] as number) >= 0x80) return decoder.decode(bytes.subarray(start, end))
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
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

function costOf(text: string): number {
  return text.length + OVERHEAD
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

/** Compares without making a string; beyond ASCII it has to make one. */
function sameText(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start
  if (text.length > length) return false
  for (let i = 0; i < text.length; i++) {
    const byte = bytes[start + i] as number
    if (byte >= 0x80) return text === decoder.decode(bytes.subarray(start, end))
    if (text.charCodeAt(i) !== byte) return false
  }
  return text.length === length
}
