/**
 * Topic filters to values: finds every value whose filter matches a topic, without recursion.
 *
 * What a topic leads to is remembered until a filter comes or goes, in the form that its user wants (`digest`).
 */
interface Node<T> {
  readonly children: Map<string, Node<T>>
  /** Values whose filter ends here. */
  readonly values: T[]
  /** Values whose filter ends here with `#`. */
  readonly rest: T[]
}

const newNode = <T>(): Node<T> => ({ children: new Map(), values: [], rest: [] })

/** Topics that are remembered; beyond that the oldest half is forgotten. Long topics never are. */
const REMEMBERED_TOPICS = 8192
const REMEMBERED_LENGTH = 256

export class TopicTree<T, Digest> {
  readonly #root = newNode<T>()
  readonly #digest: (found: readonly T[]) => Digest
  readonly #remembered = new Map<string, Digest>()

  constructor(digest: (found: readonly T[]) => Digest) {
    this.#digest = digest
  }

  add(filter: string, value: T): void {
    const { levels, rest } = split(filter)
    let node = this.#root
    for (const level of levels) {
      let child = node.children.get(level)
      if (!child) node.children.set(level, (child = newNode()))
      node = child
    }
    ;(rest ? node.rest : node.values).push(value)
    this.#remembered.clear()
  }

  /** Takes the value away from this filter, or, without one, all its values. */
  remove(filter: string, value?: T): void {
    const { levels, rest } = split(filter)
    const path = [this.#root]
    for (const level of levels) {
      const child = path.at(-1)?.children.get(level)
      if (!child) return
      path.push(child)
    }
    const node = path.at(-1) as Node<T>
    const list = rest ? node.rest : node.values
    const at = value === undefined ? 0 : list.indexOf(value)
    if (at < 0) return
    list.splice(at, value === undefined ? list.length : 1)
    this.#remembered.clear()
    // Empty branches go, so that passing clients leave nothing behind.
    for (let depth = levels.length; depth > 0; depth--) {
      const empty = path[depth] as Node<T>
      if (empty.children.size > 0 || empty.values.length > 0 || empty.rest.length > 0) return
      path[depth - 1]?.children.delete(levels[depth - 1] as string)
    }
  }

  /** What is known of the topic has changed in another way than by its filters. */
  forget(): void {
    this.#remembered.clear()
  }

  match(topic: string): Digest {
    const known = this.#remembered.get(topic)
    if (known !== undefined) return known
    const digest = this.#digest(this.#find(topic))
    if (topic.length <= REMEMBERED_LENGTH) {
      if (this.#remembered.size >= REMEMBERED_TOPICS) this.#forgetHalf()
      this.#remembered.set(topic, digest)
    }
    return digest
  }

  #find(topic: string): T[] {
    const found: T[] = []
    // No wildcard at the first level matches a topic that begins with `$` [MQTT-4.7.2-1].
    let wild = !topic.startsWith('$')
    // Breadth first over the levels: no stack grows, however deep the topic.
    let nodes: Node<T>[] = [this.#root]
    for (const level of topic.split('/')) {
      const next: Node<T>[] = []
      for (const node of nodes) {
        if (wild) found.push(...node.rest)
        const exact = node.children.get(level)
        if (exact) next.push(exact)
        const any = wild ? node.children.get('+') : undefined
        if (any) next.push(any)
      }
      nodes = next
      wild = true
    }
    // `a/#` matches `a` too [MQTT-4.7.1-2].
    for (const node of nodes) found.push(...node.values, ...node.rest)
    return found
  }

  #forgetHalf(): void {
    let left = REMEMBERED_TOPICS / 2
    for (const topic of this.#remembered.keys()) {
      if (left-- === 0) return
      this.#remembered.delete(topic)
    }
  }
}

function split(filter: string): { readonly levels: string[]; readonly rest: boolean } {
  const levels = filter.split('/')
  const rest = levels.at(-1) === '#'
  if (rest) levels.pop()
  return { levels, rest }
}
