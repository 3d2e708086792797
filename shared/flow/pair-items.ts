/** Pairs the items of two lists in any order. */
import { isMap, member, type Json } from './json.ts'
import type { Outcome } from './match.ts'

export interface Pairing {
  /** Outcomes of the expected items that have their own counterpart. */
  readonly pairs: readonly Outcome[]
  /** Expected items without one; `closest` is how the free item that differs least differs. */
  readonly alone: readonly { readonly item: number; readonly closest?: Outcome }[]
}

/**
 * As many pairs as there can be (augmenting paths): an item that fits two others must not take the only one that
 * a later item fits. `compare` is asked for each pair once, and first for where `likely` says the counterpart is.
 */
export function pairItems(
  expected: number,
  seen: number,
  compare: (one: number, other: number) => Outcome,
  likely: (one: number) => number = (one) => one,
): Pairing {
  const known = new Map<number, Outcome>()
  const outcome = (one: number, other: number): Outcome => {
    const key = one * seen + other
    const found = known.get(key) ?? compare(one, other)
    known.set(key, found)
    return found
  }
  const fits = (one: number, other: number) => outcome(one, other).differences.length === 0
  const takenBy = new Map<number, number>()
  const placeOf = new Map<number, number>()

  /** Walks a path back to where it began: each item gives its place to the one before. */
  const move = (end: number, from: ReadonlyMap<number, number>): void => {
    for (let other: number | undefined = end; other !== undefined;) {
      const one = from.get(other) as number
      const before = placeOf.get(one)
      takenBy.set(other, one)
      placeOf.set(one, other)
      other = before
    }
  }

  /** Finds a place for an item, moving others on. Own stack: lists may be long. */
  const place = (item: number): boolean => {
    const from = new Map<number, number>()
    const open = [item]
    for (let one = open.pop(); one !== undefined; one = open.pop()) {
      const begin = likely(one)
      for (let step = 0; step < seen; step++) {
        const other = (begin + step) % seen
        if (from.has(other) || !fits(one, other)) continue
        from.set(other, one)
        const holder = takenBy.get(other)
        if (holder === undefined) {
          move(other, from)
          return true
        }
        open.push(holder)
      }
    }
    return false
  }

  const unplaced: number[] = []
  for (let item = 0; item < expected; item++) if (!place(item)) unplaced.push(item)
  const free = Array.from({ length: seen }, (_, other) => other).filter((other) => !takenBy.has(other))
  return {
    pairs: [...takenBy].map(([other, one]) => outcome(one, other)),
    alone: unplaced.map((item) => {
      const found = free.map((other) => outcome(item, other))
      const closest = found.sort((a, b) => a.differences.length - b.differences.length)[0]
      return closest === undefined ? { item } : { item, closest }
    }),
  }
}

/**
 * Where the counterpart of each expected item most likely is: at the item with the same first value. Lists of
 * objects come in any order, and comparing each with each would take too long.
 */
export function likelyPlaces(expected: readonly Json[], seen: readonly Json[]): (one: number) => number {
  const places = new Map<string, number>()
  const keyOf = (item: Json, name: string): string | undefined => {
    const value = isMap(item) ? member(item, name) : undefined
    return typeof value === 'string' ? JSON.stringify([name, value]) : undefined
  }
  const names = expected.map((item) =>
    isMap(item) ? Object.keys(item).find((name) => typeof item[name] === 'string') : undefined,
  )
  const used = new Set(names)
  seen.forEach((item, at) => {
    for (const name of used) {
      const key = name === undefined ? undefined : keyOf(item, name)
      if (key !== undefined && !places.has(key)) places.set(key, at)
    }
  })
  return (one) => {
    const name = names[one]
    const key = name === undefined ? undefined : keyOf(expected[one] ?? null, name)
    return (key === undefined ? undefined : places.get(key)) ?? one
  }
}
