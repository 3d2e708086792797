import { fromBinary, toBinary } from '@bufbuild/protobuf'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { protobufView } from '../../../../shared/dissect/content/protobuf.ts'
import { MsgSchema, type Msg } from '../../../../shared/usp/gen/usp-msg_pb.ts'
import { anyMessage } from '../../usp/messages.ts'
import { findings, hex } from '../../usp/tree.ts'
import { dissect, outline } from './support.ts'

describe('what stands on the wire', () => {
  test.each([
    ['089601', 'field 1 (varint) = 150 [0, 3)'],
    ['08ffffffffffffffffff01', 'field 1 (varint) = 18446744073709551615 or -1 [0, 11)'],
    ['1d0000c03f', 'field 3 (fixed32) = 1069547520 or float 1.5 [0, 5)'],
    ['21000000000000f83f', 'field 4 (fixed64) = 4609434218613702656 or double 1.5 [0, 9)'],
    ['120774657374696e67', 'field 2 (string, 95 %) = testing [0, 9)'],
    ['1202ffff', 'field 2 (bytes, 50 %) = ffff [0, 4)'],
  ])('%s', (bytes, line) => {
    expect(outline(dissect(protobufView, hex(bytes)).children ?? [])).toEqual([line])
  })

  test('a message within a message, and one that looks like text at its first byte', () => {
    expect(outline(dissect(protobufView, hex('1a03089601 2205 0a03616263')).children ?? [])).toEqual([
      'field 3 (message, 80 %) = 3 bytes [0, 5)',
      '  field 1 (varint) = 150 [2, 5)',
      'field 4 (message, 80 %) = 5 bytes [5, 12)',
      '  field 1 (string, 75 %) = abc [7, 12)',
    ])
  })

  test.each([
    ['0801 0b 0c', 'groups are not read'],
    ['0801 0f', 'wire type 7 does not exist'],
    ['0801 1205 61', 'the value runs 4 bytes past the end'],
    ['0801 00', 'field number 0 is not allowed'],
  ])('%s: %s', (bytes, fault) => {
    const [first, second] = dissect(protobufView, hex(bytes)).children ?? []
    expect(first?.text).toBe('1')
    expect(second).toMatchObject({ start: 2, finding: { text: `Malformed protobuf: ${fault}` } })
  })
})

test('any message of USP is read to its end', () => {
  fc.assert(
    fc.property(anyMessage(MsgSchema), (message) => {
      const bytes = toBinary(MsgSchema, message as Msg)
      expect(fromBinary(MsgSchema, bytes)).toEqual(message)
      expect(findings([dissect(protobufView, bytes)])).toEqual([])
    }),
    { numRuns: 50 },
  )
})

test('deep nesting ends in a remark', () => {
  let bytes = new Uint8Array([0x08, 0x01])
  for (let depth = 0; depth < 300; depth++) {
    const { length } = bytes
    const head = length < 0x80 ? [0x0a, length] : [0x0a, (length & 0x7f) | 0x80, length >> 7]
    bytes = Uint8Array.from([...head, ...bytes])
  }
  expect(findings([dissect(protobufView, bytes)]).map(({ text }) => text)).toEqual([
    'Nested deeper than 100 levels: from here on not opened',
  ])
})
