import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json } from '../../../shared/flow/json.ts'
import { scopeOf } from '../../../shared/flow/language/evaluate.ts'
import { describeDifference, match } from '../../../shared/flow/match.ts'
import { literal } from '../../../shared/flow/matchers.ts'

const scope = scopeOf({ n: 5, name: 'Five', list: ['a', 'b'] })
const told = (expected: Json, seen: Json | undefined) =>
  match(expected, seen, scope).differences.map(describeDifference)

describe('what matches', () => {
  test.each<[Json, Json | undefined]>([
    [5, 5],
    [5, '5'],
    ['5', 5],
    [true, 'true'],
    [true, '1'],
    [false, undefined],
    [0, undefined],
    ['', undefined],
    [[], undefined],
    ['${n}', '5'],
    ['${list}', ['a', 'b']],
    ['x${n}', 'x5'],
    ['$any', undefined],
    ['$any', { a: 1 }],
    ['$present', ''],
    ['$absent', undefined],
    [{ a: 1 }, { a: 1, b: 2 }],
    [{ '${name}': 1 }, { Five: 1 }],
    [{ a: '$absent' }, {}],
    [
      [2, 1],
      [1, 2, 3],
    ],
    [[{ a: 1 }], [{ a: 2 }, { a: 1, b: 1 }]],
    [{ $is: '$any' }, '$any'],
    [{ $not: 5 }, 6],
    [{ $not: '$present' }, undefined],
    [{ $in: [1, '${n}'] }, '5'],
    [{ $pattern: '^Device\\.' }, 'Device.X.'],
    [{ $contains: 'vice' }, 'Device'],
    [{ $min: 1, $max: 5 }, '5'],
    [{ $near: 100, $tolerance: 5 }, 95],
    [{ $near: 100, $tolerance: '10%' }, '110'],
    [{ $length: 2 }, ['a', 'b']],
    [{ $length: { $min: 3 } }, 'abc'],
    [{ $where: 'value > n' }, 6],
    [{ $each: { $min: 1 } }, [1, 2]],
    [{ $only: { a: 1 } }, { a: 1 }],
    [{ $only: [1, '$any'] }, [1, 2]],
    [{ $all: [{ $min: 1 }, { $max: 3 }] }, 2],
    [{ $type: 'dateTime' }, '2026-11-22T12:00:00.5Z'],
    [{ $type: 'unsignedInt', $sample: 7 }, '4294967295'],
    [{ $type: 'mac' }, '00:25:6d:00:00:01'],
    [{ $type: 'ip' }, 'fe80::1'],
    [{ $type: 'path' }, 'Device.LocalAgent.Subscription.1.'],
    [{ $type: 'endpoint' }, 'os::00256D-0123456789'],
    [{ $type: 'base64' }, 'AAE='],
    [{ $type: 'decimal' }, '-1.5'],
    [{ $type: 'boolean' }, '0'],
    [{ $type: 'list' }, []],
    [{ $bind: 'x' }, 1],
  ])('%j matches %j', (expected, seen) => {
    expect(told(expected, seen)).toEqual([])
  })
})

describe('what does not, and why', () => {
  test.each<[Json, Json | undefined, string[]]>([
    [5, '6', ['it is not equal; expected 5, seen "6"']],
    ['a', undefined, ['it is missing; expected "a"']],
    [{}, undefined, ['it is missing; expected {}']],
    [{ a: { b: 1 } }, { a: { b: 2 } }, ['a.b is not equal; expected 1, seen 2']],
    [{ 'a.b': 1 }, { 'a.b': 2 }, ['["a.b"] is not equal; expected 1, seen 2']],
    [{ a: 1 }, [1], ['it is a list; expected {"a":1}, seen [1]']],
    [[1], 'x', ['it is a text; expected [1], seen "x"']],
    [['a', 'a'], ['a'], ['it has no such item; expected "a"']],
    [
      [{ a: 1, b: 1 }],
      [
        { a: 2, b: 2 },
        { a: 1, b: 2 },
      ],
      ['[1].b is not equal; expected 1, seen 2'],
    ],
    ['$present', undefined, ['it is missing; expected "$present"']],
    ['$absent', 1, ['it is there; expected "$absent", seen 1']],
    [{ $not: 5 }, 5, ['it matches what it must not; expected {"$not":5}, seen 5']],
    [{ $in: [1, 2] }, 3, ['it is none of them; expected {"$in":[1,2]}, seen 3']],
    [{ $pattern: '^x' }, 'yx', ['it does not match; expected {"$pattern":"^x"}, seen "yx"']],
    [{ $min: 1, $max: 2 }, 3, ['it is too large; expected {"$max":2}, seen 3']],
    [{ $near: 100, $tolerance: '1%' }, 102, ['it is 2 off, 1 allowed; expected {"$near":100}, seen 102']],
    [{ $type: 'dateTime' }, 'today', ['it is no dateTime; expected {"$type":"dateTime"}, seen "today"']],
    [{ $type: 'unsignedInt' }, '-1', ['it is no unsignedInt; expected {"$type":"unsignedInt"}, seen "-1"']],
    [
      { $type: 'endpoint' },
      'os:00256D-1',
      ['it is no endpoint; expected {"$type":"endpoint"}, seen "os:00256D-1"'],
    ],
    [{ $length: 2 }, 'abc', ['.length is not equal; expected 2, seen 3']],
    [{ $where: 'value > n' }, 1, ['it does not hold; expected {"$where":"value > n"}, seen 1']],
    [{ $each: { $min: 2 } }, [2, 1], ['[1] is too small; expected {"$min":2}, seen 1']],
    [{ $only: { a: 1 } }, { a: 1, b: 2 }, ['b was not expected, seen 2']],
    [{ $only: [1] }, [1, 2], ['[1] is too many, seen 2']],
    [
      { $only: [1, 2] },
      [2, 1],
      ['[0] is not equal; expected 1, seen 2', '[1] is not equal; expected 2, seen 1'],
    ],
    ['${missing}', 1, ['it cannot be judged: missing has no value yet; expected "${missing}", seen 1']],
    [
      { $min: 1 },
      'x',
      ['it cannot be judged: a number is needed, not a text; expected {"$min":1}, seen "x"'],
    ],
    [{ $mim: 1 }, 1, ['it cannot be judged: $mim is no matcher; expected {"$mim":1}, seen 1']],
  ])('%j against %j', (expected, seen, differences) => {
    expect(told(expected, seen)).toEqual(differences)
  })
})

