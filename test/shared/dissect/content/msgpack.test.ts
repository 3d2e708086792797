import { encode } from '@msgpack/msgpack'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { msgpackView } from '../../../../shared/dissect/content/msgpack.ts'
import { findings, hex } from '../../usp/tree.ts'
import { encodeCbor } from './cbor-encoder.ts'
import { dissect, outline } from './support.ts'

describe('the formats of the specification', () => {
  test.each([
    ['7f', '127'],
    ['e0', '-32'],
    ['ccff', '255'],
    ['cdffff', '65535'],
    ['ceffffffff', '4294967295'],
    ['cfffffffffffffffff', '18446744073709551615'],
    ['d080', '-128'],
    ['d18000', '-32768'],
    ['d280000000', '-2147483648'],
    ['d38000000000000000', '-9223372036854775808'],
    ['ca3fc00000', '1.5'],
    ['cb3ff199999999999a', '1.1'],
    ['c0', 'null'],
    ['c2', 'false'],
    ['c3', 'true'],
    ['a161', '"a"'],
    ['d90161', '"a"'],
    ['da000161', '"a"'],
    ['db0000000161', '"a"'],
    ['c40101', "h'01'"],
    ['c5000101', "h'01'"],
    ['c60000000101', "h'01'"],
    ['9101', '[1]'],
    ['dc000101', '[1]'],
    ['dd0000000101', '[1]'],
    ['81a16101', '{"a": 1}'],
    ['de0001a16101', '{"a": 1}'],
    ['df00000001a16101', '{"a": 1}'],
    ['d40107', "ext(1, h'07')"],
    ['d6ff00000001', "ext(-1, h'00000001')"],
    ['c7000a', "ext(10, h'')"],
    ['c80001050b', "ext(5, h'0b')"],
  ])('%s is %s', (bytes, text) => {
    expect(msgpackView.text(hex(bytes))).toBe(text)
    expect(findings([dissect(msgpackView, hex(bytes))])).toEqual([])
    const cut = dissect(msgpackView, hex(bytes).subarray(0, -1))
    if (bytes.length > 2) expect(findings([cut])).toMatchObject([{ severity: 'error' }])
  })
})

test('ranges, and what comes before a fault', () => {
  expect(outline([dissect(msgpackView, hex('82 a161 920102 a162 c1'))])).toEqual([
    'MessagePack = {"a": [1, 2], "b": / Malformed MessagePack: the byte 0xc1 is never used /} [0, 9)',
    '  a = array, 2 elements [1, 6)',
    '    [0] = 1 [4, 5)',
    '    [1] = 2 [5, 6)',
    '  b = / Malformed MessagePack: the byte 0xc1 is never used / [6, 9) ! Malformed MessagePack: the byte 0xc1 is never used',
  ])
})

test('what @msgpack/msgpack wrote is what is shown', () => {
  const value = fc.letrec<{ any: unknown }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
      fc.boolean(),
      fc.constant(null),
      fc.string({ unit: 'grapheme' }),
      fc.uint8Array({ maxLength: 20 }),
      fc.array(tie('any'), { maxLength: 20 }),
    ),
  })).any
  const flat = (text: string) => text.replaceAll(/\n */g, ' ').replaceAll(/(\[) | (?=\])/g, '$1')
  fc.assert(
    fc.property(value, (any) => {
      const bytes = encode(any, { useBigInt64: true })
      expect(flat(msgpackView.text(bytes))).toBe(flat(encodeCbor(any).diagnostic))
      expect(findings([dissect(msgpackView, bytes)])).toEqual([])
    }),
    { numRuns: 200 },
  )
})
