import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NumberMap } from '../../../shared/collections/number-map.ts'

test('does what a Map does', () => {
  // Few keys, so that they meet in the table; some beyond 32 bits.
  const key = fc.oneof(
    fc.nat({ max: 200 }),
    fc.nat({ max: 50 }).map((n) => n * 2 ** 45 + 7),
    fc.maxSafeNat(),
  )
  const step = fc.record({ key, value: fc.maxSafeNat(), remove: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400, size: 'max' }), (steps) => {
      const map = new Map<number, number>()
      const numbers = new NumberMap()
      for (const { key: at, value, remove } of steps) {
        if (remove) expect(numbers.delete(at)).toBe(map.delete(at))
        else {
          map.set(at, value)
          numbers.set(at, value)
        }
        expect(numbers.size).toBe(map.size)
      }
      for (const { key: at } of steps) expect(numbers.get(at)).toBe(map.get(at))
      expect([...numbers.values()].sort()).toEqual([...map.values()].sort())
    }),
    { numRuns: 200 },
  )
})
