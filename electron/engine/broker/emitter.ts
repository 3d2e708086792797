/**
 * The message bus under aedes (its public `mq` option): topic filters to listeners.
 *
 * It replaces the stock one for two reasons. That one holds back messages above a concurrency limit and drains
 * the backlog by recursion, which ends the process when nobody listens to a busy topic. And it matches each
 * message anew; here the listeners of a topic are remembered until a subscription changes.
 */
export interface BusMessage {
  readonly topic: string
}
type Listener = (message: BusMessage, done: () => void) => void
type Done = (error?: Error) => void

interface Node {
  readonly children: Map<string, Node>
  /** Listeners whose filter ends here. */
  readonly listeners: Listener[]
  /** Listeners whose filter ends here with `#`. */
  readonly rest: Listener[]
}

const newNode = (): Node => ({ children: new Map(), listeners: [], rest: [] })
const nothing = (): void => {}

/** Topics whose listeners are remembered; beyond that the oldest half is forgotten. Long topics never are. */
const REMEMBERED_TOPICS = 8192
const REMEMBERED_LENGTH = 256

export class TopicEmitter {
  readonly #root = newNode()
  readonly #remembered = new Map<string, readonly Listener[]>()
  #closed = false
  /** Read by aedes in its own emitter interface; messages are handed on at once, so nothing ever waits. */
  readonly current = 0
  readonly concurrency = 0

  on(filter: string, listener: Listener, done?: Done): this {
    const { node, rest } = this.#reach(filter)
    ;(rest ? node.rest : node.listeners).push(listener)
    this.#remembered.clear()
    if (done) setImmediate(done)
    return this
  }

  removeListener(filter: string, listener: Listener, done?: Done): this {
    this.#remove(filter, listener)
    if (done) setImmediate(done)
    return this
  }

  removeAllListeners(filter: string, done?: Done): this {
    this.#remove(filter, undefined)
    if (done) setImmediate(done)
    return this
  }

  /** Hands `message` to every listener whose filter matches; `done` is called when the last one is through. */
  emit(message: BusMessage, done: Done = nothing): this {
    if (this.#closed) {
      setImmediate(done, new Error('the broker is closed'))
      return this
    }
    const listeners = this.#match(message.topic)
    if (listeners.length === 0) {
      done()
      return this
    }
    let waiting = listeners.length
    const one = (): void => {
      waiting -= 1
      if (waiting === 0) done()
    }
    for (const listener of listeners) listener(message, one)
    return this
  }

  close(done: Done = nothing): this {
    this.#closed = true
    setImmediate(done)
    return this
  }

  #match(topic: string): readonly Listener[] {
    const known = this.#remembered.get(topic)
    if (known) return known
    const found: Listener[] = []
    const levels = topic.split('/')
    // Breadth first over the levels: no recursion, however deep the topic.
    let nodes: Node[] = [this.#root]
    for (const level of levels) {
      const next: Node[] = []
      for (const node of nodes) {
        found.push(...node.rest)
        const exact = node.children.get(level)
        if (exact) next.push(exact)
        const any = node.children.get('+')
        if (any) next.push(any)
      }
      nodes = next
    }
    // `a/#` matches `a` too [MQTT-4.7.1-2].
    for (const node of nodes) found.push(...node.listeners, ...node.rest)
    if (topic.length <= REMEMBERED_LENGTH) {
      if (this.#remembered.size >= REMEMBERED_TOPICS) this.#forgetHalf()
      this.#remembered.set(topic, found)
    }
    return found
  }

  #forgetHalf(): void {
    let left = REMEMBERED_TOPICS / 2
    for (const topic of this.#remembered.keys()) {
      if (left-- === 0) return
      this.#remembered.delete(topic)
    }
  }

  #reach(filter: string): { node: Node; rest: boolean } {
    const levels = filter.split('/')
    const rest = levels.at(-1) === '#'
    if (rest) levels.pop()
    let node = this.#root
    for (const level of levels) {
      let child = node.children.get(level)
      if (!child) node.children.set(level, (child = newNode()))
      node = child
    }
    return { node, rest }
  }

  #remove(filter: string, listener: Listener | undefined): void {
    const levels = filter.split('/')
    const rest = levels.at(-1) === '#'
    if (rest) levels.pop()
    const path = [this.#root]
    for (const level of levels) {
      const child = path.at(-1)?.children.get(level)
      if (!child) return
      path.push(child)
    }
    const node = path.at(-1) as Node
    const list = rest ? node.rest : node.listeners
    const at = listener === undefined ? 0 : list.indexOf(listener)
    if (at < 0) return
    list.splice(at, listener === undefined ? list.length : 1)
    this.#remembered.clear()
    // Empty branches go, so that passing clients leave nothing behind.
    for (let depth = levels.length; depth > 0; depth--) {
      const empty = path[depth] as Node
      if (empty.children.size > 0 || empty.listeners.length > 0 || empty.rest.length > 0) return
      path[depth - 1]?.children.delete(levels[depth - 1] as string)
    }
  }
}
