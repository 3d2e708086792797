import { toBinary, type DescMessage } from '@bufbuild/protobuf'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Field } from '../../../shared/dissect/field.ts'
import { MsgSchema } from '../../../shared/usp/gen/usp-msg_pb.ts'
import { RecordSchema } from '../../../shared/usp/gen/usp-record_pb.ts'
import { dissectRecord } from '../../../shared/usp/record.ts'
import { MAX_FIELDS, walkMessage } from '../../../shared/usp/walk.ts'
import { anyMessage, spokenValues } from './messages.ts'
import { everyField, expectSoundRanges, findings, hex, named } from './tree.ts'

/** The tree told as `spokenValues` tells a message: without what the walker infers and inside of map entries. */
function shown(fields: readonly Field[]): string[] {
  return fields
    .filter(({ start, end }) => start !== end)
    .flatMap((field) => {
      if (field.value !== undefined) return [`${field.label}: ${String(field.value)}`]
      return [field.label, ...shown(field.children ?? [])]
    })
}

describe.each<[string, DescMessage]>([
  ['usp.Msg', MsgSchema],
  ['usp_record.Record', RecordSchema],
])('any %s', (name, desc) => {
  test('is shown with the values it was made of', () => {
    fc.assert(
      fc.property(anyMessage(desc), fc.nat(5), (message, offset) => {
        const encoded = toBinary(desc, message)
        const bytes = new Uint8Array(offset + encoded.length + 3)
        bytes.set(encoded, offset)
        const fields = walkMessage(bytes, offset, offset + encoded.length, name)
        expect(shown(fields).sort()).toEqual(spokenValues(desc, message).sort())
        expectSoundRanges(fields, offset, offset + encoded.length)
        expect(findings(fields).filter(({ severity }) => severity === 'error')).toEqual([])
      }),
      { numRuns: 150 },
    )
  })

  test('with bytes changed, cut or put in still gives sound ranges', () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.nat(2)), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(anyMessage(desc), damage, (message, changes) => {
        const bytes = [...toBinary(desc, message)]
        for (const [at, byte, kind] of changes) {
          bytes.splice(at % (bytes.length + 1), kind === 0 ? 0 : 1, ...(kind === 1 ? [] : [byte]))
        }
        const data = Uint8Array.from(bytes)
        expectSoundRanges(walkMessage(data, 0, data.length, name), 0, data.length)
      }),
      { numRuns: 300 },
    )
  })

  test('random bytes give sound ranges', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (data) => {
        expectSoundRanges(walkMessage(data, 0, data.length, name), 0, data.length)
      }),
      { numRuns: 300 },
    )
  })
})

describe('malformed bytes are findings', () => {
  test.each([
    ['the value is cut', '0a05312e', 'the value runs 3 bytes past the end'],
    ['a varint is cut', '20ff', 'the data ends inside a varint'],
    ['a varint never ends', '20ffffffffffffffffffff01', 'a varint is longer than 10 bytes'],
    ['field number 0', '0201', 'field number 0 is not allowed'],
    ['a group', '3b', 'wire type 3 (start group) is not used in USP'],
    ['a wire type that does not exist', '3e', 'wire type 6 (unknown) is not used in USP'],
    ['a tag of more than 32 bits', '8a8080801000', 'a tag has more than 32 bits'],
    ['a length of more than 32 bits', '0a8080808010', 'a length has more than 32 bits'],
  ])('%s', (_, bytes, fault) => {
    const data = hex(`1203313233 ${bytes}`)
    const fields = walkMessage(data, 0, data.length, 'usp_record.Record')
    expect(fields.map(({ name, start, end }) => [name, start, end])).toEqual([
      ['usp.to_id', 0, 5],
      ['usp.malformed', 5, data.length],
    ])
    expect(fields[1]?.finding).toMatchObject({ severity: 'error', text: `Malformed protobuf: ${fault}` })
  })

  test('wrong wire type: shown, and the next field is read', () => {
    const data = hex('0807 1203313233')
    const [version, toId] = walkMessage(data, 0, data.length, 'usp_record.Record')
    expect(version).toMatchObject({ label: 'version', text: 'varint: 7', finding: { severity: 'error' } })
    expect(version?.finding?.text).toBe('Wire type varint where version is length-delimited')
    expect(toId?.value).toBe('123')
  })

  test('bad UTF-8, with the readable part kept', () => {
    const data = hex('1203 31ff33')
    const [toId] = walkMessage(data, 0, data.length, 'usp_record.Record')
    expect(toId).toMatchObject({ text: '1\ufffd3', finding: { severity: 'error', text: 'Not valid UTF-8' } })
  })

  test('a U+FFFD that is really there is no fault', () => {
    const data = hex('1203 efbfbd')
    expect(findings(walkMessage(data, 0, data.length, 'usp_record.Record'))).toEqual([])
  })

  test('an inner message that is cut does not spoil the outer one', () => {
    const data = hex('5203 12ff41 0a03312e33')
    const fields = walkMessage(data, 0, data.length, 'usp_record.Record')
    expect(named(fields, 'usp.malformed')).toMatchObject([{ start: 2, end: 5 }])
    expect(named(fields, 'usp.version')).toMatchObject([{ value: '1.3', start: 5, end: 10 }])
  })

  test('two members of a oneof (R-ENC.3), a repeated singular field, an unknown enum value (R-ENC.2)', () => {
    const data = hex('0a0131 0a0132 2009 5200 6200')
    const fields = walkMessage(data, 0, data.length, 'usp_record.Record')
    expect(fields.map(({ finding }) => finding?.rule ?? finding?.severity)).toEqual([
      undefined,
      'warning',
      'R-ENC.2',
      undefined,
      'R-ENC.3',
    ])
    expect(fields[4]?.finding?.text).toBe(
      'disconnect beside mqtt_connect: record_type may have one member only',
    )
    expect(fields[2]).toMatchObject({ text: 'unknown (9)', value: '9' })
  })
})

