import { encode } from '@msgpack/msgpack'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chooseView, contentViews } from '../../../../shared/dissect/content/views.ts'
import type { ContentHints } from '../../../../shared/dissect/content/view.ts'
import { encodeRecord, makeRecord } from '../../../../shared/usp/codec.ts'
import { peekRecord } from '../../../../shared/usp/peek.ts'
import { readPublishes } from '../../usp/publishes.ts'
import { hex } from '../../usp/tree.ts'
import { dissect, utf8 } from './support.ts'

const record = encodeRecord(
  makeRecord({
    version: '1.3',
    toId: 'self::controller',
    fromId: 'os::00256D-1',
    recordType: { case: 'disconnect', value: { reason: 'bye' } },
  }),
)

describe('the view that fits best', () => {
  const rows: readonly (readonly [view: string, what: string, payload: Uint8Array, hints?: ContentHints])[] =
    [
      ['usp', 'a Record', record],
      ['usp', 'what calls itself one', utf8('{}'), { contentType: 'usp.msg' }],
      ['json', 'an object', utf8('{"a":1}')],
      ['json', 'JSON that says it is only text', utf8(' [1, 2]'), { contentType: 'text/plain' }],
      ['json', 'broken JSON', utf8('{"a":1,}')],
      [
        'json',
        'a bulk data report',
        utf8('{"Report":[]}'),
        { contentType: 'application/json; charset=UTF-8' },
      ],
      ['json', 'a bare number that says so', utf8('12'), { contentType: 'application/senml+json' }],
      ['text', 'a bare number', utf8('12')],
      ['text', 'an INI file', utf8('[section]\nkey=1\n')],
      ['text', 'words', utf8('status: online')],
      ['text', 'CSV', utf8('a,b\n1,2\n'), { contentType: 'text/csv; charset=UTF-8; header=present' }],
      ['text', 'UTF-16', hex('fffe 4100 4200')],
      ['cbor', 'a map', hex('a26161016162820203')],
      ['cbor', 'self-described', hex('d9d9f700')],
      ['cbor', 'what calls itself CBOR', hex('00'), { contentType: 'application/cbor' }],
      ['msgpack', 'a map', encode({ a: 1, b: [2, 3] })],
      ['msgpack', 'what calls itself MessagePack', hex('00'), { contentType: 'application/msgpack' }],
      ['xml', 'a document', utf8('<?xml version="1.0"?><a/>')],
      ['xml', 'an element', utf8('<a><b/></a>')],
      ['text', 'a less-than sign', utf8('<3')],
      ['protobuf', 'a message', hex('089601 120774657374696e67 1a03089601')],
      ['protobuf', 'what calls itself protobuf', utf8('(1'), { contentType: 'application/x-protobuf' }],
      ['hex', 'bytes', hex('fffefdfc00')],
      ['hex', 'nothing', new Uint8Array()],
    ]
  test.each(rows.map(([id, what, ...rest]) => ({ id, what, rest })))('$id: $what', ({ id, rest }) => {
    const [payload, hints = {}] = rest
    expect(chooseView(payload, hints).id).toBe(id)
  })

  test('a person has the last word', () => {
    expect(chooseView(record, {}, 'hex').id).toBe('hex')
    expect(chooseView(record, {}, 'a view of a later version').id).toBe('usp')
  })

  test.each(['obuspa-tour.pcapng', 'obuspa-refusals.pcap'])('Records of a real agent: %s', (file) => {
    const chosen = readPublishes(file).map(({ packet, payloadStart }) => {
      const payload = packet.subarray(payloadStart)
      return peekRecord(payload, 0, payload.length) === undefined ? 'other' : chooseView(payload, {}).id
    })
    expect(chosen.filter((id) => id === 'usp').length).toBeGreaterThan(0)
    expect(new Set(chosen.filter((id) => id !== 'other'))).toEqual(new Set(['usp']))
  })
})

describe.each(contentViews.map((view) => [view.id, view] as const))('any bytes: %s', (_, view) => {
  test('nothing throws, ranges stay inside, scores within 0 … 1', () => {
    const start = fc.constantFrom(
      '',
      '{"a":',
      '[[',
      '<a x="',
      '\x9f',
      '\x82\xa1a',
      '\xbf',
      '\n\x05',
      '\xff\xfe',
    )
    const any = fc
      .tuple(start, fc.uint8Array({ maxLength: 200 }))
      .map(([head, tail]) => Uint8Array.from([...Buffer.from(head, 'latin1'), ...tail]))
    fc.assert(
      fc.property(any, (payload) => {
        const score = view.score(payload, {})
        expect(score).toBeGreaterThanOrEqual(0)
        expect(score).toBeLessThanOrEqual(1)
        dissect(view, payload)
        expect(typeof view.text(payload)).toBe('string')
      }),
      { numRuns: 300 },
    )
  })
})
