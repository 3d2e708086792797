import { expect, test } from 'vitest'
import { describeErrorCode, errorCodeName, errorCodes } from '../../../shared/usp/error-codes.ts'

test('codes run from 7000 to 7031 and from 7100 to 7106 without a hole', () => {
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)
  expect(errorCodes.map(([code]) => code)).toEqual([...range(7000, 7031), ...range(7100, 7106)])
  expect(new Set(errorCodes.map(([, name]) => name)).size).toBe(errorCodes.length)
})

test.each([
  [7026, '7026 Invalid path'],
  [7106, '7106 Session context not allowed or not supported'],
  [7200, '7200 Defined by the data model'],
  [7800, '7800 Vendor specific'],
  [7999, '7999 Vendor specific'],
  [0, '0'],
])('%i is told as %s', (code, text) => {
  expect(describeErrorCode(code)).toBe(text)
})

test.each([0, 6999, 7032, 7107, 7199, 7300, 7799, 8000])('%i is not defined', (code) => {
  expect(errorCodeName(code)).toBeUndefined()
})
