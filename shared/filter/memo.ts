/** What was worked out for each id of a dictionary. Grows with the ids, four bytes each; 0 is "not yet". */
export class Memo {
  readonly #work: (id: number) => number
  #known = new Int32Array(256)

  /** `work` must not answer 0. */
  constructor(work: (id: number) => number) {
    this.#work = work
  }

  /** By id, for loops that cannot spend a call a row; another array after `get` made room. */
  get known(): Int32Array {
    return this.#known
  }

  get(id: number): number {
    return this.#known[id] || this.#find(id)
  }

  /** The id means something else from now on; true when something was known of it. */
  forget(id: number): boolean {
    const known = (this.#known[id] ?? 0) !== 0
    if (known) this.#known[id] = 0
    return known
  }

  #find(id: number): number {
    if (id >= this.#known.length) {
      const known = new Int32Array(Math.max(id + 1, this.#known.length * 2))
      known.set(this.#known)
      this.#known = known
    }
    return (this.#known[id] = this.#work(id))
  }
}
