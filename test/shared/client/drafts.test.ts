import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { connectOf } from '../../../shared/client/connect.ts'
import { DraftFault } from '../../../shared/client/draft-fault.ts'
import { Pairing, signOf } from '../../../shared/client/pairing.ts'
import { encodePayload, payloadDraftOf } from '../../../shared/client/payload.ts'
import { draftProperties, readProperties } from '../../../shared/client/property-draft.ts'
import { emptyPublish, readPublish, variablesOf } from '../../../shared/client/publish-draft.ts'
import {
  MAX_PAYLOAD_TEXT,
  payloadForms,
  type ClientProfile,
  type PayloadForm,
  type PropertyDraft,
} from '../../../shared/contract/mqtt-client.ts'
import { encodePacket } from '../../../shared/mqtt/encode.ts'
import { decodeMsg } from '../../../shared/usp/codec.ts'
import { peekRecord } from '../../../shared/usp/peek.ts'

const newId = () => 'id-1'
const occasion = { n: 3, time: 0, newId, random: 0.5 }
const faultOf = (run: () => unknown): DraftFault => {
  try {
    run()
  } catch (error) {
    if (error instanceof DraftFault) return error
    throw error
  }
  throw new Error('no fault')
}

describe('properties', () => {
  test('are read in their order and written back as they were', () => {
    const drafts: PropertyDraft[] = [
      { name: 'userProperty', key: 'b', value: '1' },
      { name: 'messageExpiryInterval', value: '60' },
      { name: 'userProperty', key: 'a', value: '' },
      { name: 'correlationData', value: '00ff', hex: true },
    ]
    const properties = readProperties(drafts)
    expect(properties.map(({ value }) => value)).toEqual([
      ['b', '1'],
      60,
      ['a', ''],
      new Uint8Array([0, 255]),
    ])
    expect(draftProperties(properties)).toEqual(drafts)
  })

  test.each([
    [{ name: 'topicAlias', value: '0' }, /Topic Alias/],
    [{ name: 'receiveMaximum', value: '70000' }, /at most 65535; “70000” is none/],
    [{ name: 'messageExpiryInterval', value: 'soon' }, /whole number/],
    [{ name: 'correlationData', value: '0g', hex: true }, /“g” is no hexadecimal digit/],
    [{ name: 'responseTopic', value: 'a/#' }, /wildcard/],
  ] as const)('%o says what is wrong, and where', (draft, why) => {
    const fault = faultOf(() => readProperties([{ name: 'contentType', value: '' }, draft]))
    expect(fault.message).toMatch(why)
    expect(fault.place).toBe('properties[1]')
  })
})

describe('payloads', () => {
  const bytes = (form: PayloadForm, text: string, more = {}) =>
    Buffer.from(encodePayload({ form, text, ...more }, { newId })).toString('hex')
  test.each([
    ['text', 'ü', 'c3bc'],
    ['json', ' {"a":1} ', Buffer.from(' {"a":1} ').toString('hex')],
    ['hex', '0x00 FF:10', '00ff10'],
    ['base64', 'AP8Q\n', '00ff10'],
    ['base64', '_-8', 'ffef'],
    ['cbor', '{"a":[1,-1,1.5,"x",null,true]}', 'a1616186012 0f93e006178f6f5'.replace(' ', '')],
  ] as const)('%s: %s', (form, text, hex) => {
    expect(bytes(form, text)).toBe(hex)
  })

  test.each([
    ['json', '{', /no JSON/],
    ['hex', '0', /one digit only/],
    ['base64', 'A', /four make three/],
    ['base64', 'AB', /belong to no byte/],
    ['usp', '{}', /needs the endpoint IDs/],
  ] as const)('%s: %s is refused', (form, text, why) => {
    const fault = faultOf(() => bytes(form, text))
    expect(fault.message).toMatch(why)
    expect(fault.place).toBe('payload')
  })

  test('a Record is made from the JSON of a request', () => {
    const text = '{"get": {"param_paths": ["Device."]}}'
    const record = encodePayload({ form: 'usp', text, toId: 'os::1', fromId: 'me' }, { newId })
    const peek = peekRecord(record, 0, record.length)
    expect(peek).toMatchObject({ toId: 'os::1', fromId: 'me', msgType: 'GET', msgId: 'id-1' })
    const { start = 0, end = 0 } = peek?.msg ?? {}
    expect(decodeMsg(record.subarray(start, end)).header?.msgId).toBe('id-1')
  })

  test('any bytes come back from the form in which they are shown', () => {
    const forms = payloadForms.filter((form) => form !== 'cbor' && form !== 'usp' && form !== 'json')
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.constantFrom(...forms), (payload, form) => {
        expect([...encodePayload(payloadDraftOf(payload, form), { newId })]).toEqual([...payload])
      }),
      { numRuns: 300 },
    )
  })
})

describe('a message', () => {
  const draft = {
    ...emptyPublish,
    topic: 'a/${x}/${n}',
    payload: { form: 'text', text: '${time} $${x}' } as const,
    properties: [{ name: 'userProperty', key: '${k}', value: '${id}' } as const],
  }
  test('has the values of its variables everywhere', () => {
    const { topic, payload, properties } = readPublish(draft, { x: 'X', k: 'K' }, occasion)
    expect([topic, Buffer.from(payload).toString()]).toEqual(['a/X/3', '1970-01-01T00:00:00.000Z ${x}'])
    expect(properties).toEqual([{ name: 'userProperty', value: ['K', 'id-1'] }])
    expect(variablesOf(draft)).toEqual(['x', 'k'])
  })

  test('names the field that has no value', () => {
    expect(faultOf(() => readPublish(draft, { x: '' }, occasion))).toMatchObject({
      place: 'properties[0]',
      message: 'The variable k has no value.',
    })
    expect(faultOf(() => readPublish(emptyPublish, {}, occasion)).message).toBe('The topic is empty.')
  })
})

