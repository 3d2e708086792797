import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AclRule } from '../../../../shared/acl/model.ts'
import {
  beginDraft,
  compareRules,
  differenceWords,
  edit,
  MAX_STEPS,
  moved,
  redo,
  undo,
} from '../../../../renderer/features/access/draft.ts'
import { manyRules } from './fake-access.ts'

const base = { version: 4, rules: manyRules(5) }
const named = (rule: AclRule, name: string): AclRule => ({ ...rule, name })
const withName = (rules: readonly AclRule[], index: number, name: string) =>
  rules.map((rule, place) => (place === index ? named(rule, name) : rule))
const ids = (rules: readonly AclRule[]) => rules.map(({ id }) => id)

describe('undo and redo', () => {
  it('goes back step by step and forward again', () => {
    const one = edit(beginDraft(base), withName(base.rules, 0, 'first'))
    const two = edit(one, withName(one.rules, 1, 'second'))
    expect(undo(two).rules).toEqual(one.rules)
    expect(undo(undo(two)).rules).toBe(base.rules)
    expect(redo(redo(undo(undo(two)))).rules).toEqual(two.rules)
    expect(undo(beginDraft(base))).toEqual(beginDraft(base))
  })

  it('takes what is typed into one field as one step', () => {
    let draft = beginDraft(base)
    for (const name of ['L', 'La', 'Lab']) draft = edit(draft, withName(draft.rules, 0, name), 'rule-0 name')
    expect(draft.past).toHaveLength(1)
    draft = edit(draft, withName(draft.rules, 1, 'x'), 'rule-1 name')
    expect(undo(draft).rules[0]?.name).toBe('Lab')
    expect(undo(undo(draft)).rules).toBe(base.rules)
  })

  it('does not join typing to what was undone', () => {
    const typed = edit(beginDraft(base), withName(base.rules, 0, 'L'), 'rule-0 name')
    const again = edit(undo(typed), withName(base.rules, 0, 'M'), 'rule-0 name')
    expect(undo(again).rules).toBe(base.rules)
    expect(again.future).toEqual([])
  })

  it('forgets the oldest steps beyond its bound', () => {
    let draft = beginDraft(base)
    for (let step = 0; step < MAX_STEPS + 50; step++) draft = edit(draft, withName(draft.rules, 0, `${step}`))
    expect(draft.past).toHaveLength(MAX_STEPS)
  })

  it('comes back to the start from any edits', () => {
    const steps = fc.array(fc.tuple(fc.nat(4), fc.nat(5)), { maxLength: 20 })
    fc.assert(
      fc.property(steps, (moves) => {
        let draft = beginDraft(base)
        for (const [from, to] of moves) draft = edit(draft, moved(draft.rules, from, to))
        const after = draft.rules
        for (const _ of moves) draft = undo(draft)
        expect(draft.rules).toBe(base.rules)
        for (const _ of moves) draft = redo(draft)
        expect(draft.rules).toBe(after)
      }),
      { numRuns: 50 },
    )
  })
})

describe('moving', () => {
  it.each([
    [0, 2, [1, 0, 2, 3, 4]],
    [4, 0, [4, 0, 1, 2, 3]],
    [1, 5, [0, 2, 3, 4, 1]],
    [2, 2, [0, 1, 2, 3, 4]],
    [2, 3, [0, 1, 2, 3, 4]],
    [0, -1, [0, 1, 2, 3, 4]],
    [9, 0, [0, 1, 2, 3, 4]],
  ])('takes %i before %i', (from, to, order) =>
    expect(ids(moved(base.rules, from, to))).toEqual(order.map((number) => `rule-${number}`)),
  )
})

describe('difference', () => {
  it('counts one rule that was taken elsewhere as one', () => {
    fc.assert(
      fc.property(fc.nat(4), fc.nat(5), (from, to) => {
        const after = moved(base.rules, from, to)
        expect(compareRules(base.rules, after).count).toBe(after === base.rules ? 0 : 1)
      }),
    )
  })

  it('leaves the rest in its order when the moved ones are taken out', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...base.rules], { minLength: 0, maxLength: 5 }), (after) => {
        const { moved: away, removed, added } = compareRules(base.rules, after)
        const rest = after.filter((rule) => !away.includes(rule))
        expect(ids(rest)).toEqual(ids(rest).sort())
        expect(removed).toHaveLength(5 - after.length)
        expect(added).toEqual([])
      }),
      { numRuns: 100 },
    )
  })

  it('does not count a rule that is written otherwise but says the same', () => {
    const [first, ...others] = base.rules
    const { who, topic, ...rest } = first!
    expect(compareRules(base.rules, [{ topic, who, ...rest }, ...others]).count).toBe(0)
  })

  it('says it in words', () => {
    const [first, second, ...others] = base.rules
    const after = [...others, named(second!, 'new name'), { ...first!, id: 'another' }]
    expect(differenceWords(compareRules(base.rules, after))).toBe('1 added, 1 changed, 1 moved, 1 deleted')
    expect(differenceWords(compareRules(base.rules, base.rules))).toBe('')
  })
})
