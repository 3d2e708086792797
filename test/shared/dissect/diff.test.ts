import { describe, expect, test } from 'vitest'
import { jsonView } from '../../../shared/dissect/content/json.ts'
import { diffFields, type Difference } from '../../../shared/dissect/diff.ts'
import type { Field } from '../../../shared/dissect/field.ts'
import { dissectMqtt } from '../../../shared/mqtt/dissect.ts'
import { encodePacket } from '../../../shared/mqtt/encode.ts'
import type { Properties } from '../../../shared/mqtt/packets.ts'
import { publishPacket } from '../../support/wire.ts'

const field = (label: string, text: string, children?: Field[]): Field => ({
  name: label.toLowerCase(),
  label,
  text,
  start: 0,
  end: 0,
  ...(children && { children }),
})

/** `changed a/b#2: x → y` */
const line = ({ kind, path, before, after }: Difference) =>
  `${kind} ${path.map(({ label, occurrence }) => label + (occurrence > 1 ? `#${occurrence}` : '')).join('/')}: ` +
  `${before?.text ?? ''} → ${after?.text ?? ''}`
const diff = (before: readonly Field[], after: readonly Field[]) => diffFields(before, after).map(line)

describe('differences', () => {
  test('none, whatever the ranges are', () => {
    const moved = { ...field('A', '1'), start: 5, end: 9 }
    expect(diff([field('A', '1')], [moved])).toEqual([])
  })

  test('changed, removed, added', () => {
    expect(diff([field('A', '1'), field('B', '2')], [field('A', '3'), field('C', '4')])).toEqual([
      'changed A: 1 → 3',
      'removed B: 2 → ',
      'added C:  → 4',
    ])
  })

  test('a text that only sums up its parts is not told', () => {
    const tree = (inner: string) => [field('G', `with ${inner}`, [field('X', inner)])]
    expect(diff(tree('1'), tree('2'))).toEqual(['changed G/X: 1 → 2'])
  })

  test('an inserted one among many of the same name is one difference', () => {
    const user = (...texts: string[]) => texts.map((text) => field('User Property', text))
    expect(diff(user('a', 'b', 'c'), user('a', 'x', 'b', 'c'))).toEqual(['added User Property#2:  → x'])
    expect(diff(user('a', 'b', 'c'), user('b', 'c'))).toEqual(['removed User Property: a → '])
    expect(diff(user('a', 'b', 'c'), user('a', 'y', 'c'))).toEqual(['changed User Property#2: b → y'])
  })

  test('a finding counts', () => {
    const bad: Field = { ...field('A', '1'), finding: { severity: 'error', text: 'Not allowed' } }
    expect(diff([field('A', '1')], [bad])).toEqual(['changed A: 1 → 1'])
  })

  test('what is to be left out is, also from texts that sum it up', () => {
    const tree = (no: string) => [field('Frame', `number ${no}`, [field('Number', no), field('Length', '5')])]
    expect(diffFields(tree('1'), tree('2'), { ignore: ({ label }) => label === 'Number' })).toEqual([])
  })
})

test('two packets', () => {
  const packet = (topic: string, properties: Properties) =>
    dissectMqtt(encodePacket(publishPacket(topic, 'x', { properties }), 5), 5).fields
  const pair = (value: string): Properties => [{ name: 'userProperty', value: ['k', value] }]
  const found = diff(packet('a/b', pair('1')), packet('a/c', pair('2')))
  expect(found).toContain('changed Topic Name: a/b → a/c')
  expect(found.filter((text) => text.includes('User Property'))).toEqual([
    'changed Properties/User Property/Value: 1 → 2',
  ])
})

test('two documents', () => {
  const read = (text: string) => jsonView.dissect(Buffer.from(text), 0, Buffer.byteLength(text))
  expect(diff(read('{"a":{"b":1,"c":2}}'), read('{"a":{"b":1,"c":3},"d":[]}'))).toEqual([
    'changed JSON/a/c: 2 → 3',
    'added JSON/d:  → array, 0 elements',
  ])
})
