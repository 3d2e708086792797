/** Every USP payload that a real agent and its controller exchanged. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Field } from '../../../shared/dissect/field.ts'
import { decodeMsg, decodeRecord, encodeMsg, encodeRecord } from '../../../shared/usp/codec.ts'
import { MsgSchema } from '../../../shared/usp/gen/usp-msg_pb.ts'
import { msgTypes, peekRecord } from '../../../shared/usp/peek.ts'
import { dissectRecord } from '../../../shared/usp/record.ts'
import { summarizeRecord } from '../../../shared/usp/summary.ts'
import { spokenValues } from './messages.ts'
import { readPublishes, type Publish } from './publishes.ts'
import { everyField, expectSoundRanges, findings, named, values } from './tree.ts'

const tour = readPublishes('obuspa-tour.pcapng')
const refusals = readPublishes('obuspa-refusals.pcap')
const isKnownGarbage = ({ packet, payloadStart }: Publish) =>
  new TextDecoder().decode(packet.subarray(payloadStart)) === 'not a record'

test('the captures hold what their description says', () => {
  expect(tour).toHaveLength(68)
  // One PUBLISH, seen on its way to the broker and from it.
  expect(tour.filter(isKnownGarbage)).toHaveLength(2)
  expect(refusals.length).toBeGreaterThan(10)
})

/** The tree as `spokenValues` has it: no insides of map entries, no defaults (some senders do write them). */
function shown(fields: readonly Field[]): string[] {
  return fields
    .filter(({ start, end, value }) => start !== end && value !== false && value !== 0 && value !== '')
    .flatMap(({ label, value, children }) =>
      value === undefined ? [label, ...shown(children ?? [])] : [`${label}: ${String(value)}`],
    )
}

const records = [...tour, ...refusals].filter((publish) => !isKnownGarbage(publish))

describe.each(records)('$name', ({ packet, payloadStart }) => {
  const payload = packet.subarray(payloadStart)
  const fields = dissectRecord(packet, payloadStart, packet.length)
  const record = decodeRecord(payload)
  const msg =
    record.recordType.case === 'noSessionContext' ? decodeMsg(record.recordType.value.payload) : undefined

  test('is dissected in place, without an error', () => {
    expect(fields).toHaveLength(1)
    expect(fields[0]).toMatchObject({ name: 'usp', start: payloadStart, end: packet.length })
    expectSoundRanges(fields, payloadStart, packet.length)
    expect(findings(fields)).toEqual([])
    // A string stands at the end of its range, so the bytes there must be what is shown.
    for (const field of everyField(fields)) {
      if (typeof field.value !== 'string' || field.start === field.end || field.children) continue
      if (!['usp.path', 'usp.msg_id', 'usp.to_id', 'usp.param', 'usp.value'].includes(field.name)) continue
      const bytes = new TextEncoder().encode(field.value)
      expect(packet.subarray(field.end - bytes.length, field.end)).toEqual(bytes)
    }
  })

  test('agrees with the decoder of the protobuf library', () => {
    const only = (name: string) => values(fields, name).join()
    expect([only('usp.version'), only('usp.to_id'), only('usp.from_id')]).toEqual([
      record.version,
      record.toId,
      record.fromId,
    ])
    if (!msg) return
    const inside = named(fields, 'usp.payload')[0]?.children ?? []
    expect(shown(inside).sort()).toEqual(spokenValues(MsgSchema, msg).sort())
  })

  test('is recognised at a glance, and as nothing else', () => {
    const peek = peekRecord(packet, payloadStart, packet.length)
    expect(peek).toMatchObject({ version: record.version, toId: record.toId, fromId: record.fromId })
    expect(peek?.kind?.replaceAll('_', '')).toBe(record.recordType.case?.toLowerCase())
    expect(peek?.msgId).toBe(msg?.header?.msgId)
    expect(peek?.msgType).toBe(msg?.header && msgTypes[msg.header.msgType])
    expect(peek?.headerType).toBe(peek?.msgType)
    const error = msg?.body?.msgBody.case === 'error' ? msg.body.msgBody.value.errCode : undefined
    expect(peek?.errCode).toBe(error)
    const summary = summarizeRecord(packet, payloadStart, packet.length)
    expect(summary?.usp).toContain(peek?.msgType ?? peek?.kind)
    expect(summary?.info).not.toBe('')
  })

  test('survives decoding and encoding', () => {
    expect(decodeRecord(encodeRecord(record))).toEqual(record)
    if (msg) expect(decodeMsg(encodeMsg(msg))).toEqual(msg)
  })
})

test('damaged Records never throw and keep their ranges', () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.nat(2)), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(fc.constantFrom(...records), damage, ({ packet, payloadStart }, changes) => {
      const bytes = [...packet.subarray(payloadStart, payloadStart + 400)]
      for (const [at, byte, kind] of changes) {
        bytes.splice(at % (bytes.length + 1), kind === 0 ? 0 : 1, ...(kind === 1 ? [] : [byte]))
      }
      const data = Uint8Array.from(bytes)
      expectSoundRanges(dissectRecord(data, 0, data.length), 0, data.length)
      const peek = peekRecord(data, 0, data.length)
      expect(summarizeRecord(data, 0, data.length) === undefined).toBe(peek === undefined)
    }),
    { numRuns: 300 },
  )
})

test('a Record cut anywhere is not taken for a whole one', () => {
  for (const { packet, payloadStart } of records.slice(0, 20)) {
    const cut = Math.floor((payloadStart + packet.length) / 2)
    expect(findings(dissectRecord(packet, payloadStart, cut)).some((f) => f.severity === 'error')).toBe(true)
    expect(peekRecord(packet, payloadStart, packet.length - 1)).toBeUndefined()
  }
})
