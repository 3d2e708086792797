import { expect, test } from 'vitest'
import { encodeMsg, encodeRecord, makeMsg, makeRecord } from '../../../shared/usp/codec.ts'
import { Header_MsgType } from '../../../shared/usp/gen/usp-msg_pb.ts'
import {
  Record_PayloadSecurity,
  SessionContextRecord_PayloadSARState,
} from '../../../shared/usp/gen/usp-record_pb.ts'
import { dissectRecord } from '../../../shared/usp/record.ts'
import { expectSoundRanges, findings, hex, named, values } from './tree.ts'

const ids = { version: '1.3', toId: 'oktopusController', fromId: 'os::00256D-1' }

const get = makeMsg({
  header: { msgId: 'm-1', msgType: Header_MsgType.GET },
  body: {
    msgBody: {
      case: 'request',
      value: { reqType: { case: 'get', value: { paramPaths: ['Device.DeviceInfo.', 'Device.Time.'] } } },
    },
  },
})

const inRecord = (payload: Uint8Array) =>
  encodeRecord(makeRecord({ ...ids, recordType: { case: 'noSessionContext', value: { payload } } }))

const dissect = (bytes: Uint8Array) => {
  const fields = dissectRecord(bytes, 0, bytes.length)
  expectSoundRanges(fields, 0, bytes.length)
  return fields
}

test('the Connect Record of OB-USP-A', () => {
  const bytes = hex(
    '0a03312e3312116f6b746f707573436f6e74726f6c6c65721a0e6f6b746f7075732d302d6d717474' +
      '521d080112196f6b746f7075732f7573702f76312f636f6e74726f6c6c6572',
  )
  expect(dissect(bytes)).toEqual([
    {
      name: 'usp',
      label: 'USP Record',
      text: 'mqtt_connect 5.0',
      start: 0,
      end: 71,
      children: [
        { name: 'usp.version', label: 'version', text: '1.3', value: '1.3', start: 0, end: 5 },
        {
          name: 'usp.to_id',
          label: 'to_id',
          text: 'oktopusController',
          value: 'oktopusController',
          start: 5,
          end: 24,
        },
        {
          name: 'usp.from_id',
          label: 'from_id',
          text: 'oktopus-0-mqtt',
          value: 'oktopus-0-mqtt',
          start: 24,
          end: 40,
        },
        {
          name: 'usp.mqtt_connect',
          label: 'mqtt_connect',
          text: '',
          start: 40,
          end: 71,
          children: [
            { name: 'usp.mqtt_version', label: 'version', text: 'V5 (1)', value: 'V5', start: 42, end: 44 },
            {
              name: 'usp.subscribed_topic',
              label: 'subscribed_topic',
              text: 'oktopus/usp/v1/controller',
              value: 'oktopus/usp/v1/controller',
              start: 44,
              end: 71,
            },
          ],
        },
        {
          name: 'usp.payload_security',
          label: 'payload_security',
          text: 'PLAINTEXT (0) (default)',
          value: 'PLAINTEXT',
          start: 71,
          end: 71,
        },
      ],
    },
  ])
})

test('the Msg is opened in place', () => {
  const fields = dissect(inRecord(encodeMsg(get)))
  expect(values(fields, 'usp.type')).toEqual(['GET'])
  expect(values(fields, 'usp.path')).toEqual(['Device.DeviceInfo.', 'Device.Time.'])
  expect(findings(fields)).toEqual([])
})

test('a Msg in a session context is opened when it is whole and plain', () => {
  const session = { sessionId: 5n, sequenceId: 2n ** 63n, expectedId: 1n, payload: [encodeMsg(get)] }
  const bytes = (more: object, security: Record_PayloadSecurity = Record_PayloadSecurity.PLAINTEXT) =>
    encodeRecord(
      makeRecord({
        ...ids,
        payloadSecurity: security,
        recordType: { case: 'sessionContext', value: { ...session, ...more } },
      }),
    )
  const whole = dissect(bytes({}))
  expect(values(whole, 'usp.msg_id')).toEqual(['m-1'])
  expect(values(whole, 'usp.sequence_id')).toEqual([2n ** 63n])

  const segment = dissect(bytes({ payloadSarState: SessionContextRecord_PayloadSARState.BEGIN }))
  expect(values(segment, 'usp.msg_id')).toEqual([])
  expect(named(segment, 'usp.payload')[0]?.text).toMatch(/one segment/)

  const encrypted = dissect(bytes({}, Record_PayloadSecurity.TLS12))
  expect(values(encrypted, 'usp.msg_id')).toEqual([])
  expect(named(encrypted, 'usp.payload')[0]?.text).toMatch(/encrypted/)
  expect(findings([...whole, ...segment, ...encrypted])).toEqual([])
})

test.each([
  ['an empty payload', new Uint8Array(), 'R-MQTT.18'],
  ['no record type', encodeRecord(makeRecord(ids)), 'R-ENC.3'],
  ['no payload bytes', hex('0a03312e331201611a01623a021200'), 'R-E2E.26'],
  [
    'encryption without a session',
    encodeRecord(
      makeRecord({
        ...ids,
        payloadSecurity: Record_PayloadSecurity.TLS12,
        recordType: { case: 'noSessionContext', value: { payload: new Uint8Array(9) } },
      }),
    ),
    'R-E2E.41',
  ],
  ['a Msg without header', inRecord(encodeMsg(makeMsg({ body: get.body! }))), 'R-MSG.6'],
  ['a Msg without body', inRecord(encodeMsg(makeMsg({ header: get.header! }))), 'R-MSG.7'],
  [
    'no msg_id',
    inRecord(encodeMsg(makeMsg({ header: { msgType: Header_MsgType.GET }, body: get.body! }))),
    'R-MSG.8',
  ],
  [
    'msg_type unlike the body',
    inRecord(encodeMsg(makeMsg({ header: { msgId: 'x' }, body: get.body! }))),
    'R-MSG.10',
  ],
])('%s', (_, bytes, rule) => {
  expect(findings(dissect(bytes)).map((finding) => finding.rule)).toEqual([rule])
})

test('a msg_type that disagrees is marked where it stands, or would stand', () => {
  const msg = makeMsg({ header: { msgId: 'x', msgType: Header_MsgType.SET }, body: get.body! })
  const [type] = named(dissect(inRecord(encodeMsg(msg))), 'usp.type')
  expect(type).toMatchObject({ text: 'SET (4)', finding: { severity: 'warning' } })
  expect(type?.finding?.text).toBe('The body is GET, and the body decides')
})

test('text is no Record, and said so at its bytes', () => {
  const bytes = new TextEncoder().encode('not a record')
  const fields = dissect(bytes)
  expect(named(fields, 'usp.malformed')).toMatchObject([{ start: 0, end: 12 }])
})
