/** A storage that forgets with the test. */
export class MemoryStorage implements Storage {
  readonly #entries = new Map<string, string>();
  [name: string]: unknown
  get length(): number {
    return this.#entries.size
  }
  clear(): void {
    this.#entries.clear()
  }
  getItem(key: string): string | null {
    return this.#entries.get(key) ?? null
  }
  key(index: number): string | null {
    return [...this.#entries.keys()][index] ?? null
  }
  removeItem(key: string): void {
    this.#entries.delete(key)
  }
  setItem(key: string, value: string): void {
    this.#entries.set(key, value)
  }
}
