/** What a filter makes of a tree is the same whether the whole tree is made or only what it asks for. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Field } from '../../../shared/dissect/field.ts'
import type { FieldDefinition } from '../../../shared/filter/definition.ts'
import { filterFields, findField } from '../../../shared/filter/fields.ts'
import { wantedBy } from '../../../shared/filter/wanted.ts'
import { encodePacket } from '../../../shared/mqtt/encode.ts'
import { anyPacketAndLevel } from '../mqtt/arbitrary.ts'
import { readPublishes } from '../usp/publishes.ts'
import { everyField } from '../usp/tree.ts'
import { Indexed, readCapture } from './indexed.ts'

const layered = filterFields.filter(({ tree }) => tree.layer !== undefined)

function wanted(fields: readonly FieldDefinition[]) {
  const items = fields.map((field) => ({ kind: 'value', field }) as const)
  const found = wantedBy({ kind: 'or', items })
  if (found === undefined) throw new Error('These fields take the whole tree.')
  return found
}

/** What a filter reads of the fields of these names, those in the entries of a map included. */
function read(tree: readonly Field[], names: ReadonlySet<string>) {
  const of = ({ name, value, start, end }: Field) => ({ name, value, start, end })
  return [...everyField(tree)]
    .filter(({ name }) => names.has(name))
    .map((field) => {
      const entry = findField(field.name)?.entry
      const parts = field.children?.filter(({ name }) => name === entry?.key || name === entry?.value)
      return { ...of(field), ...(entry && { parts: parts?.map(of) }) }
    })
}

function expectSame(index: Indexed, no: number, fields: readonly FieldDefinition[]): void {
  const names = new Set(fields.flatMap(({ tree }) => [...tree.names]))
  const part = read(index.part(no, wanted(fields)), names)
  const whole = read(index.fields(no), names)
  // Most fields are not in most packets, and a matcher takes its time.
  if (part.length + whole.length === 0) return
  const where = `${[...names].join(' ')} in ${Buffer.from(index.bytes(no)).toString('hex')}`
  expect([where, part]).toEqual([where, whole])
}

const rowsOf = ({ rows }: Indexed) => Array.from({ length: rows }, (_, i) => i + 1)

test('every field of the tables is looked for alone', () => {
  expect(layered.length).toBeGreaterThan(200)
  for (const name of ['usp.path', 'usp.params', 'mqtt.prop.user', 'mqtt.msg', 'mqtt.reason_code']) {
    expect(findField(name)?.tree.layer).toBeDefined()
  }
})

test.each(['obuspa-tour.pcapng', 'obuspa-dialogue.pcapng'])('each field in %s', (name) => {
  const index = readCapture(name)
  // One row of a kind: their fields are the same.
  const kinds = new Map<string, number>()
  for (const no of rowsOf(index)) {
    const kind = [...new Set([...everyField(index.fields(no))].map((field) => field.name))].sort().join()
    if (!kinds.has(kind)) kinds.set(kind, no)
  }
  for (const no of kinds.values()) {
    for (const field of layered) expectSame(index, no, [field])
    expectSame(index, no, layered)
  }
})

const someFields = fc.subarray([...layered], { minLength: 1, maxLength: 12 })

test('any fields in any packet, damaged ones included', () => {
  const damage = fc.option(fc.tuple(fc.nat(), fc.nat(255)))
  fc.assert(
    fc.property(anyPacketAndLevel, someFields, damage, ([packet, level], fields, damaged) => {
      const index = new Indexed()
      index.open(1)
      const connect = { type: 'CONNECT', level, clean: true, keepAlive: 0, clientId: 'c' } as const
      index.add(1, 'in', encodePacket({ ...connect, properties: [] }, level))
      const bytes = encodePacket(packet, level)
      if (damaged !== null) bytes[damaged[0] % bytes.length] = damaged[1]
      const no = index.add(1, 'in', bytes, damaged !== null && damaged[1] % 2 === 0)
      expectSame(index, no, fields)
      expectSame(index, no, layered)
    }),
    { numRuns: 300 },
  )
})

test('any fields in Records, damaged ones included', () => {
  const records = [...readPublishes('obuspa-dialogue.pcapng')].map(({ packet, payloadStart }) =>
    packet.subarray(payloadStart),
  )
  const index = new Indexed()
  index.open(1)
  const place = fc.tuple(fc.nat(), fc.nat(255))
  fc.assert(
    fc.property(
      fc.constantFrom(...records),
      fc.array(place, { maxLength: 2 }),
      someFields,
      (record, places, fields) => {
        const payload = Uint8Array.from(record)
        for (const [at, byte] of places) payload[at % payload.length] = byte
        const properties = [{ name: 'contentType', value: 'usp.msg' }] as const
        const publish = {
          type: 'PUBLISH',
          dup: false,
          qos: 0,
          retain: false,
          topic: 'a',
          properties,
        } as const
        const no = index.add(1, 'in', encodePacket({ ...publish, payload }, 5))
        expectSame(index, no, fields)
        expectSame(index, no, layered)
      },
    ),
    { numRuns: 300 },
  )
})
