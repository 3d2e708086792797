import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { filterFields, findField, looksLikeField, suggestField } from '../../../shared/filter/fields.ts'
import type { FieldType } from '../../../shared/filter/definition.ts'
import { OPERATORS } from '../../../shared/filter/operators.ts'
import { treeValue } from '../../../shared/filter/values.ts'
import { dissectMqtt } from '../../../shared/mqtt/dissect.ts'
import { encodePacket } from '../../../shared/mqtt/encode.ts'
import type { Field } from '../../../shared/dissect/field.ts'
import { anyPacketAndLevel } from '../mqtt/arbitrary.ts'
import { everyField } from '../usp/tree.ts'
import { readCapture } from './indexed.ts'

test('names and aliases are used once, and are words of the language', () => {
  const names = filterFields.flatMap(({ name, aliases }) => [name, ...aliases])
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
  for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$/)
  expect(
    names.filter((name) => OPERATORS.some((operator) => [operator.name, ...operator.words].includes(name))),
  ).toEqual([])
})

test('every field says what it is', () => {
  for (const { name, label, description, type, names } of filterFields) {
    expect([name, label === '', description === '']).toEqual([name, false, false])
    expect([name, type === 'enum']).toEqual([name, names !== undefined])
    expect([name, names?.length]).not.toEqual([name, 0])
  }
})

const kinds: Readonly<Record<Exclude<FieldType, 'presence'>, readonly string[]>> = {
  string: ['string'],
  topic: ['string'],
  number: ['number', 'bigint'],
  enum: ['number'],
  bool: ['number'],
  ip: ['bigint'],
  duration: ['number'],
  time: ['bigint'],
  bytes: ['object'],
}

/** The dissectors say nothing that cannot be filtered by, and every value is of the type the registry says. */
function expectKnown(field: Field, bytes: Uint8Array): void {
  const known = findField(field.name)
  expect([field.name, known?.name]).toEqual([field.name, field.name])
  if (known === undefined || known.type === 'presence') return
  const value = treeValue(known, field, () => bytes)
  const hidden = field.value === undefined && known.tree.read === undefined
  if (!hidden) expect([field.name, kinds[known.type].includes(typeof value)]).toEqual([field.name, true])
}

describe('what the dissectors emit is in the registry', () => {
  test.each(['obuspa-tour.pcapng', 'obuspa-refusals.pcap'])('%s', (file) => {
    const index = readCapture(file)
    for (let no = 1; no <= index.rows; no++) {
      for (const field of everyField(index.fields(no))) expectKnown(field, index.bytes(no))
    }
  })

  test('any packet', () => {
    fc.assert(
      fc.property(anyPacketAndLevel, fc.nat(3), ([packet, level], cut) => {
        const bytes = encodePacket(packet, level)
        const some = bytes.subarray(0, bytes.length - cut)
        for (const field of everyField(dissectMqtt(some, level).fields)) expectKnown(field, some)
      }),
      { numRuns: 500 },
    )
  })
})

test('secrets cannot be compared', () => {
  for (const name of ['mqtt.passwd', 'mqtt.prop.authentication_data']) {
    expect(findField(name)?.type).toBe('presence')
  }
})

test('slips are recognised', () => {
  expect(suggestField('mqtt.tpoic')).toBe('mqtt.topic')
  expect(suggestField('MQTT.Topic')).toBe('mqtt.topic')
  expect(suggestField('msg_id')).toBe('usp.msg_id')
  expect(suggestField('boot')).toBeUndefined()
  expect(suggestField('x'.repeat(5000))).toBeUndefined()
  expect(looksLikeField('usp.nothing')).toBe(true)
  expect(looksLikeField('Device.WiFi')).toBe(false)
})
