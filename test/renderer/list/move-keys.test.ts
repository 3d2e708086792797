import { expect, test } from 'vitest'
import { rowAfter, stepOf } from '../../../renderer/list/move-keys.ts'

test('keys move by a row, by a page, and to both ends', () => {
  const after = (key: string, at: number, page?: number) => {
    const by = stepOf(key, page)
    return by === undefined ? undefined : rowAfter(at, by, 20)
  }
  expect(['ArrowDown', 'j', 'ArrowUp', 'k', 'Home', 'End'].map((key) => after(key, 7))).toEqual([
    8, 8, 6, 6, 0, 19,
  ])
  expect(['PageDown', 'PageUp'].map((key) => after(key, 7, 5))).toEqual([12, 2])
  expect(['PageDown', 'PageUp', 'x'].map((key) => after(key, 7))).toEqual([undefined, undefined, undefined])
  expect([after('ArrowDown', 19), after('PageDown', 18, 5), after('ArrowUp', 0)]).toEqual([19, 19, 0])
  expect([after('ArrowDown', -1), after('ArrowUp', -1), after('End', -1)]).toEqual([0, 0, 19])
})
