/** One view of a host that may change what it asks for: the same as an `OpenView`, opened anew on new params. */
import type {
  ViewName,
  ViewParams,
  ViewRows,
  ViewUpdate,
  ViewWindow,
} from '../../shared/contract/contract.ts'
import type { Host, OpenView } from '../../shared/contract/host.ts'
import type { Result } from '../../shared/contract/result.ts'

export class Feed<V extends ViewName> {
  readonly #host: Host
  readonly #view: V
  readonly #listener: (update: Result<ViewUpdate<ViewRows[V]>>) => void
  #window: ViewWindow = { from: 0, count: 0, tail: false }
  #open: OpenView
  /** Counts openings: an update of an earlier one may still be under way. */
  #opening = 0

  constructor(
    host: Host,
    view: V,
    params: ViewParams<V>,
    listener: (update: Result<ViewUpdate<ViewRows[V]>>) => void,
  ) {
    this.#host = host
    this.#view = view
    this.#listener = listener
    this.#open = this.#start(params)
  }

  #start(params: ViewParams<V>): OpenView {
    const opening = ++this.#opening
    return this.#host.open(this.#view, params, this.#window, (update) => {
      if (opening === this.#opening) this.#listener(update)
    })
  }

  setParams(params: ViewParams<V>): void {
    this.#open.close()
    this.#open = this.#start(params)
  }

  setWindow(window: ViewWindow): void {
    const old = this.#window
    if (old.from === window.from && old.count === window.count && old.tail === window.tail) return
    this.#window = window
    this.#open.setWindow(window)
  }

  /** Index of the row with this key, or -1; also -1 when the params changed meanwhile. */
  async locate(key: string | number): Promise<number> {
    const opening = this.#opening
    const index = await this.#open.locate(key)
    return opening === this.#opening ? index : -1
  }

  close(): void {
    this.#opening++
    this.#open.close()
  }
}
