/**
 * The topic tree of a capture. It is made from the columns of the index when somebody first looks, and follows
 * them from then on, in slices; so it costs nothing while nobody looks, and never more than the rows held. When
 * rows were dropped it is made anew aside, and the old one is shown until that is done.
 */
import { VERDICTS } from '../../../shared/filter/columns.ts'
import { nodesBelow, TopicTree, type TopicNode, type TopicPacket } from '../../../shared/topics/tree.ts'
import { Way } from '../capture/columns.ts'
import { emptyHead, scanPublish } from '../capture/publish-head.ts'
import { bytesOf, type Parts } from '../capture/rows.ts'

const PUBLISH = 3
const RETAIN = 1
const NS_PER_SECOND = 1e9
/** Milliseconds after which a slice ends, so that batches and requests go between. */
const SLICE_MS = 4
const ROWS_A_LOOK = 1024
const turnedAway: ReadonlySet<number> = new Set([VERDICTS.indexOf('refused'), VERDICTS.indexOf('dropped')])

class Growing {
  readonly tree = new TopicTree()
  /** By id of the topic in the index. */
  readonly #nodes: (TopicNode | undefined)[] = []
  readonly #parts: Parts
  readonly #head = emptyHead()
  /** The broker says itself what it keeps: packets are not asked. */
  #told = false
  /** Rows below this one are in the tree. */
  cursor: number

  constructor(parts: Parts, kept?: ReadonlySet<string>) {
    this.#parts = parts
    this.cursor = parts.columns.first
    if (kept) this.keep(kept)
  }

  /** The broker keeps a message of each of these topics, and of no other. */
  keep(topics: ReadonlySet<string>): void {
    this.#told = true
    for (const node of nodesBelow(this.tree.root))
      if (node.isRetained && !topics.has(node.path)) this.tree.retain(node, false)
    for (const topic of topics) this.tree.retain(this.tree.reach(topic), true)
  }

  /** Takes rows below `end`, for a slice. True while there are more. */
  step(end: number): boolean {
    const { columns } = this.#parts
    const deadline = performance.now() + SLICE_MS
    this.cursor = Math.max(this.cursor, columns.first)
    while (this.cursor < end) {
      this.#take(Math.min(end, this.cursor + ROWS_A_LOOK))
      if (performance.now() > deadline) return this.cursor < end
    }
    return false
  }

  /** An id of the index means another topic from now on. */
  forget(id: number): void {
    this.#nodes[id] = undefined
  }

  /** The verdict on a row that is in the tree came only now. */
  judged(no: number): void {
    const { columns } = this.#parts
    if (no >= this.cursor || !columns.has(no)) return
    const { chunk, from } = columns.run(no)
    const node = this.#nodes[chunk.topic[from] as number]
    const published = chunk.type[from] === PUBLISH && chunk.direction[from] === Way.in
    if (published && node && turnedAway.has(chunk.verdict[from] as number)) this.tree.refuse(node, no)
  }

  #take(end: number): void {
    const { columns, dictionaries } = this.#parts
    while (this.cursor < end) {
      const { chunk, from, to, no } = columns.run(this.cursor)
      const last = Math.min(to, from + end - no)
      for (let i = from; i < last; i++) {
        if (chunk.type[i] !== PUBLISH) continue
        const id = chunk.topic[i] as number
        let node = this.#nodes[id]
        if (!node || node.gone) {
          // A topic alias whose topic was not seen has no name.
          if (id === 0) continue
          this.#nodes[id] = node = this.tree.reach(dictionaries.topics.text(id))
        }
        const inward = chunk.direction[i] === Way.in
        const refused = turnedAway.has(chunk.verdict[i] as number)
        const packet: TopicPacket = {
          no: no + i - from,
          time: (chunk.time[i] as number) / NS_PER_SECOND,
          bytes: chunk.length[i] as number,
          passage: refused ? 'refused' : inward ? 'published' : 'delivered',
        }
        this.tree.take(node, packet)
        const asksToKeep = ((chunk.flags[i] as number) & RETAIN) !== 0 && !refused
        if (asksToKeep && !this.#told) this.#retain(node, packet.no)
      }
      this.cursor = no + last - from
    }
  }

  /** An empty payload takes the retained message away [MQTT-3.3.1-6]. */
  #retain(node: TopicNode, no: number): void {
    const { columns, connections } = this.#parts
    const bytes = bytesOf(this.#parts, no)
    const { level } = connections.at(columns.get(no, 'connection'))
    if (!scanPublish(bytes, 0, bytes.length, level, this.#head)) return
    this.tree.retain(node, this.#head.payloadStart < bytes.length)
  }
}

export class TopicLog {
  readonly #parts: Parts
  readonly #before: number
  #shown: Growing
  #next: Growing | undefined
  #kept: ReadonlySet<string> | undefined

  /** `before`: rows from this one on are left out. `kept`: see `keep`. */
  constructor(parts: Parts, before: number, kept?: ReadonlySet<string>) {
    this.#parts = parts
    this.#before = before
    this.#kept = kept
    this.#shown = new Growing(parts, kept)
  }

  /** The broker keeps a message of each of these topics, and of no other. */
  keep(topics: ReadonlySet<string>): void {
    this.#kept = topics
    this.#shown.keep(topics)
    this.#next?.keep(topics)
  }

  get tree(): TopicTree {
    return this.#shown.tree
  }

  /** How much of the rows is in the tree, 0 … 1. */
  get progress(): number {
    const { first } = this.#parts.columns
    const all = this.#end - first
    return all <= 0 ? 1 : Math.min(1, Math.max(0, (this.#shown.cursor - first) / all))
  }

  /** True while there are more rows to take. */
  step(): boolean {
    const growing = this.#next ?? this.#shown
    if (growing.step(this.#end)) return true
    if (this.#next) [this.#shown, this.#next] = [this.#next, undefined]
    return false
  }

  /** Nothing is left to take. */
  get done(): boolean {
    return !this.#next && this.#shown.cursor >= this.#end
  }

  /** The old end of the capture was dropped, or all of it. */
  dropped(): void {
    if (this.#parts.columns.rows === 0) {
      this.#shown = new Growing(this.#parts, this.#kept)
      this.#next = undefined
    } else this.#next = new Growing(this.#parts, this.#kept)
  }

  forget(id: number): void {
    this.#shown.forget(id)
    this.#next?.forget(id)
  }

  judged(no: number): void {
    this.#shown.judged(no)
    this.#next?.judged(no)
  }

  get #end(): number {
    const { end } = this.#parts.columns
    return this.#before === 0 ? end : Math.min(end, this.#before)
  }
}
