/** Which topics a filter matches, and which it may be (chapter 4.7). The same in both versions. */
import { expect } from 'vitest'
import { publish, receive, subscribe, subscribePacket, texts } from './rig.ts'
import { shows } from './shows.ts'

const TOPIC_FILTER_INVALID = { 4: 0x80, 5: 0x8f } as const

const bad = ['a/#/b', '#/a', 'a#', 'a/b#', '##', '/#/', 'a+', '+a', 'a/b+/c', '++']
shows(
  'a wildcard in the wrong place is refused',
  { '5.0': '4.7.1-1 4.7.1-2', '3.1.1': '4.7.1-2 4.7.1-3' },
  async ({ join, level }) => {
    const client = await join('a')
    client.send(subscribePacket(bad))
    const { reasonCodes } = await client.next('SUBACK')
    expect(reasonCodes).toEqual(bad.map(() => TOPIC_FILTER_INVALID[level]))
  },
)

const topics = ['a', 'a/b', 'a/b/c', '/', '/a', 'a/', 'a//b', ' ', '$x/a', '$x']
const matches: readonly (readonly [filter: string, ...topics: string[]])[] = [
  ['#', 'a', 'a/b', 'a/b/c', '/', '/a', 'a/', 'a//b', ' '],
  ['a/#', 'a', 'a/b', 'a/b/c', 'a/', 'a//b'],
  ['+', 'a', ' '],
  ['+/+', 'a/b', '/', '/a', 'a/'],
  ['+/b/+', 'a/b/c'],
  ['/+', '/', '/a'],
  ['a/+', 'a/b', 'a/'],
  ['a/+/b', 'a//b'],
  ['$x/#', '$x/a', '$x'],
  ['$x/+', '$x/a'],
  ['+/a', '/a'],
]
shows(
  'wildcards match whole levels, and nothing that begins with $ from the first level',
  { '5.0': '4.7.1-1 4.7.1-2 4.7.2-1 3.3.2-3', '3.1.1': '4.7.1-2 4.7.1-3 4.7.2-1 3.3.2-3' },
  async ({ join }) => {
    const from = await join('from')
    for (const [filter, ...expected] of matches) {
      const to = await join('to')
      await subscribe(to, filter)
      for (const topic of topics) await publish(from, topic, topic)
      expect(await texts(to, expected.length), filter).toEqual(expected)
      await to.ping()
    }
  },
)

shows(
  'retained messages are found by the same rules',
  { '5.0': '4.7.2-1 3.3.2-3', '3.1.1': '4.7.2-1 3.3.2-3' },
  async ({ join }) => {
    const from = await join('from')
    for (const topic of topics) await publish(from, topic, topic, { retain: true })
    for (const [filter, ...expected] of matches) {
      const to = await join('to')
      await subscribe(to, filter)
      expect((await texts(to, expected.length)).toSorted(), filter).toEqual(expected.toSorted())
      await to.ping()
    }
  },
)

shows(
  'topics are compared as they are: no case, no Unicode form, no slash is made equal',
  { '5.0': '4.7.3-4', '3.1.1': '4.7.3-4' },
  async ({ join }) => {
    const [from, to] = [await join('from'), await join('to')]
    const filter = 'Caf\u00e9/x'
    await subscribe(to, filter)
    for (const topic of [
      'caf\u00e9/x',
      'Cafe\u0301/x',
      'Caf\u00e9/x/',
      '/Caf\u00e9/x',
      'Caf\u00e9//x',
      filter,
    ]) {
      await publish(from, topic, topic)
    }
    expect(await texts(to, 1)).toEqual([filter])
    await to.ping()
  },
)

shows(
  'names and filters may have 65,535 bytes',
  { '5.0': '4.7.3-3', '3.1.1': '4.7.3-3' },
  async ({ join }) => {
    const [from, to] = [await join('from'), await join('to')]
    const longest = '\u00e9'.repeat(32_767) + 'x'
    expect(await subscribe(to, longest)).toBe(0)
    await publish(from, longest, 'x')
    expect((await receive(to)).topic).toBe(longest)
  },
)

shows(
  'names and filters of one character, even a space, are names and filters',
  { '5.0': '4.7.3-1', '3.1.1': '4.7.3-1' },
  async ({ join }) => {
    const [from, to] = [await join('from'), await join('to')]
    for (const filter of ['/', ' ', 'a']) {
      expect(await subscribe(to, filter)).toBe(0)
      await publish(from, filter, 'x')
      expect((await receive(to)).topic).toBe(filter)
    }
  },
)
