import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TopicEmitter } from '../../../electron/engine/broker/emitter.ts'
import { topicMatches } from '../../../shared/mqtt/topics.ts'

const heard = (emitter: TopicEmitter, topic: string, log: string[]): string[] => {
  log.length = 0
  emitter.emit({ topic })
  return [...log].sort()
}

describe('TopicEmitter', () => {
  test('agrees with the matcher of topic filters, while filters come and go', () => {
    const level = fc.constantFrom('a', 'b', '', 'c')
    const topics = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/'))
    const filters = fc
      .tuple(fc.array(fc.oneof(level, fc.constant('+')), { maxLength: 4 }), fc.boolean())
      .map(([levels, rest]) => [...levels, ...(rest || levels.length === 0 ? ['#'] : [])].join('/'))
      .filter((filter) => filter !== '')
    const step = fc.record({ filter: filters, remove: fc.boolean(), topic: topics })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const emitter = new TopicEmitter()
        const log: string[] = []
        const listeners = new Map<string, (message: unknown, done: () => void) => void>()
        for (const { filter, remove, topic } of steps) {
          const known = listeners.get(filter)
          if (remove && known) {
            emitter.removeListener(filter, known)
            listeners.delete(filter)
          } else if (!known) {
            const listener = (_: unknown, done: () => void): void => {
              log.push(filter)
              done()
            }
            listeners.set(filter, listener)
            emitter.on(filter, listener)
          }
          if (topic === '') continue
          const expected = [...listeners.keys()].filter((one) => topicMatches(one, topic)).sort()
          expect(heard(emitter, topic, log)).toEqual(expected)
        }
      }),
    )
  })

  test('tells when the last listener is through', () => {
    const emitter = new TopicEmitter()
    const waiting: (() => void)[] = []
    emitter.on('a/+', (_message, done) => waiting.push(done))
    emitter.on('a/b', (_message, done) => waiting.push(done))
    let done = false
    emitter.emit({ topic: 'a/b' }, () => (done = true))
    waiting[0]?.()
    expect(done).toBe(false)
    waiting[1]?.()
    expect(done).toBe(true)
  })

  test('after closing, a message is refused', async () => {
    const emitter = new TopicEmitter()
    await new Promise<void>((resolve) => emitter.close(() => resolve()))
    const error = await new Promise((resolve) => emitter.emit({ topic: 'a' }, resolve))
    expect(error).toBeInstanceOf(Error)
  })
})
