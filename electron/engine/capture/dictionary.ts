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
  /**
   * Open addressing with linear probing: two numbers a place, id and hash beside each other, as each place that is
   * looked at is far from the last one. Id 0 is a free place (the empty string is not in it).
   */
  #table = new Int32Array(64 * SPARE * 2)
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
    const table = this.#table
    const mask = table.length - 1
    let place = (hash * 2) & mask
    for (let id = table[place] as number; id !== 0; id = table[place] as number) {
      if (table[place + 1] === hash && sameText(this.#strings[id] as string, bytes, start, end)) {
        this.#counts[id] = (this.#counts[id] as number) + 1
        return id
      }
      place = (place + 2) & mask
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
    if (id >= this.#counts.length) this.#grow()
    this.#strings[id] = text
    this.#hashes[id] = hash
    this.#counts[id] = 1
    this.#place(id, hash)
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
    const hashes = new Int32Array(size)
    hashes.set(this.#hashes)
    this.#hashes = hashes
    const counts = new Uint32Array(size)
    counts.set(this.#counts)
    this.#counts = counts
    const old = this.#table
    this.#table = new Int32Array(size * SPARE * 2)
    for (let place = 0; place < old.length; place += 2) {
      if (old[place] !== 0) this.#place(old[place] as number, old[place + 1] as number)
    }
  }
}

/** Short ASCII, which nearly every text is, takes no new array. */
const scratch = new Uint8Array(256)

/** Texts come one after the other from the same bytes, e.g. a batch of packets. */
let source: Uint8Array = scratch
let sourceBuffer: Buffer = Buffer.from(scratch.buffer)

/** In one piece, since it is kept. */
function textOf(bytes: Uint8Array, start: number, end: number): string {
  for (let i = start; i < end; i++) {
    if ((bytes[i] as number) >= 0x80) return decoder.decode(bytes.subarray(start, end))
  }
  if (bytes !== source) {
    source = bytes
    sourceBuffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  }
  return sourceBuffer.toString('latin1', start, end)
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
