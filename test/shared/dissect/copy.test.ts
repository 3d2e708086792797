import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toBase64, toCArray, toHex, treeText } from '../../../shared/dissect/copy.ts'

test('hex and base64 as Node has them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const node = Buffer.from(bytes)
      expect(toHex(bytes)).toBe(node.toString('hex'))
      expect(toBase64(bytes)).toBe(node.toString('base64'))
      expect(toHex(bytes, ' ').split(' ').join('')).toBe(node.toString('hex'))
    }),
  )
})

test('a C array', () => {
  expect(
    toCArray(
      Uint8Array.from({ length: 13 }, (_, index) => index * 16),
      'record',
    ),
  ).toBe(
    [
      'static const unsigned char record[13] = {',
      '  0x00, 0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0x80, 0x90, 0xa0, 0xb0,',
      '  0xc0,',
      '};',
    ].join('\n'),
  )
  expect(toCArray(new Uint8Array())).toMatch(/^static const unsigned char packet\[1\];/)
})

test('a tree as text', () => {
  const finding = { severity: 'error', text: 'Wrong', rule: 'R-1' } as const
  const inner = { name: 'b', label: 'B', text: '2', start: 0, end: 1, finding }
  expect(treeText([{ name: 'a', label: 'A', text: '', start: 0, end: 1, children: [inner] }])).toBe(
    'A\n  B: 2 ! Wrong [R-1]',
  )
})
