import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Recent } from '../../../shared/collections/recent.ts'

test('holds what was set last, and never more than it may', () => {
  const step = fc.record({ key: fc.integer({ min: 0, max: 30 }), remove: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 2, max: 12 }), (steps, max) => {
      let gone = 0
      const recent = new Recent<number, number>(max, () => (gone += 1))
      /** Keys as they were set last; those in `gaps` were deleted since. */
      const order: number[] = []
      const gaps = new Set<number>()
      let set = 0
      let removed = 0
      steps.forEach(({ key, remove }, value) => {
        const before = order.indexOf(key)
        const known = recent.get(key) !== undefined
        if (remove) {
          expect(recent.delete(key)).toBe(known)
          removed += known ? 1 : 0
        } else {
          recent.set(key, value)
          expect(recent.get(key)).toBe(value)
          set += known ? 0 : 1
        }
        if (remove) gaps.add(key)
        else {
          if (before >= 0) order.splice(before, 1)
          order.push(key)
          gaps.delete(key)
        }
        expect(recent.size).toBeLessThanOrEqual(max)
        for (const newest of order.slice(-Math.floor(max / 2)))
          expect(recent.get(newest) !== undefined).toBe(!gaps.has(newest))
      })
      expect(recent.size).toBe(set - removed - gone)
    }),
    { numRuns: 300 },
  )
})
