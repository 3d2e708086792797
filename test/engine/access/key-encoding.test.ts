import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeKey, encodeKey, MAX_KEY_LENGTH } from '../../../electron/engine/access/key-encoding.ts'

/** What a NATS server takes as a key. */
const validKey = /^[-/_=A-Za-z0-9]+(\.[-/_=A-Za-z0-9]+)*$/
/** Names as people, devices and attackers make them. */
const names = fc.oneof(
  fc.string({ minLength: 1, maxLength: 40, unit: 'binary' }),
  fc.string({
    minLength: 1,
    maxLength: 20,
    unit: fc.constantFrom('=', 'A', '3', 'a', '.', ':', '/', '_', ' '),
  }),
  fc.constantFrom(
    'os::00256D-A1',
    'ops::0A-b',
    'a..b',
    '.a',
    'a.',
    '=',
    '==',
    '=a',
    '=3D',
    '=os=3A=3A1',
    '\uFEFFa',
  ),
)
const keys = fc.stringMatching(/^[-/_=A-Fa3]{1,6}(\.[-/_=A-F3a]{1,6}){0,3}$/)

describe('user names as NATS keys', () => {
  test.each([
    ['router-17', 'router-17'],
    ['oktopusController', 'oktopusController'],
    ['a/b_c.d=', 'a/b_c.d='],
    ['dXNlcg==', 'dXNlcg=='],
    ['=abc', '=abc'],
    ['os::00256D-A1', '=os=3A=3A00256D-A1'],
    ['a b', '=a=20b'],
    ['a.', '=a=2E'],
    ['é', '==C3=A9'],
    ['=a=20b', '==3Da=3D20b'],
  ])('%s is %s', (name, key) => {
    expect(encodeKey(name)).toBe(key)
    expect(decodeKey(key)).toBe(name)
  })

  test('every name has a valid key and comes back', () => {
    fc.assert(
      fc.property(names, (name) => {
        fc.pre(name.isWellFormed())
        const key = encodeKey(name)
        expect(key).toMatch(validKey)
        expect(decodeKey(key)).toBe(name)
      }),
      { numRuns: 1000 },
    )
  })

  test('every key stands for one name, so no two names share one', () => {
    fc.assert(
      fc.property(keys, (key) => {
        expect(encodeKey(decodeKey(key))).toBe(key)
      }),
      { numRuns: 2000 },
    )
  })

  test('a name that is a key without “=” in front is left alone', () => {
    fc.assert(
      fc.property(keys, (key) => {
        fc.pre(!key.startsWith('='))
        expect(encodeKey(key)).toBe(key)
        expect(decodeKey(key)).toBe(key)
      }),
    )
  })

  test('says what is wrong with a name that can have no key', () => {
    expect(() => encodeKey('')).toThrow(/must not be empty/)
    expect(() => encodeKey('a\uD800')).toThrow(/not valid Unicode/)
    expect(encodeKey('x'.repeat(MAX_KEY_LENGTH))).toHaveLength(MAX_KEY_LENGTH)
    expect(() => encodeKey('x'.repeat(MAX_KEY_LENGTH + 1))).toThrow(/1025 of 1024 characters/)
  })
})
