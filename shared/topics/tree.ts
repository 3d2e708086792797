/**
 * What went over each topic, as a tree of topic levels. Pure; fed with one packet at a time. It is bounded: when
 * there are too many nodes, the topics that changed least recently fold into their parents, which count them.
 */

export interface TreeLimits {
  readonly nodes: number
  /** Of all names together. */
  readonly characters: number
}

export const treeLimits: TreeLimits = { nodes: 100_000, characters: 16 * 1024 * 1024 }

/** What is beyond this level is one name, so that no topic is deeper than a tree can be walked. */
const MAX_LEVELS = 100
/** Share of the nodes that goes when there are too many: folding each single one would cost a walk each time. */
const FOLDED_SHARE = 0.1
/** Time constant of a rate, in seconds. */
const RATE_SECONDS = 4

/** `published`: a client sent it to the broker; `delivered`: the broker handed it to a client. */
export type Passage = 'published' | 'delivered' | 'refused'

export interface TopicPacket {
  /** Its number in the capture, from 1. */
  readonly no: number
  /** Seconds; never mind from when. */
  readonly time: number
  readonly bytes: number
  readonly passage: Passage
}

export class TopicNode {
  readonly name: string
  /** The topic, or the part of one that all below have in common. */
  readonly path: string
  /** Levels above it; -1 for the root. */
  readonly depth: number
  readonly parent: TopicNode | undefined
  children: Map<string, TopicNode> | undefined

  // Here and below.
  published = 0
  delivered = 0
  refused = 0
  bytes = 0
  /** Of the last packet; -Infinity before the first. */
  time = -Infinity
  topics = 0
  retained = 0
  #rate = 0
  /** Topics that were folded into this one, and what had been published and delivered on them. */
  folded = 0
  foldedMessages = 0

  // Of the topic itself.
  isTopic = false
  isRetained = false
  /** Number of the last packet that counts as a message, and of the one before; 0 when there is none. */
  last = 0
  before = 0
  ownPublished = 0
  /** It was folded: whoever remembers it has to ask for it again. */
  gone = false

  constructor(name: string, parent: TopicNode | undefined) {
    this.name = name
    this.parent = parent
    this.depth = parent ? parent.depth + 1 : -1
    this.path = parent && parent.depth >= 0 ? `${parent.path}/${name}` : name
  }

  /** Messages a second around `now`, weighing the last seconds most. */
  rate(now: number): number {
    return this.#rate === 0 ? 0 : this.#rate * Math.exp(-Math.max(0, now - this.time) / RATE_SECONDS)
  }

  /** One packet more, here or below. */
  count({ time, bytes, passage }: TopicPacket, beats: boolean): void {
    this[passage] += 1
    this.bytes += bytes
    if (beats) this.#rate = this.rate(time) + 1 / RATE_SECONDS
    else this.#rate = this.rate(time)
    this.time = Math.max(this.time, time)
  }
}

export class TopicTree {
  readonly root = new TopicNode('', undefined)
  /** Changes when nodes come or go. */
  structure = 0
  readonly #limits: TreeLimits
  #nodes = 0
  #characters = 0

  constructor(limits: TreeLimits = treeLimits) {
    this.#limits = limits
  }

  get nodes(): number {
    return this.#nodes
  }

  /** The node of a topic, made when it is new. */
  reach(topic: string): TopicNode {
    let node = this.root
    for (const level of levelsOf(topic)) {
      const child = node.children?.get(level)
      node = child ?? this.#add(level, node)
    }
    if (this.#nodes > this.#limits.nodes || this.#characters > this.#limits.characters) this.#fold(node)
    return node
  }

  /** The node of a path, a topic or a part of one; `undefined` when there is none. */
  find(path: string): TopicNode | undefined {
    let node: TopicNode | undefined = this.root
    for (const level of levelsOf(path)) node = node?.children?.get(level)
    return node
  }

  take(node: TopicNode, packet: TopicPacket): void {
    const { passage, no } = packet
    if (!node.isTopic) this.#become(node)
    if (passage !== 'refused') {
      if (passage === 'published') node.ownPublished += 1
      // A delivery is the message again, but of what the bench itself says there is nothing else.
      if (passage === 'published' || node.ownPublished === 0) {
        node.before = node.last
        node.last = no
      }
    }
    const beats = passage === 'published' || (passage === 'delivered' && node.ownPublished === 0)
    for (let at: TopicNode | undefined = node; at; at = at.parent) at.count(packet, beats)
  }

  /** The packet was counted as published; now it is known that it was refused. */
  refuse(node: TopicNode, no: number): void {
    node.ownPublished -= 1
    if (node.last === no) [node.last, node.before] = [node.before, 0]
    for (let at: TopicNode | undefined = node; at; at = at.parent) {
      at.published -= 1
      at.refused += 1
    }
  }

  /** The broker keeps a message of this topic, or no longer does. */
  retain(node: TopicNode, on: boolean): void {
    if (node.isRetained === on) return
    if (on && !node.isTopic) this.#become(node)
    node.isRetained = on
    for (let at: TopicNode | undefined = node; at; at = at.parent) at.retained += on ? 1 : -1
  }

  #become(node: TopicNode): void {
    node.isTopic = true
    for (let at: TopicNode | undefined = node; at; at = at.parent) at.topics += 1
  }

  #add(name: string, parent: TopicNode): TopicNode {
    const node = new TopicNode(name, parent)
    ;(parent.children ??= new Map()).set(name, node)
    this.#nodes += 1
    this.#characters += name.length
    this.structure += 1
    return node
  }

  /** Makes room. `kept`, with what is above it, and retained topics stay. */
  #fold(kept: TopicNode): void {
    const leaves: TopicNode[] = []
    for (const node of nodesBelow(this.root)) {
      if (!node.children && !node.isRetained && node !== kept) leaves.push(node)
    }
    leaves.sort((a, b) => a.time - b.time)
    const { nodes, characters } = this.#limits
    const share = 1 - FOLDED_SHARE
    for (const leaf of leaves) {
      if (this.#nodes <= nodes * share && this.#characters <= characters * share) break
      let node = leaf
      // A branch whose last topic goes is nothing any more.
      for (;;) {
        const parent = this.#foldOne(node)
        if (parent.children || parent.isTopic || parent.depth < 0 || parent === kept) break
        node = parent
      }
    }
    this.structure += 1
  }

  #foldOne(node: TopicNode): TopicNode {
    const parent = node.parent as TopicNode
    parent.children?.delete(node.name)
    if (parent.children?.size === 0) parent.children = undefined
    node.gone = true
    this.#nodes -= 1
    this.#characters -= node.name.length
    parent.folded += node.folded + (node.isTopic ? 1 : 0)
    parent.foldedMessages += node.published + node.delivered
    if (node.isTopic) for (let at: TopicNode | undefined = parent; at; at = at.parent) at.topics -= 1
    return parent
  }
}

function levelsOf(topic: string): readonly string[] {
  const levels = topic.split('/')
  return levels.length <= MAX_LEVELS
    ? levels
    : [...levels.slice(0, MAX_LEVELS - 1), levels.slice(MAX_LEVELS - 1).join('/')]
}

/** Every node below one, parents first. */
export function* nodesBelow(node: TopicNode): Generator<TopicNode> {
  for (const child of node.children?.values() ?? []) {
    yield child
    if (child.children) yield* nodesBelow(child)
  }
}
