/**
 * The rules of a list that a topic may fall under, without asking each of them. Filters whose literal levels stand
 * at the same places make a group, and a list has few groups; within one, a hash of these levels leads to the rules
 * that are worth a look. Whoever is found may still not match; whoever is not found cannot.
 */
import type { FilterShape } from './match.ts'

/** Levels that are hashed: topics of the Oktopus flow differ in the fourth and fifth. */
const HASHED = 8

export interface Sieved {
  /** `undefined` is every topic. */
  readonly shape: FilterShape | undefined
  readonly prepared: { readonly index: number }
}

/** A Topic Name as numbers: how many levels it has, and a hash of each of the first. */
export interface TopicNumbers {
  readonly count: number
  readonly hashes: Int32Array
}

/** Overwritten by the next topic: nothing here waits, so two are never at work. */
const current = { count: 0, hashes: new Int32Array(HASHED) }

/** The numbers of a Topic Name; good until the next call. */
export function hashLevels(topic: string): TopicNumbers {
  const { hashes } = current
  let count = 0
  let hash = 0
  for (let i = 0; i < topic.length; i++) {
    const unit = topic.charCodeAt(i)
    if (unit !== 0x2f) {
      hash = (Math.imul(hash, 31) + unit) | 0
      continue
    }
    if (count < HASHED) hashes[count] = hash
    count++
    hash = 0
  }
  if (count < HASHED) hashes[count] = hash
  current.count = count + 1
  return current
}

/** Filters of as many levels, of which the same ones are literal. */
interface Group<R> {
  readonly count: number
  readonly rest: boolean
  /** Places of the literal levels, as far as they are hashed. */
  readonly places: readonly number[]
  /** In the order of the list. */
  readonly rules: Map<number, R[]>
}

export class Sieve<R extends Sieved> {
  readonly #groups: Group<R>[] = []

  /** `rules`: in the order of the list. */
  constructor(rules: readonly R[]) {
    for (const rule of rules) this.#add(rule)
  }

  /** The first rule that takes a topic with these numbers and that `holds`, if it stands before `end`. */
  first(topic: TopicNumbers, holds: (rule: R) => boolean, end = Infinity): R | undefined {
    let found: R | undefined
    let before = end
    for (const { count, rest, places, rules } of this.#groups) {
      if (rest ? topic.count < count : topic.count !== count) continue
      for (const rule of rules.get(hashAt(places, topic.hashes)) ?? NONE) {
        if (rule.prepared.index >= before) break
        if (!holds(rule)) continue
        found = rule
        before = rule.prepared.index
        break
      }
    }
    return found
  }

  #add(rule: R): void {
    const { levels, rest } = rule.shape ?? EVERYTHING
    const places = [...levels.keys()].filter((place) => place < HASHED && levels[place] !== '+')
    const group = this.#group(levels.length, rest, places)
    const hash = hashAt(places, hashLevels(levels.join('/')).hashes)
    const known = group.rules.get(hash)
    if (known === undefined) group.rules.set(hash, [rule])
    else known.push(rule)
  }

  #group(count: number, rest: boolean, places: readonly number[]): Group<R> {
    const same = (one: Group<R>) =>
      one.count === count && one.rest === rest && one.places.join() === places.join()
    const known = this.#groups.find(same)
    if (known !== undefined) return known
    const group: Group<R> = { count, rest, places, rules: new Map<number, R[]>() }
    this.#groups.push(group)
    return group
  }
}

const NONE: readonly never[] = []
const EVERYTHING: FilterShape = { levels: ['+'], rest: true }

function hashAt(places: readonly number[], hashes: Int32Array): number {
  let hash = 0
  for (const place of places) hash = Math.imul(hash, 0x0100_0193) ^ hashes[place]!
  return hash
}
