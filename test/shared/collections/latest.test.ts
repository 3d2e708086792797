import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Latest } from '../../../shared/collections/latest.ts'

// Few keys, so that they meet; some beyond 32 bits.
const key = fc.oneof(
  fc.nat({ max: 200 }),
  fc.nat({ max: 50 }).map((n) => n * 2 ** 45 + 7),
  fc.nat({ max: Number.MAX_SAFE_INTEGER - 1 }),
)

test('is a map from which values are taken out', () => {
  const step = fc.record({ key, value: fc.integer({ min: 1, max: 2 ** 40 }), take: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 3000, size: 'max' }), (steps) => {
      const map = new Map<number, number>()
      const latest = new Latest()
      for (const { key: at, value, take } of steps) {
        if (take) {
          expect(latest.take(at)).toBe(map.get(at) ?? 0)
          map.delete(at)
        } else {
          map.set(at, value)
          latest.set(at, value)
        }
      }
      for (const { key: at } of steps) {
        expect(latest.take(at)).toBe(map.get(at) ?? 0)
        map.delete(at)
      }
    }),
    { numRuns: 40 },
  )
})

test('forgets old ones when it is full, and holds no more', () => {
  const latest = new Latest(64)
  const all = 100_000
  for (let i = 1; i <= all; i++) latest.set(i, i)
  const kept = Array.from({ length: all }, (_, i) => latest.take(i + 1)).filter(Boolean)
  expect(kept).toHaveLength(64 * 8)
  // A set may be chosen more often than others, and no set only by what is old.
  expect(Math.min(...kept)).toBeGreaterThan(all - 64 * 8 * 5)
  expect(kept.slice(-50)).toEqual(Array.from({ length: 50 }, (_, i) => all - 49 + i))
})
