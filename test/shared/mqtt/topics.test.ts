import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  isTopicFilter,
  isTopicName,
  levelCount,
  parseShared,
  topicMatches,
} from '../../../shared/mqtt/topics.ts'

const reason = (validity: ReturnType<typeof isTopicName>): string =>
  validity.valid ? 'valid' : validity.reason

describe('isTopicName', () => {
  it.each([
    ['a', 'valid'],
    ['/', 'valid'],
    ['$SYS/x', 'valid'],
    ['', 'is empty'],
    ['a/#', 'holds the wildcard #'],
    ['a+', 'holds the wildcard +'],
    ['a\0', 'holds the null character U+0000'],
    ['a'.repeat(65_535), 'valid'],
    ['a'.repeat(65_536), 'is longer than 65,535 bytes'],
    ['€'.repeat(21_845), 'valid'],
    ['€'.repeat(21_846), 'is longer than 65,535 bytes'],
  ])('case %#', (topic, said) => {
    expect(reason(isTopicName(topic))).toBe(said)
  })
})

describe('isTopicFilter', () => {
  it.each([
    '#',
    '+',
    'a/#',
    '+/a',
    'a/+/b',
    '+/+',
    '/+',
    '/#',
    '+/',
    'a//b',
    '$share/g/a/#',
    '$share',
    '$shared/a',
  ])('takes %s', (filter) => {
    expect(reason(isTopicFilter(filter))).toBe('valid')
  })
  it.each([
    ['', 'is empty'],
    ['a#', 'has # after other characters'],
    ['a/#/b', 'has # before its end'],
    ['a+', 'has + after other characters'],
    ['+a', 'has + before other characters'],
    ['#/', 'has # before its end'],
    ['##', 'has # before its end'],
    ['a\0', 'holds the null character'],
    ['$share/', 'has no topic filter after the share name'],
    ['$share/g', 'has no topic filter after the share name'],
    ['$share/g/', 'has no topic filter after the share name'],
    ['$share//a', 'has an empty share name'],
    ['$share/g+/a', 'has the wildcard + in its share name'],
    ['$share/#/a', 'has the wildcard # in its share name'],
    ['$share/g/a#', 'has # after other characters'],
  ])('refuses %s', (filter, said) => {
    expect(reason(isTopicFilter(filter))).toContain(said)
  })
})

describe('parseShared', () => {
  it('takes group and filter apart', () => {
    expect(parseShared('$share/g/a/+/#')).toEqual({ group: 'g', filter: 'a/+/#', validity: { valid: true } })
    expect(parseShared('$share/g//a')).toMatchObject({ group: 'g', filter: '/a' })
    expect(parseShared('$share')).toBeUndefined()
    expect(parseShared('a/$share/b')).toBeUndefined()
  })
})

describe('topicMatches', () => {
  it.each([
    ['#', 'a'],
    ['#', '/a/b'],
    ['a/#', 'a'],
    ['a/#', 'a/'],
    ['a/#', 'a/b/c'],
    ['+', 'a'],
    ['+/+', '/a'],
    ['/+', '/a'],
    ['a/+', 'a/'],
    ['a/+/c', 'a/b/c'],
    ['a/+/#', 'a/b'],
    ['+/#', 'a'],
    ['a', 'a'],
    ['a//b', 'a//b'],
    ['$SYS/#', '$SYS/a'],
    ['$SYS/+', '$SYS/a'],
    ['a/+', 'a/$b'],
    ['/#', '/'],
    ['ä/+', 'ä/€'],
  ])('%s takes %s', (filter, topic) => {
    expect(topicMatches(filter, topic)).toBe(true)
  })
  it.each([
    ['a', 'b'],
    ['a', 'A'],
    ['a', 'ab'],
    ['ab', 'a'],
    ['a', 'a/'],
    ['a/', 'a'],
    ['+', '/a'],
    ['+', 'a/b'],
    ['a/+', 'a'],
    ['a/+', 'a/b/c'],
    ['a/b/#', 'a'],
    ['a/#', 'ab'],
    ['+/b', 'a/c'],
    ['#', '$SYS/a'],
    ['+/a', '$SYS/a'],
    ['+/#', '$SYS'],
    ['a/+/c', 'a/b/cd'],
  ])('%s does not take %s [MQTT-4.7.2-1]', (filter, topic) => {
    expect(topicMatches(filter, topic)).toBe(false)
  })
  it('agrees with matching level by level', () => {
    const level = fc.constantFrom('', 'a', 'b', 'ab', '$x')
    const topics = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/'))
    const filters = fc
      .tuple(fc.array(fc.oneof(level, fc.constant('+')), { minLength: 1, maxLength: 4 }), fc.boolean())
      .map(([levels, all]) => [...levels, ...(all ? ['#'] : [])].join('/'))
    fc.assert(
      fc.property(filters, topics, (filter, topic) => {
        fc.pre(filter !== '' && topic !== '')
        expect(topicMatches(filter, topic)).toBe(matchesByLevels(filter, topic))
      }),
      { numRuns: 3000 },
    )
  })
})

function matchesByLevels(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && /^[+#]/.test(filter)) return false
  const wanted = filter.split('/')
  const found = topic.split('/')
  const all = wanted.at(-1) === '#'
  if (all) wanted.pop()
  if (all ? found.length < wanted.length : found.length !== wanted.length) return false
  return wanted.every((one, index) => one === '+' || one === found[index])
}

describe('levelCount', () => {
  it.each([
    ['a', 1],
    ['a/b', 2],
    ['/', 2],
    ['', 1],
  ])('of %s is %i', (topic, levels) => {
    expect(levelCount(topic)).toBe(levels)
  })
})
