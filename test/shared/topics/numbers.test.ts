import { expect, test } from 'vitest'
import { numbersIn } from '../../../shared/topics/numbers.ts'

const cases: readonly [text: string, numbers: Record<string, number>][] = [
  ['21.5', { '': 21.5 }],
  [' -3e2\n', { '': -300 }],
  ['', {}],
  ['on', {}],
  ['0x10', {}],
  ['true', { '': 1 }],
  ['{"a":1,"b":{"c":[2,"3","x"]},"on":false,"none":null}', { '/a': 1, '/b/c/0': 2, '/b/c/1': 3, '/on': 0 }],
  ['{"a/b":1,"m~n":2}', { '/a~1b': 1, '/m~0n': 2 }],
  ['{"a":1', {}],
]

test.each(cases)('numbers in %j', (text, numbers) => {
  expect(Object.fromEntries(numbersIn(text))).toEqual(numbers)
})

test('a document of numbers is not listed whole', () => {
  expect(numbersIn(JSON.stringify(Array.from({ length: 5000 }, (_, i) => i))).size).toBe(100)
  const deep = `${'['.repeat(40)}1${']'.repeat(40)}`
  expect(numbersIn(deep).size).toBe(0)
})
