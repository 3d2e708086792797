/**
 * The message bus under aedes (its public `mq` option). What clients published goes on to the bench's own
 * subscriptions; what aedes tells itself, below `$SYS/`, goes to its own listeners and no further.
 *
 * It replaces the stock one, which holds back messages above a concurrency limit and drains that backlog by
 * recursion: that ends the process when nobody listens to a busy topic. Here everything is handed on at once.
 */
import { TopicTree } from './topic-tree.ts'

export interface BusMessage {
  readonly topic: string
}
type Listener = (message: BusMessage, done: () => void) => void
type Done = (error?: Error) => void

const nothing = (): void => {}
const OWN_TALK = '$SYS/'

export class TopicEmitter<M extends BusMessage> {
  readonly #listeners = new TopicTree<Listener, readonly Listener[]>((found) => found)
  readonly #route: (message: M) => void
  #closed = false
  /** Read by aedes in its own emitter interface; nothing ever waits here. */
  readonly current = 0
  readonly concurrency = 0

  /** `route` gets every message but those of aedes itself. */
  constructor(route: (message: M) => void) {
    this.#route = route
  }

  on(filter: string, listener: Listener, done?: Done): this {
    this.#listeners.add(filter, listener)
    if (done) setImmediate(done)
    return this
  }

  removeListener(filter: string, listener: Listener, done?: Done): this {
    this.#listeners.remove(filter, listener)
    if (done) setImmediate(done)
    return this
  }

  removeAllListeners(filter: string, done?: Done): this {
    this.#listeners.remove(filter)
    if (done) setImmediate(done)
    return this
  }

  emit(message: M, done: Done = nothing): this {
    if (this.#closed) setImmediate(done, new Error('the broker is closed'))
    else if (message.topic.startsWith(OWN_TALK)) this.#tell(message, done)
    else {
      this.#route(message)
      done()
    }
    return this
  }

  close(done: Done = nothing): this {
    this.#closed = true
    setImmediate(done)
    return this
  }

  /** `done` is called when the last listener is through. */
  #tell(message: M, done: Done): void {
    const listeners = this.#listeners.match(message.topic)
    let waiting = listeners.length
    if (waiting === 0) return done()
    const one = (): void => {
      waiting -= 1
      if (waiting === 0) done()
    }
    for (const listener of listeners) listener(message, one)
  }
}
