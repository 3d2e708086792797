import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toBase64, toHex } from '../../../shared/dissect/copy.ts'
import { cborView } from '../../../shared/dissect/content/cbor.ts'
import { readBase64 } from '../../../shared/text/base64.ts'
import { encodeCbor } from '../../../shared/text/cbor.ts'
import { readHex } from '../../../shared/text/hex.ts'

test('hex and Base64 are read as they are written', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      expect(readBase64(toBase64(bytes))).toEqual({ bytes })
      expect(readHex(toHex(bytes, ' '))).toEqual({ bytes })
    }),
  )
})

describe('CBOR of JSON', () => {
  // RFC 8949, appendix A.
  test.each([
    ['0', '00'],
    ['23', '17'],
    ['24', '1818'],
    ['1000', '1903e8'],
    ['1000000', '1a000f4240'],
    ['1000000000000', '1b000000e8d4a51000'],
    ['-1', '20'],
    ['-1000', '3903e7'],
    ['-0', 'f98000'],
    ['1.5', 'f93e00'],
    ['0.00006103515625', 'f90400'],
    ['5.960464477539063e-8', 'f90001'],
    ['100000.5', 'fa47c35040'],
    ['1.1', 'fb3ff199999999999a'],
    ['-4.1', 'fbc010666666666666'],
    ['"ü"', '62c3bc'],
    ['[]', '80'],
    ['[1,[2,3]]', '8201820203'],
    ['{"a":1,"b":[2,3]}', 'a26161016162820203'],
  ])('%s', (json, hex) => {
    const value = json === '-0' ? -0 : (JSON.parse(json) as unknown)
    expect(toHex(encodeCbor(value))).toBe(hex)
  })

  test('what is written, the content view reads without a fault', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const bytes = encodeCbor(value)
        const fields = cborView.dissect(bytes, 0, bytes.length)
        expect(
          JSON.stringify(fields, (_, one: unknown) => (typeof one === 'bigint' ? String(one) : one)),
        ).not.toContain('"severity":"error"')
      }),
      { numRuns: 200 },
    )
  })

  test('is refused where it is nested too deeply', () => {
    const deep = JSON.parse(`${'['.repeat(101)}${']'.repeat(101)}`) as unknown
    expect(() => encodeCbor(deep)).toThrow('deeper than 100')
  })
})
