import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { choiceFor, isMoreExact } from '../../../../shared/dissect/content/choices.ts'
import { topicMatches } from '../../../../shared/mqtt/topics.ts'

const choices = ['#', 'a/#', 'a/+/c', '+/b/c', 'a/b/#', 'a/b/c', 'x'].map((filter) => ({
  filter,
  view: 'hex',
}))

describe('the choice for a topic', () => {
  test.each([
    ['a/b/c', 'a/b/c'],
    ['a/b/d', 'a/b/#'],
    ['a/z/c', 'a/+/c'],
    ['z/b/c', '+/b/c'],
    ['a', 'a/#'],
    ['x', 'x'],
    ['x/y', '#'],
  ])('%s is that for %s', (topic, filter) => {
    expect(choiceFor(choices, topic)?.filter).toBe(filter)
    expect(choiceFor(choices.toReversed(), topic)?.filter).toBe(filter)
  })

  test('is none where no filter matches', () => {
    expect(choiceFor(choices, '$SYS/a')).toBeUndefined()
    expect(choiceFor([], 'a')).toBeUndefined()
  })

  test('does not hang on the order, and a filter that matches all of another is less exact', () => {
    const level = fc.constantFrom('a', 'b', '+')
    const filter = fc
      .tuple(fc.array(level, { minLength: 1, maxLength: 4 }), fc.boolean())
      .map(([levels, open]) => [...levels, ...(open ? ['#'] : [])].join('/'))
    fc.assert(
      fc.property(
        filter,
        filter,
        fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 5 }),
        (one, other, path) => {
          const topic = path.join('/')
          fc.pre(one !== other && topicMatches(one, topic) && topicMatches(other, topic))
          expect(isMoreExact(one, other)).toBe(!isMoreExact(other, one))
          if (!one.endsWith('#') && topicMatches(other, one)) expect(isMoreExact(one, other)).toBe(true)
        },
      ),
      { numRuns: 300 },
    )
  })
})
