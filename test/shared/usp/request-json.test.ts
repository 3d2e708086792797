import { expect, test } from 'vitest'
import { decodeMsg, encodeMsg } from '../../../shared/usp/codec.ts'
import { failuresOf } from '../../../shared/usp/failures.ts'
import { msgToProtoJson, requestFromJson, withHeader } from '../../../shared/usp/request-json.ts'

const get = { param_paths: ['Device.DeviceInfo.'], max_depth: 1 }

test.each([
  ['the content, with its kind', get, 'Get'],
  ['a request', { get }, undefined],
  [
    'a request, as a program may name it',
    { Get: { paramPaths: ['Device.DeviceInfo.'], maxDepth: 1 } },
    undefined,
  ],
  ['a body', { request: { get } }, undefined],
  ['a Msg', { header: { msg_id: '5', msg_type: 'GET' }, body: { request: { get } } }, undefined],
  ['text', JSON.stringify({ get }), undefined],
] as const)('reads %s', (_name, json, kind) => {
  const read = requestFromJson(json, kind)
  expect(read.kind).toBe('Get')
  const msg = decodeMsg(encodeMsg(withHeader(read, read.msgId ?? '5')))
  expect(msgToProtoJson(msg)).toEqual({
    header: { msg_id: '5', msg_type: 'GET' },
    body: { request: { get } },
  })
})

test.each([
  ['{"get":', 'no JSON'],
  ['[]', 'a JSON object'],
  [{}, 'exactly one of get, get_supported_dm'],
  [{ get: {}, set: {} }, 'It has get, set'],
  [{ get: { param_path: ['x'] } }, 'get.param_path: Get has no such field; did you mean param_paths?'],
  [{ get: { param_paths: 'Device.' } }, 'get.param_paths: must be a list [ … ], not the text “Device.”'],
  [
    { get: { param_paths: ['Device.', 3] } },
    'get.param_paths[1]: must be a text in quotes, not the number 3',
  ],
  [{ get: { max_depth: -1 } }, 'get.max_depth: must be a whole number'],
  [
    { set: { update_objs: [{ param_settings: [{ required: 'yes' }] }] } },
    'set.update_objs[0].param_settings[0].required: must be true or false',
  ],
  [{ operate: { input_args: { DelaySeconds: 5 } } }, 'operate.input_args["DelaySeconds"]: must be a text'],
  [{ notify: { event: {}, value_change: {} } }, 'notify.value_change: stands beside event'],
  [{ body: { response: {} } }, 'body.response: only requests can be sent'],
  [
    { header: { msg_type: 'GOT' }, body: { request: { get } } },
    'header.msg_type: MsgType is one of ERROR, GET',
  ],
])('%j: %s', (json, message) => {
  expect(() => requestFromJson(json)).toThrow(message)
})

test('broken JSON is told by line and column', () => {
  expect(() => requestFromJson('{\n  "get": {,}\n}')).toThrow('line 2, column 11')
})

test('what failed within an answer is listed with path, code and name', () => {
  const json = (body: unknown) => decodeMsg(encodeMsg(requestless(body)))
  const requestless = (response: unknown) =>
    ({
      ...withHeader(requestFromJson({ get }), '1'),
      body: { $typeName: 'usp.Body', msgBody: response },
    }) as never
  const respond = (name: string, value: unknown) =>
    json({ case: 'response', value: { $typeName: 'usp.Response', respType: { case: name, value } } })
  const results = [
    {
      $typeName: 'usp.GetResp.RequestedPathResult',
      requestedPath: 'Device.X',
      errCode: 7026,
      errMsg: 'no',
      resolvedPathResults: [],
    },
  ]
  expect(failuresOf(respond('getResp', { $typeName: 'usp.GetResp', reqPathResults: results }))).toEqual([
    { path: 'Device.X', code: 7026, name: 'Invalid path', text: 'no' },
  ])
})
