/** From a line of the topic tree to a row of the view. Payloads are read here, on demand, for what is on a screen. */
import type { TopicRow, TopicValue } from '../../../shared/contract/topics.ts'
import type { TopicLine } from '../../../shared/topics/lines.ts'
import type { TopicNode } from '../../../shared/topics/tree.ts'
import type { Parts } from '../capture/rows.ts'
import { valueAt } from './messages.ts'

/** No level of a topic can hold it [MQTT-4.7.3-2]. */
const FOLDED = '\0'

/** Values are made once for a packet, however often their rows are read. */
export class TopicRows {
  readonly #parts: Parts
  readonly #values = new WeakMap<TopicNode, TopicValue>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** `now`: seconds since the epoch of the capture. */
  row({ node, kind, open }: TopicLine, now: number): TopicRow {
    const { path, name, depth, topics, published, delivered, refused, bytes, retained, folded } = node
    const { sec, nsec } = this.#parts.epoch
    if (kind === 'folded') {
      const none = { topics: 0, published: 0, refused: 0, bytes: 0, rate: 0, retained: 0 }
      return {
        ...none,
        key: path + FOLDED,
        path,
        name: '',
        depth: depth + 1,
        kind,
        folded,
        delivered: node.foldedMessages,
        isTopic: false,
        isRetained: false,
      }
    }
    const value = this.#value(node)
    return {
      key: path,
      path,
      name,
      depth,
      kind,
      ...(open !== undefined && { open }),
      isTopic: node.isTopic,
      topics,
      published,
      delivered,
      refused,
      bytes,
      rate: node.rate(now),
      retained,
      folded,
      ...(Number.isFinite(node.time) && { at: sec * 1000 + nsec / 1e6 + node.time * 1000 }),
      ...(value && { value }),
      isRetained: node.isRetained,
    }
  }

  #value(node: TopicNode): TopicValue | undefined {
    const no = node.last
    if (!this.#parts.columns.has(no)) return undefined
    const known = this.#values.get(node)
    if (known?.no === no) return known
    const value = valueAt(this.#parts, node.path, no)
    this.#values.set(node, value)
    return value
  }
}
