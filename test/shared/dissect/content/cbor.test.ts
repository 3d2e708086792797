import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cborView } from '../../../../shared/dissect/content/cbor.ts'
import { MAX_DEPTH } from '../../../../shared/dissect/content/view.ts'
import { findings, hex } from '../../usp/tree.ts'
import { encodeCbor } from './cbor-encoder.ts'
import { dissect, outline } from './support.ts'

const LONG = '98190102030405060708090a0b0c0d0e0f101112131415161718181819'
const LONG_OPEN = '9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff'
const ONE_TO_25 = Array.from({ length: 25 }, (_, index) => index + 1)

/** RFC 8949 appendix A, table 6. Characters beyond ASCII are shown, not escaped; long lists are broken. */
const golden: readonly (readonly [hex: string, diagnostic: string])[] = [
  ['00', '0'],
  ['01', '1'],
  ['0a', '10'],
  ['17', '23'],
  ['1818', '24'],
  ['1819', '25'],
  ['1864', '100'],
  ['1903e8', '1000'],
  ['1a000f4240', '1000000'],
  ['1b000000e8d4a51000', '1000000000000'],
  ['1bffffffffffffffff', '18446744073709551615'],
  ['c249010000000000000000', '18446744073709551616'],
  ['3bffffffffffffffff', '-18446744073709551616'],
  ['c349010000000000000000', '-18446744073709551617'],
  ['20', '-1'],
  ['29', '-10'],
  ['3863', '-100'],
  ['3903e7', '-1000'],
  ['f90000', '0.0'],
  ['f98000', '-0.0'],
  ['f93c00', '1.0'],
  ['fb3ff199999999999a', '1.1'],
  ['f93e00', '1.5'],
  ['f97bff', '65504.0'],
  ['fa47c35000', '100000.0'],
  ['fa7f7fffff', '3.4028234663852886e+38'],
  ['fb7e37e43c8800759c', '1.0e+300'],
  ['f90001', '5.960464477539063e-8'],
  ['f90400', '0.00006103515625'],
  ['f9c400', '-4.0'],
  ['fbc010666666666666', '-4.1'],
  ['f97c00', 'Infinity'],
  ['f97e00', 'NaN'],
  ['f9fc00', '-Infinity'],
  ['fa7f800000', 'Infinity'],
  ['fa7fc00000', 'NaN'],
  ['faff800000', '-Infinity'],
  ['fb7ff0000000000000', 'Infinity'],
  ['fb7ff8000000000000', 'NaN'],
  ['fbfff0000000000000', '-Infinity'],
  ['f4', 'false'],
  ['f5', 'true'],
  ['f6', 'null'],
  ['f7', 'undefined'],
  ['f0', 'simple(16)'],
  ['f8ff', 'simple(255)'],
  ['c074323031332d30332d32315432303a30343a30305a', '0("2013-03-21T20:04:00Z")'],
  ['c11a514b67b0', '1(1363896240)'],
  ['c1fb41d452d9ec200000', '1(1363896240.5)'],
  ['d74401020304', "23(h'01020304')"],
  ['d818456449455446', "24(h'6449455446')"],
  ['d82076687474703a2f2f7777772e6578616d706c652e636f6d', '32("http://www.example.com")'],
  ['40', "h''"],
  ['4401020304', "h'01020304'"],
  ['60', '""'],
  ['6161', '"a"'],
  ['6449455446', '"IETF"'],
  ['62225c', String.raw`"\"\\"`],
  ['62c3bc', '"\u00fc"'],
  ['63e6b0b4', '"\u6c34"'],
  ['64f0908591', '"\ud800\udd51"'],
  ['80', '[]'],
  ['83010203', '[1, 2, 3]'],
  ['8301820203820405', '[1, [2, 3], [4, 5]]'],
  [LONG, `[\n  ${ONE_TO_25.join(',\n  ')}\n]`],
  ['a0', '{}'],
  ['a201020304', '{1: 2, 3: 4}'],
  ['a26161016162820203', '{"a": 1, "b": [2, 3]}'],
  ['826161a161626163', '["a", {"b": "c"}]'],
  ['a56161614161626142616361436164614461656145', '{"a": "A", "b": "B", "c": "C", "d": "D", "e": "E"}'],
  ['5f42010243030405ff', "(_ h'0102', h'030405')"],
  ['7f657374726561646d696e67ff', '(_ "strea", "ming")'],
  ['9fff', '[_ ]'],
  ['9f018202039f0405ffff', '[_ 1, [2, 3], [_ 4, 5]]'],
  ['9f01820203820405ff', '[_ 1, [2, 3], [4, 5]]'],
  ['83018202039f0405ff', '[1, [2, 3], [_ 4, 5]]'],
  ['83019f0203ff820405', '[1, [_ 2, 3], [4, 5]]'],
  [LONG_OPEN, `[_\n  ${ONE_TO_25.join(',\n  ')}\n]`],
  ['bf61610161629f0203ffff', '{_ "a": 1, "b": [_ 2, 3]}'],
  ['826161bf61626163ff', '["a", {_ "b": "c"}]'],
  ['bf6346756ef563416d7421ff', '{_ "Fun": true, "Amt": -2}'],
]

describe('RFC 8949 appendix A', () => {
  test.each(golden)('%s', (bytes, diagnostic) => {
    expect(cborView.text(hex(bytes))).toBe(diagnostic)
    expect(findings([dissect(cborView, hex(bytes))])).toEqual([])
  })

  test.each(golden)('%s, each byte of it missing at the end, is told', (bytes) => {
    const whole = hex(bytes)
    for (let length = 1; length < whole.length; length++) {
      const [finding] = findings([dissect(cborView, whole.subarray(0, length))])
      expect(finding).toMatchObject({ severity: 'error', rule: 'RFC 8949 3' })
    }
  })
})

