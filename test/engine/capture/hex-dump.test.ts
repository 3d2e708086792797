import { expect, test } from 'vitest'
import { hexDump } from '../../../electron/engine/capture/hex-dump.ts'

test('a hex dump shows offset, bytes and text', () => {
  const bytes = new TextEncoder().encode('Hello, device!\n\u007f~ end')
  expect(hexDump(bytes)).toBe(
    [
      '0000  48 65 6c 6c 6f 2c 20 64 65 76 69 63 65 21 0a 7f  Hello, device!..',
      '0010  7e 20 65 6e 64                                   ~ end',
    ].join('\n'),
  )
  expect(hexDump(new Uint8Array(0))).toBe('')
})

test('a long hex dump has longer offsets and leaves nothing out', () => {
  const lines = hexDump(new Uint8Array(100_000).fill(0xab)).split('\n')
  expect(lines).toHaveLength(6250)
  expect(lines.at(-1)?.startsWith('00018690  ab ab')).toBe(true)
})
