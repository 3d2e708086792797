/**
 * The edited copy of an access list: what it was before each step, and how it differs from the list it began
 * with. Pure; every function answers a new draft.
 */
import type { AclList, AclRule } from '../../../shared/acl/model.ts'
import { formatAcl } from '../../../shared/acl/parse.ts'

type Rules = readonly AclRule[]

export interface Draft {
  /** The list in force when editing began. */
  readonly base: AclList
  /** As edited; may hold rules that are not right yet. */
  readonly rules: Rules
  /** Oldest first. */
  readonly past: readonly Rules[]
  /** What was undone, next one last. */
  readonly future: readonly Rules[]
  /** What the last step was about; more of the same joins it, so that a typed word is one step. */
  readonly group: string | undefined
}

/** Steps that can be undone; older ones are forgotten. */
export const MAX_STEPS = 200

export const beginDraft = (base: AclList): Draft => ({
  base,
  rules: base.rules,
  past: [],
  future: [],
  group: undefined,
})

export function edit(draft: Draft, rules: Rules, group?: string): Draft {
  const joins = group !== undefined && group === draft.group
  const past = joins ? draft.past : [...draft.past, draft.rules].slice(-MAX_STEPS)
  return { ...draft, rules, past, future: [], group }
}

export function undo(draft: Draft): Draft {
  const before = draft.past.at(-1)
  if (before === undefined) return draft
  return {
    ...draft,
    rules: before,
    past: draft.past.slice(0, -1),
    future: [...draft.future, draft.rules],
    group: undefined,
  }
}

export function redo(draft: Draft): Draft {
  const after = draft.future.at(-1)
  if (after === undefined) return draft
  return {
    ...draft,
    rules: after,
    past: [...draft.past, draft.rules],
    future: draft.future.slice(0, -1),
    group: undefined,
  }
}

/** `rules` with the one at `from` taken out and put where `to` says, both counted before the move. */
export function moved(rules: Rules, from: number, to: number): Rules {
  const rule = rules[from]
  const place = to > from ? to - 1 : to
  if (rule === undefined || place === from || place < 0 || place >= rules.length) return rules
  return rules.toSpliced(from, 1).toSpliced(place, 0, rule)
}

export interface Difference {
  readonly added: Rules
  readonly removed: Rules
  /** As they are now. */
  readonly changed: Rules
  /** The fewest rules that, taken out and put elsewhere, make the new order of the others. */
  readonly moved: Rules
  readonly count: number
}

export function compareRules(before: Rules, after: Rules): Difference {
  const old = new Map(before.map((rule, index) => [rule.id, { rule, index }]))
  const ids = new Set(after.map(({ id }) => id))
  const added = after.filter(({ id }) => !old.has(id))
  const removed = before.filter(({ id }) => !ids.has(id))
  const kept = after.filter(({ id }) => old.has(id))
  const changed = kept.filter((rule) => !isSameRule(rule, old.get(rule.id)?.rule))
  const inOrder = longestAscent(kept.map(({ id }) => old.get(id)?.index ?? 0))
  const others = kept.filter((_, index) => !inOrder.has(index))
  const count = added.length + removed.length + changed.length + others.length
  return { added, removed, changed, moved: others, count }
}

function isSameRule(a: AclRule, b: AclRule | undefined): boolean {
  if (a === b) return true
  return b !== undefined && textOf(a) === textOf(b)
}
const textOf = (rule: AclRule): string => formatAcl({ version: 0, rules: [rule] })

/** Places of a longest ascending series among different numbers. */
function longestAscent(numbers: readonly number[]): ReadonlySet<number> {
  /** For each length, the place whose number ends such a series lowest. */
  const ends: number[] = []
  const before: (number | undefined)[] = []
  for (const [place, number] of numbers.entries()) {
    let low = 0
    let high = ends.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (numbers[ends[middle]!]! < number) low = middle + 1
      else high = middle
    }
    before[place] = ends[low - 1]
    ends[low] = place
  }
  const places = new Set<number>()
  for (let place = ends.at(-1); place !== undefined; place = before[place]) places.add(place)
  return places
}

/** `1 added, 2 changed`; empty without a difference. */
export function differenceWords(difference: Difference): string {
  const parts = [
    [difference.added, 'added'],
    [difference.changed, 'changed'],
    [difference.moved, 'moved'],
    [difference.removed, 'deleted'],
  ] as const
  return parts
    .filter(([rules]) => rules.length > 0)
    .map(([rules, word]) => `${rules.length} ${word}`)
    .join(', ')
}
