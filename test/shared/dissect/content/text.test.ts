import { describe, expect, test } from 'vitest'
import { hexDump, hexView } from '../../../../shared/dissect/content/hex.ts'
import { textView } from '../../../../shared/dissect/content/text.ts'
import { hex } from '../../usp/tree.ts'
import { dissect, outline, utf8 } from './support.ts'

describe('text', () => {
  test('UTF-8, whole', () => {
    const text = `\u00e4\u6c34 ${'x'.repeat(100_000)}`
    expect(dissect(textView, utf8(text))).toMatchObject({ text, value: text })
  })

  test('UTF-16 with a byte order mark', () => {
    expect(textView.text(hex('fffe 4100 e400'))).toBe('A\u00e4')
    expect(textView.text(hex('feff 0041 00e4'))).toBe('A\u00e4')
    expect(dissect(textView, hex('fffe 4100 00d8')).finding?.text).toBe('Not valid UTF-16')
    expect(dissect(textView, hex('fffe 4100 41')).finding?.text).toBe('Not valid UTF-16')
  })

  test('wrong bytes are told where they are', () => {
    expect(outline([dissect(textView, hex('41 ff 42 00 c3 43'))])).toEqual([
      'Text = A\ufffdB\0\ufffdC [0, 6)',
      '  malformed = 1 byte [1, 2) ! Not valid UTF-8',
      '  malformed = 2 bytes [4, 6) ! Not valid UTF-8',
    ])
    const many = dissect(textView, new Uint8Array(100_000).fill(0xff)).children ?? []
    expect(many).toHaveLength(101)
    expect(many.at(-1)).toMatchObject({
      end: 100_000,
      finding: { text: 'More than 100 faults: from here on not listed' },
    })
  })
})

describe('hex', () => {
  test('offset, bytes and text', () => {
    expect(hexDump(utf8('Hello, device!\n\u007f~ end'))).toBe(
      [
        '0000  48 65 6c 6c 6f 2c 20 64 65 76 69 63 65 21 0a 7f  Hello, device!..',
        '0010  7e 20 65 6e 64                                   ~ end',
      ].join('\n'),
    )
    expect(hexDump(new Uint8Array(0))).toBe('')
  })

  test('a long one has longer offsets and leaves nothing out', () => {
    const lines = (dissect(hexView, new Uint8Array(100_000).fill(0xab)).text ?? '').split('\n')
    expect(lines).toHaveLength(6250)
    expect(lines.at(-1)?.startsWith('00018690  ab ab')).toBe(true)
  })
})
