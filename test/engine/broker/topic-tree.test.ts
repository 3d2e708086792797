import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TopicTree } from '../../../electron/engine/broker/topic-tree.ts'
import { topicMatches } from '../../../shared/mqtt/topics.ts'

test('agrees with the matcher of topic filters, while filters come and go', () => {
  const level = fc.constantFrom('a', 'b', '', '$c')
  const topics = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/'))
  const filters = fc
    .tuple(fc.array(fc.oneof(level, fc.constant('+')), { maxLength: 4 }), fc.boolean())
    .map(([levels, rest]) => [...levels, ...(rest || levels.length === 0 ? ['#'] : [])].join('/'))
    .filter((filter) => filter !== '')
  const step = fc.record({ filter: filters, remove: fc.boolean(), topic: topics })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const tree = new TopicTree<string, readonly string[]>((found) => [...found].sort())
      const held = new Set<string>()
      for (const { filter, remove, topic } of steps) {
        if (remove) {
          if (held.delete(filter)) tree.remove(filter, filter)
        } else if (!held.has(filter)) {
          held.add(filter)
          tree.add(filter, filter)
        }
        if (topic === '') continue
        expect(tree.match(topic)).toEqual([...held].filter((one) => topicMatches(one, topic)).sort())
      }
    }),
  )
})

test('several values of one filter come and go one by one, or together', () => {
  const tree = new TopicTree<number, readonly number[]>((found) => found)
  for (const value of [1, 2, 3]) tree.add('a/+', value)
  tree.remove('a/+', 2)
  expect(tree.match('a/b')).toEqual([1, 3])
  tree.remove('a/+')
  expect(tree.match('a/b')).toEqual([])
  tree.remove('a/+', 1)
})
