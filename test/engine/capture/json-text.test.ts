import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { layOutJson } from '../../../electron/engine/capture/json-text.ts'

describe('layOutJson', () => {
  test('lays out without touching a value', () => {
    expect(layOutJson('{"a":1.0,"a":12345678901234567890,"b":[],"c":{},"d":[1,{"x":"y:,{]\\""}]}')).toBe(
      [
        '{',
        '  "a": 1.0,',
        '  "a": 12345678901234567890,',
        '  "b": [],',
        '  "c": {},',
        '  "d": [',
        '    1,',
        '    {',
        '      "x": "y:,{]\\""',
        '    }',
        '  ]',
        '}',
      ].join('\n'),
    )
  })

  test.each(['', 'plain text', '12', '"word"', '{', '{"a":1} and more', '[1,]'])(
    'leaves %j alone',
    (text) => {
      expect(layOutJson(text)).toBeUndefined()
    },
  )

  test('means the same as before, and looks as JSON.stringify would make it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue())), (value) => {
        const text = JSON.stringify(value)
        expect(layOutJson(text)).toBe(JSON.stringify(JSON.parse(text), null, 2))
      }),
    )
  })
})
