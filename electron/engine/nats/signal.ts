/** Who wants to be told when something happens. */
export class Signal<T> {
  readonly #listeners = new Set<(value: T) => void>()

  /** Answers the function that ends it. */
  on(listener: (value: T) => void): () => void {
    // Wrapped, so that one function given twice is two listeners.
    const own = (value: T): void => listener(value)
    this.#listeners.add(own)
    return () => void this.#listeners.delete(own)
  }

  tell(value: T): void {
    for (const listener of this.#listeners) listener(value)
  }
}
