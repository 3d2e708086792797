import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Fate } from '../../../shared/faults/book.ts'
import { Lane, REORDER_WAIT_MS } from '../../../shared/faults/lane.ts'

const fate = (more: Partial<Fate>): Fate => ({ fault: 'f', delayMs: 0, copies: 0, behind: 0, ...more })
const packets = <T>(lane: Lane<T>, now: number): readonly T[] => lane.take(now).map(({ packet }) => packet)

test('what no fault met leaves at once and without a remark', () => {
  const lane = new Lane<string>()
  lane.push('a', undefined, 0)
  expect(lane.take(0)).toEqual([{ packet: 'a', end: 'pass' }])
  expect(lane.next).toBeUndefined()
})

test('a delayed packet holds up what is behind it', () => {
  const lane = new Lane<string>()
  lane.push('a', fate({ delayMs: 100 }), 0)
  lane.push('b', undefined, 10)
  expect(packets(lane, 99)).toEqual([])
  expect(lane.next).toBe(100)
  expect(packets(lane, 100)).toEqual(['a', 'b'])
})

test('a packet that lets one go first comes behind it, or by itself when none comes', () => {
  const lane = new Lane<string>()
  lane.push('a', fate({ behind: 1 }), 0)
  expect(packets(lane, 0)).toEqual([])
  lane.push('b', undefined, 5)
  lane.push('c', undefined, 6)
  expect(packets(lane, 6)).toEqual(['b', 'a', 'c'])
  lane.push('d', fate({ behind: 2 }), 10)
  lane.push('e', undefined, 11)
  expect(packets(lane, 11)).toEqual(['e'])
  expect(lane.next).toBe(10 + REORDER_WAIT_MS)
  expect(packets(lane, 10 + REORDER_WAIT_MS)).toEqual(['d'])
})

test('says what was done, and by which fault', () => {
  const lane = new Lane<string>()
  lane.push('a', fate({ drop: true }), 0)
  lane.push('b', fate({ copies: 1 }), 0)
  lane.push('c', fate({ cut: 4 }), 0)
  const left = lane.take(0)
  expect(left.map(({ packet, end, bytes }) => [packet, end, bytes])).toEqual([
    ['a', 'drop', undefined],
    ['b', 'pass', undefined],
    ['b', 'pass', undefined],
    ['c', 'cut', 4],
  ])
  expect(left.every(({ fault, remark }) => fault === 'f' && remark?.includes('“f”'))).toBe(true)
})

test('nothing is lost that is not dropped, and order holds where none is moved', () => {
  const fates = fc.option(
    fc.record({
      delayMs: fc.integer({ min: 0, max: 50 }),
      copies: fc.integer({ min: 0, max: 2 }),
      behind: fc.constantFrom(0, 0, 0, 1, 3),
      drop: fc.constantFrom(undefined, undefined, true as const),
    }),
  )
  fc.assert(
    fc.property(fc.array(fates, { maxLength: 60 }), (list) => {
      const lane = new Lane<number>()
      const out: number[] = []
      let now = 0
      list.forEach((wish, index) => {
        now += 7
        const { drop, ...rest } = wish ?? {}
        lane.push(index, wish ? fate({ ...rest, ...(drop && { drop }) }) : undefined, now)
        for (const { packet, end } of lane.take(now)) if (end === 'pass') out.push(packet)
      })
      while (lane.next !== undefined) {
        now = Math.max(now, lane.next)
        for (const { packet, end } of lane.take(now)) if (end === 'pass') out.push(packet)
      }
      expect(lane.size).toBe(0)
      const expected = list.flatMap((wish, index) => {
        if (wish?.drop) return []
        const moved = wish !== null && wish.behind > 0
        return Array.from({ length: moved ? 1 : (wish?.copies ?? 0) + 1 }, () => index)
      })
      expect(out.toSorted((a, b) => a - b)).toEqual(expected)
      if (list.every((wish) => !wish || wish.behind === 0)) expect(out).toEqual(expected)
    }),
    { numRuns: 80 },
  )
})
