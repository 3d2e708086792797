import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Columns, emptyEntry, Way } from '../../../electron/engine/capture/columns.ts'
import { Dictionary } from '../../../electron/engine/capture/dictionary.ts'
import { Pairs } from '../../../electron/engine/capture/pairs.ts'
import { findPartner } from '../../../electron/engine/capture/questions.ts'
import type { Packet } from '../../../shared/mqtt/packets.ts'
import { bytesOf, connack, connect, getRecord, getRespRecord, peer, publish } from './packets.ts'
import { type Teller, teller } from './teller.ts'

type Direction = 'in' | 'out'
type Answering = Extract<Packet, { type: 'PUBACK' | 'PUBREC' | 'PUBREL' | 'PUBCOMP' }>['type']
const ack = (type: Answering, packetId: number) => bytesOf({ type, packetId, reasonCode: 0, properties: [] })

/** Tells packets of connection 1, or of the one named, and takes them in. */
function tell(t: Teller, ...packets: readonly (readonly [Direction, Uint8Array, connection?: number])[]) {
  for (const [direction, bytes, connection = 1] of packets) t.frame(connection, direction, bytes, false)
  t.take()
}
function opened(): Teller {
  const t = teller()
  t.opened(1, peer())
  t.opened(2, peer(41_000))
  return t
}
const requests = (t: Teller) =>
  Array.from({ length: t.archive.counts.rows }, (_, at) => t.archive.row(at + 1).answers?.no)

test('an answer finds its request after as many others as there are packet identifiers', () => {
  const others = 65_535
  const columns = new Columns(65_536)
  const pairs = new Pairs(columns, new Dictionary())
  const append = (part: Partial<ReturnType<typeof emptyEntry>>): number => {
    const entry = { ...emptyEntry(), ...part }
    entry.answers = pairs.distance(columns.end, entry)
    columns.append(columns.end, entry)
    return entry.answers
  }
  const publish = { type: 3, flags: 2, direction: Way.in }
  append({ ...publish, connection: 9, packetId: 7 })
  for (let i = 0; i < others; i++) append({ ...publish, connection: i >> 15, packetId: 1 + (i & 0x7fff) })
  expect(append({ type: 4, direction: Way.out, connection: 9, packetId: 7 })).toBe(others + 1)
})

describe('an answer', () => {
  test('to CONNECT, SUBSCRIBE, PINGREQ and QoS 1 and 2 is found', () => {
    const t = opened()
    tell(
      t,
      ['in', connect()],
      ['out', connack()],
      ['in', bytesOf({ type: 'PINGREQ' })],
      ['in', publish('a', { qos: 1, packetId: 7 })],
      ['out', publish('a', { qos: 1, packetId: 7 })],
      ['out', bytesOf({ type: 'PINGRESP' })],
      ['in', ack('PUBACK', 7)],
      ['out', ack('PUBACK', 70)],
      ['out', ack('PUBACK', 7), 2],
      ['out', ack('PUBACK', 7)],
      ['out', ack('PUBACK', 7)],
      ['in', publish('a', { qos: 2, packetId: 9 })],
      ['out', ack('PUBREC', 9)],
      ['in', ack('PUBREL', 9)],
      ['out', ack('PUBCOMP', 9)],
    )
    expect(requests(t).map((no) => no ?? 0)).toEqual([0, 1, 0, 0, 0, 3, 5, 0, 0, 4, 0, 0, 12, 13, 14])
  })

  test('of USP is found by msg_id, on the connection of the request', () => {
    const t = opened()
    tell(
      t,
      ['in', publish('agent', { qos: 1, packetId: 3, payload: getRecord('m-1', 'Device.') }), 2],
      ['out', publish('agent', { qos: 1, packetId: 4, payload: getRecord('m-1', 'Device.') })],
      ['out', ack('PUBACK', 3), 2],
      ['in', ack('PUBACK', 4)],
      ['in', publish('controller', { payload: getRespRecord('m-2') })],
      ['in', publish('controller', { payload: getRespRecord('m-1') })],
      ['out', publish('controller', { payload: getRespRecord('m-1') }), 2],
    )
    expect(requests(t)).toEqual([undefined, undefined, 1, 2, undefined, 2, 1])
    expect(t.archive.row(6)).toMatchObject({ msgId: 'm-1', answers: { no: 2, nsec: 4e9 } })
    const answer = (no: number) => findPartner(t.archive, { no, which: 'answer' })
    const request = (no: number) => findPartner(t.archive, { no, which: 'request' })
    // The response rather than the acknowledgement.
    expect([1, 2, 3, 6].map(answer)).toEqual([7, 6, -1, -1])
    expect([7, 4, 2, 99].map(request)).toEqual([1, 2, -1, -1])
  })

  test('can be filtered by how long it took', () => {
    const t = opened()
    tell(
      t,
      ['in', connect()],
      ['out', connack()],
      ['in', publish('a', { qos: 1 })],
      ['in', bytesOf({ type: 'PINGREQ' })],
      ['out', ack('PUBACK', 1)],
    )
    const shown = (filter: string) => {
      t.archive.views.open(1, filter)
      while (t.archive.views.step());
      return t.archive.views.read(1, { from: 0, count: 10, tail: false }).rows.map(({ no }) => no)
    }
    expect(shown('rtt')).toEqual([2, 5])
    expect(shown('rtt > 1s')).toEqual([5])
    expect(shown('rtt == 1s or mqtt.msgtype == PINGREQ')).toEqual([2, 4])
    expect(shown('not rtt')).toEqual([1, 3, 4])
  })

  test('to a row that was dropped is none', () => {
    const t = opened()
    tell(t, ['in', publish('a', { qos: 1, packetId: 7, payload: getRecord('m', 'Device.') })])
    t.clear()
    tell(t, ['out', ack('PUBACK', 7)], ['out', publish('b', { payload: getRespRecord('m') })])
    expect([2, 3].map((no) => t.archive.row(no).answers)).toEqual([undefined, undefined])
  })

  test('is that to the latest request not yet answered, whatever comes in between', () => {
    const step = fc.record({
      connection: fc.integer({ min: 1, max: 2 }),
      direction: fc.constantFrom<Direction>('in', 'out'),
      packetId: fc.integer({ min: 1, max: 3 }),
      isAck: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const t = opened()
        tell(
          t,
          ...steps.map(
            ({ connection, direction, packetId, isAck }) =>
              [
                direction,
                isAck ? ack('PUBACK', packetId) : publish('a', { qos: 1, packetId }),
                connection,
              ] as const,
          ),
        )
        const taken = new Set<number>()
        const expected = steps.map((one, at) => {
          if (!one.isAck) return undefined
          const same = (other: typeof one) =>
            other.connection === one.connection && other.packetId === one.packetId
          const latest = steps.findLastIndex(
            (other, index) => index < at && same(other) && !other.isAck && other.direction !== one.direction,
          )
          if (latest < 0 || taken.has(latest)) return undefined
          taken.add(latest)
          return latest + 1
        })
        expect(requests(t)).toEqual(expected)
        steps.forEach((_, at) => {
          const met = findPartner(t.archive, { no: at + 1, which: 'answer' })
          expect(met).toBe(expected.includes(at + 1) ? expected.indexOf(at + 1) + 1 : -1)
        })
      }),
      { numRuns: 60 },
    )
  })
})
