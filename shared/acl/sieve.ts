/**
 * A quick no. A list has many rules and a topic falls under few of them, so before a filter is compared with a
 * topic letter by letter, numbers are: how many levels there are, and a hash of each of the first. A topic that
 * gets through may still not match; one that does not get through cannot.
 */
import type { FilterShape } from './match.ts'

/** Levels that are hashed: topics of the Oktopus flow differ in the fourth and fifth. */
const HASHED = 8

export interface Sieve {
  readonly count: number
  readonly rest: boolean
  /** 0 stands for `+`; no hash is 0. */
  readonly hashes: Int32Array
}

export function filterSieve({ levels, rest }: FilterShape): Sieve {
  const hashes = levels.slice(0, HASHED).map((level) => (level === '+' ? 0 : hashLevels(level).hashes[0]!))
  return { count: levels.length, rest, hashes: Int32Array.from(hashes) }
}

/** Overwritten by the next topic: nothing here waits, so two are never at work. */
const current = { count: 0, rest: false, hashes: new Int32Array(HASHED) }

/** The numbers of a Topic Name; good until the next call. */
export function hashLevels(topic: string): Sieve {
  const { hashes } = current
  let count = 0
  let hash = 0
  for (let i = 0; i < topic.length; i++) {
    const unit = topic.charCodeAt(i)
    if (unit !== 0x2f) {
      hash = (Math.imul(hash, 31) + unit) | 0
      continue
    }
    if (count < HASHED) hashes[count] = hash || 1
    count++
    hash = 0
  }
  if (count < HASHED) hashes[count] = hash || 1
  current.count = count + 1
  return current
}

/** False: no topic with these numbers falls under the filter. */
export function mayTake(filter: Sieve, topic: Sieve): boolean {
  if (filter.rest ? topic.count < filter.count : topic.count !== filter.count) return false
  const wanted = filter.hashes
  const found = topic.hashes
  for (let i = 0; i < wanted.length; i++) {
    const hash = wanted[i]!
    if (hash !== 0 && hash !== found[i]) return false
  }
  return true
}
