/** First in, first out, in constant time at both ends. */

/** Places given up at the front before they are cut off: each cut moves all that follow. */
const MAX_GONE = 4096

export class Fifo<T> {
  #items: (T | undefined)[] = []
  #first = 0

  get size(): number {
    return this.#items.length - this.#first
  }

  push(item: T): void {
    this.#items.push(item)
  }

  shift(): T | undefined {
    const item = this.#items[this.#first]
    if (this.#first === this.#items.length) return undefined
    this.#items[this.#first] = undefined
    this.#first += 1
    if (this.#first === this.#items.length) this.clear()
    else if (this.#first === MAX_GONE) {
      this.#items = this.#items.slice(this.#first)
      this.#first = 0
    }
    return item
  }

  /** All that is in it, oldest first. */
  toArray(): T[] {
    return this.#items.slice(this.#first) as T[]
  }

  /** The same; it is empty then. */
  takeAll(): T[] {
    const all = this.toArray()
    this.clear()
    return all
  }

  clear(): void {
    this.#items = []
    this.#first = 0
  }
}
