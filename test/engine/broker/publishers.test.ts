import { expect, test } from 'vitest'
import { Publishers } from '../../../electron/engine/broker/publishers.ts'

test('the last to publish a topic is known, for a bounded number of topics', () => {
  const publishers = new Publishers()
  publishers.note('a', 'one')
  publishers.note('a', 'two')
  expect(publishers.of('a')).toBe('two')
  publishers.note('a', undefined)
  expect(publishers.of('a')).toBeUndefined()
  for (let i = 0; i < 65; i++) publishers.note(`topic ${i}`, 'one')
  expect([publishers.of('topic 0'), publishers.of('topic 1')]).toEqual([undefined, 'one'])
})
