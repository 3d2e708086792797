/** A topic tree as the lines that one sees of it: what is open, what a search finds, in which order. Pure. */
import { isTopicFilter, topicMatches } from '../mqtt/topics.ts'
import type { TopicNode, TopicTree } from './tree.ts'

/** `name` is the only order in which lines stay where they are while messages come. */
export const topicSorts = ['name', 'recent', 'messages', 'rate', 'bytes'] as const
export type TopicSort = (typeof topicSorts)[number]

export interface TopicLook {
  /** Words that must all occur in the topic, or an MQTT topic filter with wildcards; empty shows everything. */
  readonly text: string
  /** Levels that are open. */
  readonly levels: number
  /** Paths that are open although their level is not, or closed although it is. */
  readonly except: ReadonlySet<string>
  readonly sort: TopicSort
  readonly retainedOnly: boolean
}

export interface TopicLine {
  readonly node: TopicNode
  /** `folded`: stands for the topics that were folded into `node`. */
  readonly kind: 'topic' | 'folded'
  /** Absent where there is nothing below. */
  readonly open?: boolean
}

const collator = new Intl.Collator('en', { numeric: true })
const byName = (a: TopicNode, b: TopicNode): number =>
  collator.compare(a.name, b.name) || (a.name < b.name ? -1 : 1)

type Order = (a: TopicNode, b: TopicNode) => number
const orders: Readonly<Record<TopicSort, (now: number) => Order>> = {
  name: () => byName,
  recent: () => (a, b) => b.time - a.time || byName(a, b),
  messages: () => (a, b) => b.published + b.delivered - a.published - a.delivered || byName(a, b),
  rate: (now) => (a, b) => b.rate(now) - a.rate(now) || byName(a, b),
  bytes: () => (a, b) => b.bytes - a.bytes || byName(a, b),
}

/** `now` in the seconds of the packets. */
export function topicLines(tree: TopicTree, look: TopicLook, now: number): TopicLine[] {
  const lines: TopicLine[] = []
  const order = orders[look.sort](now)
  const matches = matcherOf(look.text)
  const shown = matches || look.retainedOnly ? wanted(tree.root, matches, look.retainedOnly) : undefined

  const visit = (parent: TopicNode): void => {
    const children = [...(parent.children?.values() ?? [])].filter((node) => !shown || shown.has(node))
    for (const node of children.sort(order)) {
      if (node.folded === 0 && !hasChild(node, shown)) {
        lines.push({ node, kind: 'topic' })
        continue
      }
      // What stands there for what is below it is open from the start.
      const leads = look.retainedOnly || (matches && !matches(node))
      const usual = leads || node.depth < look.levels
      const open = usual !== look.except.has(node.path)
      lines.push({ node, kind: 'topic', open })
      if (open) visit(node)
    }
    if (parent.folded > 0 && !shown) lines.push({ node: parent, kind: 'folded' })
  }
  visit(tree.root)
  return lines
}

function hasChild(node: TopicNode, shown: ReadonlySet<TopicNode> | undefined): boolean {
  for (const child of node.children?.values() ?? []) if (!shown || shown.has(child)) return true
  return false
}

type Matches = (node: TopicNode) => boolean

function matcherOf(text: string): Matches | undefined {
  const wish = text.trim()
  if (wish === '') return undefined
  if (/[+#]/.test(wish) && isTopicFilter(wish).valid) return ({ path }) => topicMatches(wish, path)
  const words = wish.toLowerCase().split(/\s+/)
  return ({ path }) => {
    const hay = path.toLowerCase()
    return words.every((word) => hay.includes(word))
  }
}

/** The nodes that match, and what is above them. */
function wanted(root: TopicNode, matches: Matches | undefined, retainedOnly: boolean): Set<TopicNode> {
  const found = new Set<TopicNode>()
  const visit = (node: TopicNode): boolean => {
    if (retainedOnly && node.retained === 0) return false
    let any = node.depth >= 0 && (!matches || matches(node)) && (!retainedOnly || node.isRetained)
    for (const child of node.children?.values() ?? []) if (visit(child)) any = true
    if (any) found.add(node)
    return any
  }
  visit(root)
  return found
}
