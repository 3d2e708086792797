/**
 * The text filter: words that must all be found, in any letter case, each in the packet type, the topic, the
 * device or the kind of USP message of a row. Words are looked for once in each different string; a row is then
 * judged by its numbers alone, so that a million rows take milliseconds.
 */
import { BenchFailure } from '../../../shared/contract/result.ts'
import { PACKET_TYPES } from '../../../shared/mqtt/frame.ts'
import { type Run, RowType } from './columns.ts'
import { searchText, type Connections } from './connections.ts'
import type { Dictionaries } from './indexer.ts'
import type { RowList } from './row-list.ts'

/** One bit a word; the top bit of a mask says that it was worked out. */
const MAX_WORDS = 31
const KNOWN = 1 << 31

/** How the `type` column reads. */
export function typeLabel(type: number): string {
  if (type === RowType.close) return 'TCP CLOSE'
  if (type === RowType.probe) return 'TCP PROBE'
  return PACKET_TYPES[type] ?? 'MALFORMED'
}

/**
 * The words of a filter text, in lower case and each once. BenchFailure `invalid-request` when there are more
 * than 31.
 */
export function filterWords(text: string): readonly string[] {
  const words = [...new Set(text.toLowerCase().split(/\s+/).filter(Boolean))]
  if (words.length > MAX_WORDS) {
    throw new BenchFailure(
      'invalid-request',
      `The filter holds ${words.length} different words; use ${MAX_WORDS} at most.`,
    )
  }
  return words
}

/** Which words are found in a string, as bits. */
function maskOf(words: readonly string[], text: string): number {
  const lower = text.toLowerCase()
  let mask = KNOWN
  words.forEach((word, bit) => {
    if (lower.includes(word)) mask |= 1 << bit
  })
  return mask
}

/** The masks of the strings behind a column of ids, each worked out when first met. */
class Masks {
  readonly #maskOf: (id: number) => number
  #masks = new Int32Array(256)

  constructor(mask: (id: number) => number) {
    this.#maskOf = mask
  }

  get(id: number): number {
    return this.#masks[id] || this.#find(id)
  }

  /** What is worked out for an id already, or 0. */
  known(id: number): number {
    return this.#masks[id] ?? 0
  }

  forget(id: number): void {
    if (id < this.#masks.length) this.#masks[id] = 0
  }

  #find(id: number): number {
    if (id >= this.#masks.length) {
      const masks = new Int32Array(Math.max(id + 1, this.#masks.length * 2))
      masks.set(this.#masks)
      this.#masks = masks
    }
    return (this.#masks[id] = this.#maskOf(id))
  }
}

/** The strings that the ids in the columns stand for. */
export interface Strings extends Pick<Dictionaries, 'topics' | 'usps'> {
  readonly connections: Pick<Connections, 'at'>
}

export class TextFilter {
  readonly #all: number
  readonly #types: Masks
  readonly #connections: Masks
  /** These two must forget an id that gets another meaning. */
  readonly topics: Masks
  readonly usps: Masks

  /** Throws as `filterWords` does. */
  constructor(text: string, { topics, usps, connections }: Strings) {
    const words = filterWords(text)
    const masks = (textOf: (id: number) => string) => new Masks((id) => maskOf(words, textOf(id)))
    this.#all = KNOWN | (2 ** words.length - 1)
    this.#types = masks(typeLabel)
    this.#connections = masks((slot) => searchText(connections.at(slot).facts))
    this.topics = masks((id) => topics.text(id))
    this.usps = masks((id) => usps.text(id))
  }

  /** To be called when the facts of a connection changed; true when its rows may now be judged otherwise. */
  connectionChanged(slot: number): boolean {
    const before = this.#connections.known(slot)
    this.#connections.forget(slot)
    return before !== 0 && this.#connections.get(slot) !== before
  }

  /** Adds the numbers of the rows that match to `found`. */
  scan({ chunk, from, to, no }: Run, found: RowList): void {
    const all = this.#all
    const { type, topic, connection, usp } = chunk
    for (let i = from; i < to; i++) {
      let mask = this.#types.get(type[i] as number)
      if ((mask & all) !== all) mask |= this.topics.get(topic[i] as number) | this.usps.get(usp[i] as number)
      if ((mask & all) !== all) mask |= this.#connections.get(connection[i] as number)
      if ((mask & all) === all) found.push(no + i - from)
    }
  }
}
