import fc from 'fast-check'
import { create, type Message } from '@bufbuild/protobuf'
import { describe, expect, test } from 'vitest'
import { plainRecord, sessionRecord } from '../../../../shared/usp/build-record.ts'
import { encodeMsg, makeMsg, type Msg } from '../../../../shared/usp/codec.ts'
import { RequestSchema, type Request } from '../../../../shared/usp/gen/usp-msg_pb.ts'
import { agentRequests, requestFields, requestKinds } from '../../../../shared/usp/kinds.ts'
import { requestFromJson, requestSchema, withHeader } from '../../../../shared/usp/request-json.ts'
import { camelName } from '../../../../shared/usp/forms/variables.ts'
import { draftOf, fill } from '../../../../shared/usp/forms/draft.ts'
import { seenRequest } from '../../../../shared/usp/forms/seen-request.ts'
import { anyMessage } from '../messages.ts'

const head = { version: '1.3', fromId: 'self::controller', toId: 'os::1' }
const ask = (json: unknown): Msg => withHeader(requestFromJson(json), 'id-1')
const seen = (msg: Msg) => seenRequest(plainRecord(head, encodeMsg(msg)))
const bodyOf = ({ body }: Msg) => encodeMsg(makeMsg(body ? { body } : {}))
/** What Messages would send of it, to the same device. */
const again = (text: string): Msg => requestFromJson(fill(draftOf(text), {}, head.toId).message).msg

const asked = requestKinds.filter((kind) => !agentRequests.has(kind))

describe.each(asked)('%s', (kind) => {
  test('what is sent again is what was seen, under a msg_id of its own', () => {
    fc.assert(
      fc.property(anyMessage(requestSchema(kind)), (value: Message) => {
        const reqType = { case: camelName(requestFields[kind]), value } as Request['reqType']
        const msg = makeMsg({
          header: { msgId: 'id-1' },
          body: { msgBody: { case: 'request', value: create(RequestSchema, { reqType }) } },
        })
        const found = seen(msg)
        expect(found).toMatchObject({ kind, endpointId: head.toId, isPart: false })
        expect(found?.text).not.toContain('id-1')
        expect(bodyOf(again(found?.text ?? ''))).toEqual(bodyOf(msg))
      }),
      { numRuns: 30 },
    )
  })
})

test('what looks like a variable is sent as it was', () => {
  const setting = { param: 'Alias', value: 'a ${name} $${name} ${', required: true }
  const msg = ask({ set: { update_objs: [{ obj_path: 'Device.X.1.', param_settings: [setting] }] } })
  expect(bodyOf(again(seen(msg)?.text ?? ''))).toEqual(bodyOf(msg))
})

test('fields that the schema does not have are told', () => {
  const msg = ask({ get: { param_paths: ['Device.'] } })
  const request = msg.body?.msgBody.case === 'request' ? msg.body.msgBody.value : undefined
  const get = request?.reqType.value
  if (!get) throw new Error('no Get')
  get.$unknown = [{ no: 99, wireType: 0, data: Uint8Array.of(1) }]
  expect(seen(msg)).toMatchObject({ kind: 'Get', isPart: true })
})

const get = ask({ get: { param_paths: ['Device.'] } })
const session = { sessionId: 2n, sequenceId: 1n, expectedId: 1n }

test.each([
  [
    'an answer',
    plainRecord(
      head,
      encodeMsg(makeMsg({ header: { msgId: 'a' }, body: { msgBody: { case: 'response', value: {} } } })),
    ),
  ],
  [
    'what an agent asks',
    plainRecord(head, encodeMsg(ask({ notify: { subscription_id: 's', event: { event_name: 'Boot!' } } }))),
  ],
  ['a segment', sessionRecord(head, { ...session, sar: 'BEGIN' }, encodeMsg(get).subarray(0, 6))],
  ['a Msg that is cut off', plainRecord(head, encodeMsg(get).slice(0, -3))],
  ['no Record', new TextEncoder().encode('hello')],
  ['nothing', new Uint8Array()],
])('%s is no request to be sent again', (_name, payload) => {
  expect(seenRequest(payload)).toBeUndefined()
})

test('the last segment of a request is one with the Msg that it makes whole', () => {
  const whole = encodeMsg(get)
  const last = sessionRecord(head, { ...session, sar: 'COMPLETE' }, whole.subarray(6))
  expect(seenRequest(last)).toBeUndefined()
  expect(seenRequest(last, whole)).toMatchObject({ kind: 'Get', endpointId: head.toId })
})

test('a request that is whole in a Record of a session is one', () => {
  expect(seenRequest(sessionRecord(head, session, encodeMsg(get)))).toMatchObject({ kind: 'Get' })
})