describe('how values are shown', () => {
  test('an unknown field with number, wire type and content', () => {
    const data = hex('8a0203616263 9002ac02 9d0201000000 a20202ff00')
    const fields = walkMessage(data, 0, data.length, 'usp.Get')
    expect(fields.map(({ name, label, text }) => [name, label, text])).toEqual([
      ['usp.unknown', 'field 33', 'length-delimited: abc'],
      ['usp.unknown', 'field 34', 'varint: 300'],
      ['usp.unknown', 'field 35', 'fixed32: 1'],
      ['usp.unknown', 'field 36', 'length-delimited: ff00'],
    ])
  })

  test('error codes by name, an undefined one with a warning, 0 plainly', () => {
    const code = (value: string) => {
      const data = hex(`0d${value}`)
      return walkMessage(data, 0, data.length, 'usp.Error')[0]
    }
    expect(code('721b0000')).toMatchObject({ name: 'usp.err_code', text: '7026 Invalid path', value: 7026 })
    expect(code('00000000')).toMatchObject({ text: '0', value: 0 })
    expect(code('00000000')?.finding).toBeUndefined()
    expect(code('64000000')?.finding).toMatchObject({ severity: 'warning' })
  })

  test('defaults that say something are inferred at the end of their message', () => {
    expect(walkMessage(hex(''), 0, 0, 'usp.Header')).toEqual([
      { name: 'usp.type', label: 'msg_type', text: 'ERROR (0) (default)', value: 'ERROR', start: 0, end: 0 },
    ])
    expect(walkMessage(hex(''), 0, 0, 'usp_record.MQTTConnectRecord')[0]?.text).toBe('V3_1_1 (0) (default)')
    expect(walkMessage(hex(''), 0, 0, 'usp_record.Record')[0]?.text).toBe('PLAINTEXT (0) (default)')
  })

  test('a map entry as key = value, with both as children', () => {
    const data = hex('1a08 0a0141 1203 4f6e65')
    const [entry] = walkMessage(data, 0, data.length, 'usp.Notify.Event')
    expect(entry).toMatchObject({ name: 'usp.params', text: 'A = One', start: 0, end: 10 })
    expect(entry?.children).toEqual([
      { name: 'usp.param', label: 'key', text: 'A', value: 'A', start: 2, end: 5 },
      { name: 'usp.value', label: 'value', text: 'One', value: 'One', start: 5, end: 10 },
    ])
  })

  test('a certificate as text, other bytes as hex', () => {
    const data = hex('3205 2d2d2d0a41 2a02 00ff')
    const fields = walkMessage(data, 0, data.length, 'usp_record.Record')
    expect(fields.slice(0, 2).map(({ text }) => text)).toEqual(['---\nA', '00ff'])
  })
})

test('a large hostile message takes time in proportion to its size', () => {
  const time = (pairs: number) => {
    const data = new Uint8Array(pairs * 2).fill(0)
    for (let at = 0; at < data.length; at += 2) data[at] = 0x0a
    const before = performance.now()
    const fields = walkMessage(data, 0, data.length, 'usp.Get', undefined, { left: pairs })
    expect(fields).toHaveLength(pairs)
    return performance.now() - before
  }
  time(10_000)
  // Eight times the data: quadratic would be 64 times the time, and here is room for a busy machine.
  expect(time(400_000)).toBeLessThan(40 * Math.max(time(50_000), 5))
})

test('fields beyond the limit are one that says so, where the limit was reached and in all around it', () => {
  const nested = (tag: number, body: Uint8Array): Uint8Array => {
    const { length } = body
    const varint = [length & 0x7f, (length >> 7) & 0x7f, length >> 14].map((part, i) =>
      i < 2 ? part | 0x80 : part,
    )
    return Uint8Array.from(Buffer.concat([Uint8Array.of(tag, ...varint), body]))
  }
  // A Record whose Msg is a Get of more empty paths than are listed; its version stands behind that.
  const paths = new Uint8Array((MAX_FIELDS + 5000) * 2)
  for (let at = 0; at < paths.length; at += 2) paths[at] = 0x0a
  const get = nested(0x12, nested(0x0a, nested(0x0a, paths)))
  const record = Uint8Array.from(Buffer.concat([nested(0x3a, nested(0x12, get)), hex('0a03 312e34')]))
  const [usp] = dissectRecord(record, 0, record.length)
  const all = [...everyField(usp ? [usp] : [])]
  expect(all.length).toBeLessThan(MAX_FIELDS + 20)
  const rest = all.filter(({ name }) => name === 'usp.unlisted')
  // Five fields are around the paths.
  expect(rest.map(({ start, end }) => end - start)).toEqual([(5000 + 5) * 2, 5])
  expect(rest[0]?.finding).toEqual({
    severity: 'warning',
    text: 'More than 100000 fields: from here on not listed one by one',
  })
})

test('a message name that is not in the schema is a mistake of the caller', () => {
  expect(() => walkMessage(new Uint8Array(), 0, 0, 'usp.Nothing')).toThrow('usp.Nothing')
})
