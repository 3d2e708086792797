import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Columns, emptyEntry } from '../../../electron/engine/capture/columns.ts'

const entry = (topic: number) => ({ ...emptyEntry(), topic, time: topic * 1e9 + 1, type: topic % 18 })

const one = new Columns(1)
one.append(1, emptyEntry())
const BYTES_PER_ROW = one.bytes

describe('Columns', () => {
  test('cost at most 56 bytes a row', () => {
    expect(BYTES_PER_ROW).toBeLessThanOrEqual(56)
  })

  test('keep every column of an entry', () => {
    const columns = new Columns(4)
    const full = emptyEntry()
    const names = Object.keys(full) as (keyof typeof full)[]
    names.forEach((name, i) => (full[name] = i + 1))
    columns.append(1, full)
    expect(names.map((name) => columns.get(1, name))).toEqual(names.map((_, i) => i + 1))
  })

  test('refuse a number that does not follow the last one', () => {
    const columns = new Columns(4)
    columns.append(7, entry(1))
    expect(() => columns.append(9, entry(2))).toThrow('Row 9 was told after row 7.')
  })

  test('say which row is not held', () => {
    const columns = new Columns(4)
    columns.append(1, entry(1))
    columns.append(2, entry(2))
    columns.dropBefore(2)
    expect(() => columns.get(1, 'topic')).toThrow(RangeError)
    expect(() => columns.get(3, 'topic')).toThrow('Row 3')
  })

  test('equal an array under appends, drops and clears', () => {
    const step = fc.oneof(
      fc.record({ append: fc.integer({ min: 1, max: 12 }) }),
      fc.record({ drop: fc.integer({ min: 0, max: 15 }) }),
      fc.record({ clear: fc.constant(true) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const columns = new Columns(5)
        let model: number[] = []
        let next = 1
        for (const one of steps) {
          if ('append' in one) {
            for (let i = 0; i < one.append; i++, next++) {
              columns.append(next, entry(next))
              model.push(next)
            }
          } else if ('drop' in one) {
            columns.dropBefore(columns.first + one.drop)
            model = model.slice(one.drop)
          } else {
            columns.clear()
            model = []
          }
          expect(columns.rows).toBe(model.length)
          expect(columns.end).toBe(next)
          for (const no of model) expect(columns.get(no, 'topic')).toBe(no)
          // Whole chunks only, so at most one chunk more than needed on either side.
          expect(columns.bytes).toBeLessThanOrEqual((model.length + 10) * BYTES_PER_ROW)
        }
      }),
    )
  })
})
