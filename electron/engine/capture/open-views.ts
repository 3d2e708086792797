/** The open views of a list by their number. Each is told once that it would now read otherwise, until it is read. */
export class OpenViews<V extends { told: boolean }> {
  readonly #views = new Map<number, V>()
  readonly #changed: (view: number) => void

  constructor(changed: (view: number) => void) {
    this.#changed = changed
  }

  get entries(): Iterable<readonly [number, V]> {
    return this.#views
  }
  get all(): Iterable<V> {
    return this.#views.values()
  }

  has(id: number): boolean {
    return this.#views.has(id)
  }

  /** RangeError when there is no such view. */
  get(id: number): V {
    const view = this.#views.get(id)
    if (view === undefined) throw new RangeError(`View ${id} is not open.`)
    return view
  }

  set(id: number, view: V): void {
    this.#views.set(id, view)
  }

  close(id: number): void {
    this.#views.delete(id)
  }

  tell(id: number, view: V): void {
    if (view.told) return
    view.told = true
    this.#changed(id)
  }

  tellAll(): void {
    for (const [id, view] of this.#views) this.tell(id, view)
  }
}
