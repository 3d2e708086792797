import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  decodeMsg,
  decodeRecord,
  encodeMsg,
  encodeRecord,
  makeRecord,
  msgFromJson,
  msgToJson,
  recordFromJson,
  recordToJson,
  type Msg,
  type UspRecord,
} from '../../../shared/usp/codec.ts'
import { MsgSchema } from '../../../shared/usp/gen/usp-msg_pb.ts'
import { RecordSchema } from '../../../shared/usp/gen/usp-record_pb.ts'
import { anyMessage } from './messages.ts'
import { hex } from './tree.ts'

test('any Msg survives binary and JSON', () => {
  fc.assert(
    fc.property(anyMessage(MsgSchema), (message) => {
      const msg = message as Msg
      expect(decodeMsg(encodeMsg(msg))).toEqual(msg)
      expect(encodeMsg(msgFromJson(msgToJson(msg)))).toEqual(encodeMsg(msg))
    }),
    { numRuns: 50 },
  )
})

test('any Record survives binary and JSON', () => {
  fc.assert(
    fc.property(anyMessage(RecordSchema), (message) => {
      const record = message as UspRecord
      expect(decodeRecord(encodeRecord(record))).toEqual(record)
      expect(encodeRecord(recordFromJson(recordToJson(record)))).toEqual(encodeRecord(record))
    }),
    { numRuns: 50 },
  )
})

test('error codes are fixed32 and the payload without session is field 2, as devices expect', () => {
  const payload = encodeMsg(msgFromJson({ body: { error: { errCode: 7004 } } }))
  expect(payload).toEqual(hex('1207 1a05 0d5c1b0000'))
  const record = makeRecord({ recordType: { case: 'noSessionContext', value: { payload } } })
  expect(encodeRecord(record)).toEqual(hex('3a0b 1209 1207 1a05 0d5c1b0000'))
})

test('fields of a later version survive', () => {
  const bytes = hex('0a03312e36 8a0203616263')
  expect(encodeRecord(decodeRecord(bytes))).toEqual(bytes)
})

test('JSON takes both spellings and names what is wrong', () => {
  expect(msgFromJson({ header: { msg_id: 'a' } })).toEqual(msgFromJson({ header: { msgId: 'a' } }))
  expect(() => msgFromJson({ header: { msgid: 'a' } })).toThrow('msgid')
  expect(() => msgFromJson({ header: { msgType: 'GOT' } })).toThrow('GOT')
})

test('bytes that are no protobuf are refused', () => {
  expect(() => decodeRecord(new TextEncoder().encode('not a record'))).toThrow()
})
