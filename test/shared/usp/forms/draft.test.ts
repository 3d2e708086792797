import { toJson } from '@bufbuild/protobuf'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { JsonFault } from '../../../../shared/usp/json-check.ts'
import { requestFields, requestKinds } from '../../../../shared/usp/kinds.ts'
import {
  msgToProtoJson,
  requestFromJson,
  requestSchema,
  withHeader,
} from '../../../../shared/usp/request-json.ts'
import { formOf, startOf, type FormField } from '../../../../shared/usp/forms/describe.ts'
import {
  contentOf,
  draftOf,
  fill,
  newDraft,
  withContent,
  withText,
} from '../../../../shared/usp/forms/draft.ts'
import { valueAt, withName, withValue } from '../../../../shared/usp/forms/json-value.ts'
import { anyMessage } from '../messages.ts'

describe.each(requestKinds)('%s', (kind) => {
  test('the start of a form is a request of its kind', () => {
    const draft = newDraft(kind)
    expect(draftOf(draft.text)).toEqual(draft)
    expect(requestFromJson(draft.text).kind).toBe(kind)
  })

  test('the form has every field of the schema, and no other', () => {
    const names = (fields: readonly FormField[]): unknown =>
      fields.map((one) => [one.name, names(one.fields)])
    const schema = (desc: ReturnType<typeof requestSchema>): unknown =>
      [...desc.fields]
        .sort((a, b) => a.number - b.number)
        .map((field) => [field.name, field.message ? schema(field.message) : []])
    expect(names(formOf(kind))).toEqual(schema(requestSchema(kind)))
  })

  test('any message through form, text and wire is the same', () => {
    fc.assert(
      fc.property(anyMessage(requestSchema(kind)), (message) => {
        const request = {
          [requestFields[kind]]: toJson(requestSchema(kind), message, { useProtoFieldName: true }),
        }
        const draft = draftOf(JSON.stringify(request).replaceAll('${', '$${'))
        // Writing every field of the form as it stands changes nothing.
        const written = formOf(kind).reduce(
          (now, { name }) => withContent(now, (all) => withValue(all, [name], valueAt(all, [name]))),
          draft,
        )
        const sent = withHeader(requestFromJson(fill(written, {}, 'doc::x').message), 'm-1')
        const read = draftOf(JSON.stringify(msgToProtoJson(sent)))
        expect(read).toMatchObject({ kind, at: ['body', 'request', requestFields[kind]] })
        expect(contentOf(read)).toEqual(request[requestFields[kind]])
        expect(sent.body?.msgBody).toMatchObject({ case: 'request' })
        expect(msgToProtoJson(sent)).toMatchObject({ body: { request } })
      }),
      { numRuns: 25 },
    )
  })
})

test('a change in the form leaves the rest of the text as it is', () => {
  const draft = draftOf('{"header":{"msg_id":"7"},"body":{"request":{"get":{"paramPaths":["A.","B."]}}}}')
  const changed = withContent(draft, (content) => withValue(content, ['paramPaths', 1], 'Device.WiFi.'))
  expect(JSON.parse(changed.text)).toEqual({
    header: { msg_id: '7' },
    body: { request: { get: { paramPaths: ['A.', 'Device.WiFi.'] } } },
  })
})

test('while the text cannot be read, the form keeps what it said', () => {
  const broken = withText(newDraft('Get'), '{"get": {"param_paths": [')
  expect(broken.fault?.message).toMatch(/no JSON/)
  expect(contentOf(broken)).toEqual(startOf('Get'))
  expect(() => fill(broken, {}, 'x')).toThrow(JsonFault)
  expect(withText(broken, '{"delete":{}}').fault).toBeUndefined()
})

test.each([
  ['{"param_paths":["Device."]}', 'Get'],
  ['{"update_objs":[]}', 'Set'],
  ['{"return_events":true,"obj_paths":["Device."]}', 'GetSupportedDM'],
  ['{"command":"Device.Reboot()"}', 'Operate'],
  ['{"getSupportedProtocol":{}}', 'GetSupportedProtocol'],
])('a content alone is recognised by its fields: %s', (text, kind) => {
  expect(draftOf(text)).toMatchObject({ kind })
})
test('and where it could be several, they are named', () => {
  expect(draftOf('{"obj_paths":["Device."]}').fault?.message).toMatch(/GetSupportedDM, GetInstances, Delete/)
})

describe('values at places', () => {
  test('an item leaves the list, a member the object', () => {
    expect(withValue({ a: [1, 2, 3] }, ['a', 1], undefined)).toEqual({ a: [1, 3] })
    expect(withValue({ a: 1, b: 2 }, ['a'], undefined)).toEqual({ b: 2 })
    expect(withValue({ a: 1 }, ['c'], undefined)).toEqual({ a: 1 })
  })
  test('what is missing on the way is made', () => {
    expect(withValue({}, ['a', 0, 'b'], 1)).toEqual({ a: [{ b: 1 }] })
  })
  test('a name changes in its place, and takes the place of one that had it', () => {
    expect(Object.keys(withName({ m: { a: 1, b: 2, c: 3 } }, ['m', 'b'], 'x') as { m: object })).toEqual([
      'm',
    ])
    expect(valueAt(withName({ m: { a: 1, b: 2, c: 3 } }, ['m', 'b'], 'x'), ['m'])).toEqual({
      a: 1,
      x: 2,
      c: 3,
    })
    expect(valueAt(withName({ m: { a: 1, b: 2 } }, ['m', 'b'], 'a'), ['m'])).toEqual({ a: 2 })
  })
})

describe('variables', () => {
  const send = (text: string, values: Record<string, string>) =>
    fill(draftOf(text), values, 'doc::me').message
  test('stand in texts, names, numbers and flags', () => {
    expect(
      send('{"get":{"param_paths":["Device.${object}.","${endpoint}"],"max_depth":"${depth}"}}', {
        object: 'WiFi',
        depth: '2',
      }),
    ).toEqual({ get: { param_paths: ['Device.WiFi.', 'doc::me'], max_depth: 2 } })
    expect(
      send('{"operate":{"sendResp":"${on}","input_args":{"${a}":"$${b}"}}}', { on: 'true', a: 'x' }),
    ).toEqual({
      operate: { sendResp: true, input_args: { x: '${b}' } },
    })
  })
  test('without a value are named', () => {
    expect(() => send('{"get":{"param_paths":["${gone}"]}}', {})).toThrow('The variable gone has no value.')
  })
  test('that give no number where one is due are told at their place', () => {
    expect(() => send('{"get":{"max_depth":"${depth}"}}', { depth: 'deep' })).toThrow('max_depth: must be')
  })
})