describe('what is not well-formed', () => {
  test.each([
    ['1c', 'additional information 28 is reserved'],
    ['ff', 'a break outside of an item of indefinite length'],
    ['1f', 'no length'],
    ['f818', 'simple value 24 does not stand in two bytes'],
    ['5f6161ff', 'a chunk must be a string of the same type and of definite length'],
    ['5f5f4101ffff', 'a chunk must be a string of the same type and of definite length'],
    ['bf00ff', 'a break outside of an item of indefinite length'],
    ['8201', 'the data ends where an item is due'],
    ['6261', 'the string runs 1 byte past the end'],
    ['5bffffffffffffffff', 'the string runs 18446744073709551615 bytes past the end'],
    ['9bffffffffffffffff00', 'the data ends where an item is due'],
  ])('%s: %s', (bytes, text) => {
    expect(findings([dissect(cborView, hex(bytes))]).map((finding) => finding.text)).toEqual([
      `Malformed CBOR: ${text}`,
    ])
  })

  test('what came before stays readable, and the fault stands at its bytes', () => {
    expect(outline([dissect(cborView, hex('a2 6161 01 6162 1c 0203'))])).toEqual([
      expect.stringMatching(/^CBOR = \{"a": 1, "b": \/ Malformed.* \[0, 9\)$/),
      '  a = 1 [1, 4)',
      expect.stringMatching(/^ {2}b = .* \[4, 9\) ! Malformed CBOR: additional information 28/),
    ])
  })

  test('wrong UTF-8 and double keys, and reading goes on', () => {
    expect(findings([dissect(cborView, hex('83 62ff41 a2616101616102 05'))]).map(({ text }) => text)).toEqual(
      ['Not valid UTF-8', '"a" stands here again; readers take the first or the last one'],
    )
  })
})

test('each item has its range; keys are labels', () => {
  expect(outline([dissect(cborView, hex('a3 6161 82 01 6162 c1 02 20 8101 5f4101ff'))])).toEqual([
    'CBOR = {"a": [1, "b"], 1(2): -1, [1]: (_ h\'01\')} [0, 16)',
    '  a = array, 2 elements [1, 7)',
    '    [0] = 1 [4, 5)',
    '    [1] = b [5, 7)',
    '  tag 1 (epoch time), 1 item = -1 [7, 10)',
    '    key = tag 1 (epoch time), 1 item [7, 9)',
    '      [0] = 2 [8, 9)',
    '    value = -1 [9, 10)',
    '  array, 1 element = bytes, 1 chunk [10, 16)',
    '    key = array, 1 element [10, 12)',
    '      [0] = 1 [11, 12)',
    '    value = bytes, 1 chunk [12, 16)',
    "      [0] = h'01' [13, 15)",
  ])
})

test('a bignum too long for decimal digits stays bytes', () => {
  const long = hex(`c2 5841 ${'ff'.repeat(65)}`)
  expect(cborView.text(long)).toBe(`2(\n  h'${'ff'.repeat(65)}'\n)`)
  expect(cborView.text(hex(`c2 5840 ${'ff'.repeat(64)}`))).toBe(String(2n ** 512n - 1n))
})

test('a sequence of items (RFC 8742)', () => {
  expect(outline([dissect(cborView, hex('01 6161 80'))])).toEqual([
    'CBOR = 1\n"a"\n[] [0, 4)',
    '  #1 = 1 [0, 1)',
    '  #2 = a [1, 3)',
    '  #3 = array, 0 elements [3, 4)',
  ])
})

test('what was encoded is what is shown', () => {
  const value = fc.letrec<{ any: unknown; leaf: unknown }>((tie) => ({
    leaf: fc.oneof(
      fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n - 1n }),
      fc.double({ noNaN: true }),
      fc.boolean(),
      fc.constant(null),
      fc.string({ unit: 'grapheme' }),
      fc.uint8Array({ maxLength: 20 }),
    ),
    any: fc.oneof(
      { maxDepth: 4 },
      tie('leaf'),
      fc.array(tie('any'), { maxLength: 5 }),
      fc
        .uniqueArray(fc.tuple(fc.string(), tie('any')), { maxLength: 5, selector: ([key]) => key })
        .map((entries) => new Map(entries)),
    ),
  })).any
  fc.assert(
    fc.property(value, fc.boolean(), (item, indefinite) => {
      const { bytes, diagnostic } = encodeCbor(item, indefinite)
      const oneLine = cborView.text(Uint8Array.from(bytes)).replaceAll(/\n */g, ' ')
      expect(oneLine.replaceAll(/([[{]_?) | (?=[\]}])/g, '$1')).toBe(
        diagnostic.replaceAll(/\n */g, ' ').replaceAll(/([[{]_?) | (?=[\]}])/g, '$1'),
      )
      expect(findings([dissect(cborView, Uint8Array.from(bytes))])).toEqual([])
    }),
    { numRuns: 200 },
  )
})

test('deep nesting ends in a remark, not in a fault of the stack', () => {
  const field = dissect(cborView, new Uint8Array(100_000).fill(0x81))
  const [finding] = findings([field])
  expect(finding?.text).toBe(`Nested deeper than ${MAX_DEPTH} levels: from here on not opened`)
  const chunks = Uint8Array.from([0x5f, ...Array.from({ length: 200_000 }, () => 0x40), 0xff])
  expect(findings([dissect(cborView, chunks)])[0]?.text).toMatch(/^More than 50000 values/)
})