describe('a profile', () => {
  const profile: ClientProfile = {
    id: 'p',
    name: 'p',
    target: { kind: 'bench', transport: 'tcp' },
    tls: { authority: { kind: 'lab' }, certificate: { kind: 'none' }, verify: true, serverName: '' },
    level: 5,
    clientId: 'c',
    username: 'u',
    clean: true,
    keepAlive: 30,
    reconnect: 0,
    properties: [
      { name: 'userProperty', key: 'z', value: '1' },
      { name: 'authenticationMethod', value: 'SCRAM' },
      { name: 'userProperty', key: 'a', value: '2' },
    ],
    will: { ...emptyPublish, topic: 'gone', properties: [{ name: 'willDelayInterval', value: '5' }] },
    subscriptions: [],
  }
  test('becomes a CONNECT that can be written, with its secrets in their places', () => {
    const packet = connectOf(profile, { password: 'secret', authenticationData: 'data' }, newId)
    expect(packet.properties.map(({ name }) => name)).toEqual([
      'userProperty',
      'authenticationMethod',
      'authenticationData',
      'userProperty',
    ])
    expect(packet).toMatchObject({ username: 'u', will: { topic: 'gone', properties: [{ value: 5 }] } })
    expect(encodePacket(packet, 5).length).toBeGreaterThan(50)
  })

  test('of 3.1.1 has no properties', () => {
    const packet = connectOf({ ...profile, level: 4 }, {}, newId)
    expect([packet.properties, packet.will?.properties]).toEqual([[], []])
    expect('password' in packet).toBe(false)
  })
})

describe('answers', () => {
  const data = new Uint8Array([1])
  const asked = { responseTopic: 'r', correlation: data, at: 0, timeoutMs: 100 }
  const sign = { by: 'correlation', data } as const
  test('belong to the request with their topic and Correlation Data', () => {
    const pairing = new Pairing()
    pairing.add(1, asked)
    expect(pairing.receive('other', sign, 5)).toBeUndefined()
    expect(pairing.receive('r', { by: 'correlation', data: new Uint8Array([2]) }, 5)).toBeUndefined()
    expect(pairing.receive('r', sign, 100)).toEqual({ no: 1, kind: 'answered', ms: 100, by: 'correlation' })
    expect(pairing.receive('r', sign, 101)).toMatchObject({ kind: 'duplicate' })
    expect(pairing.expire(1000)).toEqual([])
  })

  test('are late after the time-out, and told once that it ran out', () => {
    const pairing = new Pairing()
    pairing.add(1, asked)
    expect([pairing.expire(100), pairing.expire(101), pairing.expire(102)]).toEqual([[], [1], []])
    expect(pairing.receive('r', sign, 150)).toMatchObject({ kind: 'late', ms: 150 })
  })

  test('without Correlation Data belong to the request of their msg_id, or to the oldest that waits', () => {
    const pairing = new Pairing()
    pairing.add(1, asked)
    pairing.add(2, { ...asked, correlation: new Uint8Array([2]), msgId: 'm2' })
    expect(pairing.receive('r', { by: 'msg_id', id: 'm1' }, 1)).toBeUndefined()
    expect(pairing.receive('r', { by: 'msg_id', id: 'm2' }, 1)).toMatchObject({ no: 2, by: 'msg_id' })
    expect(pairing.receive('r', { by: 'topic' }, 1)).toMatchObject({ no: 1, by: 'topic' })
    expect(pairing.receive('r', { by: 'topic' }, 1)).toBeUndefined()
  })

  test('are no messages that ask something themselves', () => {
    const text = '{"get_supported_protocol": {"controller_supported_protocol_versions": "1.0"}}'
    const record = encodePayload({ form: 'usp', text, toId: 'a', fromId: 'b' }, { newId })
    const responseTopic = { name: 'responseTopic', value: 'x' } as const
    const packet = { type: 'PUBLISH', dup: false, retain: false, qos: 0, topic: 'r' } as const
    const signs = (payload: Uint8Array) =>
      [[], [responseTopic]].map((properties) => signOf({ ...packet, payload, properties })?.by)
    expect(signs(record)).toEqual([undefined, undefined])
    expect(signs(new Uint8Array([1]))).toEqual(['topic', undefined])
  })
})

test('a large binary payload comes back in a form that can be written', () => {
  const bytes = Uint8Array.from({ length: 1 << 20 }, (_, at) => at % 256)
  const draft = payloadDraftOf(bytes)
  expect(draft.form).toBe('base64')
  expect(draft.text.length).toBeLessThan(MAX_PAYLOAD_TEXT)
  expect(Buffer.from(encodePayload(draft, { newId })).equals(bytes)).toBe(true)
})

test('a message may have its time and a number of chance in it', () => {
  const text = '${ms} ${random}'
  const { payload } = readPublish(
    { ...emptyPublish, topic: 't', payload: { form: 'text', text } },
    {},
    occasion,
  )
  expect(Buffer.from(payload).toString()).toBe('0 500000')
})
