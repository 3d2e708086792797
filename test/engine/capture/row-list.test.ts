import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RowList } from '../../../electron/engine/capture/row-list.ts'

test('a RowList equals an array, over the borders of its chunks', () => {
  const step = fc.oneof(
    fc.record({ push: fc.integer({ min: 1, max: 30_000 }) }),
    fc.record({ before: fc.double({ min: 0, max: 1, noNaN: true }) }),
    fc.record({ from: fc.double({ min: 0, max: 1, noNaN: true }) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12, size: 'max' }), (steps) => {
      const list = new RowList()
      let model: number[] = []
      let next = 1
      for (const one of steps) {
        if ('push' in one) {
          for (let i = 0; i < one.push; i++, next += 3) {
            list.push(next)
            model.push(next)
          }
        } else if ('before' in one) {
          const no = Math.floor(one.before * next)
          list.dropBefore(no)
          model = model.filter((row) => row >= no)
        } else {
          const no = Math.floor(one.from * next)
          list.dropFrom(no)
          model = model.filter((row) => row < no)
        }
        expect(list.length).toBe(model.length)
        const picks = [0, 1, model.length >> 1, model.length - 1].filter((i) => i >= 0 && i < model.length)
        for (const i of picks) {
          expect(list.at(i)).toBe(model[i])
          expect(list.indexOf(model[i] as number)).toBe(i)
          expect(list.indexOf((model[i] as number) + 1)).toBe(-1)
        }
        expect(() => list.at(model.length)).toThrow(RangeError)
      }
    }),
    { numRuns: 30 },
  )
})
