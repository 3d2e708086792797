import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeMsg, encodeRecord, makeMsg, makeRecord } from '../../../shared/usp/codec.ts'
import { enumTable, messageTable } from '../../../shared/usp/fields.ts'
import { msgTypes, peekRecord } from '../../../shared/usp/peek.ts'
import { hex } from './tree.ts'

const peek = (bytes: Uint8Array) => peekRecord(bytes, 0, bytes.length)
const utf8 = (text: string) => new TextEncoder().encode(text)
const ids = { version: '1.3', toId: 'c', fromId: 'a' }
const connect = { case: 'mqttConnect', value: { subscribedTopic: 't' } } as const

test('the message types are those of the schema', () => {
  expect(msgTypes).toEqual(enumTable['usp.Header.MsgType']?.map(([, name]) => name))
})

const kinds = (messageTable['usp_record.Record'] ?? []).filter(([, , , label]) => label.startsWith('oneof:'))

test.each(kinds)('record type %i is %s', (number, name) => {
  const bytes = hex(`0a03312e33 120163 1a0161 ${((number << 3) | 2).toString(16).padStart(2, '0')}00`)
  expect(peek(bytes)?.kind).toBe(name)
})

// The body is what names a type: each request and response of the schema by its field number.
const bodies = (['Request', 'Response'] as const).flatMap((side, i) =>
  (messageTable[`usp.${side}`] ?? []).map(([number, name]) => ({ side: i + 1, number, name })),
)
test.each(bodies)('body $name', ({ side, number, name }) => {
  const tag = (field: number) => ((field << 3) | 2).toString(16).padStart(2, '0')
  const msg = `0a03 0a0131 1204 ${tag(side)}02 ${tag(number)}00`
  const record = hex(`0a03312e33 120163 1a0161 3a0d 120b ${msg}`)
  const type = name.toUpperCase().replace('PROTOCOL', 'PROTO')
  expect(peek(record)).toMatchObject({ msgId: '1', msgType: type, headerType: 'ERROR' })
})

const notifications = (messageTable['usp.Notify'] ?? []).filter(([, , , label]) => label.startsWith('oneof:'))
test.each(notifications)('notification %i %s', (number, _, type) => {
  const tag = ((number << 3) | 2).toString(16)
  const record = hex(`0a03312e33 120163 1a0161 3a0a 1208 1206 0a04 4202 ${tag}00`)
  expect(peek(record)).toMatchObject({ msgType: 'NOTIFY', notify: type.replace('usp.Notify.', '') })
})

test('an Error and a disconnect tell their code', () => {
  const payload = encodeMsg(
    makeMsg({
      header: { msgId: '7' },
      body: { msgBody: { case: 'error', value: { errCode: 7004, errMsg: 'no' } } },
    }),
  )
  const error = makeRecord({ ...ids, recordType: { case: 'noSessionContext', value: { payload } } })
  expect(peek(encodeRecord(error))).toMatchObject({ msgType: 'ERROR', errCode: 7004 })
  const end = makeRecord({ ...ids, recordType: { case: 'disconnect', value: { reasonCode: 7105 } } })
  expect(peek(encodeRecord(end))).toMatchObject({ kind: 'disconnect', errCode: 7105 })
})

test('the header tells the type when there is no body', () => {
  const payload = encodeMsg(makeMsg({ header: { msgId: '7', msgType: 2 } }))
  const bytes = encodeRecord(
    makeRecord({ ...ids, recordType: { case: 'noSessionContext', value: { payload } } }),
  )
  expect(peek(bytes)).toMatchObject({ msgId: '7', msgType: 'GET_RESP' })
  expect(peek(bytes)?.msgBody).toBeUndefined()
})

test('any one thing may be missing or wrong', () => {
  const whole = { ...ids, recordType: connect }
  for (const change of [{ version: '' }, { version: 'two' }, { toId: '' }, { fromId: '' }]) {
    expect(peek(encodeRecord(makeRecord({ ...whole, ...change })))).toBeDefined()
  }
  expect(peek(encodeRecord(makeRecord(ids)))).toMatchObject(ids)
  expect(peek(encodeRecord(makeRecord({ ...whole, version: '', fromId: '', toId: '' })))).toBeUndefined()
})

test('a field of a later version does not matter', () => {
  const bytes = encodeRecord(makeRecord({ ...ids, recordType: connect }))
  expect(peek(new Uint8Array([...bytes, 0x82, 0x01, 0x01, 0x78]))).toMatchObject(ids)
})

test('bytes around the range do not matter', () => {
  const bytes = encodeRecord(makeRecord({ ...ids, recordType: connect }))
  const packet = new Uint8Array([0xff, ...bytes, 0xff])
  expect(peekRecord(packet, 1, packet.length - 1)).toMatchObject({ ...ids, kind: 'mqtt_connect' })
  expect(peekRecord(packet, 1, packet.length)).toBeUndefined()
})

test.each([
  ['nothing', ''],
  ['one byte', '1'],
  ['JSON', '{"version":"1.3","to_id":"c","from_id":"a"}'],
  ['a JSON list', '[1,2]'],
  ['a text of newlines', '\n\n\n\n'],
  ['XML', '<Device><Boot/></Device>'],
  ['CSV', 'ParameterName,ParameterValue\nDevice.Boot,1\n'],
  ['base64', 'CgMxLjMSEW9rdG9wdXNDb250cm9sbGVyGg4='],
])('%s is no Record', (_, text) => {
  expect(peek(utf8(text))).toBeUndefined()
})

test('text, JSON and random bytes are never Records', () => {
  const notRecords = fc.oneof(fc.string({ unit: 'grapheme' }).map(utf8), fc.json().map(utf8), fc.uint8Array())
  fc.assert(
    fc.property(notRecords, (bytes) => {
      expect(peek(bytes)).toBeUndefined()
    }),
    { numRuns: 2000 },
  )
})
