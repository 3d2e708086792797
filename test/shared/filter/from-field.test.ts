import { describe, expect, test } from 'vitest'
import type { Field } from '../../../shared/dissect/field.ts'
import { fromField, type FieldOperator } from '../../../shared/filter/from-field.ts'
import { parseFilter } from '../../../shared/filter/filter.ts'
import { matchPacket } from '../../../shared/filter/match.ts'
import { everyField } from '../usp/tree.ts'
import { readCapture } from './indexed.ts'

const field = (name: string, value?: Field['value'], text = String(value)): Field => ({
  name,
  label: name,
  text,
  start: 0,
  end: 0,
  ...(value !== undefined && { value }),
})
const pair = (name: string, value: string): Field => ({
  ...field('mqtt.prop.user', `${name}=${value}`),
  children: [field('mqtt.prop_key', name), field('mqtt.prop_value', value)],
})

test.each<[Field, FieldOperator, string | undefined]>([
  [field('mqtt.topic', 'a/b'), '==', 'mqtt.topic == "a/b"'],
  [field('mqtt.topic', 'a"b'), '!=', String.raw`mqtt.topic != "a\"b"`],
  [field('mqtt.msgtype', 3), '==', 'mqtt.msgtype == PUBLISH'],
  [field('mqtt.qos', 1), '>', 'mqtt.qos > 1'],
  [field('mqtt.retain', true), '==', 'mqtt.retain == true'],
  [field('mqtt.kalive', 60), '==', 'mqtt.kalive == 60s'],
  [field('mqtt.prop.correlation_data', '01ff'), '==', 'mqtt.prop.correlation_data == 01:ff'],
  [pair('usp-endpoint-id', 'os::1'), '==', 'mqtt.prop.user["usp-endpoint-id"] == "os::1"'],
  [field('usp.type', 'GET_RESP'), '==', 'usp.type == GET_RESP'],
  [field('usp.session_id', 2n ** 63n), '==', 'usp.session_id == 9223372036854775808'],
  [field('ip.src', '::ffff:10.0.0.1'), '==', 'ip.src == 10.0.0.1'],
  [
    field('frame.time', '2026-01-01T00:00:00.000000001Z'),
    '>=',
    'frame.time >= 2026-01-01T00:00:00.000000001Z',
  ],
  [field('frame.direction', 'in (to the bench)'), '==', 'direction == in'],
  [field('connection.id', 7), '==', 'connection == 7'],
  [field('mqtt.passwd', undefined, '•••• (7 bytes)'), '==', 'mqtt.passwd'],
  [field('usp.notify', undefined, ''), '==', 'usp.notify'],
  [field('mqtt.qos', 1), 'contains', undefined],
  [field('of.another.world', 1), '==', undefined],
])('%s', (found, op, expected) => {
  expect(fromField(found, op, new Uint8Array(0))).toBe(expected)
})

test('a value that is too long for a filter gives none', () => {
  expect(fromField(field('usp.value', 'x'.repeat(20_000)), '==', new Uint8Array(0))).toBeUndefined()
})

describe('on a real capture', () => {
  const index = readCapture('obuspa-refusals.pcap')

  test('every field finds the packet that it was taken from', () => {
    let checked = 0
    for (let no = 1; no <= index.rows; no++) {
      for (const found of everyField(index.fields(no))) {
        const text = fromField(found, '==', index.bytes(no))
        const parsed = parseFilter(text ?? '')
        if (text === undefined || !parsed.ok) throw new Error(`${found.name}: ${text}`)
        const matches = matchPacket(parsed.filter.program, index.packet(no))
        expect([text, matches, parsed.filter.text]).toEqual([text, true, text])
        checked++
      }
    }
    expect(checked).toBeGreaterThan(1000)
  })
})