describe('bindings', () => {
  test('values are kept where their matcher held, and can be asked for at once', () => {
    const result = match(
      { a: { $bind: 'x', $min: 1 }, b: { $where: 'value == n', $bind: 'y' }, c: { $bind: 'z', $min: 9 } },
      { a: 3, b: 5, c: 1 },
      scope,
    )
    expect(result.bindings).toEqual({ x: 3, y: 5 })
    expect(result.ok).toBe(false)
  })

  test('of a list only those of the item that was taken', () => {
    const expected = [{ id: 'b', path: { $bind: 'path' } }]
    const seen = [
      { id: 'a', path: '1' },
      { id: 'b', path: '2' },
    ]
    expect(match(expected, seen, scope).bindings).toEqual({ path: '2' })
  })

  test('items are paired so that all fit when they can', () => {
    expect(match([{ $min: 1 }, { $min: 2 }, { $min: 3 }], [3, 2, 1], scope).ok).toBe(true)
    expect(match([{ $in: [1, 2] }, 1], [1, 2], scope).ok).toBe(true)
  })
})

describe('limits', () => {
  test('lists too long to compare say so, soon', () => {
    const list = Array.from({ length: 3000 }, (_, at) => at)
    const started = performance.now()
    const { differences } = match(
      list.map((at) => ({ $min: at + 5000 })),
      list,
      scope,
    )
    expect(differences.some(({ why }) => why === 'is too large to compare')).toBe(true)
    expect(differences.length).toBeLessThanOrEqual(201)
    expect(performance.now() - started).toBeLessThan(5000)
  })

  test('long lists of objects are no trouble, whatever their order', () => {
    const list = Array.from({ length: 3000 }, (_, at) => ({
      path: `Device.X.${at}.`,
      params: [{ name: 'A' }, { name: `B${at}` }],
    }))
    const started = performance.now()
    for (const seen of [list, [...list.slice(700), ...list.slice(0, 700)], list.toReversed()]) {
      expect(match(list, seen, scope).ok).toBe(true)
    }
    expect(performance.now() - started).toBeLessThan(5000)
  })
})

describe('any value', () => {
  const value = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>

  test('matches itself when it is meant literally, also strictly', () => {
    fc.assert(
      fc.property(value, (json) => {
        expect(told(literal(json), json)).toEqual([])
        expect(told({ $only: literal(json) }, json)).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  test('never makes it throw', () => {
    const wild = fc.letrec<{ json: Json }>((tie) => ({
      json: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom<Json>('$any', '$absent', '${n}', '${', 1, null, 'a', true),
        fc.array(tie('json'), { maxLength: 3 }),
        fc.dictionary(
          fc.constantFrom(
            '$min',
            '$not',
            '$only',
            '$each',
            '$all',
            '$in',
            '$type',
            '$where',
            '$length',
            '$near',
            'a',
            '${n}',
            '__proto__',
          ),
          tie('json'),
          { maxKeys: 3 },
        ),
      ),
    })).json
    fc.assert(
      fc.property(wild, value, (expected, seen) => void match(expected, seen, scope)),
      { numRuns: 500 },
    )
  })
})
