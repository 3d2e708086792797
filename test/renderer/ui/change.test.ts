import fc from 'fast-check'
import { expect, test } from 'vitest'
import { changeBetween } from '../../../renderer/ui/editor/change.ts'

test('a change of text is the one stretch that differs', () => {
  expect(changeBetween('abcd', 'abXd')).toEqual({ from: 2, to: 3, insert: 'X' })
  expect(changeBetween('aa', 'aaa')).toEqual({ from: 2, to: 2, insert: 'a' })
  expect(changeBetween('', 'x')).toEqual({ from: 0, to: 0, insert: 'x' })
})

test('made to the text before, it gives the text after; long texts that are mostly the same, too', () => {
  const part = fc.constantFrom('', 'a', 'ab', 'a'.repeat(2047), 'ab'.repeat(1500), 'b'.repeat(5000))
  const parts = fc.array(part, { maxLength: 5 }).map((all) => all.join(''))
  fc.assert(
    fc.property(parts, parts, parts, parts, (head, one, other, tail) => {
      const before = head + one + tail
      const after = head + other + tail
      const { from, to, insert } = changeBetween(before, after)
      expect(before.slice(0, from) + insert + before.slice(to)).toBe(after)
      // As short as can be: what is beside it is the same.
      if (to > from && insert !== '') {
        expect(before[from]).not.toBe(insert[0])
        expect(before[to - 1]).not.toBe(insert.at(-1))
      }
    }),
    { numRuns: 200 },
  )
})
