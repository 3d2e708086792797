import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Sketch, SKETCH_ERROR } from '../../../shared/measure/sketch.ts'

const shares = [0.5, 0.95, 0.99, 1]
const values = fc.array(fc.double({ min: 0.001, max: 1e7, noNaN: true }), { minLength: 1, maxLength: 300 })
const of = (list: readonly number[]): Sketch => {
  const sketch = new Sketch()
  for (const value of list) sketch.add(value)
  return sketch
}

test('quantiles are within the error that is stated, also of parts that were put together', () => {
  fc.assert(
    fc.property(values, fc.array(fc.double({ min: 0.001, max: 1e7, noNaN: true })), (first, second) => {
      const sketch = of(first)
      sketch.merge(of(second))
      const sorted = [...first, ...second].sort((a, b) => a - b)
      expect(sketch.count).toBe(sorted.length)
      expect(sketch.max).toBe(sorted.at(-1))
      sketch.quantiles(shares)?.forEach((found, at) => {
        const exact = sorted[Math.max(1, Math.ceil((shares[at] ?? 0) * sorted.length)) - 1] ?? 0
        expect(Math.abs(found / exact - 1)).toBeLessThanOrEqual(SKETCH_ERROR + 1e-9)
      })
    }),
    { numRuns: 200 },
  )
})

test('nothing has no quantiles; what is out of range counts all the same', () => {
  expect(new Sketch().quantiles(shares)).toBeUndefined()
  const sketch = of([0, 1e15])
  expect(sketch.count).toBe(2)
  expect(sketch.max).toBe(1e15)
})
