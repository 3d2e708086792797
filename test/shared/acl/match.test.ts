import { describe, expect, it } from 'vitest'
import { covers, filterShape, overlaps } from '../../../shared/acl/match.ts'
import { FILTERS, topicsUnder } from './arbitrary.ts'

describe('covers and overlaps', () => {
  const worlds = FILTERS.map((filter) => ({
    filter,
    shape: filterShape(filter),
    topics: new Set(topicsUnder(filter)),
  }))

  it('agree with trying every topic of a small world, for every two filters of it', () => {
    expect(worlds.every(({ topics }) => topics.size > 0)).toBe(true)
    const wrong: string[] = []
    for (const outer of worlds) {
      for (const inner of worlds) {
        const all = [...inner.topics].every((topic) => outer.topics.has(topic))
        const some = [...inner.topics].some((topic) => outer.topics.has(topic))
        if (covers(outer.shape, inner.shape) !== all)
          wrong.push(`${outer.filter} covers ${inner.filter}: ${all}`)
        if (overlaps(outer.shape, inner.shape) !== some)
          wrong.push(`${outer.filter} overlaps ${inner.filter}: ${some}`)
      }
    }
    expect(wrong).toEqual([])
  })

  it.each([
    ['#', '$SYS/#', false],
    ['+/#', '$SYS/a', false],
    ['$SYS/#', '$SYS/+', true],
    ['+/#', '#', true],
    ['a/#', 'a', true],
    ['a/+', 'a/#', false],
    ['a//#', 'a/', true],
    ['+', '/', false],
  ])('%s covers %s: %s [MQTT-4.7.2-1]', (outer, inner, is) => {
    expect(covers(filterShape(outer), filterShape(inner))).toBe(is)
  })

  it('take topics of 65,535 bytes', () => {
    const deep = '/'.repeat(65_535)
    const long = 'x'.repeat(65_533)
    expect(covers(filterShape('#'), filterShape(deep))).toBe(true)
    expect(covers(filterShape(deep), filterShape(deep))).toBe(true)
    expect(covers(filterShape(`+/#`), filterShape(`${long}/+`))).toBe(true)
    expect(overlaps(filterShape(`${long}/+`), filterShape('+/a'))).toBe(true)
    expect(overlaps(filterShape(`${deep.slice(1)}#`), filterShape('a/#'))).toBe(false)
  })
})
