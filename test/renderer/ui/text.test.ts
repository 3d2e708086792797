import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fold, FOLD_AT, wrap, wrapWords } from '../../../renderer/ui/fold.ts'
import { hexDump, hexOffset, hexString } from '../../../renderer/ui/hex.ts'
import { keyCaps } from '../../../renderer/ui/key-caps.ts'

describe('fold', () => {
  it('leaves a short value alone', () => expect(fold('usp.msg')).toEqual({ head: 'usp.msg' }))

  it('counts characters behind the fold, and bytes of hex', () => {
    expect(fold('x'.repeat(12_345)).rest).toBe('all 12,345 characters')
    expect(fold('0a '.repeat(100).trim()).rest).toBe('all 100 bytes')
  })

  it('folds at a line break', () =>
    expect(fold('one\ntwo')).toEqual({ head: 'one', rest: 'all 7 characters' }))

  it('does not part a surrogate pair', () => {
    const text = 'x'.repeat(FOLD_AT - 1) + '😀y'
    expect(fold(text).head).toBe('x'.repeat(FOLD_AT - 1))
  })

  it('loses nothing when a value is unfolded', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 600 }),
        fc.integer({ min: 2, max: 50 }),
        (text, width) => {
          const lines = wrap(text, width)
          expect(lines.join('')).toBe(text.replace(/\r\n|\r|\n/g, ''))
          expect(lines.every((line) => line.length <= width)).toBe(true)
        },
      ),
    )
  })
})

describe('wrapWords', () => {
  it('breaks between words, and inside one only when it must', () => {
    expect(wrapWords('one two three', 7)).toEqual(['one two', 'three'])
    expect(wrapWords('abcdefghij kl', 4)).toEqual(['abcd', 'efgh', 'ij', 'kl'])
    expect(wrapWords('', 4)).toEqual([''])
  })
})

describe('hex', () => {
  it('writes a dump as other tools read it', () => {
    const bytes = new TextEncoder().encode('MQTT over the wire')
    expect(hexDump(bytes)).toBe(
      '0000  4d 51 54 54 20 6f 76 65  72 20 74 68 65 20 77 69  MQTT over the wi\n' +
        '0010  72 65                                             re',
    )
    expect(hexString(Uint8Array.of(0, 255, 16))).toBe('00 ff 10')
    expect(hexDump(new Uint8Array())).toBe('')
  })

  it('gives all offsets of a packet the same width', () => {
    expect(hexOffset(0, 16)).toBe('0000')
    expect(hexOffset(0, 0x10000)).toBe('0000')
    expect(hexOffset(0, 0x10001)).toBe('00000')
  })
})

it('names keys as they stand on a keyboard', () => {
  expect(keyCaps('mod+k')).toEqual(['Ctrl', 'K'])
  expect(keyCaps('g p')).toEqual(['g', 'p'])
  expect(keyCaps('mod+k', true)).toEqual(['⌘', 'K'])
})
