/** Content views that a person chose for topics. */
import { topicMatches } from '../../mqtt/topics.ts'

export interface ContentChoice {
  readonly filter: string
  /** ID of a content view. */
  readonly view: string
}

/** The choice that is in force for a topic: of those whose filter matches, the most exact one. */
export function choiceFor(choices: readonly ContentChoice[], topic: string): ContentChoice | undefined {
  let best: ContentChoice | undefined
  for (const choice of choices) {
    if (!topicMatches(choice.filter, topic)) continue
    if (best === undefined || isMoreExact(choice.filter, best.filter)) best = choice
  }
  return best
}

/** A name is more exact than `+`, and that more than `#`, which alone stands for levels to come. */
const ranks: Readonly<Record<string, number>> = { '+': 1, '#': 0 }

/** Whether, of two filters that match the same topic, the first is the more exact one, level by level. */
export function isMoreExact(one: string, other: string): boolean {
  const [a, b] = [one.split('/'), other.split('/')]
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [first, second] = [ranks[a[i] ?? ''] ?? 2, ranks[b[i] ?? ''] ?? 2]
    if (first !== second) return first > second
  }
  return false
}
