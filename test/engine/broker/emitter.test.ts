import { describe, expect, test } from 'vitest'
import { TopicEmitter } from '../../../electron/engine/broker/emitter.ts'

describe('TopicEmitter', () => {
  test('routes what clients published, and keeps what aedes tells itself to itself', () => {
    const routed: string[] = []
    const heard: string[] = []
    const emitter = new TopicEmitter(({ topic }) => routed.push(topic))
    emitter.on('$SYS/+/heartbeat', ({ topic }, done) => {
      heard.push(topic)
      done()
    })
    let done = 0
    for (const topic of ['a/b', '$SYS/x/heartbeat', '$SYS/x/other'])
      emitter.emit({ topic }, () => (done += 1))
    expect([routed, heard, done]).toEqual([['a/b'], ['$SYS/x/heartbeat'], 3])
  })

  test('tells when the last listener is through', () => {
    const emitter = new TopicEmitter(() => undefined)
    const waiting: (() => void)[] = []
    emitter.on('$SYS/+', (_message, done) => waiting.push(done))
    emitter.on('$SYS/b', (_message, done) => waiting.push(done))
    let done = false
    emitter.emit({ topic: '$SYS/b' }, () => (done = true))
    waiting[0]?.()
    expect(done).toBe(false)
    waiting[1]?.()
    expect(done).toBe(true)
  })

  test('after closing, a message is refused', async () => {
    const emitter = new TopicEmitter(() => undefined)
    await new Promise<void>((resolve) => emitter.close(() => resolve()))
    const error = await new Promise((resolve) => emitter.emit({ topic: 'a' }, resolve))
    expect(error).toBeInstanceOf(Error)
  })
})
